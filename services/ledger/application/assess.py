"""The dry run: the same judgement as the real thing, and nothing stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import msgspec

from services.law.act import Act
from services.law.advice.advise import advise
from services.law.advice.knowable import knowable_to
from services.law.context import Context, SubjectFacts
from services.law.judgement import judge
from services.law.local_time import amsterdam_day
from services.law.past import past_of
from services.law.register import DayView
from services.law.verdict import Verdict
from services.ledger.application.act_duties import ActDuties, due_of
from services.ledger.application.facts import FactReader, KnownPerson, facts_of
from services.ledger.application.people import People
from services.ledger.application.ports import RegisterSource
from services.ledger.application.prepare import leans_on_facts
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.receipt import answer_findings
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.messages import (
    AssessedObligation,
    Assessment,
    Caller,
    RefusedSubject,
    RegisterReference,
    VerdictAnswer,
    VersionedId,
)
from services.ledger.domain.authority import mandatary, may_record
from services.ledger.domain.validation import validate
from services.runtime.clock import Clock
from services.runtime.errors import Rejected

Known = Sequence[KnownPerson | None]


class Assessor:
    """The verb ``assess``."""

    def __init__(
        self,
        *,
        register: RegisterSource,
        people: People,
        facts: FactReader,
        pseudonyms: Pseudonyms,
        clock: Clock,
    ) -> None:
        """Judge by ``register`` and the ``facts`` of known ``people``; nobody is written anywhere."""
        self._register = register
        self._people = people
        self._facts = facts
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._duties = ActDuties(pseudonyms)

    async def assess(self, caller: Caller, act: Act) -> Assessment:
        """Verdict, advice and what would be owed; the same faults and the same refusals as recording has."""
        return await asyncio.to_thread(self._assess, caller, act)

    def _assess(self, caller: Caller, act: Act) -> Assessment:
        register, now = self._register.current(), self._clock.now()
        errors = validate(act, register, now)
        if errors:
            raise Rejected(errors)
        if not may_record(caller.party, act, register):
            raise NotAllowed
        persons = [self._pseudonyms.person(subject.id_type, subject.id) for subject in act.subjects]
        refs = [self._pseudonyms.ref(caller.party, person) for person in persons]
        leans = leans_on_facts(act, register)
        known = self._read_known(persons, caller.party if leans else None)
        # The judgement gets what recording would give it, and nothing else; the advice what the caller may know.
        leaning = known if leans else None
        context = Context(register, None if leaning is None else facts_of(leaning), now, mandatary(caller.party, act))
        return self._answer(caller, act, context, refs, known, leaning)

    def _answer(
        self, caller: Caller, act: Act, context: Context, refs: list[str], known: Known, leaning: Known | None
    ) -> Assessment:
        view = context.register.on(amsterdam_day(act.occurred_at))
        verdict = judge(act, context)
        advice = advise(act, context, verdict, refs, _knowable(caller, act, known, context))
        return Assessment(
            verdict=_answer_verdict(verdict, refs, view),
            register=_register_of(act, view),
            subjects=tuple(
                RefusedSubject(ref=ref, outcome=outcome.value)
                for ref, outcome in zip(refs, verdict.outcomes, strict=True)
            ),
            obligations=tuple(self._owed(act, context, refs, leaning or [None] * len(refs))),
            recipients=advice.recipients,
            explanations=advice.explanations,
            governs=advice.governs,
            tell=advice.tell,
            keep=advice.keep,
            notes=advice.notes,
            other_regimes=advice.other_regimes,
        )

    def _owed(self, act: Act, context: Context, refs: list[str], known: Known) -> Iterator[AssessedObligation]:
        """What the act makes others owe once it has happened, due as its receipt would say."""
        fact = msgspec.structs.replace(act, tense="fact")
        view = context.register.on(amsterdam_day(act.occurred_at))
        to_tell = self._duties.to_tell(fact, view, context.register)
        past = past_of(fact)
        for ref, to_erase in zip(refs, self._duties.to_erase(fact, known, context.now), strict=True):
            duties = to_erase or to_tell
            for duty in duties:
                stored, _, party = duty.partition(":")
                kind = "erase" if stored == "erase" else "inform"
                due = due_of(past, stored, party, alone=len(duties) == 1)
                yield AssessedObligation(subject=ref, kind=kind, party=party, due=due)

    def _read_known(self, persons: list[bytes], party: str | None) -> Known:
        """What is known of each, with the town as far as ``party`` may know it; of somebody unknown nothing."""
        lookups = [self._pseudonyms.place(person) for person in persons]
        people = self._people.find(list(zip(lookups, persons, strict=True)))
        found = [people.get(lookup) for lookup in lookups]
        places = [(p.lane, p.stream_id) for p in found if p is not None and p.known]
        known = self._facts.read_known(places, party)
        return [None if p is None else known.get((p.lane, p.stream_id)) for p in found]


def _knowable(caller: Caller, act: Act, known: Known, context: Context) -> list[SubjectFacts | None] | None:
    """What the advice may lean on: the caller's own affairs; nothing for who asks in the name of another."""
    if caller.party != act.controller:
        return None
    at = max(context.now, act.occurred_at)
    return [None if one is None else knowable_to(caller.party, one.facts, context.register, at) for one in known]


def _answer_verdict(verdict: Verdict, refs: Sequence[str], view: DayView) -> VerdictAnswer:
    found: list[tuple[str | None, tuple[str, ...]]] = [(ref, verdict.codes_of(i)) for i, ref in enumerate(refs)]
    if not refs:
        found = [(None, tuple(finding.code for finding in verdict.findings))]
    return VerdictAnswer(outcome=verdict.outcome.value, findings=answer_findings(found, view))


def _register_of(act: Act, view: DayView) -> RegisterReference:
    """The versions of covenant and activity in force on the day of the act."""
    covenant = activity = None
    if act.covenant is not None:
        found = view.covenants[act.covenant.id]
        covenant = VersionedId(id=act.covenant.id, version=None if found is None else found.covenant.version)
    if act.activity is not None:
        entry = view.activities[act.activity]
        activity = VersionedId(id=act.activity, version=None if entry is None else entry.version)
    return RegisterReference(covenant=covenant, activity=activity)
