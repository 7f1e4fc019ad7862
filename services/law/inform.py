"""The moment of AVG 13 and 14: by when a person must be told, per controller and covenant annex.

From the person: at once. From elsewhere: the earliest of one month after obtaining, the first
contact and the first disclosure to another recipient. Veilig Thuis has four weeks from recording, which a decision
carries on by two weeks each time (Wmo 5.3.1). Who tells follows from the arrangement of the covenant (AVG 26), in a
WGS partnership it is the contact point (BGS 1.3), else each controller owes it itself. Police and judicial bodies
inform under their own acts (Wpg 24b, Wjsg), so they obtain and disclose here for others only; whoever received their
data is under the AVG (``regimes``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final, Literal, Protocol

import msgspec

from services.law.act import NoticeElement
from services.law.clocks import due_by_regulation, due_by_termijnenwet
from services.law.context import PastAct, PastExemption, SubjectFacts
from services.law.governance import Covenant
from services.law.local_time import amsterdam_day, end_of_day
from services.law.operations import HOLDING_CLASSES
from services.law.periods import Period
from services.law.regimes import OWN_REGIME_KINDS, is_under_avg
from services.law.register import Register
from services.law.wgs_terms import is_under_wgs

Moment = Literal["collection", "first-contact", "first-disclosure", "one-month", "wmo-four-weeks"]

NORMS_BY_MOMENT: Final[dict[Moment, str]] = {
    "collection": "avg-13",
    "first-contact": "avg-14-3-b",
    "first-disclosure": "avg-14-3-c",
    "one-month": "avg-14-3-a",
    "wmo-four-weeks": "wmo-5-3-1",
}

_ONE_MONTH: Final = Period(months=1)
_FOUR_WEEKS: Final = Period(weeks=4)
_VEILIG_THUIS: Final = "veilig-thuis"
_IN_PERSON: Final = "data-subject"
FROM_THE_PERSON: Final = frozenset({_IN_PERSON, "own-observation"})

_NOT_OWED_WHEN_FROM_THE_PERSON: Final = frozenset({"categories", "source"})


class InformDuty(msgspec.Struct, frozen=True, kw_only=True):
    """One duty to tell one person: who tells (``party``), for whom, since when, by when and why then."""

    party: str
    controllers: tuple[str, ...]
    obtained_at: datetime
    due: datetime
    moment: Moment
    covenant: str | None = None
    annex: str | None = None
    data_categories: tuple[str, ...] = ()
    elements: tuple[str, ...] = NoticeElement.ALL

    @property
    def norm(self) -> str:
        """The norm that sets the moment."""
        return NORMS_BY_MOMENT[self.moment]

    def answers_to(self, controller: str, covenant: str | None, annex: str | None) -> bool:
        """Whether a notice with these names is about this duty; no annex means all of them."""
        return self._is_of(controller) and covenant == self.covenant and (annex is None or annex == self.annex)

    def is_set_aside_by(self, controller: str, covenant: str | None, annex: str | None) -> bool:
        """Whether a decision not to tell is about this duty; without a covenant it is about all of its controller's."""
        return self._is_of(controller) if covenant is None else self.answers_to(controller, covenant, annex)

    def _is_of(self, controller: str) -> bool:
        return controller == self.party or controller in self.controllers


class OfCovenant(Protocol):
    """What stands under a covenant, or none, since a moment: an act, or what a party holds by it."""

    @property
    def covenant(self) -> str | None:
        """The covenant that the act names."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When the act happened."""
        ...


class Obtaining(msgspec.Struct, frozen=True):
    """What one act did for one duty: a party obtained (or disclosed) data at an instant."""

    party: str
    at: datetime
    act: PastAct
    disclosed: bool

    @property
    def from_the_person(self) -> bool:
        """Whether the party collected it there itself; what a share says of its source is the sender's (AVG 13, 14)."""
        return self.act.operation_class != "share" and self.act.source_kind in FROM_THE_PERSON


