"""The duties about persons as they stand at an instant, folded from their lines and holdings (decision 0007).

An index finds who may be concerned; what is owed, by whom, and what came of it is read here, and nowhere stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.law.context import SubjectFacts
from services.law.duty_state import duty_state
from services.law.governance import Covenant
from services.law.inform import InformDuty, inform_duties, informer_of
from services.law.register import Register
from services.law.wgs_terms import is_under_wgs
from services.ledger.application.lines import Line
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.ports import Bounds
from services.ledger.application.sources import Place, Sources
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import SubjectIdentifier
from services.ledger.contract.topics import EXEMPTION_ENDED, OBLIGATION_ANSWERED
from services.ledger.domain.erase_duties import EraseAnswer, EraseDuty, Outcome, erase_duties
from services.ledger.domain.fold_facts import fold_facts
from services.ledger.domain.holdings import Holding, HoldingRow, holdings

Cause = tuple[int, int]
"""(lane, position) of the act that brought an obligation."""


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """One obligation about one person; the fields of the contract, and what it was derived from.

    ``controllers``: to erase, who demands it; to tell, for whom; to reconcile, who shared it. ``cause``: the (lane,
    position) of the act that brought an obligation to erase or to reconcile. ``subject``, ``erasure_id``: of what the
    ledger erased itself.
    """

    id: str
    kind: Literal["erase", "inform", "reconcile"]
    party: str
    controllers: tuple[str, ...]
    data_categories: tuple[str, ...]
    due: datetime
    state: str
    scopes: frozenset[tuple[str, str | None]]
    since: datetime
    reason: str
    missing_elements: tuple[str, ...] = ()
    exempt_until: date | None = None
    told_at: datetime | None = None
    norm: str | None = None
    cause: tuple[int, int] | None = None
    answer: EraseAnswer | None = None
    subject: SubjectIdentifier | None = None
    erasure_id: UUID | None = None

    @property
    def controller(self) -> str:
        """Who demands it, or for whom the person is told: the owing party itself where it is among them."""
        return self.party if self.party in self.controllers else self.controllers[0]

    def is_under(self, covenant: str, annex: str | None) -> bool:
        """Whether it is about this covenant, and this annex of it unless none is named."""
        return any(covenant == named and annex in {None, own} for named, own in self.scopes)


class PersonFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one person: all linked streams, the lines, what is owed, in a fixed order."""

    streams: tuple[Place, ...]
    lines: tuple[Line, ...]
    facts: SubjectFacts
    obligations: tuple[Obligation, ...]


class PersonDuties:
    """Reads and folds; blocking."""

    def __init__(self, *, sources: Sources, ids: ObligationIds) -> None:
        """Read from ``sources``; name obligations with ``ids``."""
        self._sources = sources
        self._ids = ids

    def read(self, persons: Sequence[Place], bounds: Bounds, more: Sequence[EraseAnswer] = ()) -> list[PersonFile]:
        """The files of these persons, in order; linked streams make one file, which stands where the first one does.

        ``more``: answers that the projections need not have seen yet.
        """
        closure = self._sources.directory.closure(persons, bounds.as_known_at)
        groups = list(dict.fromkeys(tuple(sorted(closure[person])) for person in persons))
        everyone = [place for group in groups for place in group]
        rows: defaultdict[Place, list[HoldingRow]] = defaultdict(list)
        for row in self._sources.projections.holding_acts(everyone, bounds):
            rows[row.lane, row.stream_id].append(row)
        lines: defaultdict[Place, list[Line]] = defaultdict(list)
        for line in self._sources.dossiers.lines(everyone, bounds):
            lines[line.stream].append(line)
        register = self._sources.register.current()
        return [
            self._file(
                group,
                [line for place in group for line in lines[place]],
                [row for place in group for row in rows[place]],
                register,
                bounds,
                more,
            )
            for group in groups
        ]

    def _file(
        self,
        streams: tuple[Place, ...],
        lines: Sequence[Line],
        rows: Sequence[HoldingRow],
        register: Register,
        bounds: Bounds,
        more: Sequence[EraseAnswer],
    ) -> PersonFile:
        facts, first = fold_lines(lines), first_places(lines)
        answers = answers_to_what_stands([*self._answers(lines), *more], first)
        found = [
            *(self._to_erase(duty, first) for duty in erase_duties(rows, answers, bounds.as_of, bounds.as_known_at)),
            *self._to_tell(streams[0], facts, rows, register, bounds),
        ]
        ordered = sorted(found, key=lambda one: (one.kind, one.due, one.party, one.cause or (0, 0), one.id))
        return PersonFile(streams=streams, lines=tuple(lines), facts=facts, obligations=tuple(ordered))

    def _answers(self, lines: Iterable[Line]) -> list[EraseAnswer]:
        """What holders answered, in order of recording."""
        said = (line.envelope for line in sorted(lines, key=recording_order) if line.topic == OBLIGATION_ANSWERED)
        answers = (answer_of_envelope(envelope, self._ids) for envelope in said)
        return [answer for answer in answers if answer is not None]

    def _to_erase(self, duty: EraseDuty, first: Mapping[Cause, Cause]) -> Obligation:
        lane, stream_id = duty.stream
        _, position = first.get(duty.cause, duty.cause)
        return Obligation(
            id=self._ids.of_erasing(lane, stream_id, position, duty.party),
            kind="erase",
            party=duty.party,
            controllers=(duty.controller,),
            data_categories=duty.data_categories,
            due=duty.due,
            state=duty.state,
            scopes=duty.scopes,
            since=duty.since,
            reason=duty.reason,
            norm=None if duty.answer is None else duty.answer.norm,
            cause=duty.cause,
            answer=duty.answer,
        )

    def _to_tell(
        self, person: Place, facts: SubjectFacts, rows: Sequence[HoldingRow], register: Register, bounds: Bounds
    ) -> Iterable[Obligation]:
        found = inform_duties(facts, register, bounds.as_of)
        one = dict.fromkeys({(row.lane, row.stream_id) for row in rows}, person)
        held = holdings(rows, bounds.as_of, bounds.as_known_at, one) if found else []
        acts = {(row.lane, row.position, row.party): row for row in rows}
        for duty in found:
            state = duty_state(duty, facts, bounds.as_of, held=is_held(duty, held, acts, register))
            yield Obligation(
                id=self._ids.of_telling(*person, duty.party, duty.covenant, duty.annex),
                kind="inform",
                party=duty.party,
                controllers=duty.controllers,
                data_categories=duty.data_categories,
                due=duty.due,
                state=state.state,
                scopes=frozenset() if duty.covenant is None else frozenset({(duty.covenant, duty.annex)}),
                since=duty.obtained_at,
                reason=duty.moment,
                missing_elements=state.missing_elements,
                exempt_until=state.exempt_until,
                told_at=state.told_at,
                norm=duty.norm,
            )


