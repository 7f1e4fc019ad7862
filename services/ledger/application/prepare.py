"""The middle of the write path: judge, place and seal a batch, with one statement per kind of row.

It runs in the event loop, and leaves it only to ask the tables for what is not remembered: a hand-over to a
thread costs more than a small batch. A submission comes out as an error, as an operation ready to be appended,
or deferred: its judgement needs facts that an operation still under way may change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from services.law.act import Act, Judged, Notice
from services.law.context import Context, SubjectFacts
from services.law.errors import IdentifierError, LawError
from services.law.first_processing import bound_by_renewal, first_processed, leans_on_history, may_lean_on_history
from services.law.judgement import judge, needs_facts
from services.law.local_time import amsterdam_day
from services.law.register import DayView, Register
from services.law.retention import RecordTerm, Terms, terms_on
from services.law.verdict import Outcome, Verdict
from services.ledger.application.act_duties import ActDuties
from services.ledger.application.evidence import terms_of_evidence
from services.ledger.application.facts import Asked, FactReader, Known, KnownPerson, facts_of
from services.ledger.application.keys import Keys
from services.ledger.application.people import People, Person
from services.ledger.application.ports import RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.seal_events import Ask, EventSealer, Item, JudgedItem, Lookup, Ready, Target
from services.ledger.contract import topics
from services.ledger.contract.errors import NotAllowed, NotStored
from services.ledger.contract.events import UnknownSubject
from services.ledger.contract.messages import Caller, Submission
from services.ledger.domain.authority import mandatary, may_record
from services.ledger.domain.body import happened_at, is_intent, subjects_of, under_key
from services.ledger.domain.identity import access_stream, operation_id_of, party_stream
from services.ledger.domain.scope import name_scope
from services.ledger.domain.stored import LaneIntent
from services.ledger.domain.terms import default_record_end
from services.ledger.domain.validation import validate
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.errors import GrootboekError, Rejected
from services.runtime.ids import Ids


class Deferred(msgspec.Struct, frozen=True):
    """To be prepared again once what is under way has been committed."""


Prepared = Ready | Deferred | GrootboekError
DEFERRED: Final = Deferred()


class Batch(msgspec.Struct):
    """One batch while it is prepared; ``sound`` are the places of the items that may be judged.

    ``leaning``: the places of those whose verdict, or term, depends on what the ledger knows of the persons.
    """

    items: Sequence[Item]
    register: Register
    now: datetime
    recorded_on: date
    outcomes: list[Prepared]
    sound: list[int]
    leaning: set[int] = msgspec.field(default_factory=set)


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
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._duties = ActDuties(pseudonyms)
        self._sealer = EventSealer(keys=keys, pseudonyms=pseudonyms, ids=ids)

    def items(
        self, caller: Caller, submissions: Iterable[Submission], confirms: LaneIntent | None = None
    ) -> list[Item]:
        """Submissions with the ids that follow from (party, key) and the keyed hash of their bodies."""
        party, body_hash = caller.party, self._pseudonyms.body_hash
        return [
            Item(caller, one, operation_id_of(party, one.key), body_hash(one.canonical), confirms)
            for one in submissions
        ]

    def view_at(self, instant: datetime) -> DayView:
        """The register as it is known now, on the day of ``instant``."""
        return self._register.current().on(amsterdam_day(instant))

    async def prepare(self, items: Sequence[Item], under_way: Sequence[Sequence[Ready]], ask: Ask) -> list[Prepared]:
        """One outcome per item, in order. ``under_way``: the batches that are not committed yet."""
        batch = self._admit(items)
        pairs = [pair for i in batch.sound for pair in zip(items[i].lookups, items[i].persons, strict=True)]
        people, missing = self._people.at_hand(pairs)
        if missing:
            people.update(await ask(partial(self._people.look_up, missing)))
        if batch.leaning:
            busy = frozenset([e.stream_id for ready in under_way for made in ready for e in made.operation.events])
            judged = await ask(partial(self._judge_leaning, batch, people, busy))
        else:
            judged = await self._judge_plainly(batch, people)
        if judged:
            sealed = await self._sealer.seal(judged, batch.register.position, batch.now, ask)
            for one, ready in zip(judged, sealed, strict=True):
                batch.outcomes[one.place] = ready
        return batch.outcomes

    async def _judge_plainly(self, batch: Batch, people: dict[Lookup, Person]) -> list[JudgedItem]:
        """Judge where nothing need be known of the persons, with a turn for others after every stretch."""
        judged: list[JudgedItem] = []
        for number, i in enumerate(batch.sound, 1):
            one = self._judge(batch, i, None, people)
            if one is not None:
                judged.append(one)
            if number % limits.PREPARE_STRETCH_OPERATIONS == 0:
                await asyncio.sleep(0)
        return judged

    def _admit(self, items: Sequence[Item]) -> Batch:
        """Find the items that are sound and allowed; the others get their error."""
        register, now = self._register.current(), self._clock.now()
        batch = Batch(items, register, now, amsterdam_day(now), [DEFERRED] * len(items), [])
        place = self._pseudonyms.place
        for i, item in enumerate(items):
            body = item.submission.body
            persons = item.persons or self._persons_of(body)
            errors = validate(body, register, now, persons)
            if errors:
                batch.outcomes[i] = Rejected(errors)
            elif not may_record(item.caller.party, body, register):
                batch.outcomes[i] = NotAllowed()
            else:
                if persons and not item.persons:
                    item.persons = persons
                    item.lookups = [place(person) for person in persons]
                if leans_on_facts(body, register):
                    batch.leaning.add(i)
                batch.sound.append(i)
        return batch

    def _persons_of(self, body: Judged) -> list[bytes] | None:
        """Whom the body concerns, each in the one spelling; None when one is malformed, which ``validate`` tells."""
        person = self._pseudonyms.person
        try:
            return [person(subject.id_type, subject.id) for subject in subjects_of(body)]
        except IdentifierError:
            return None

    def _judge_leaning(
        self, batch: Batch, people: dict[Lookup, Person], under_way: frozenset[UUID]
    ) -> list[JudgedItem]:
        """Judge where facts are needed, which are read here; blocking. Whose facts may still change is put off."""
        foreseen = foresee(batch, people, under_way)
        facts = self._facts.read_each(list(foreseen.values()))
        judged: list[JudgedItem] = []
        touched: set[UUID] = set(under_way)
        put_off: set[Lookup] = set()
        for i in batch.sound:
            item = batch.items[i]
            if not put_off.isdisjoint(item.lookups):
                # An earlier act on the same person was put off; this one must not overtake it.
                put_off.update(item.lookups)
                continue
            known: list[KnownPerson | None] | None = None
            if i in batch.leaning:
                if not touched.isdisjoint(streams_of(item, people)):
                    put_off.update(item.lookups)
                    continue
                found = self._find_known(foreseen.get(i), facts, item, people)
                if isinstance(found, LawError):
                    batch.outcomes[i] = NotStored()
                    continue
                known = known_of(item, people, found)
            one = self._judge(batch, i, known, people)
            if one is not None:
                touched.update([target.stream_id for target in one.targets])
                judged.append(one)
        return judged

    def _find_known(
        self,
        asked: Asked | None,
        facts: Iterator[tuple[Asked, Known | LawError]],
        item: Item,
        people: dict[Lookup, Person],
    ) -> Known | LawError:
        """What is known of the persons of an item: out of ``facts`` where that was foreseen, else it is read alone."""
        if asked is None:
            # An act before it on the same person came to nothing: this one need not wait for it after all.
            asked = asked_about(item, people)
            facts = self._facts.read_each([asked])
        return next(found for question, found in facts if question is asked)

    def _judge(
        self,
        batch: Batch,
        place: int,
        known: list[KnownPerson | None] | None,
        people: dict[Lookup, Person],
    ) -> JudgedItem | None:
        """The item judged; None, with the outcome set, when a rule could not read its body or the register."""
        item = batch.items[place]
        body = item.submission.body
        facts = None if known is None else facts_of(known)
        duties: tuple[str, ...] = ()
        try:
            context = Context(batch.register, facts, batch.now, mandatary(item.caller.party, body))
            verdict = judge(under_key(body, item.submission.key), context)
            if isinstance(body, Act):
                view = batch.register.on(amsterdam_day(body.occurred_at))
                holding, record = terms_on(body, view, batch.recorded_on)
                duties = self._duties.to_tell(body, view, batch.register) if item.lookups else ()
            else:
                view = batch.register.on(amsterdam_day(happened_at(body)))
                holding, record = None, RecordTerm(default_record_end(batch.now), "no-holding")
        except LawError:
            # A register entry or a body that a rule cannot read must not fail its neighbours.
            batch.outcomes[place] = NotStored()
            return None
        refused = verdict.outcome is Outcome.VIOLATION and is_intent(body)
        if refused:
            targets = self._targets_of_refusal(item, verdict, facts, people)
        else:
            targets = self._targets(item, verdict, facts, people)
            if known:
                self._lean(batch, body, targets, known, view, (holding, record))
        topic, scope = topic_of(body, refused=refused), self._pseudonyms.scope(scope_of(body))
        return JudgedItem(place, item, topic, verdict, targets, holding, record.ends, scope, view, duties)

    def _lean(
        self,
        batch: Batch,
        body: Judged,
        targets: Sequence[Target],
        known: Sequence[KnownPerson | None],
        view: DayView,
        terms: Terms,
    ) -> None:
        """What of each event hangs on its person: whom an erasing act reaches, and terms other than the operation's."""
        if isinstance(body, Act):
            for target, erasing in zip(targets, self._duties.to_erase(body, known, batch.now), strict=True):
                target.duties = erasing
                target.terms = terms_of_person(body, known[target.index], view, batch.recorded_on)
        for target in targets:
            person = known[target.index]
            if person is not None:
                target.terms = terms_of_evidence(body, person, target.terms or terms) or target.terms

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
        targets: list[Target] = []
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
                outcome, codes = str(verdict.outcomes[index]), verdict.codes_of(index)
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
        return Target(lane, stream_id, None, 0, str(verdict.outcome), codes, None)


