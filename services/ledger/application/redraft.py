"""Drafts an act anew, as it was corrected or about another person: judged again, in a dossier of its own scope.

What was decided about the act since goes along: a later end of its record or holding, and its confidentiality.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.law.act import Act
from services.law.context import Context
from services.law.first_processing import bound_by_renewal, first_processed
from services.law.judgement import judge
from services.law.local_time import amsterdam_day
from services.law.register import DayView, Register
from services.law.retention import Terms, holding_terms, terms_on
from services.law.verdict import Verdict
from services.ledger.application.about import Original
from services.ledger.application.act_duties import ActDuties
from services.ledger.application.envelopes import EventPart, OperationFrame, content_of_act, envelope_of_act
from services.ledger.application.evidence import terms_of_evidence
from services.ledger.application.facts import FactReader, KnownPerson, facts_of
from services.ledger.application.operation_writer import Draft
from services.ledger.application.ports import RegisterSource
from services.ledger.application.prepare import asks_for_town, leans_on_facts, scope_of, terms_of_person
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.term_view import LATER_TERM
from services.ledger.contract import topics
from services.ledger.contract.messages import Caller
from services.ledger.domain.authority import mandatary
from services.ledger.domain.body import under_key
from services.ledger.domain.fold_facts import fold_facts
from services.ledger.domain.identity import event_id_of, operation_id_of
from services.ledger.domain.stored import Identifier
from services.ledger.domain.versions import AS_CORRECTED


class Redraft(msgspec.Struct, frozen=True, kw_only=True):
    """One event of an act that is drafted anew: as it stands (``before``), and as it will (``after``).

    Each with its one subject, or none. ``lane`` and ``stream_id``: where it will stand; ``is_known``: the ledger has
    something there. ``identifier``: the row that leads to a person who is new with it. ``replaces``: it comes in the
    place of the original, on the same stream.
    """

    original: Original
    before: Act
    after: Act
    lane: int
    stream_id: UUID
    is_known: bool = True
    identifier: Identifier | None = None
    replaces: bool = True


class Ends(msgspec.Struct, frozen=True):
    """The last days of the holding and of the record, with the rule that gives the first and those that lost."""

    holding: date | None
    record: date
    rule: str | None
    lost: tuple[str, ...]


class _Judged(msgspec.Struct, frozen=True):
    """What the events of one act share; ``view`` is the register on the day of the act."""

    caller: Caller
    key: str
    now: datetime
    register: Register
    view: DayView
    verdict: Verdict


class Redrafter:
    """Judges acts anew and drafts their events; blocking."""

    def __init__(self, *, register: RegisterSource, facts: FactReader, pseudonyms: Pseudonyms) -> None:
        """Judge by ``register`` and ``facts``; name with ``pseudonyms``."""
        self._register = register
        self._facts = facts
        self._pseudonyms = pseudonyms
        self._duties = ActDuties(pseudonyms)

    def draft(
        self, caller: Caller, key: str, redrafts: Sequence[Redraft], now: datetime, judged_at: datetime
    ) -> list[Draft]:
        """The events of one act, whose ``after`` differ in subject and confidentiality only, in order.

        It is judged by the register as it is known now, as at the moment ``judged_at``. Raises LawError for an act that
        a rule cannot read.
        """
        register = self._register.current()
        subjects = tuple(subject for one in redrafts for subject in one.after.subjects)
        act = msgspec.structs.replace(redrafts[0].after, subjects=subjects)
        known = self._known(caller, redrafts, act) if leans_on_facts(act, register) else None
        facts = None if known is None else facts_of(known[: len(subjects)])
        # Who put it right did not do it: it is judged as the act of whoever recorded it.
        first = redrafts[0].original.first
        context = Context(register, facts, judged_at, mandatary(first.author, act))
        verdict = judge(under_key(act, first.key), context)
        judged = _Judged(caller, key, now, register, register.on(amsterdam_day(act.occurred_at)), verdict)
        persons = known or [None] * len(redrafts)
        return [
            self._draft(judged, index, one, person, leans=known is not None)
            for index, (one, person) in enumerate(zip(redrafts, persons, strict=True))
        ]

    def _known(self, caller: Caller, redrafts: Sequence[Redraft], act: Act) -> list[KnownPerson | None]:
        """What is known of each person, less the act itself."""
        places = [(one.lane, one.stream_id) for one in redrafts if one.is_known and one.after.subjects]
        known = self._facts.read_known(places, caller.party if asks_for_town(act) else None) if places else {}
        found = [(known.get((one.lane, one.stream_id)), one.original) for one in redrafts]
        return [None if person is None else less(person, original) for person, original in found]

    def _draft(self, judged: _Judged, index: int, one: Redraft, person: KnownPerson | None, *, leans: bool) -> Draft:
        act, verdict = one.after, judged.verdict
        subject = act.subjects[0] if act.subjects else None
        event_id = event_id_of(operation_id_of(judged.caller.party, judged.key), one.stream_id)
        position = 0 if person is None else person.facts.position
        outcome, codes = verdict.outcome, tuple(finding.code for finding in verdict.findings)
        if subject is not None:
            outcome, codes = verdict.outcomes[index], verdict.codes_of(index)
        part = EventPart(
            index=index,
            event_id=event_id,
            subject=subject,
            outcome=str(outcome),
            findings=codes,
            generation=None,
            facts_position=position if leans else None,
            duties=self._owed(judged, act, person),
        )
        envelope = envelope_of_act(act, self._frame(judged, act, ends_of(one, person, judged)), part)
        operation, known_as = one.original.first_known_as
        stored = {name: getattr(envelope, name) for name in envelope.__struct_fields__}
        about = {
            "about_operation": operation,
            "about_key": known_as,
            "correction": AS_CORRECTED if one.replaces else None,
        }
        return Draft(
            lane=one.lane,
            stream_id=one.stream_id,
            topic=one.original.event.topic,
            scope=self._pseudonyms.scope(scope_of(act)),
            fields={**stored, **about, "scope": None, "generation": None},
            content=content_of_act(act, subject),
            identifier=one.identifier,
        )

    def _frame(self, judged: _Judged, act: Act, ends: Ends) -> OperationFrame:
        """What the envelope says beside the act; its scope is filled in when it is sealed."""
        covenant = None if act.covenant is None else judged.view.covenants[act.covenant.id]
        activity = None if act.activity is None else judged.view.activities[act.activity]
        return OperationFrame(
            operation_id=operation_id_of(judged.caller.party, judged.key),
            key=judged.key,
            author=judged.caller.party,
            recorded_at=judged.now,
            # Beside the correction it is one of several: its span is its own, under that of the act.
            count=2,
            outcome=str(judged.verdict.outcome),
            register_position=judged.register.position,
            covenant_version=None if covenant is None else covenant.covenant.version,
            activity_version=None if activity is None else activity.version,
            holding_ends=ends.holding,
            record_ends=ends.record,
            list_index=None if act.list is None else self._pseudonyms.list_index(act.list.id),
            case_index=None if act.case_id is None else self._pseudonyms.case_index(act.controller, act.case_id),
            scope="",
            term_rule=ends.rule,
            terms_lost=ends.lost,
            laws_out_of_force=judged.view.laws_out_of_force,
        )

    def _owed(self, judged: _Judged, act: Act, person: KnownPerson | None) -> tuple[str, ...]:
        if not act.subjects:
            return ()
        (to_erase,) = self._duties.to_erase(act, [person], judged.now)
        return to_erase or self._duties.to_tell(act, judged.view, judged.register)


def less(person: KnownPerson, original: Original) -> KnownPerson:
    """What is known of a person without the act that is drafted anew."""
    place, operation = (original.event.lane, original.event.stream_id), original.envelope.operation_id
    told = [each for each in person.told if (each[0], each[3].operation_id) != (place, operation)]
    facts = person.facts
    folded = fold_facts(
        ((topic, envelope) for _, _, topic, envelope in told), position=facts.position, municipality=facts.municipality
    )
    return KnownPerson(person.place, folded, told)


def ends_of(one: Redraft, person: KnownPerson | None, judged: _Judged) -> Ends:
    """The ends of the event: those that were set later, else those that follow from what was corrected.

    What the correction leaves as it was keeps the end that it had. The record ends no earlier than that of the
    original: what is said of it must not be gone while that can be read.
    """
    original, register = one.original, judged.register
    envelope, record = original.envelope, original.record_ends or amsterdam_day(judged.now)
    held_before, kept_before = terms_as_recorded(one.before, original, person, register)
    held_after, kept_after = terms_as_recorded(one.after, original, person, register)
    if kept_after.ends != kept_before.ends:
        record = max(record, kept_after.ends)
    moved = moved_holding(original)
    if moved is not None:
        own = printed_term(one.before, original, person, register)
        return Ends(moved, record, LATER_TERM, envelope.terms_lost if own is None else (own, *envelope.terms_lost))
    if held_after == held_before:
        return Ends(envelope.holding_ends, record, envelope.term_rule, envelope.terms_lost)
    if held_after is None:
        return Ends(None, record, None, ())
    return Ends(held_after.ends, record, held_after.rule, tuple(term.printed for term in held_after.lost))


def terms_as_recorded(act: Act, original: Original, person: KnownPerson | None, register: Register) -> Terms:
    """Both terms of an act as if it had been recorded so on the day on which it was first recorded."""
    view, day = register.on(amsterdam_day(act.occurred_at)), amsterdam_day(original.first.recorded_at)
    found = terms_of_person(act, person, view, day) or terms_on(act, view, day)
    return found if person is None else terms_of_evidence(act, person, found) or found


def moved_holding(original: Original) -> date | None:
    """The last day of the holding as a later event set it; None where none moved it."""
    ends = original.envelope.holding_ends
    for event, envelope in original.later:
        if event.topic == topics.RETENTION_SET:
            ends = envelope.new_holding_ends or ends
    return None if ends == original.envelope.holding_ends else ends


def printed_term(act: Act, original: Original, person: KnownPerson | None, register: Register) -> str | None:
    """The term that the act had of itself, as an envelope keeps one that lost; None where it had none."""
    rule, ends = original.envelope.term_rule, original.envelope.holding_ends
    if rule is None or rule == LATER_TERM or ends is None:
        return None
    view, facts = register.on(amsterdam_day(act.occurred_at)), None if person is None else person.facts
    reckoned, since = bound_by_renewal(act, facts, view), first_processed(act, facts, view)
    periods = (term.period for term in holding_terms(reckoned, view, since) if (term.rule, term.ends) == (rule, ends))
    return f"{rule} {next(periods, '-')} {ends.isoformat()}"
