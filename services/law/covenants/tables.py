"""Pairs of covenants that are about the same thing: the only ones that can contradict each other.

Two covenants are at one table on a day when both are in force under the same legal frame, neither is the other's
umbrella (what is overridden there is so on purpose), their territories share ground, somebody is a partner of both,
and an annex of each is about the same approach (``approaches``). Where no word tells which approach it is, two
covenants for one purpose with a single annex each, or with annexes of one id, are taken to be about the same; for
two purposes only when annex, territory and full partners are the same word for word (``Sameness.TEXT``).
A covenant without territory is not limited to any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Final

import msgspec

from services.law.covenants.approaches import Approach, Sameness, approaches_of
from services.law.covenants.words import fold
from services.law.governance import Addendum, Covenant, Interpretation, Municipality, Partner
from services.law.in_force import CovenantInForce
from services.law.register import DayView, Register

_ONE_DAY: Final = timedelta(days=1)
Key = tuple[str, str]


class Match(msgspec.Struct, frozen=True):
    """One annex of each covenant that are about the same approach, and how that is known."""

    first: Approach
    second: Approach
    sameness: Sameness


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
        self._turns = {} if day is not None else _turning_days(register)
        self._approaches: dict[tuple[str, date], tuple[Approach, ...]] = {}

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
        buckets: dict[Key, dict[str, set[str]]] = {}
        for covenant_id in self._register.covenant_ids():
            for day in self.days_of(covenant_id):
                covenant = self.view(day).covenants[covenant_id]
                if covenant is None:
                    continue
                for key in self._keys(covenant, day):
                    buckets.setdefault(key, {}).setdefault(covenant_id, set()).update(covenant.municipalities or {""})
        return sorted({pair for places_by_id in buckets.values() for pair in _sharing_ground(places_by_id)})

    def table(self, first_id: str, second_id: str, day: date) -> Table | None:
        """The table of two covenants on a day; None when they are not at one."""
        first, second = (self.view(day).covenants[covenant_id] for covenant_id in (first_id, second_id))
        if first is None or second is None or not _can_meet(first, second):
            return None
        partners = first.partners & second.partners
        municipalities = shared_ground(first, second)
        matches = self._matches(first, second, day)
        if not partners or not matches or municipalities is None:
            return None
        places = {self.view(day).municipality(text) for text in municipalities}
        return Table(first, second, matches, tuple(sorted(places)), tuple(sorted(partners)))

    def _keys(self, covenant: CovenantInForce, day: date) -> Iterator[Key]:
        for approach in self.approaches(covenant, day):
            yield from approach.keys()
            if not approach.names and covenant.covenant.purpose:
                yield "purpose", fold(covenant.covenant.purpose)

    def _matches(self, first: CovenantInForce, second: CovenantInForce, day: date) -> tuple[Match, ...]:
        ours, theirs = self.approaches(first, day), self.approaches(second, day)
        alone = len(ours) == len(theirs) == 1
        compared = (_match(mine, yours, first, second, alone=alone) for mine in ours for yours in theirs)
        return tuple(match for match in compared if match is not None)


def _match(
    mine: Approach, yours: Approach, first: CovenantInForce, second: CovenantInForce, *, alone: bool
) -> Match | None:
    """How two annexes are known to be about the same approach; None when they are not."""
    sameness = mine.compare(yours)
    if sameness is Sameness.OTHER:
        return None
    if sameness is Sameness.UNTOLD and not is_one_purpose(first.covenant, second.covenant):
        return Match(mine, yours, Sameness.TEXT) if mine.has_text_of(yours) and _is_copy(first, second) else None
    if sameness is Sameness.UNTOLD and not alone and mine.id != yours.id:
        return None
    return Match(mine, yours, sameness)


def _is_copy(first: CovenantInForce, second: CovenantInForce) -> bool:
    """Whether both are about the same ground and have the same full partners."""
    return first.municipalities == second.municipalities and full_partners(first) == full_partners(second)


def is_one_purpose(first: Covenant, second: Covenant) -> bool:
    """Whether both state a purpose, and the same."""
    return bool(first.purpose and second.purpose) and fold(first.purpose or "") == fold(second.purpose or "")


def full_partners(covenant: CovenantInForce) -> frozenset[str]:
    """The partners of a day that are not incidental."""
    return frozenset(party for party, partner in covenant.taking_part.items() if partner.role == "partner")


def shared_ground(first: CovenantInForce, second: CovenantInForce) -> frozenset[str] | None:
    """The municipalities that both are about; empty when neither is limited, None when they share none."""
    if not first.municipalities or not second.municipalities:
        return first.municipalities or second.municipalities
    return first.municipalities & second.municipalities or None


def _can_meet(first: CovenantInForce, second: CovenantInForce) -> bool:
    ours, theirs = first.covenant, second.covenant
    return ours.legal_frame == theirs.legal_frame and ours.umbrella != theirs.id and theirs.umbrella != ours.id


def _sharing_ground(places_by_id: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Pairs of one bucket that share a municipality, or of which one is not limited to any."""
    ids_by_place: dict[str, list[str]] = {}
    for covenant_id in sorted(places_by_id):
        for place in places_by_id[covenant_id]:
            ids_by_place.setdefault(place, []).append(covenant_id)
    for ids in ids_by_place.values():
        yield from combinations(ids, 2)
    for anywhere in ids_by_place.get("", ()):
        yield from ((min(anywhere, other), max(anywhere, other)) for other in places_by_id if other != anywhere)


def _turning_days(register: Register) -> dict[str, set[date]]:
    """Per covenant the days on which it begins or ends to say something: its versions and all that joins them."""
    days: dict[str, set[date]] = {covenant_id: set() for covenant_id in register.covenant_ids()}
    above: dict[str, set[str]] = {}
    everywhere: set[date] = set()
    for entry in (known.entry for known in register.history):
        if isinstance(entry, Covenant):
            days[entry.id].update(_turns(entry.valid_from, entry.valid_until), _turns_of(entry.partners))
            if isinstance(entry.umbrella, str):
                above.setdefault(entry.id, set()).add(entry.umbrella)
        elif isinstance(entry, Addendum):
            days.get(entry.covenant, set()).update(
                _turns(entry.valid_from, entry.valid_until), _turns_of(entry.partners)
            )
        elif isinstance(entry, Interpretation):
            days.get(entry.covenant, set()).update(_turns(entry.valid_from, entry.valid_until))
        elif isinstance(entry, Municipality):
            everywhere.update(_turns(entry.valid_from, entry.valid_until))
    return {
        covenant_id: own.union(everywhere, *(days.get(umbrella, set()) for umbrella in _all_above(covenant_id, above)))
        for covenant_id, own in days.items()
    }


def _all_above(covenant_id: str, above: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [*above.get(covenant_id, ())]
    while waiting:
        umbrella = waiting.pop()
        if umbrella not in found:
            found.add(umbrella)
            waiting.extend(above.get(umbrella, ()))
    return found


def _turns(begins: date | None, ends: date | None) -> Iterator[date]:
    if begins is not None:
        yield begins
    if ends is not None and ends < date.max:
        yield ends + _ONE_DAY


def _turns_of(partners: Iterable[Partner]) -> Iterator[date]:
    for partner in partners:
        yield from _turns(partner.from_, partner.until)