def foresee(batch: Batch, people: dict[Lookup, Person], under_way: frozenset[UUID]) -> dict[int, Asked]:
    """What is going to be asked, by the place of its item: of whom nothing is under way, nor stands before it."""
    foreseen: dict[int, Asked] = {}
    met: set[Lookup] = set()
    for i in batch.sound:
        item = batch.items[i]
        if i in batch.leaning and met.isdisjoint(item.lookups) and under_way.isdisjoint(streams_of(item, people)):
            foreseen[i] = asked_about(item, people)
        met.update(item.lookups)
    return foreseen


def streams_of(item: Item, people: dict[Lookup, Person]) -> list[UUID]:
    """The streams of the persons of an item, as far as they have one."""
    return [people[lookup].stream_id for lookup in item.lookups if lookup in people]


def asked_about(item: Item, people: dict[Lookup, Person]) -> Asked:
    """What must be known of the persons of an item whom the ledger knows."""
    found = [people[lookup] for lookup in item.lookups if lookup in people]
    places = dict.fromkeys([(person.lane, person.stream_id) for person in found if person.known])
    return Asked(tuple(places), item.caller.party if asks_for_town(item.submission.body) else None)


def asks_for_town(body: Judged) -> bool:
    """Whether the verdict can depend on where the ledger knows a person to live: else no content need be opened."""
    return isinstance(body, Act) and body.covenant is not None and any(s.municipality is None for s in body.subjects)


