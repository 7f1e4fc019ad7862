"""The dry run: the same judgement as the real thing, and nothing stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import msgspec

from services.law.act import Act
from services.law.assessment import assess_recipients
from services.law.context import Context
from services.law.judgement import judge, needs_facts
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.act_duties import ActDuties, due_of, past_of
from services.ledger.application.facts import FactReader, KnownPerson, facts_of
from services.ledger.application.people import People
from services.ledger.application.ports import RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.receipt import answer_findings
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.messages import (
    AssessedObligation,
    Assessment,
    Caller,
    RecipientAssessment,
    RefusedSubject,
    RegisterReference,
    VerdictAnswer,
    VersionedId,
)
from services.ledger.domain.authority import may_record
from services.ledger.domain.validation import validate
from services.runtime.clock import Clock
from services.runtime.errors import Rejected


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
        """Verdict, refs and the answer per recipient; the same faults and the same refusals as recording has."""
        return await asyncio.to_thread(self._assess, caller, act)

    def _assess(self, caller: Caller, act: Act) -> Assessment:
        register, now = self._register.current(), self._clock.now()
        errors = validate(act, register, now)
        if errors:
            raise Rejected(errors)
        if not may_record(caller.party, act, register):
            raise NotAllowed
        persons = [self._pseudonyms.person(subject.id_type, subject.id) for subject in act.subjects]
        known = self._read_known(act, persons)
        context = Context(register, None if known is None else facts_of(known), now)
        verdict = judge(act, context)
        refs = [self._pseudonyms.ref(caller.party, person) for person in persons]
        if refs:
            found = [(ref, verdict.codes_of(index)) for index, ref in enumerate(refs)]
            findings = answer_findings(found)
        else:
            findings = answer_findings([(None, tuple(finding.code for finding in verdict.findings))])
        return Assessment(
            verdict=VerdictAnswer(outcome=verdict.outcome.value, findings=findings),
            register=_register_of(act, register),
            subjects=tuple(
                RefusedSubject(ref=ref, outcome=outcome.value)
                for ref, outcome in zip(refs, verdict.outcomes, strict=True)
            ),
            recipients=tuple(
                RecipientAssessment(party=one.party, answer=one.answer, would_allow=one.would_allow)
                for one in assess_recipients(act, context)
            ),
            obligations=tuple(self._owed(act, refs, known or [None] * len(refs), register, now)),
        )

    def _owed(
        self, act: Act, refs: list[str], known: list[KnownPerson | None], register: Register, now: datetime
    ) -> Iterator[AssessedObligation]:
        """What the act makes others owe once it has happened, due as its receipt would say."""
        fact = msgspec.structs.replace(act, tense="fact")
        to_tell = self._duties.to_tell(fact, register.on(amsterdam_day(act.occurred_at)), register)
        past = past_of(fact)
        for ref, to_erase in zip(refs, self._duties.to_erase(fact, known, now), strict=True):
            duties = to_erase or to_tell
            for duty in duties:
                kind, _, party = duty.partition(":")
                due = due_of(past, kind, party, alone=len(duties) == 1)
                yield AssessedObligation(subject=ref, kind=kind, party=party, due=due)

    def _read_known(self, act: Act, persons: list[bytes]) -> list[KnownPerson | None] | None:
        """What is known of them, read only when the verdict can depend on it, as recording does."""
        if not needs_facts(act):
            return None
        lookups = [self._pseudonyms.place(person) for person in persons]
        people = self._people.find(list(zip(lookups, persons, strict=True)))
        found = [people.get(lookup) for lookup in lookups]
        known = self._facts.read_known([(p.lane, p.stream_id) for p in found if p is not None and p.known])
        return [None if p is None else known.get((p.lane, p.stream_id)) for p in found]


def _register_of(act: Act, register: Register) -> RegisterReference:
    """The versions of covenant and activity in force on the day of the act."""
    view = register.on(amsterdam_day(act.occurred_at))
    covenant = activity = None
    if act.covenant is not None:
        found = view.covenants[act.covenant.id]
        covenant = VersionedId(id=act.covenant.id, version=None if found is None else found.covenant.version)
    if act.activity is not None:
        entry = view.activities[act.activity]
        activity = VersionedId(id=act.activity, version=None if entry is None else entry.version)
    return RegisterReference(covenant=covenant, activity=activity)
