"""The end of preparing: secrets for all events of a batch at once, then an envelope and a sealed content each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Final, Protocol, TypeVar
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.law.act import Act
from services.law.register import DayView
from services.law.verdict import Verdict
from services.ledger.application.envelopes import EventPart, OperationFrame, content_of, envelope_of
from services.ledger.application.keys import DayPlace, DossierPlace, DossierSecret, Keys
from services.ledger.application.opener import bind
from services.ledger.application.people import Person
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract import topics
from services.ledger.contract.events import Envelope, UnknownSubject
from services.ledger.contract.messages import Caller, Submission
from services.ledger.domain.body import subjects_of
from services.ledger.domain.identity import event_id_named, event_id_of
from services.ledger.domain.stored import PreparedEvent, PreparedOperation
from services.runtime import limits
from services.runtime.crypto import NONCE_BYTES, derive_key
from services.runtime.ids import Ids

ENCODE: Final = msgspec.json.Encoder().encode
Lookup = tuple[int, bytes]
T = TypeVar("T")


class Ask(Protocol):
    """Runs what blocks outside the event loop, one at a time."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """The result of ``work``."""
        ...


class Item(msgspec.Struct):
    """One submission on its way; what is derived from it is kept, so that a second attempt need not do it again."""

    caller: Caller
    submission: Submission
    operation_id: UUID
    body_hash: bytes
    attempts: int = 0
    persons: list[bytes] = []
    lookups: list[Lookup] = []


class Target(msgspec.Struct):
    """Where one event of a judged operation will stand, what it says there, and under which secrets.

    Without a day secret nothing is sealed: the day of the record's end has passed or was ended.
    """

    lane: int
    stream_id: UUID
    person: Person | None
    index: int
    outcome: str
    findings: tuple[str, ...]
    facts_position: int | None
    unknown: tuple[UnknownSubject, ...] = ()
    day_secret: bytes | None = None
    dossier: DossierSecret | None = None


class JudgedItem(msgspec.Struct):
    """A judged submission that waits for its secrets; ``view`` is the register on the day of the act."""

    place: int
    item: Item
    topic: str
    verdict: Verdict
    targets: list[Target]
    holding_ends: date | None
    record_ends: date
    scope: bytes
    view: DayView


class Ready(msgspec.Struct, frozen=True):
    """An operation ready for the append, with its envelopes and event ids in the order of its events."""

    operation: PreparedOperation
    envelopes: list[Envelope]
    event_ids: list[UUID]
    refused: bool


class EventSealer:
    """Seals the judged items of a batch."""

    def __init__(self, *, keys: Keys, pseudonyms: Pseudonyms, ids: Ids) -> None:
        """Seal under ``keys`` with nonces from ``ids``; blind indexes come from ``pseudonyms``."""
        self._keys = keys
        self._pseudonyms = pseudonyms
        self._ids = ids

    async def seal(self, judged: Sequence[JudgedItem], register_position: int, now: datetime, ask: Ask) -> list[Ready]:
        """The operations, in order. Leaves the event loop only for secrets that are not remembered."""
        await self._find_days(judged, ask)
        await self._find_dossiers(judged, ask)
        nonces = self._ids.random_bytes(NONCE_BYTES * sum([len(one.targets) for one in judged]))
        used = 0
        ready: list[Ready] = []
        for number, one in enumerate(judged, 1):
            ready.append(self._seal_one(one, register_position, now, nonces, used))
            used += NONCE_BYTES * len(one.targets)
            if number % limits.PREPARE_STRETCH_OPERATIONS == 0:
                await asyncio.sleep(0)
        return ready

    async def _find_days(self, judged: Sequence[JudgedItem], ask: Ask) -> None:
        wanted: dict[DayPlace, None] = {}
        for one in judged:
            for target in one.targets:
                wanted[target.lane, one.record_ends] = None
        days, missing = self._keys.days_at_hand(wanted)
        if missing:
            days.update(await ask(partial(self._keys.days_to_write, missing)))
        for one in judged:
            for target in one.targets:
                target.day_secret = days[target.lane, one.record_ends]

    async def _find_dossiers(self, judged: Sequence[JudgedItem], ask: Ask) -> None:
        """Those remembered, those of new streams without asking, the others from the tables."""
        wanted: dict[DossierPlace, list[Target]] = {}
        fresh: list[DossierPlace] = []
        now, held = self._keys.now(), self._keys.dossier_held
        for one in judged:
            scope = one.scope
            for target in one.targets:
                if target.day_secret is None:
                    continue
                target.dossier = held(target.lane, target.stream_id, scope, now)
                if target.dossier is None:
                    place = (target.lane, target.stream_id, scope)
                    sharing = wanted.setdefault(place, [])
                    if not sharing and target.person is not None and target.person.is_new:
                        fresh.append(place)
                    sharing.append(target)
        if not wanted:
            return
        found = self._keys.begin_dossiers(fresh)
        asked = [place for place in wanted if place not in found]
        if asked:
            found.update(await ask(partial(self._keys.dossiers_to_write, asked)))
        for place, targets in wanted.items():
            for target in targets:
                target.dossier = found[place]

    def _seal_one(self, one: JudgedItem, register_position: int, now: datetime, nonces: bytes, used: int) -> Ready:
        """Its nonces begin ``used`` bytes into ``nonces``."""
        item, targets = one.item, one.targets
        body, topic, frame = item.submission.body, one.topic, self._frame(one, register_position, now)
        events: list[PreparedEvent] = []
        envelopes: list[Envelope] = []
        event_ids: list[UUID] = []
        for target in targets:
            person, stream_id, dossier, subject, state = target.person, target.stream_id, target.dossier, None, b""
            if person is None:
                event_id = event_id_of(item.operation_id, stream_id)
            else:
                event_id = event_id_named(item.operation_id, person.printed)
                subject = subjects_of(body)[target.index]
            if dossier is not None and target.day_secret is not None:
                nonce = nonces[used : used + NONCE_BYTES]
                key = derive_key(dossier.material, target.day_secret, event_id)
                content = ENCODE(content_of(body, subject))
                state = nonce + AESGCM(key).encrypt(nonce, content, bind(event_id, stream_id, topic))
            used += NONCE_BYTES
            part = EventPart(
                target.index,
                event_id,
                subject,
                target.outcome,
                target.findings,
                None if dossier is None else dossier.generation,
                target.facts_position,
                target.unknown,
            )
            envelope = envelope_of(body, frame, part)
            envelopes.append(envelope)
            event_ids.append(event_id)
            events.append(PreparedEvent(target.lane, stream_id, topic, ENCODE(envelope), state))
        operation = PreparedOperation(
            item.operation_id,
            self._pseudonyms.claim_lane(item.operation_id),
            item.body_hash,
            now,
            tuple(events),
            tuple([t.person.row for t in targets if t.person is not None and t.person.row is not None]),
            tuple([t.dossier.row for t in targets if t.dossier is not None and t.dossier.row is not None]),
        )
        return Ready(operation, envelopes, event_ids, topic == topics.PROCESSING_REFUSED)

    def _frame(self, one: JudgedItem, register_position: int, now: datetime) -> OperationFrame:
        """What all events of the operation share: its ids, its verdict, the versions it was judged by."""
        item, view = one.item, one.view
        body = item.submission.body
        covenant = None if body.covenant is None else view.covenants[body.covenant.id]
        activity = list_index = case_index = None
        if isinstance(body, Act):
            activity = None if body.activity is None else view.activities[body.activity]
            list_index = None if body.list is None else self._pseudonyms.list_index(body.list.id)
            case_index = None if body.case_id is None else self._pseudonyms.case_index(body.controller, body.case_id)
        return OperationFrame(
            item.operation_id,
            item.submission.key,
            item.caller.party,
            now,
            len(one.targets),
            one.verdict.outcome.value,
            register_position,
            None if covenant is None else covenant.covenant.version,
            None if activity is None else activity.version,
            one.holding_ends,
            one.record_ends,
            list_index,
            case_index,
            one.scope.hex(),
        )
