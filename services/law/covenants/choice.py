"""Which covenant governs when home town, town of the act and school town each have their own (S19).

All candidates are returned, in protective order: the shortest term first, then the fewest recipients. The choice is
for whoever acts, with a reason; without one the first candidate is the default.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec

from services.law.act import Act, Subject
from services.law.covenants.terms import canonical_term
from services.law.covenants.words import fold
from services.law.errors import LawError
from services.law.in_force import AnnexInForce, CovenantInForce
from services.law.periods import add_period, parse_period
from services.law.register import DayView
from services.law.texts import Text

Because = Literal["home-town", "town-of-act", "school-town"]
By = Literal["only-candidate", "protective-default", "none"]

_TOWN_BY_BECAUSE: Final[dict[Because, Text]] = {
    "home-town": Text("de woonplaats van de persoon", "the person's home town"),
    "town-of-act": Text("de plaats van de handeling", "the town of the act"),
    "school-town": Text("de plaats van de school", "the town of the school"),
}
_WHY_BY: Final[dict[By, Text]] = {
    "only-candidate": Text(
        "Dit is het enige convenant dat hier geldt en waar de verantwoordelijke partner van is.",
        "This is the only covenant in force here of which the controller is a partner.",
    ),
    "protective-default": Text(
        "Meer dan één convenant geldt hier. Kies er een en leg vast waarom. Zonder keuze geldt het convenant dat het "
        "meest beschermt: de kortste bewaartermijn, dan de minste ontvangers.",
        "More than one covenant holds here. Choose one and record why. Without a choice the most protective one holds: "
        "the shortest term, then the fewest recipients.",
    ),
    "none": Text(
        "Hier geldt geen convenant waar de verantwoordelijke partner van is. Dat verbiedt niets: de grond staat in de "
        "wet, en de noodzaak moet per handeling worden gemotiveerd.",
        "No covenant of which the controller is a partner is in force here. That forbids nothing: the ground is in the "
        "law, and necessity is reasoned per act.",
    ),
}


_WGS_TERM_MAX: Final = "P5Y"
"""WGS 1.8(7): at the latest five years after the first processing, whatever the covenant says."""


class WhichCovenant(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is asked: the towns, who acts and to whom, and for what.

    Without a controller every covenant of the towns is a candidate; ``purpose`` leaves out those for another. ``phase``
    says which term counts. ``data_categories`` choose the annexes; where none holds them all, the covenant is a
    candidate without one.
    """

    home: str | None = None
    place: str | None = None
    school: str | None = None
    controller: str | None = None
    recipients: tuple[str, ...] = ()
    purpose: str | None = None
    phase: str | None = None
    data_categories: tuple[str, ...] = ()


class Candidate(msgspec.Struct, frozen=True, rename="camel"):
    """A covenant in force, its annex if it has any, and why it is one; ``until`` None: it gives no term.

    ``retention``: the term of the phase asked about, else the longest of the annex; without an annex, of the terms that
    all its annexes give alike. ``recipients``: its partners that day.
    """

    covenant: str
    version: int
    annex: str | None
    because: tuple[Because, ...]
    retention: str | None
    until: date | None
    recipients: tuple[str, ...]
    why: Text


class Choice(msgspec.Struct, frozen=True, rename="camel"):
    """The candidates, the most protective first; ``open``: more than one covenant, so somebody has to choose."""

    candidates: tuple[Candidate, ...]
    by: By
    why: Text
    open: bool

    @property
    def default(self) -> Candidate | None:
        """The candidate that holds without a choice; None when there is none."""
        return self.candidates[0] if self.candidates else None


def choose(asked: WhichCovenant, view: DayView) -> Choice:
    """The covenants that govern what is asked, on the day of the view."""
    found = [*_candidates(asked, view)]
    candidates = tuple(sorted(found, key=_protection))
    is_open = len({candidate.covenant for candidate in candidates}) > 1
    by: By = "protective-default" if is_open else "only-candidate" if candidates else "none"
    return Choice(candidates, by, _WHY_BY[by], is_open)


