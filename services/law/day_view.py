"""The register on one day, compiled for fast lookups: what the rules and the terms read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from services.law.covenants.resolving import UMBRELLAS_MAX
from services.law.covenants.territory import Places
from services.law.governance import Activity, Addendum, Decision, Interpretation, Party
from services.law.in_force import CovenantInForce

if TYPE_CHECKING:
    from services.law.register import Register

_FoundT = TypeVar("_FoundT")
_MadeT = TypeVar("_MadeT")


class Found(dict[str, _FoundT]):
    """Entries by id, looked up at first use. Unknown ids are not kept, so they cannot fill the memory."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[str], _FoundT]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: str) -> _FoundT:
        found = self._find(key)
        if found is not None:
            self[key] = found
        return found


class DayView:
    """The register on one day: ``parties``, ``covenants``, ``activities`` and ``decisions`` give None when unknown.

    ``laws_out_of_force``: the laws that are known not to hold that day (``Register.laws_out_of_force``).
    """

    __slots__ = (
        "_by_kind_of_decision",
        "_by_municipality",
        "_grounded",
        "_made",
        "_places",
        "_register",
        "activities",
        "covenants",
        "day",
        "decisions",
        "laws_out_of_force",
        "parties",
    )

    def __init__(self, register: Register, day: date) -> None:
        self._register = register
        self.day = day
        self.laws_out_of_force = register.laws_out_of_force(day)
        self.parties: Mapping[str, Party | None] = register.found(Party, day)
        self.covenants: Mapping[str, CovenantInForce | None] = Found(self._compile_covenant)
        self.activities: Mapping[str, Activity | None] = register.found(Activity, day)
        self.decisions: Mapping[str, Decision | None] = register.found(Decision, day)
        self._made: dict[Callable[[DayView], Any], Any] = {}
        self._by_municipality: dict[str, tuple[CovenantInForce, ...]] | None = None
        self._grounded: dict[str, tuple[Activity, ...]] | None = None
        self._places: Places | None = None
        self._by_kind_of_decision: dict[str, tuple[Decision, ...]] | None = None

    def made_by(self, maker: Callable[[DayView], _MadeT]) -> _MadeT:
        """What ``maker`` makes of this day, made at first use; for functions of a module, of which there are few."""
        made: _MadeT | None = self._made.get(maker)
        if made is None:
            made = self._made[maker] = maker(self)
        return made

    def shared_by(self, key: Hashable, maker: Callable[[], _MadeT]) -> _MadeT:
        """What ``maker`` makes, made once for all days of this register of which ``key`` is the same."""
        return self._register.shared_by(key, maker)

    @property
    def parties_era(self) -> int:
        """The same on all days on which the parties are the same."""
        return self._register.era(Party, self.day)

    def in_force(self, norms: Iterable[str]) -> tuple[str, ...]:
        """Those of the norms that are in force on the day; all of them when the register holds no norms."""
        known = self._register.norms
        return tuple(norm for norm in norms if not known or (norm in known and known[norm].valid_on(self.day)))

    def is_checked(self, norms: Iterable[str]) -> bool:
        """Whether one of the norms is in force on the day and its text was read, so that it can carry a violation."""
        known = self._register.norms
        return any(not known or known[norm].verified for norm in self.in_force(norms))

    def party(self, party_id: str) -> Party | None:
        """The party as valid on the day."""
        return self.parties[party_id]

    def knows_covenant(self, covenant_id: str) -> bool:
        """Whether a covenant of that id was ever registered, in force or not."""
        return self._register.knows_covenant(covenant_id)

    def knows_decision(self, decision_id: str) -> bool:
        """Whether a decision of that id was ever registered, in force or not."""
        return self._register.knows_decision(decision_id)

    def umbrellas_over(self, covenant: CovenantInForce | None) -> Iterator[str]:
        """The ids of the umbrellas that a covenant stands under, the nearest in front."""
        for _ in range(UMBRELLAS_MAX):
            above = None if covenant is None else covenant.covenant.umbrella
            if not isinstance(above, str):
                return
            yield above
            covenant = self.covenants[above]

    def covenants_in(self, municipality: str) -> tuple[CovenantInForce, ...]:
        """Every covenant in force whose territory holds the municipality, in order of id."""
        if self._by_municipality is None:
            self._by_municipality = self._compile_territories()
        return self._by_municipality.get(self.places.key(municipality), ())

    def covenants_in_force(self) -> tuple[CovenantInForce, ...]:
        """Every covenant in force, in order of id."""
        found = (self.covenants[covenant_id] for covenant_id in self._register.covenant_ids())
        return tuple(in_force for in_force in found if in_force is not None)

    def activities_in_force(self) -> tuple[Activity, ...]:
        """Every processing activity in force, in order of id."""
        return self._register.activities(self.day)

    def municipality(self, text: str) -> str:
        """The id of the municipality of that day that a name, number or id of any day stands for; unknown: itself."""
        return self.places.of(text)

    @property
    def places(self) -> Places:
        """The municipalities as they are on the day."""
        if self._places is None:
            self._places = self._register.places(self.day)
        return self._places

    def addenda_of(self, covenant_id: str) -> tuple[Addendum, ...]:
        """The addenda to a covenant in force, in the order in which they came into force."""
        return self._register.addenda_of(covenant_id, self.day)

    def interpretation_of(self, covenant_id: str) -> Interpretation | None:
        """How a covenant is read on the day, when its own text does not say."""
        return self._register.interpretation_of(covenant_id, self.day)

    def decisions_of_kind(self, kind: str) -> tuple[Decision, ...]:
        """The decisions of one kind in force, in order of id."""
        if self._by_kind_of_decision is None:
            self._by_kind_of_decision = self._compile_decisions()
        return self._by_kind_of_decision.get(kind, ())

    def activities_of(self, party_id: str) -> tuple[Activity, ...]:
        """The activities in the art. 30 register of one controller, in order of id."""
        if self._grounded is None:
            self._grounded = self._compile_activities()
        return self._grounded.get(party_id, ())

    def _compile_covenant(self, covenant_id: str) -> CovenantInForce | None:
        resolved = self._register.resolved_covenant(covenant_id, self.day)
        if resolved is None:
            return None
        return self._register.kept_of(covenant_id, CovenantInForce(resolved, self.day, self.places))

    def _compile_territories(self) -> dict[str, tuple[CovenantInForce, ...]]:
        found: dict[str, tuple[CovenantInForce, ...]] = {}
        for covenant in self.covenants_in_force():
            for municipality in covenant.municipalities:
                found[municipality] = (*found.get(municipality, ()), covenant)
        return found

    def _compile_decisions(self) -> dict[str, tuple[Decision, ...]]:
        found: dict[str, tuple[Decision, ...]] = {}
        for decision in self._register.decisions(self.day):
            found[decision.kind] = (*found.get(decision.kind, ()), decision)
        return found

    def _compile_activities(self) -> dict[str, tuple[Activity, ...]]:
        found: dict[str, tuple[Activity, ...]] = {}
        for activity in self._register.activities(self.day):
            found[activity.controller] = (*found.get(activity.controller, ()), activity)
        return found