def known_of(item: Item, people: dict[Lookup, Person], known: Known) -> list[KnownPerson | None]:
    """What is known of each person of an item, in order; nothing of whom the ledger does not know."""
    found = [people.get(lookup) for lookup in item.lookups]
    return [None if person is None else known.get((person.lane, person.stream_id)) for person in found]


def leans_on_facts(body: Judged, register: Register) -> bool:
    """Whether the verdict, or a term, depends on what the ledger knows of the persons."""
    if needs_facts(body) or isinstance(body, Notice):
        return True
    if not isinstance(body, Act) or not may_lean_on_history(body, register):
        return False
    return leans_on_history(body, register.on(amsterdam_day(body.occurred_at)))


def terms_of_person(act: Act, known: KnownPerson | None, view: DayView, recorded_on: date) -> Terms | None:
    """The terms of one person's event where they hang on what was done with its data before the act; else None."""
    if known is None:
        return None
    since, reckoned = first_processed(act, known.facts, view), bound_by_renewal(act, known.facts, view)
    return None if since is None and reckoned is act else terms_on(reckoned, view, recorded_on, since)


def person_target(index: int, person: Person, verdict: Verdict, facts: list[SubjectFacts | None] | None) -> Target:
    """The event of one person of an operation."""
    position: int | None = None
    if facts is not None:
        known = facts[index]
        position = 0 if known is None else known.position
    codes = verdict.codes_of(index) if verdict.findings else ()
    return Target(person.lane, person.stream_id, person, index, str(verdict.outcomes[index]), codes, position)


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