def inform_duties(facts: SubjectFacts, register: Register, now: datetime) -> tuple[InformDuty, ...]:
    """Every duty to inform that the facts up to ``now`` brought about, in order of party, covenant and annex."""
    acts = sorted((act for act in facts.acts if act.occurred_at <= now), key=lambda act: act.occurred_at)
    scopes: dict[tuple[str, str | None, str | None], list[Obtaining]] = {}
    for act in acts:
        for obtaining in obtainings_of(act, register):
            informer = informer_of(act, register) or obtaining.party
            scopes.setdefault((informer, act.covenant, act.annex), []).append(obtaining)
    keys = sorted(scopes, key=lambda key: (key[0], key[1] or "", key[2] or ""))
    return tuple(_duty(key, scopes[key], acts, register) for key in keys)


def missing_elements(duty: InformDuty, facts: SubjectFacts, at: datetime) -> tuple[str, ...]:
    """The elements that no notice up to ``at`` (inclusive) has told yet, in the order of the law."""
    told: set[str] = set()
    for notice in facts.notices:
        if notice.given_at <= at and duty.answers_to(notice.controller, notice.covenant, notice.annex):
            told.update(duty.elements if "all" in notice.elements else notice.elements)
    return tuple(element for element in duty.elements if element not in told)


def open_exemption(duty: InformDuty, facts: SubjectFacts, at: datetime) -> PastExemption | None:
    """The latest decision not to tell that holds at ``at``; after its review date or end it holds no longer."""
    return max(open_exemptions(duty, facts, at), key=lambda exemption: exemption.decided_at, default=None)


def open_exemptions(duty: InformDuty, facts: SubjectFacts, at: datetime) -> Iterator[PastExemption]:
    """Every decision not to tell about this duty that holds at ``at``."""
    holding = exemptions_in_force(facts.exemptions, at)
    return (e for e in holding if duty.is_set_aside_by(e.controller, e.covenant, e.annex))


def overdue(duty: InformDuty, facts: SubjectFacts, at: datetime) -> bool:
    """Whether the moment has passed with something untold and no exemption in force."""
    return duty.due < at and bool(missing_elements(duty, facts, at)) and open_exemption(duty, facts, at) is None


def decide_inform_on_breach(
    *, exposed: bool, exemptions: Iterable[PastExemption], at: datetime
) -> Literal["yes", "no", "decide-first"]:
    """Whether to tell a person of a breach if the risk is high (AVG 34).

    An open exemption of any controller does not cover art. 34, but telling could undo it: decide first.
    """
    if not exposed:
        return "no"
    return "decide-first" if any(exemptions_in_force(exemptions, at)) else "yes"


def exemptions_in_force(exemptions: Iterable[PastExemption], at: datetime) -> Iterator[PastExemption]:
    """The decisions not to tell that hold at ``at``: taken by then, not past their review day, not ended."""
    day = amsterdam_day(at)
    return (
        e
        for e in exemptions
        if e.decided_at <= at
        and (e.review_on is None or day <= e.review_on)
        and (e.ended_at is None or at < e.ended_at)
    )


def informer_of(act: OfCovenant, register: Register) -> str | None:
    """Who informs on behalf of all under the covenant of an act, as it is on the day of the act."""
    if act.covenant is None:
        return None
    return informer_under(register.covenant(act.covenant, amsterdam_day(act.occurred_at)))


def informer_under(covenant: Covenant | None) -> str | None:
    """Who informs for all: the contact point of a WGS partnership (BGS 1.3), else whom the covenant names (AVG 26)."""
    if covenant is None or covenant.arrangement is None:
        return None
    arrangement = covenant.arrangement
    if is_under_wgs(covenant) and arrangement.contact_point is not None:
        return arrangement.contact_point
    return arrangement.informs


def obtainings_of(act: PastAct, register: Register) -> Iterator[Obtaining]:
    """Who obtained data by this act, or disclosed what it had, as far as the AVG makes anyone tell the person."""
    day = amsterdam_day(act.occurred_at)
    if act.operation_class in HOLDING_CLASSES:
        if _is_under_avg(act, register, day):
            yield Obtaining(act.controller, act.occurred_at, act, disclosed=False)
    elif act.operation_class == "share":
        others = [recipient for recipient in act.recipients if _is_other(recipient, act.controller, register, day)]
        if others and _is_under_avg(act, register, day):
            yield Obtaining(act.controller, act.occurred_at, act, disclosed=True)
        for recipient in others:
            if not _has_own_regime(recipient, register, day):
                yield Obtaining(recipient, act.occurred_at, act, disclosed=False)