def question_of(act: Act, subject: Subject, home: str | None = None) -> WhichCovenant:
    """What an act asks about one of its persons; ``home``: where the ledger knows the person to live, if it may say."""
    return WhichCovenant(
        home=subject.municipality or home,
        place=None if act.place is None else act.place.municipality,
        controller=act.controller,
        recipients=tuple(recipient.party for recipient in act.recipients),
        purpose=act.purpose,
        phase=act.phase,
        data_categories=act.data_categories,
    )


def _candidates(asked: WhichCovenant, view: DayView) -> Iterator[Candidate]:
    reasons: dict[str, list[Because]] = {}
    towns: tuple[tuple[Because, str | None], ...] = (
        ("home-town", asked.home),
        ("town-of-act", asked.place),
        ("school-town", asked.school),
    )
    for because, town in towns:
        for covenant in view.covenants_in(view.municipality(town)) if town is not None else ():
            if _is_about(covenant, asked):
                reasons.setdefault(covenant.covenant.id, []).append(because)
    for covenant_id in sorted(reasons):
        governing = view.covenants[covenant_id]
        assert governing is not None, "a covenant of a town is in force"
        yield from _of_covenant(governing, tuple(reasons[covenant_id]), asked, view)


def _is_about(covenant: CovenantInForce, asked: WhichCovenant) -> bool:
    """Whether the controller and, if there are recipients, one of them take part, for the purpose asked about."""
    if asked.controller is not None and asked.controller not in covenant.partners:
        return False
    if asked.recipients and covenant.partners.isdisjoint(asked.recipients):
        return False
    stated = covenant.covenant.purpose
    return not asked.purpose or not stated or fold(stated) == fold(asked.purpose)


def _of_covenant(
    covenant: CovenantInForce, because: tuple[Because, ...], asked: WhichCovenant, view: DayView
) -> Iterator[Candidate]:
    wanted = set(asked.data_categories)
    fitting = tuple(a for a in covenant.annexes.values() if not a.categories or wanted <= a.categories)
    for annex in fitting or (None,):
        term = _term(covenant, annex, asked.phase, view.day)
        yield Candidate(
            covenant=covenant.covenant.id,
            version=covenant.covenant.version,
            annex=None if annex is None else annex.annex.id,
            because=because,
            retention=None if term is None else term[1],
            until=None if term is None else term[0],
            recipients=tuple(sorted(covenant.partners)),
            why=_why(covenant, because),
        )


def _term(
    covenant: CovenantInForce, annex: AnnexInForce | None, phase: str | None, day: date
) -> tuple[date, str] | None:
    """The end and the term of the phase, else of the longest; under the WGS five years at most.

    Without an annex those count that an act gets which names none.
    """
    terms = covenant.terms if annex is None else annex.terms
    stated = terms.values() if phase is None else filter(None, [terms.get(phase)])
    longest = max(filter(None, (_end(term, day) for term in stated)), default=None)
    if covenant.covenant.legal_frame != "wgs-zvh":
        return longest
    most = _end(_WGS_TERM_MAX, day)
    return most if longest is None else min(filter(None, (longest, most)))


def _end(term: str, day: date) -> tuple[date, str] | None:
    try:
        return add_period(day, parse_period(canonical_term(term))), term
    except LawError:
        return None


def _why(covenant: CovenantInForce, because: tuple[Because, ...]) -> Text:
    towns = [_TOWN_BY_BECAUSE[reason] for reason in because]
    name = covenant.covenant.id
    return Text(
        f"{name} geldt voor {' en '.join(town.nl for town in towns)}.",
        f"{name} holds for {' and '.join(town.en for town in towns)}.",
    )


def _protection(candidate: Candidate) -> tuple[date, int, str, str]:
    """The shortest term, then the fewest recipients; a covenant that gives no term protects least."""
    return candidate.until or date.max, len(candidate.recipients), candidate.covenant, candidate.annex or ""
