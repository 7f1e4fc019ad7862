"""The end of preparing: secrets for all events of a batch at once, then an envelope and a sealed content each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Final, Protocol, TypeVar
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.law.act import Act
from services.law.register import DayView
from services.law.retention import HoldingTerm, Terms
from services.law.verdict import Verdict
from services.ledger.application.envelopes import EventPart, OperationFrame, content_of, envelope_of
from services.ledger.application.keys import DossierPlace, DossierSecret, Epochs, Keys
from services.ledger.application.people import Person
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.sealed import bind
from services.ledger.contract import topics
from services.ledger.contract.events import Envelope, UnknownSubject
from services.ledger.contract.messages import Caller, Submission
from services.ledger.domain.body import subjects_of
from services.ledger.domain.identity import event_id_named, event_id_of
from services.ledger.domain.stored import (
    Identifier,
    LaneDay,
    LaneEpoch,
    LaneIntent,
    PreparedEvent,
    PreparedOperation,
    WrappedDossierSecret,
)
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


class Item(msgspec.Struct, gc=False):
    """One submission on its way; what is derived from it is kept, so that a second attempt need not do it again.

    ``confirms``: the intent of which it is the fact. ``attempts`` counts those that met other rows than they leaned on,
    ``fenced`` those that met a fence.
    """

    caller: Caller
    submission: Submission
    operation_id: UUID
    body_hash: bytes
    confirms: LaneIntent | None = None
    attempts: int = 0
    fenced: int = 0
    persons: list[bytes] = []
    lookups: list[Lookup] = []


class Target(msgspec.Struct, gc=False):
    """Where one event of a judged operation will stand, what it says there, and under which secrets.

    ``duties`` are those that the act brings about this person only; ``terms`` those of its own, where the law counts
    from this person's first processing. Without a day secret nothing is sealed: the day of the record's end has passed
    or was ended.
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
    duties: tuple[str, ...] = ()
    terms: Terms | None = None


class JudgedItem(msgspec.Struct, gc=False):
    """A judged submission that waits for its secrets; ``view`` is the register on the day of the act.

    ``duties`` are those that it brings about every person.
    """

    place: int
    item: Item
    topic: str
    verdict: Verdict
    targets: list[Target]
    holding: HoldingTerm | None
    record_ends: date
    scope: bytes
    view: DayView
    duties: tuple[str, ...] = ()


