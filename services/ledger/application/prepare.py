"""The middle of the write path: judge, place and seal a batch, with one statement per kind of row.

Blocking and called from one thread. A submission comes out as an error, as an operation ready to be
appended, or deferred: its judgement needs facts that an operation still under way may change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.law.act import Act, Judged, Notice
from services.law.context import Context, SubjectFacts
from services.law.errors import LawError
from services.law.judgement import judge, needs_facts
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.law.retention import terms
from services.law.verdict import Outcome, Verdict
from services.ledger.application.envelopes import EventPart, OperationFrame, content_of, envelope_of
from services.ledger.application.facts import FactReader
from services.ledger.application.keys import DayPlace, DossierPlace, DossierSecret, Keys
from services.ledger.application.opener import bind
from services.ledger.application.people import People, Person
from services.ledger.application.ports import RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract import topics
from services.ledger.contract.errors import NotAllowed, NotStored
from services.ledger.contract.events import Envelope, UnknownSubject
from services.ledger.contract.messages import Caller, Submission
from services.ledger.domain.authority import may_record
from services.ledger.domain.body import happened_at, is_intent, subjects_of
from services.ledger.domain.identity import access_stream, event_id_of, operation_id_of, party_stream
from services.ledger.domain.scope import name_scope
from services.ledger.domain.stored import (
    Identifier,
    PreparedEvent,
    PreparedOperation,
    WrappedDossierSecret,
)
from services.ledger.domain.terms import default_record_end
from services.ledger.domain.validation import validate
from services.runtime.clock import Clock
from services.runtime.crypto import NONCE_BYTES, derive_key
from services.runtime.errors import GrootboekError, Rejected
from services.runtime.ids import Ids

ENCODE: Final = msgspec.json.Encoder().encode
Lookup = tuple[int, bytes]


class Item(msgspec.Struct):
    """One submission on its way; what is derived from it is kept, so that a second attempt need not do it again."""

    caller: Caller
    submission: Submission
    operation_id: UUID
    body_hash: bytes
    attempts: int = 0
    persons: list[bytes] = []
    lookups: list[Lookup] = []


class Ready(msgspec.Struct, frozen=True):
    """An operation ready for the append, with its envelopes and event ids in the order of its events."""

    operation: PreparedOperation
    envelopes: list[Envelope]
    event_ids: list[UUID]
    refused: bool


class Deferred(msgspec.Struct, frozen=True):
    """To be prepared again once what is under way has been committed."""


Prepared = Ready | Deferred | GrootboekError
DEFERRED: Final = Deferred()


class Target(msgspec.Struct):
    """Where one event of a judged operation will stand, and what it says there."""

    lane: int
    stream_id: UUID
    person: Person | None
    index: int
    outcome: str
    findings: tuple[str, ...]
    facts_position: int | None
    unknown: tuple[UnknownSubject, ...] = ()


class JudgedItem(msgspec.Struct):
    """A judged submission that waits for its secrets."""

    place: int
    item: Item
    topic: str
    verdict: Verdict
    targets: list[Target]
    holding_ends: date | None
    record_ends: date
    scope: bytes


class Preparer:
    """Prepares batches; everything it needs comes through ports."""

    def __init__(
        self,
        *,
        register: RegisterSource,
        people: People,
        facts: FactReader,
        keys: Keys,
        pseudonyms: Pseudonyms,
        ids: Ids,
        clock: Clock,
    ) -> None:
        """Judge by ``register`` and ``facts``, place by ``people``, seal under ``keys``."""
        self._register = register
        self._people = people
        self._facts = facts
        self._keys = keys
        self._pseudonyms = pseudonyms
        self._ids = ids
        self._clock = clock

    def item(self, caller: Caller, submission: Submission) -> Item:
        """A submission with the ids that follow from (party, key) and the keyed hash of its body."""
        operation_id = operation_id_of(caller.party, submission.key)
        return Item(caller, submission, operation_id, self._pseudonyms.body_hash(submission.canonical))

    def prepare(self, items: Sequence[Item], under_way: Sequence[frozenset[UUID]] = ()) -> list[Prepared]:
        """One outcome per item, in order. ``under_way``: the streams of batches that are not committed yet."""
        register, now = self._register.current(), self._clock.now()
        outcomes: list[Prepared] = [DEFERRED] * len(items)
        sound = self._admit(items, register, now, outcomes)
        people = self._people.find(
            [pair for i in sound for pair in zip(items[i].lookups, items[i].persons, strict=True)]
        )
        judged: list[JudgedItem] = []
        touched: set[UUID] = set()
        put_off: set[Lookup] = set()
        for i in sound:
            item = items[i]
            if not put_off.isdisjoint(item.lookups):
                # An earlier act on the same person was put off; this one must not overtake it.
                put_off.update(item.lookups)
                continue
            try:
                facts: list[SubjectFacts | None] | None = None
                if needs_facts(item.submission.body):
                    streams = {people[lookup].stream_id for lookup in item.lookups if lookup in people}
                    if not touched.isdisjoint(streams) or any(not busy.isdisjoint(streams) for busy in under_way):
                        put_off.update(item.lookups)
                        continue
                    facts = self._read_facts(item, people)
                one = self._judge(i, item, register, facts, people, now)
            except LawError:
                # A register entry or a body that a rule cannot read must not fail its neighbours.
                outcomes[i] = NotStored()
                continue
            touched.update([target.stream_id for target in one.targets])
            judged.append(one)
        self._seal(judged, register, now, outcomes)
        return outcomes

    def _admit(self, items: Sequence[Item], register: Register, now: datetime, outcomes: list[Prepared]) -> list[int]:
        """The places of the items that are sound and allowed; the others get their error."""
        sound: list[int] = []
        for i, item in enumerate(items):
            body = item.submission.body
            errors = validate(body, register, now)
            if errors:
                outcomes[i] = Rejected(errors)
            elif not may_record(item.caller.party, body, register):
                outcomes[i] = NotAllowed()
            else:
                if not item.persons:
                    item.persons = [self._pseudonyms.person(s.id_type, s.id) for s in subjects_of(body)]
                    item.lookups = [self._pseudonyms.place(person) for person in item.persons]
                sound.append(i)
        return sound

    def _read_facts(self, item: Item, people: dict[Lookup, Person]) -> list[SubjectFacts | None]:
        found = [people.get(lookup) for lookup in item.lookups]
        facts = self._facts.read([(p.lane, p.stream_id) for p in found if p is not None and p.known])
        return [None if p is None else facts.get((p.lane, p.stream_id)) for p in found]

    def _judge(
        self,
        place: int,
        item: Item,
        register: Register,
        facts: list[SubjectFacts | None] | None,
        people: dict[Lookup, Person],
        now: datetime,
    ) -> JudgedItem:
        body = item.submission.body
        verdict = judge(body, Context(register, facts, now))
        refused = verdict.outcome is Outcome.VIOLATION and is_intent(body)
        if refused:
            targets = self._targets_of_refusal(item, verdict, facts, people)
        else:
            targets = self._targets(item, verdict, facts, people)
        holding_ends, record_ends = terms_of(body, register, now)
        scope = self._pseudonyms.scope(scope_of(body))
        return JudgedItem(
            place, item, topic_of(body, refused=refused), verdict, targets, holding_ends, record_ends, scope
        )

    def _targets(
        self,
        item: Item,
        verdict: Verdict,
        facts: list[SubjectFacts | None] | None,
        people: dict[Lookup, Person],
    ) -> list[Target]:
        """One event per person, new persons included; without persons one event on the controller's own stream."""
        if not item.lookups:
            return [self._party_target(party_stream(item.submission.body.controller), verdict)]
        targets = []
        for index, lookup in enumerate(item.lookups):
            person = people.get(lookup)
            if person is None:
                person = people[lookup] = self._people.begin(lookup)
            targets.append(person_target(index, person, verdict, facts))
        return targets

    def _targets_of_refusal(
        self,
        item: Item,
        verdict: Verdict,
        facts: list[SubjectFacts | None] | None,
        people: dict[Lookup, Person],
    ) -> list[Target]:
        """One event per person the ledger knows; all others by their lookup only, on the asker's access stream."""
        targets: list[Target] = []
        unknown: list[UnknownSubject] = []
        for index, lookup in enumerate(item.lookups):
            person = people.get(lookup)
            if person is not None and person.known:
                targets.append(person_target(index, person, verdict, facts))
            else:
                outcome, codes = verdict.outcomes[index].value, verdict.codes_of(index)
                unknown.append(UnknownSubject(index=index, lookup=lookup[1].hex(), outcome=outcome, findings=codes))
        if unknown or not targets:
            target = self._party_target(access_stream(item.caller.party), verdict)
            target.unknown = tuple(unknown)
            target.index = unknown[0].index if unknown else 0
            targets.append(target)
        return targets

    def _party_target(self, stream_id: UUID, verdict: Verdict) -> Target:
        codes = tuple([finding.code for finding in verdict.findings])
        lane = self._pseudonyms.stream_lane(stream_id)
        return Target(lane, stream_id, None, 0, verdict.outcome.value, codes, None)

    def _seal(self, judged: Sequence[JudgedItem], register: Register, now: datetime, outcomes: list[Prepared]) -> None:
        """Resolve all secrets of the batch, then encode and encrypt every event."""
        days = self._keys.days_to_write({(t.lane, j.record_ends) for j in judged for t in j.targets})
        dossiers = self._keys.dossiers_to_write(
            {
                (t.lane, t.stream_id, j.scope): None
                for j in judged
                for t in j.targets
                if days[t.lane, j.record_ends] is not None
            }
        )
        count = sum([len(j.targets) for j in judged])
        nonces = self._ids.random_bytes(NONCE_BYTES * count)
        used = 0
        for one in judged:
            ends = used + NONCE_BYTES * len(one.targets)
            outcomes[one.place] = self._seal_one(one, register, now, days, dossiers, nonces[used:ends])
            used = ends

    def _seal_one(
        self,
        one: JudgedItem,
        register: Register,
        now: datetime,
        days: dict[DayPlace, bytes | None],
        dossiers: dict[DossierPlace, DossierSecret],
        nonces: bytes,
    ) -> Ready:
        item, body = one.item, one.item.submission.body
        frame = self._frame(one, register, now)
        subjects = subjects_of(body)
        events: list[PreparedEvent] = []
        envelopes: list[Envelope] = []
        event_ids: list[UUID] = []
        identifiers: list[Identifier] = []
        secrets: list[WrappedDossierSecret] = []
        for number, target in enumerate(one.targets):
            person, lane, stream_id = target.person, target.lane, target.stream_id
            event_id = event_id_of(item.operation_id, stream_id)
            day_secret = days[lane, one.record_ends]
            dossier = None if day_secret is None else dossiers[lane, stream_id, one.scope]
            subject = subjects[target.index] if person is not None else None
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
            state = b""
            if dossier is not None and day_secret is not None:
                nonce = nonces[number * NONCE_BYTES : (number + 1) * NONCE_BYTES]
                key = derive_key(dossier.material, day_secret, event_id)
                content = ENCODE(content_of(body, subject))
                state = nonce + AESGCM(key).encrypt(nonce, content, bind(event_id, stream_id, one.topic))
                if dossier.row is not None:
                    secrets.append(dossier.row)
            if person is not None and person.row is not None:
                identifiers.append(person.row)
            envelopes.append(envelope)
            event_ids.append(event_id)
            events.append(
                PreparedEvent(lane=lane, stream_id=stream_id, topic=one.topic, envelope=ENCODE(envelope), state=state)
            )
        operation = PreparedOperation(
            operation_id=item.operation_id,
            claim_lane=self._pseudonyms.claim_lane(item.operation_id),
            body_hash=item.body_hash,
            recorded_at=now,
            events=tuple(events),
            identifiers=tuple(identifiers),
            secrets=tuple(secrets),
        )
        return Ready(operation, envelopes, event_ids, one.topic == topics.PROCESSING_REFUSED)

    def _frame(self, one: JudgedItem, register: Register, now: datetime) -> OperationFrame:
        """What all events of the operation share: its ids, its verdict, the versions it was judged by."""
        body, item = one.item.submission.body, one.item
        view = register.on(amsterdam_day(happened_at(body)))
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
            max(1, len(item.lookups)),
            one.verdict.outcome.value,
            register.position,
            None if covenant is None else covenant.covenant.version,
            None if activity is None else activity.version,
            one.holding_ends,
            one.record_ends,
            list_index,
            case_index,
            one.scope.hex(),
        )


