"""The governance register as the judgement sees it: who, under which covenant, on which day.

``Register`` is immutable and answers by valid-time; known-time is chosen by building it from
what was known (``Register.known_at``). The value types stand in ``governance``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar, cast

import msgspec

from services.law.governance import (
    Acknowledgement,
    Activity,
    Addendum,
    Annex,
    AnnexNecessity,
    Arrangement,
    Covenant,
    Criteria,
    Decision,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Partner,
    Party,
    PartyKind,
    ProcessorContract,
    Purpose,
)
from services.law.in_force import CovenantInForce
from services.law.norm_set import NO_NORMS, NormSet

__all__ = [
    "Activity",
    "Annex",
    "AnnexNecessity",
    "Arrangement",
    "Covenant",
    "Criteria",
    "DayView",
    "Decision",
    "Entry",
    "Known",
    "Mandate",
    "Partner",
    "Party",
    "PartyKind",
    "ProcessorContract",
    "Purpose",
    "Register",
]

DAYS_CACHED_MAX: Final = 512
"""Days of which a register keeps the compiled view; the cache starts afresh when it is full."""

_FoundT = TypeVar("_FoundT")
_MadeT = TypeVar("_MadeT")
_EntryT = TypeVar(
    "_EntryT",
    Party,
    Covenant,
    Decision,
    Mandate,
    Activity,
    Purpose,
    Addendum,
    Municipality,
    Interpretation,
    Acknowledgement,
)


class Known(msgspec.Struct, frozen=True):
    """A register entry and when the ledger came to know it: position in the register lane and instant."""

    entry: Entry
    position: int
    recorded_at: datetime


class Register:
    """What is known at one register position; every lookup takes the day of the act (Europe/Amsterdam).

    Of several entries valid on the day the highest version wins, then the one known last.
    Built once per change and shared: what is in force on a day is compiled at first use, so
    that judging an act stays in microseconds. ``norms`` is the law itself, which is in force on a day as a covenant is;
    without any, every rule counts as in force and checked.
    """

    __slots__ = ("_by_kind", "_history", "_views", "norms", "position")

    def __init__(self, history: Iterable[Known] = (), norms: NormSet = NO_NORMS) -> None:
        self.norms = norms
        self._history: tuple[Known, ...] = tuple(sorted(history, key=lambda k: k.position))
        self.position: int = self._history[-1].position if self._history else 0
        self._by_kind: dict[type[Entry], dict[str, list[Entry]]] = {}
        self._views: dict[date, DayView] = {}
        for known in self._history:
            by_id = self._by_kind.setdefault(type(known.entry), {})
            by_id.setdefault(known.entry.id, []).append(known.entry)
        for by_id in self._by_kind.values():
            for entries in by_id.values():
                entries.reverse()
                entries.sort(key=lambda e: getattr(e, "version", 0), reverse=True)

    def with_known(self, known: Known) -> Register:
        """The register one entry later."""
        return Register((*self._history, known), self.norms)

    def known_at(self, instant: datetime) -> Register:
        """The register as the ledger knew it at ``instant`` (inclusive)."""
        return Register((k for k in self._history if k.recorded_at <= instant), self.norms)

    def known_until(self, position: int) -> Register:
        """The register as it stood at a register position (inclusive)."""
        return Register((k for k in self._history if k.position <= position), self.norms)

    @property
    def history(self) -> tuple[Known, ...]:
        """Everything known, in order of position."""
        return self._history

    def on(self, day: date) -> DayView:
        """What is in force on ``day``, compiled for fast lookups."""
        view = self._views.get(day)
        if view is None:
            if len(self._views) >= DAYS_CACHED_MAX:
                self._views = {}
            view = self._views[day] = DayView(self, day)
        return view

    def party(self, party_id: str, day: date) -> Party | None:
        """The party as valid on ``day``."""
        return self._valid(Party, party_id, day)

    def covenant(self, covenant_id: str, day: date) -> Covenant | None:
        """The covenant version in force on ``day``."""
        return self._valid(Covenant, covenant_id, day)

    def decision(self, decision_id: str, day: date) -> Decision | None:
        """The decision as valid on ``day``."""
        return self._valid(Decision, decision_id, day)

    def activity(self, activity_id: str, day: date) -> Activity | None:
        """The activity version in force on ``day``."""
        return self._valid(Activity, activity_id, day)

    def purpose(self, purpose_id: str, day: date) -> Purpose | None:
        """The purpose version in force on ``day``."""
        return self._valid(Purpose, purpose_id, day)

    def covenants(self, day: date) -> tuple[Covenant, ...]:
        """Every covenant in force on ``day``, in order of id."""
        return self._all(Covenant, day)

    def mandates(self, day: date) -> tuple[Mandate, ...]:
        """Every mandate in force on ``day``, in order of id."""
        return self._all(Mandate, day)

    def activities(self, day: date) -> tuple[Activity, ...]:
        """Every processing activity in force on ``day``, in order of id."""
        return self._all(Activity, day)

    def parties(self, day: date) -> tuple[Party, ...]:
        """Every party valid on ``day``, in order of id."""
        return self._all(Party, day)

    def party_ids(self) -> tuple[str, ...]:
        """Every party ever known, in order of id."""
        return tuple(sorted(self._by_kind.get(Party, {})))

    def knows_covenant(self, covenant_id: str) -> bool:
        """Whether a covenant of that id was ever registered, in force or not."""
        return covenant_id in self._by_kind.get(Covenant, {})

    def _valid(self, kind: type[_EntryT], entry_id: str, day: date) -> _EntryT | None:
        for entry in self._by_kind.get(kind, {}).get(entry_id, ()):
            if _in_force(entry, day):
                return cast(_EntryT, entry)
        return None

    def _all(self, kind: type[_EntryT], day: date) -> tuple[_EntryT, ...]:
        found = (self._valid(kind, entry_id, day) for entry_id in sorted(self._by_kind.get(kind, {})))
        return tuple(entry for entry in found if entry is not None)


class _Found(dict[str, _FoundT]):
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
    """The register on one day: ``parties``, ``covenants``, ``activities`` and ``decisions`` give None when unknown."""

    __slots__ = (
        "_by_municipality",
        "_grounded",
        "_made",
        "_register",
        "activities",
        "covenants",
        "day",
        "decisions",
        "parties",
    )

    def __init__(self, register: Register, day: date) -> None:
        self._register = register
        self.day = day
        self.parties: Mapping[str, Party | None] = _Found(lambda key: register.party(key, day))
        self.covenants: Mapping[str, CovenantInForce | None] = _Found(self._compile_covenant)
        self.activities: Mapping[str, Activity | None] = _Found(lambda key: register.activity(key, day))
        self.decisions: Mapping[str, Decision | None] = _Found(lambda key: register.decision(key, day))
        self._made: dict[Callable[[DayView], Any], Any] = {}
        self._by_municipality: dict[str, tuple[CovenantInForce, ...]] | None = None
        self._grounded: dict[str, tuple[Activity, ...]] | None = None

    def made_by(self, maker: Callable[[DayView], _MadeT]) -> _MadeT:
        """What ``maker`` makes of this day, made at first use; for functions of a module, of which there are few."""
        made = self._made.get(maker)
        if made is None:
            made = self._made[maker] = maker(self)
        return cast(_MadeT, made)

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

    def covenants_in(self, municipality: str) -> tuple[CovenantInForce, ...]:
        """Every covenant in force whose territory holds the municipality, in order of id."""
        if self._by_municipality is None:
            self._by_municipality = self._compile_territories()
        return self._by_municipality.get(municipality, ())

    def activities_of(self, party_id: str) -> tuple[Activity, ...]:
        """The activities in the art. 30 register of one controller, in order of id."""
        if self._grounded is None:
            self._grounded = self._compile_activities()
        return self._grounded.get(party_id, ())

    def _compile_covenant(self, covenant_id: str) -> CovenantInForce | None:
        covenant = self._register.covenant(covenant_id, self.day)
        return None if covenant is None else CovenantInForce(covenant, self.day)

    def _compile_territories(self) -> dict[str, tuple[CovenantInForce, ...]]:
        found: dict[str, tuple[CovenantInForce, ...]] = {}
        for covenant in self._register.covenants(self.day):
            in_force = self.covenants[covenant.id]
            for municipality in in_force.municipalities if in_force is not None else ():
                found[municipality] = (*found.get(municipality, ()), cast(CovenantInForce, in_force))
        return found

    def _compile_activities(self) -> dict[str, tuple[Activity, ...]]:
        found: dict[str, tuple[Activity, ...]] = {}
        for activity in self._register.activities(self.day):
            found[activity.controller] = (*found.get(activity.controller, ()), activity)
        return found


def _in_force(entry: Entry, day: date) -> bool:
    begins: date | None = entry.valid_from
    ends: date | None = entry.valid_until
    return (begins is None or begins <= day) and (ends is None or day <= ends)