class Ready(msgspec.Struct, frozen=True, gc=False):
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
        # First of all: what is found after it was alive then or later, and the append sees whether it still is.
        wanted = days_of(judged)
        epochs = await self._find_epochs({lane for lane, _ in wanted}, ask)
        await self._find_days(judged, wanted, epochs, ask)
        await self._find_dossiers(judged, epochs, ask)
        leaning = {lane: ((lane, epoch),) for lane, epoch in epochs.items()}
        nonces = self._ids.random_bytes(NONCE_BYTES * sum([len(one.targets) for one in judged]))
        used = 0
        ready: list[Ready] = []
        for number, one in enumerate(judged, 1):
            made = self._seal_one(one, register_position, now, nonces, used, leaning)
            ready.append(made)
            used += NONCE_BYTES * len(one.targets)
            if number % limits.PREPARE_STRETCH_OPERATIONS == 0:
                await asyncio.sleep(0)
        return ready

    async def _find_epochs(self, lanes: Collection[int], ask: Ask) -> dict[int, int]:
        epochs, missing = self._keys.epochs_at_hand(lanes)
        if missing:
            epochs.update(await ask(partial(self._keys.read_epochs, missing)))
        return epochs

    async def _find_days(
        self, judged: Sequence[JudgedItem], wanted: Collection[LaneDay], epochs: Epochs, ask: Ask
    ) -> None:
        days, missing = self._keys.days_at_hand(wanted, epochs)
        if missing:
            days.update(await ask(partial(self._keys.days_to_write, missing, epochs)))
        for one in judged:
            for target in one.targets:
                target.day_secret = days[day_of(one, target)]

    async def _find_dossiers(self, judged: Sequence[JudgedItem], epochs: Epochs, ask: Ask) -> None:
        """Those remembered, those of new streams without asking, the others from the tables."""
        wanted: dict[DossierPlace, list[Target]] = {}
        fresh: list[DossierPlace] = []
        now, held = self._keys.now(), self._keys.dossier_held
        for one in judged:
            scope = one.scope
            for target in one.targets:
                if target.day_secret is None:
                    continue
                lane = target.lane
                target.dossier = held(lane, target.stream_id, scope, now, epochs[lane])
                if target.dossier is None:
                    place = (lane, target.stream_id, scope)
                    sharing = wanted.setdefault(place, [])
                    if not sharing and target.person is not None and target.person.is_new:
                        fresh.append(place)
                    sharing.append(target)
        if not wanted:
            return
        found = self._keys.begin_dossiers(fresh, epochs)
        asked = [place for place in wanted if place not in found]
        if asked:
            found.update(await ask(partial(self._keys.dossiers_to_write, asked, epochs)))
        for place, targets in wanted.items():
            for target in targets:
                target.dossier = found[place]

    def _seal_one(
        self,
        one: JudgedItem,
        register_position: int,
        now: datetime,
        nonces: bytes,
        used: int,
        leaning: Mapping[int, tuple[LaneEpoch, ...]],
    ) -> Ready:
        """Its nonces begin ``used`` bytes into ``nonces``; ``leaning`` gives the epoch of each lane."""
        item, targets, topic = one.item, one.targets, one.topic
        operation_id, body, frame = item.operation_id, item.submission.body, self._frame(one, register_position, now)
        events: list[PreparedEvent] = []
        envelopes: list[Envelope] = []
        event_ids: list[UUID] = []
        persons: list[Identifier] = []
        dossiers: list[WrappedDossierSecret] = []
        for target in targets:
            person, stream_id, dossier, subject, state = target.person, target.stream_id, target.dossier, None, b""
            if person is None:
                event_id = event_id_of(operation_id, stream_id)
            else:
                event_id = event_id_named(operation_id, person.printed)
                subject = subjects_of(body)[target.index]
                if person.row is not None:
                    persons.append(person.row)
            if dossier is not None and target.day_secret is not None:
                key = derive_key(dossier.material, target.day_secret, event_id)
                nonce = nonces[used : used + NONCE_BYTES]
                content = ENCODE(content_of(body, subject))
                state = nonce + AESGCM(key).encrypt(nonce, content, bind(event_id, stream_id, topic))
                if dossier.row is not None:
                    dossiers.append(dossier.row)
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
                target.duties or one.duties,
            )
            envelope = envelope_of(body, frame if target.terms is None else frame_for(frame, target.terms), part)
            envelopes.append(envelope)
            event_ids.append(event_id)
            events.append(PreparedEvent(target.lane, stream_id, topic, ENCODE(envelope), state))
        operation = PreparedOperation(
            operation_id,
            self._pseudonyms.claim_lane(operation_id),
            item.body_hash,
            now,
            tuple(events),
            tuple(persons),
            tuple(dossiers),
            leaning[targets[0].lane] if len(targets) == 1 else leaning_of(targets, leaning),
            confirms=item.confirms,
        )
        return Ready(operation, envelopes, event_ids, topic == topics.PROCESSING_REFUSED)

    def _frame(self, one: JudgedItem, register_position: int, now: datetime) -> OperationFrame:
        """What all events of the operation share: its ids, its verdict, the versions it was judged by."""
        item, view, holding = one.item, one.view, one.holding
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
            str(one.verdict.outcome),
            register_position,
            None if covenant is None else covenant.covenant.version,
            None if activity is None else activity.version,
            None if holding is None else holding.ends,
            one.record_ends,
            list_index,
            case_index,
            one.scope.hex(),
            None if holding is None else holding.rule,
            tuple([term.printed for term in holding.lost]) if holding is not None and holding.lost else (),
            view.laws_out_of_force,
        )


def days_of(judged: Sequence[JudgedItem]) -> Collection[LaneDay]:
    """The days on which these records end, with their lanes, each once."""
    wanted: dict[LaneDay, None] = {}
    for one in judged:
        for target in one.targets:
            wanted[day_of(one, target)] = None
    return wanted.keys()


def day_of(one: JudgedItem, target: Target) -> LaneDay:
    """The day on which the record of one event ends, with its lane."""
    return target.lane, one.record_ends if target.terms is None else target.terms[1].ends


def frame_for(frame: OperationFrame, terms: Terms) -> OperationFrame:
    """The frame with the terms of one person in place of the operation's."""
    holding, record = terms
    return msgspec.structs.replace(
        frame,
        holding_ends=None if holding is None else holding.ends,
        record_ends=record.ends,
        term_rule=None if holding is None else holding.rule,
        terms_lost=() if holding is None else tuple([term.printed for term in holding.lost]),
    )


def leaning_of(targets: Sequence[Target], leaning: Mapping[int, tuple[LaneEpoch, ...]]) -> tuple[LaneEpoch, ...]:
    """The epochs of the lanes in which these targets stand."""
    lanes = {target.lane for target in targets}
    return tuple([pair for lane in sorted(lanes) for pair in leaning[lane]])
