"""Writes one operation of few events: corrections, links, reads and requests rather than acts themselves.

Under the same claims, keys and group commit as the acts, so that the same call with the same key is
stored once and answered the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from services.ledger.application.keys import EPOCH_UNKNOWN, Epochs, Keys
from services.ledger.application.people import People
from services.ledger.application.ports import Appender, EventReader
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.sealed import bind
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy, NotStored, RecordEnded
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.positions import format_position
from services.ledger.domain.identity import event_id_of, operation_id_of
from services.ledger.domain.stored import (
    AlreadyClaimed,
    Appended,
    DossierGeneration,
    Identifier,
    LaneDay,
    PreparedEvent,
    PreparedOperation,
    Stale,
    StreamVersion,
    Unless,
    WrappedDossierSecret,
)
from services.ledger.domain.terms import default_record_end
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.crypto import derive_key, equal, seal

NOTHING = Content()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One event to be stored. ``fields`` are keyword arguments of Envelope beside those every event has.

    ``generation`` set: the event follows the dossier it is about, and is kept as an envelope only
    when that dossier is no longer alive. Not set: it goes under the living generation of its scope.
    ``identifier``: the row that leads to a person who is new with this event.
    ``fences``, ``ends_day``: the generations of dossiers, and the day in this lane, that end when the event
    is stored: nothing is sealed under them after its place in the order. ``unless``, ``untouched``: what
    must not have been stored when the event is; if it was, everything is drafted anew.
    """

    lane: int
    stream_id: UUID
    topic: str
    scope: bytes
    fields: Mapping[str, Any]
    content: Content = NOTHING
    generation: int | None = None
    identifier: Identifier | None = None
    fences: tuple[DossierGeneration, ...] = ()
    ends_day: date | None = None
    unless: tuple[Unless, ...] = ()
    untouched: tuple[StreamVersion, ...] = ()


class WrittenEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A stored event with its place."""

    envelope: Envelope
    topic: str
    event_id: UUID
    lane: int
    stream_id: UUID
    position: int
    leaf_hash: bytes

    @property
    def public_position(self) -> str:
        """``"lane-position"``."""
        return format_position(self.lane, self.position)


class Written(msgspec.Struct, frozen=True):
    """The events of an operation; ``existing``: they stood there before, from an earlier call with the same key."""

    events: tuple[WrittenEvent, ...]
    existing: bool


Drafting = Callable[[datetime], Sequence[Draft]]
"""Builds the drafts at an instant; blocking, called anew for every attempt."""


class OperationWriter:
    """Claims (party, key) and appends its events whole, or finds what was stored under it before."""

    def __init__(
        self,
        *,
        appender: Appender,
        reader: EventReader,
        keys: Keys,
        people: People,
        pseudonyms: Pseudonyms,
        clock: Clock,
    ) -> None:
        """Append through ``appender``; seal under ``keys``; read back what was stored before through ``reader``."""
        self._appender = appender
        self._reader = reader
        self._keys = keys
        self._people = people
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def write(self, *, party: str, key: str, canonical: bytes, draft: Drafting) -> Written:
        """Store the drafted events under (party, key). Raises IdempotencyConflict for another ``canonical`` body."""
        operation_id = operation_id_of(party, key)
        body_hash = self._pseudonyms.body_hash(canonical)
        attempts = fenced = 0
        moved: Collection[int] = ()
        while attempts < limits.PREPARE_ATTEMPTS_MAX and fenced < limits.PREPARE_FENCED_MAX:
            operation, envelopes = await asyncio.to_thread(
                self._prepare, party, key, operation_id, body_hash=body_hash, draft=draft, moved=moved
            )
            (result,) = await self._appender.append([operation])
            if isinstance(result, Appended):
                self._keep(operation)
                return Written(tuple(_placed(operation, envelopes, result)), existing=False)
            self._keys.forget(operation.secrets)
            self._people.forget(operation.identifiers)
            if isinstance(result, AlreadyClaimed):
                if not equal(result.body_hash, body_hash):
                    raise IdempotencyConflict
                return await asyncio.to_thread(self._find, operation_id)
            if not isinstance(result, Stale):
                raise NotStored
            moved = result.fenced
            self._keys.fenced(moved)
            fenced += bool(result.fenced)
            attempts += not result.fenced
        raise LedgerBusy

    def _keep(self, operation: PreparedOperation) -> None:
        """What the operation brought stands in the tables now, and what it ended is remembered no longer."""
        self._keys.stored(operation.secrets)
        self._people.stored(operation.identifiers)
        self._keys.fenced({place[0] for place in operation.fences} | {lane for lane, _ in operation.days})

    async def find(self, *, party: str, key: str) -> Written | None:
        """What was stored under (party, key) before; None when it was never used."""
        found = await asyncio.to_thread(self._find, operation_id_of(party, key))
        return found if found.events else None

    def _prepare(
        self, party: str, key: str, operation_id: UUID, *, body_hash: bytes, draft: Drafting, moved: Collection[int]
    ) -> tuple[PreparedOperation, list[Envelope]]:
        """Seal the contents under keys that live now."""
        now = self._clock.now()
        known = {"operation_id": operation_id, "key": key, "author": party, "recorded_at": now, "occurred_at": now}
        known["record_ends"] = default_record_end(now)
        drafts, epochs = self._draft(draft, now, moved)
        secrets: list[WrappedDossierSecret] = []
        events: list[PreparedEvent] = []
        envelopes: list[Envelope] = []
        for index, one in enumerate(drafts):
            # The place in this operation, not in the one that a draft may be about: an operation is whole or not there.
            fields = {**known, **one.fields, "index": index, "count": len(drafts)}
            state = self._seal(one, operation_id, fields, secrets, epochs)
            envelope = Envelope(**fields)
            envelopes.append(envelope)
            encoded = msgspec.json.encode(envelope)
            events.append(
                PreparedEvent(lane=one.lane, stream_id=one.stream_id, topic=one.topic, envelope=encoded, state=state)
            )
        operation = PreparedOperation(
            operation_id=operation_id,
            claim_lane=self._pseudonyms.claim_lane(operation_id),
            body_hash=body_hash,
            recorded_at=now,
            events=tuple(events),
            identifiers=tuple(one.identifier for one in drafts if one.identifier is not None),
            secrets=tuple(secrets),
            epochs=tuple((lane, epochs[lane]) for lane in sorted({one.lane for one in drafts})),
            fences=tuple(place for one in drafts for place in one.fences),
            days=tuple((one.lane, one.ends_day) for one in drafts if one.ends_day is not None),
            unless=tuple(condition for one in drafts for condition in one.unless),
            untouched=tuple(version for one in drafts for version in one.untouched),
        )
        return operation, envelopes

    def _draft(self, draft: Drafting, now: datetime, moved: Collection[int]) -> tuple[Sequence[Draft], Epochs]:
        """The drafts, and the epochs of their lanes from before they were made; ``moved`` lanes are looked at anew.

        So whatever a draft decided on still holds when it is stored: no dossier was fenced and no day ended since.
        """
        epochs = self._keys.epochs_known() | self._keys.read_epochs(moved)
        while True:
            drafts = draft(now)
            missing = {one.lane for one in drafts} - epochs.keys()
            if not missing:
                return drafts, epochs
            epochs |= dict.fromkeys(missing, EPOCH_UNKNOWN) | self._keys.read_epochs(missing)

    def _seal(
        self,
        one: Draft,
        operation_id: UUID,
        fields: dict[str, Any],
        secrets: list[WrappedDossierSecret],
        epochs: Epochs,
    ) -> bytes:
        """Encrypt the content and name its keys in ``fields``; empty without content or without a living key."""
        if one.content == NOTHING:
            return b""
        day: LaneDay = (one.lane, fields["record_ends"])
        day_secret = self._keys.days_to_write((day,), epochs)[day]
        if day_secret is None:
            return b""
        if one.generation is None:
            place = (one.lane, one.stream_id, one.scope)
            dossier = self._keys.dossiers_to_write((place,), epochs)[place]
            material, generation = dossier.material, dossier.generation
            if dossier.row is not None:
                secrets.append(dossier.row)
        else:
            exact = (one.lane, one.stream_id, one.scope, one.generation)
            found = self._keys.generations_to_read((exact,), epochs)[exact]
            if found is None:
                return b""
            material, generation = found, one.generation
        fields["scope"], fields["generation"] = one.scope.hex(), generation
        event_id = event_id_of(operation_id, one.stream_id)
        key = derive_key(material, day_secret, event_id)
        return seal(key, msgspec.json.encode(one.content), bind(event_id, one.stream_id, one.topic))

    def _find(self, operation_id: UUID) -> Written:
        """The events that were stored before under this operation id."""
        found = self._reader.events_of_operation((operation_id,))
        if any(event.envelope is None for event in found):
            raise RecordEnded
        events = tuple(
            WrittenEvent(
                envelope=event.read_envelope(),
                topic=event.topic,
                event_id=event_id_of(operation_id, event.stream_id),
                lane=event.lane,
                stream_id=event.stream_id,
                position=event.position,
                leaf_hash=event.leaf_hash,
            )
            for event in found
        )
        ordered = sorted(events, key=lambda event: (event.envelope.index, event.lane, event.position))
        return Written(tuple(ordered), existing=True)


def _placed(operation: PreparedOperation, envelopes: Sequence[Envelope], result: Appended) -> list[WrittenEvent]:
    """The events of an operation that was appended just now, in the order in which they are found later."""
    placed = [
        WrittenEvent(
            envelope=envelope,
            topic=event.topic,
            event_id=event_id_of(operation.operation_id, event.stream_id),
            lane=event.lane,
            stream_id=event.stream_id,
            position=position,
            leaf_hash=leaf_hash,
        )
        for envelope, event, position, leaf_hash in zip(
            envelopes, operation.events, result.positions, result.leaf_hashes, strict=True
        )
    ]
    return sorted(placed, key=lambda event: (event.envelope.index, event.lane, event.position))
