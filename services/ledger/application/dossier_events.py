"""Records events on dossiers that are no person's: reads, access requests, inquiries, breaches.

Each is a dossier of its own on a stream of its own, under the same keys, claims and group commit
as the acts, so that the same call with the same key is stored once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from services.ledger.application.keys import Keys
from services.ledger.application.opener import bind
from services.ledger.application.ports import Appender, EventReader
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.identity import event_id_of, operation_id_of
from services.ledger.domain.scope import name_scope
from services.ledger.domain.stored import (
    AlreadyClaimed,
    Appended,
    PreparedEvent,
    PreparedOperation,
    WrappedDossierSecret,
)
from services.ledger.domain.terms import default_record_end
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.crypto import derive_key, equal, seal

NOTHING = Content()


class PlacedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A stored dossier event. ``existing``: it stood there before, from an earlier call with the same key."""

    envelope: Envelope
    lane: int
    position: int
    existing: bool


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants stored: who asks under which key, where it stands, what is clear and what is sealed."""

    party: str
    operation_id: UUID
    body_hash: bytes
    topic: str
    lane: int
    stream_id: UUID
    fields: Mapping[str, Any]
    content: Content


class DossierEvents:
    """Appends one event on a stream that is no person's."""

    def __init__(
        self, *, appender: Appender, reader: EventReader, keys: Keys, pseudonyms: Pseudonyms, clock: Clock
    ) -> None:
        """Append through ``appender``; seal under ``keys``; read back what was stored before through ``reader``."""
        self._appender = appender
        self._reader = reader
        self._keys = keys
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def append_dossier_event(
        self,
        *,
        party: str,
        key: str,
        canonical: bytes,
        topic: str,
        stream_id: UUID,
        envelope: Mapping[str, Any],
        content: Content = NOTHING,
    ) -> PlacedEvent:
        """Store one event of ``party`` under ``key``, or find the one stored before under it.

        ``envelope`` holds keyword arguments of Envelope; operation id, key, author, ``recorded_at``,
        ``occurred_at``, ``record_ends`` (five years) and the key names are filled in where absent.
        An empty ``content`` is not stored at all. Raises IdempotencyConflict for another ``canonical`` body.
        """
        operation_id = operation_id_of(party, key)
        now = self._clock.now()
        known = {"operation_id": operation_id, "key": key, "author": party, "recorded_at": now, "occurred_at": now}
        draft = Draft(
            party=party,
            operation_id=operation_id,
            body_hash=self._pseudonyms.body_hash(canonical),
            topic=topic,
            lane=self._pseudonyms.stream_lane(stream_id),
            stream_id=stream_id,
            fields={**known, "record_ends": default_record_end(now), **envelope},
            content=content,
        )
        for _ in range(limits.PREPARE_ATTEMPTS_MAX):
            operation, written = await asyncio.to_thread(self._prepare, draft)
            (result,) = await self._appender.append([operation])
            if isinstance(result, Appended):
                self._keys.stored(operation.secrets)
                return PlacedEvent(envelope=written, lane=draft.lane, position=result.positions[0], existing=False)
            if isinstance(result, AlreadyClaimed):
                if not equal(result.body_hash, draft.body_hash):
                    raise IdempotencyConflict
                return await asyncio.to_thread(self._find, draft)
            self._keys.forget(operation.secrets)
        raise LedgerBusy

    def _prepare(self, draft: Draft) -> tuple[PreparedOperation, Envelope]:
        """Seal the content under keys that live now."""
        fields = dict(draft.fields)
        state, secrets = self._seal(draft, fields)
        written = Envelope(**fields)
        event = PreparedEvent(
            lane=draft.lane,
            stream_id=draft.stream_id,
            topic=draft.topic,
            envelope=msgspec.json.encode(written),
            state=state,
        )
        operation = PreparedOperation(
            operation_id=draft.operation_id,
            claim_lane=self._pseudonyms.claim_lane(draft.operation_id),
            body_hash=draft.body_hash,
            recorded_at=written.recorded_at,
            events=(event,),
            secrets=secrets,
        )
        return operation, written

    def _seal(self, draft: Draft, fields: dict[str, Any]) -> tuple[bytes, tuple[WrappedDossierSecret, ...]]:
        """Encrypt the content and name its keys in ``fields``; empty without content or when its end has passed."""
        day = (draft.lane, fields["record_ends"])
        day_secret = self._keys.days_to_write((day,))[day] if draft.content != NOTHING else None
        if day_secret is None:
            return b"", ()
        place = (draft.lane, draft.stream_id, self._pseudonyms.scope(name_scope(draft.party)))
        dossier = self._keys.dossiers_to_write((place,))[place]
        fields["scope"], fields["generation"] = place[2].hex(), dossier.generation
        event_id = event_id_of(draft.operation_id, draft.stream_id)
        content_key = derive_key(dossier.material, day_secret, event_id)
        bound = bind(event_id, draft.stream_id, draft.topic)
        state = seal(content_key, msgspec.json.encode(draft.content), bound)
        return state, () if dossier.row is None else (dossier.row,)

    def _find(self, draft: Draft) -> PlacedEvent:
        """The event that was stored before under this key."""
        found = self._reader.events_of_operation((draft.operation_id,))
        stored = next(event for event in found if event.topic == draft.topic)
        return PlacedEvent(envelope=stored.read_envelope(), lane=stored.lane, position=stored.position, existing=True)
