"""Pairs of covenants that are about the same thing: the only ones that can contradict each other.

Two covenants are at one table on a day when both are in force under the same legal frame, neither is an umbrella over
the other (what is overridden there is so on purpose), their territories share ground, somebody is a partner of both,
and an annex of each is about the same approach (``approaches``). A covenant without territory is not limited to any.

Where no word tells which approach it is, two covenants for one purpose with a single annex each, or with annexes of
one id, are taken to be about the same; for two purposes only when annex, territory and full partners are the same word
for word (``Sameness.TEXT``). A word that one town uses for four purposes or more, or most towns for several, tells no
approach (``meeting_places``): only covenants for one purpose are the same by it.
"""

from __future__ import annotations

from datetime import date

import msgspec

from services.law.covenants.approaches import Approach, approaches_of
from services.law.covenants.matching import Match, is_one_purpose, match_annexes
from services.law.covenants.meeting_places import MeetingPlaces
from services.law.covenants.resolving import UMBRELLAS_MAX
from services.law.covenants.turning_days import turning_days
from services.law.covenants.words import fold
from services.law.in_force import CovenantInForce
from services.law.register import DayView, Register


class Table(msgspec.Struct, frozen=True):
    """Two covenants at one table on a day; ``municipalities`` is the ground they share, empty for everywhere."""

    first: CovenantInForce
    second: CovenantInForce
    matches: tuple[Match, ...]
    municipalities: tuple[str, ...]
    partners: tuple[str, ...]


class Tables:
    """Finds the pairs at one table, on one day or on any; compiles each covenant and day once."""

    def __init__(self, register: Register, day: date | None = None) -> None:
        self._register = register
        self._day = day
        self._views: dict[date, DayView] = {}
        self._turns = {} if day is not None else turning_days(register)
        self._approaches: dict[tuple[str, date], tuple[Approach, ...]] = {}
        self._meeting = self._meeting_places()

    @property
    def is_of_one_day(self) -> bool:
        """Whether one day was asked about."""
        return self._day is not None

    def view(self, day: date) -> DayView:
        """The register on a day; kept here, so that looking through all of time leaves the register's own alone."""
        found = self._views.get(day)
        if found is None:
            found = self._views[day] = DayView(self._register, day)
        return found

    def days_of(self, *covenant_ids: str) -> tuple[date, ...]:
        """The days on which something about these covenants turns; only the day asked about, if one was."""
        if self._day is not None:
            return (self._day,)
        return tuple(sorted({day for covenant_id in covenant_ids for day in self._turns[covenant_id]}))

    def approaches(self, covenant: CovenantInForce, day: date) -> tuple[Approach, ...]:
        """The approaches of a covenant on a day."""
        key = (covenant.covenant.id, day)
        found = self._approaches.get(key)
        if found is None:
            found = self._approaches[key] = approaches_of(covenant.covenant)
        return found

    def pairs(self) -> list[tuple[str, str]]:
        """The ids of covenants that may be at one table on some day, each pair once, in order."""
        return self._meeting.pairs()

    def table(self, first_id: str, second_id: str, day: date) -> Table | None:
        """The table of two covenants on a day; None when they are not at one."""
        first, second = (self.view(day).covenants[covenant_id] for covenant_id in (first_id, second_id))
        if first is None or second is None or not _can_meet(first, second, self.view(day)):
            return None
        partners = first.partners & second.partners
        municipalities = self._shared_ground(first, second, day)
        matches = self._matches(first, second, day)
        if not partners or not matches or municipalities is None:
            return None
        places = {self.view(day).municipality(text) for text in municipalities}
        return Table(first, second, matches, tuple(sorted(places)), tuple(sorted(partners)))

    def _meeting_places(self) -> MeetingPlaces:
        found = MeetingPlaces()
        for covenant_id in self._register.covenant_ids():
            for day in self.days_of(covenant_id):
                covenant = self.view(day).covenants[covenant_id]
                if covenant is not None:
                    self._place(covenant, day, found)
        return found

    def _place(self, covenant: CovenantInForce, day: date, meeting: MeetingPlaces) -> None:
        purpose = fold(covenant.covenant.purpose or "")
        for approach in self.approaches(covenant, day):
            for key in approach.telling_words():
                meeting.add(key, covenant.covenant.id, covenant.municipalities, purpose)
            if not approach.names and purpose:
                meeting.add(("purpose", purpose), covenant.covenant.id, covenant.municipalities, purpose)

    def _matches(self, first: CovenantInForce, second: CovenantInForce, day: date) -> tuple[Match, ...]:
        matches = match_annexes(first, self.approaches(first, day), second, self.approaches(second, day))
        return tuple(match for match in matches if self._is_told(match, first, second))

    def _shared_ground(self, first: CovenantInForce, second: CovenantInForce, day: date) -> frozenset[str] | None:
        """As ``shared_ground``; where both list municipalities, the name of a region that both give is no ground."""
        found = shared_ground(first, second)
        lists = [side.covenant.municipalities or () for side in (first, second)]
        if not found or not all(lists):
            return found
        return found & self.view(day).places.every_name_of((*lists[0], *lists[1])) or None

    def _is_told(self, match: Match, first: CovenantInForce, second: CovenantInForce) -> bool:
        """Whether a name of both, or every word of both their tables, tells an approach; for one purpose that does."""
        if is_one_purpose(first.covenant, second.covenant):
            return True
        ground = shared_ground(first, second) or ()
        shared = set(match.first.telling_words()) & set(match.second.telling_words())
        names = [key for key in shared if key[0] == "name"]
        if names:
            return any(self._meeting.tells(key, ground) for key in names)
        return all(self._meeting.tells(key, ground) for key in shared)


def shared_ground(first: CovenantInForce, second: CovenantInForce) -> frozenset[str] | None:
    """The municipalities that both are about; empty when neither is limited, None when they share none."""
    if not first.municipalities or not second.municipalities:
        return first.municipalities or second.municipalities
    return first.municipalities & second.municipalities or None


def _can_meet(first: CovenantInForce, second: CovenantInForce, view: DayView) -> bool:
    # As stated: one that was made for the WGS stands beside an AVG covenant on the days before that act too.
    if first.stated.legal_frame != second.stated.legal_frame:
        return False
    return not (_stands_under(first, second.covenant.id, view) or _stands_under(second, first.covenant.id, view))


def _stands_under(covenant: CovenantInForce | None, umbrella_id: str, view: DayView) -> bool:
    """Whether the other is its umbrella, or one over that."""
    for _ in range(UMBRELLAS_MAX):
        above = None if covenant is None else covenant.covenant.umbrella
        if not isinstance(above, str):
            return False
        if above == umbrella_id:
            return True
        covenant = view.covenants[above]
    return False