def first_places(lines: Iterable[Line]) -> dict[Cause, Cause]:
    """Of each act that stands corrected where it was first recorded, as far as that is among the lines; in order.

    By that place an obligation keeps its id, and its answers, when the act that causes it is corrected.
    """
    ordered = sorted(lines, key=recording_order)
    places = {(line.stream, line.envelope.operation_id): line.place for line in ordered if line.corrects is None}
    named = ((line, places.get((line.stream, line.corrects))) for line in ordered if line.corrects is not None)
    return {line.place: first for line, first in named if first is not None}


def answers_to_what_stands(answers: Iterable[EraseAnswer], first: Mapping[Cause, Cause]) -> list[EraseAnswer]:
    """The answers, each to the version of its cause that came last."""
    last = {recorded: corrected for corrected, recorded in first.items()}
    return [msgspec.structs.replace(answer, cause=last.get(answer.cause, answer.cause)) for answer in answers]


def fold_lines(lines: Iterable[Line]) -> SubjectFacts:
    """What the law needs to know of a person, from the lines in order of recording."""
    told = sorted((line for line in lines if line.voided is None), key=recording_order)
    events = [(line.topic, line.envelope) for line in told]
    ends = [one for line in told for one in line.later if one.event.topic == EXEMPTION_ENDED]
    return fold_facts(events + [(one.event.topic, one.envelope) for one in ends])


def recording_order(line: Line) -> tuple[datetime, int, int]:
    """By when it was recorded."""
    return line.envelope.recorded_at, line.event.lane, line.event.position


def answer_of_envelope(envelope: Envelope, ids: ObligationIds) -> EraseAnswer | None:
    """The answer to an obligation to erase; None for what answers nothing, or an id that no longer opens."""
    if envelope.obligation is None or envelope.answer is None:
        return None
    try:
        key = ids.read(envelope.obligation)
    except NotFound:
        return None
    return EraseAnswer(
        cause=(key.lane, key.position),
        party=envelope.controller or envelope.author,
        at=envelope.occurred_at,
        outcome=msgspec.convert(envelope.answer, Outcome),
        until=envelope.answer_until,
        norm=envelope.norm,
    )


def is_held(
    duty: InformDuty, held: Iterable[Holding], acts: Mapping[tuple[int, int, str], HoldingRow], register: Register
) -> bool:
    """Whether anybody still has data by an act of the duty; ``acts``: what gave a party something, by place and party.

    Under which act of law he has it makes no difference: the data are there, and the person can still be told.
    """
    carrying = (
        acts[act.lane, act.position, holding.party]
        for holding in held
        if holding.status != "erased"
        for act in holding.acts
    )
    return any(is_told_by(duty, act, register) for act in carrying)


def is_told_by(duty: InformDuty, act: HoldingRow, register: Register) -> bool:
    """Whether the duty is about what this act gave: owed by who tells for all, else by the holder or who gave it."""
    if (act.covenant, act.annex) != (duty.covenant, duty.annex):
        return False
    informer = informer_of(act, register)
    return duty.party == informer if informer else duty.party in {act.party, act.supplied_by}


def covenants_told_by(register: Register, party: str) -> tuple[str, ...]:
    """The covenants that let ``party`` tell for all (AVG 26(1)), as their contact point under the WGS (BGS 1.3); by id.

    By any version ever known, of themselves or of an umbrella above them: rather one too many than a duty missed.
    """
    covenants = [known.entry for known in register.history if isinstance(known.entry, Covenant)]
    informs = {each.id for each in covenants if each.arrangement and each.arrangement.informs == party}
    answers = {each.id for each in covenants if each.arrangement and each.arrangement.contact_point == party}
    partnerships = {each.id for each in covenants if is_under_wgs(each)}
    found = with_those_under(informs, covenants) | (with_those_under(answers, covenants) & partnerships)
    return tuple(sorted(found))


def with_those_under(umbrellas: set[str], covenants: Sequence[Covenant]) -> set[str]:
    """These covenants and all that ever stood under one of them, directly or onward."""
    found = set(umbrellas)
    while more := {each.id for each in covenants if each.umbrella in found} - found:
        found |= more
    return found
