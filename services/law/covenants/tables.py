"""Pairs of covenants that are about the same thing: the only ones that can contradict each other.

Two covenants are at one table on a day when both are in force under the same legal frame, neither is an umbrella over
the other (what is overridden there is so on purpose), their territories share ground, somebody is a partner of both,
and an annex of each is about the same approach (``approaches``). A covenant without territory is not limited to any.

Where no word tells which approach it is, two covenants for one purpose with a single annex each, or with annexes of
one id, are taken to be about the same; for two purposes only when annex, territory and full partners are the same word
for word (``Sameness.TEXT``). A word that one town uses for four purposes or more, or most towns for several, tells no
approach (``word_purposes``): only covenants for one purpose are the same by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Final

import msgspec

from services.law.covenants.approaches import Approach, Sameness, approaches_of
from services.law.covenants.matching import Match, is_one_purpose, match_annexes
from services.law.covenants.meeting_places import MeetingPlaces
from services.law.covenants.territory import towns_of
from services.law.covenants.turning_days import turning_days
from services.law.covenants.word_purposes import WordPurposes
from services.law.covenants.words import fold
from services.law.in_force import CovenantInForce
from services.law.register import DayView, Register

_ONE_DAY: Final = timedelta(days=1)
_SPELT: Final = frozenset({"form", "literal"})
"""The kinds of words by which names are found that are spelt otherwise, or hold something of their covenant."""


class Table(msgspec.Struct, frozen=True):
    """Two covenants at one table on a day; ``ground`` is what they share, as ``Places.key`` has it."""

    first: CovenantInForce
    second: CovenantInForce
    matches: tuple[Match, ...]
    ground: frozenset[str]
    partners: tuple[str, ...]

    def municipalities(self, view: DayView) -> tuple[str, ...]:
        """The ids of that ground in the register, or as the covenants spell it; empty for everywhere."""
        key = view.places.key
        stated = {key(text): text for side in (self.second, self.first) for text in towns_of(side.covenant)}
        return tuple(sorted({view.municipality(stated.get(name, name)) for name in self.ground}))


class Tables:
    """Finds the pairs at one table, on one day or on any; compiles each covenant and day once."""

    def __init__(self, register: Register, day: date | None = None) -> None:
        self._register = register
        self._day = day
        self._views: dict[date, DayView] = {}
        self._approaches: dict[tuple[str, date], tuple[Approach, ...]] = {}
        self._meeting = self._meeting_places()

    def view(self, day: date) -> DayView:
        """The register on a day; kept here, so that looking through all of time leaves the register's own alone."""
        found = self._views.get(day)
        if found is None:
            found = self._views[day] = DayView(self._register, day)
        return found

    def stretches(self, *covenant_ids: str) -> Iterator[tuple[date, date | None]]:
        """Each day on which something about these covenants turns, and the last day before the next (None: for good).

        Only the day asked about, if one was.
        """
        if self._day is not None:
            yield self._day, self._day
        else:
            yield from self._all_stretches(*covenant_ids)

    def _all_stretches(self, *covenant_ids: str) -> Iterator[tuple[date, date | None]]:
        days = sorted({day for covenant_id in covenant_ids for day in self._turns[covenant_id]})
        for day, following in zip(days, (*days[1:], None), strict=True):
            yield day, None if following is None else following - _ONE_DAY

    @cached_property
    def _turns(self) -> dict[str, set[date]]:
        return turning_days(self._register)

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
        ground = self._shared_ground(first, second, day)
        matches = self._matches(first, second, day)
        if not partners or not matches or ground is None:
            return None
        return Table(first, second, matches, ground, tuple(sorted(partners)))

    def _meeting_places(self) -> MeetingPlaces:
        found = MeetingPlaces()
        for covenant_id in self._register.covenant_ids():
            for day, _ in self.stretches(covenant_id):
                covenant = self.view(day).covenants[covenant_id]
                if covenant is not None:
                    self._place(covenant, day, found)
        return found

    def _place(self, covenant: CovenantInForce, day: date, meeting: MeetingPlaces) -> None:
        purpose = fold(covenant.covenant.purpose or "")
        for approach in self.approaches(covenant, day):
            for key in approach.words:
                meeting.add(key, covenant.covenant.id, covenant.municipalities)
            if not approach.names and purpose:
                meeting.add(("purpose", purpose), covenant.covenant.id, covenant.municipalities)

    @cached_property
    def _words(self) -> WordPurposes:
        """What words tell; of all days, whichever was asked about."""
        found = WordPurposes()
        for covenant_id in self._register.covenant_ids():
            for since, until in self._all_stretches(covenant_id):
                covenant = self.view(since).covenants[covenant_id]
                if covenant is not None and fold(covenant.covenant.purpose or ""):
                    self._count(covenant, since, until, found)
        return found

    def _count(self, covenant: CovenantInForce, since: date, until: date | None, words: WordPurposes) -> None:
        purpose = fold(covenant.covenant.purpose or "")
        for approach in self.approaches(covenant, since):
            for key in approach.words:
                words.add(key, covenant.municipalities, purpose, since, until)

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
        shared = match.first.words & match.second.words
        names = [key for key in shared if key[0] == "name"]
        if match.sameness is Sameness.NAME:
            names = names or [key for key in shared if key[0] in _SPELT]
        if names:
            return any(self._words.tells(key, ground) for key in names)
        return all(self._words.tells(key, ground) for key in shared if key[0] not in _SPELT)


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


def _stands_under(covenant: CovenantInForce, umbrella_id: str, view: DayView) -> bool:
    """Whether the other is its umbrella, or one over that."""
    return umbrella_id in view.umbrellas_over(covenant)