def person_target(index: int, person: Person, verdict: Verdict, facts: list[SubjectFacts | None] | None) -> Target:
    """The event of one person of an operation."""
    known = None if facts is None else facts[index]
    position = None if facts is None else (0 if known is None else known.position)
    codes = verdict.codes_of(index) if verdict.findings else ()
    outcome = verdict.outcomes[index].value
    return Target(person.lane, person.stream_id, person, index, outcome, codes, position)


def terms_of(body: Judged, register: Register, now: datetime) -> tuple[date | None, date]:
    """(last day of the holding or None, last day of the record)."""
    if not isinstance(body, Act):
        return None, default_record_end(now)
    holding, record = terms(body, register, now)
    return (None if holding is None else holding.ends), record.ends


def scope_of(body: Judged) -> tuple[str, ...]:
    """The dossier that the body belongs to."""
    covenant = body.covenant
    covenant_id, annex = (None, None) if covenant is None else (covenant.id, covenant.annex)
    if isinstance(body, Act):
        return name_scope(body.controller, body.case_id, covenant_id, annex, body.activity)
    return name_scope(body.controller, None, covenant_id, annex)


def topic_of(body: Judged, *, refused: bool) -> str:
    """The topic under which it is stored."""
    if isinstance(body, Act):
        if refused:
            return topics.PROCESSING_REFUSED
        return topics.PROCESSING_RECORDED if body.tense == "fact" else topics.PROCESSING_INTENDED
    return topics.NOTICE_RECORDED if isinstance(body, Notice) else topics.EXEMPTION_RECORDED