def _is_other(recipient: str, controller: str, register: Register, day: date) -> bool:
    """Whether the recipient is another than the controller and its own processors."""
    if recipient == controller:
        return False
    party = register.party(recipient, day)
    return party is None or party.kind != "processor" or party.processes_for not in (None, controller)


def _is_under_avg(act: PastAct, register: Register, day: date) -> bool:
    return is_under_avg(act.data_regime, register.party(act.controller, day))


def _has_own_regime(party_id: str, register: Register, day: date) -> bool:
    party = register.party(party_id, day)
    return party is not None and party.kind in OWN_REGIME_KINDS


def _duty(
    key: tuple[str, str | None, str | None], obtainings: list[Obtaining], acts: list[PastAct], register: Register
) -> InformDuty:
    party, covenant, annex = key
    first = obtainings[0]
    moments = [*_moments(first, obtainings, acts, register), *_moments_of_teller(party, first, register)]
    due, moment = min(moments, key=lambda candidate: candidate[0])
    obtained = [obtaining for obtaining in obtainings if not obtaining.disclosed]
    from_the_person = bool(obtained) and all(obtaining.from_the_person for obtaining in obtained)
    return InformDuty(
        party=party,
        controllers=tuple(sorted({obtaining.party for obtaining in obtainings})),
        obtained_at=first.at,
        due=due,
        moment=moment,
        covenant=covenant,
        annex=annex,
        data_categories=tuple(sorted({category for o in obtainings for category in o.act.data_categories})),
        elements=tuple(
            element
            for element in NoticeElement.ALL
            if not (from_the_person and element in _NOT_OWED_WHEN_FROM_THE_PERSON)
        ),
    )


def _moments(
    first: Obtaining, obtainings: list[Obtaining], acts: list[PastAct], register: Register
) -> Iterator[tuple[datetime, Moment]]:
    """Every moment that the law names for these obtainings; the earliest counts."""
    month = due_by_regulation(amsterdam_day(first.at), _ONE_MONTH)
    yield end_of_day(month.safe), "one-month"
    for obtaining in obtainings:
        if obtaining.disclosed:
            yield obtaining.at, "first-disclosure"
        elif obtaining.from_the_person:
            is_contact = obtaining.act.source_kind == _IN_PERSON and not first.from_the_person
            yield obtaining.at, "first-contact" if is_contact else "collection"
    if first.act.covenant is None:
        yield from ((act.occurred_at, "first-disclosure") for act in _passed_on(obtainings, acts, register))


def _moments_of_teller(party_id: str, first: Obtaining, register: Register) -> Iterator[tuple[datetime, Moment]]:
    """Veilig Thuis tells for itself within four weeks of recording (Wmo 5.3.1)."""
    day = amsterdam_day(first.at)
    party = register.party(party_id, day)
    if party is not None and party.organ == _VEILIG_THUIS:
        yield end_of_day(due_by_termijnenwet(day, _FOUR_WEEKS).safe), "wmo-four-weeks"


def _passed_on(obtainings: list[Obtaining], acts: list[PastAct], register: Register) -> Iterator[PastAct]:
    """Disclosures under a covenant of what a controller had obtained outside any by then."""
    controller = obtainings[0].party
    for act in acts:
        if act.operation_class != "share" or act.covenant is None:
            continue
        if act.controller != controller or not _has_any(obtainings, act):
            continue
        day = amsterdam_day(act.occurred_at)
        if not _is_under_avg(act, register, day):
            continue
        if any(_is_other(recipient, act.controller, register, day) for recipient in act.recipients):
            yield act


def _has_any(obtainings: list[Obtaining], act: PastAct) -> bool:
    """Whether a category of the act had been obtained when it happened."""
    wanted = set(act.data_categories)
    return any(o.at <= act.occurred_at and not wanted.isdisjoint(o.act.data_categories) for o in obtainings)
