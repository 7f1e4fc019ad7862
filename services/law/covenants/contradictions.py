"""Where covenants contradict each other, or one itself: exactly this, and nothing else.

Two covenants that are at one table (``tables``: in force, one legal frame, shared ground, a shared partner, one
approach) contradict each other, on the days on which they are, in

- **retention**: both give a term for one phase, or for the ledger's record, and the terms differ. Spellings of one
  term are equal (P12M, P1Y, "1 jaar"); months and days are not. A phase for which one gives no term says nothing.
- **purpose**: both state a purpose, and the purposes differ: what one collects the other may not use (AVG 5(1)(b)).
  Where only the table tells that the approach is the same, the annexes must have one id and the same full partners;
  where nothing tells it, annex, territory and full partners must be the same word for word. What one town calls
  the annexes for four purposes or more, or nearly every town for several, tells nothing.
- **parties**: at nearly the same table (at least half of the full partners of the smaller one sit at both) a full
  partner of one is not one of the other, unless its covenant covers ground that the other does not and it may be there
  for that; or each lets another shared partner answer, inform or report a breach (AVG 26: one for each duty).

Where only the table tells that the approach is the same, terms and parties are compared for one purpose only: how long
data are kept, and by whom, hangs on what for (AVG 5(1)(e)).

One covenant contradicts itself in **parties** when its arrangement names somebody who is no partner while it is in
force, or when one party is a full and an incidental partner on one day.

No contradiction: versions of one covenant (the highest in force holds), an override of an umbrella or of one over it,
a WGS partnership beside an AVG covenant, the incidental partners of one, other categories or criteria, another regime.
``other_differences`` tells the regimes, and windows that lie outside one another: worth knowing, and lawful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from services.law.covenants.clashes import (
    own_parties_points,
    parties_points,
    purpose_points,
    regime_points,
    retention_points,
    validity_points,
)
from services.law.covenants.reports import Contradiction, Kind, Point, Sighting, merge
from services.law.covenants.tables import Table, Tables
from services.law.register import Register

_ONE_DAY = timedelta(days=1)
Finders = tuple[tuple[Kind, Callable[[Table], Iterator[Point]]], ...]

_CONTRADICTING: Finders = (
    ("retention", retention_points),
    ("purpose", purpose_points),
    ("parties", parties_points),
)
_DIFFERING: Finders = (("regime", regime_points),)


def contradictions(register: Register, day: date | None = None) -> tuple[Contradiction, ...]:
    """Every contradiction on ``day``, or on any day; one per kind and pair (or covenant), by kind and then by id."""
    tables = Tables(register, day)
    return merge((*_between(tables, _CONTRADICTING), *_within(tables, register)))


def other_differences(register: Register, day: date | None = None) -> tuple[Contradiction, ...]:
    """What differs without contradicting: regimes at one table, and partners' windows outside their covenant's."""
    tables = Tables(register, day)
    return merge((*_between(tables, _DIFFERING), *_outside_its_window(tables, register)))


def _between(tables: Tables, finders: Finders) -> Iterator[Sighting]:
    for first, second in tables.pairs():
        for since, until in _stretches(tables, first, second):
            table = tables.table(first, second, since)
            if table is not None:
                yield from _sightings(table, finders, since, until)


def _sightings(table: Table, finders: Finders, since: date, until: date | None) -> Iterator[Sighting]:
    sides = (table.first.covenant, table.second.covenant)
    for kind, find in finders:
        points = tuple(find(table))
        if points:
            yield Sighting(
                kind=kind,
                covenants=(sides[0].id, sides[1].id),
                versions=(sides[0].version, sides[1].version),
                points=points,
                since=since,
                until=until,
                municipalities=table.municipalities,
                partners=table.partners,
            )


def _within(tables: Tables, register: Register) -> Iterator[Sighting]:
    for covenant_id in register.covenant_ids():
        for since, until in _stretches(tables, covenant_id):
            covenant = tables.view(since).covenants[covenant_id]
            points = () if covenant is None else tuple(own_parties_points(covenant, since))
            if covenant is not None and points:
                yield Sighting("parties", (covenant_id,), (covenant.covenant.version,), points, since, until)


def _outside_its_window(tables: Tables, register: Register) -> Iterator[Sighting]:
    for covenant_id in register.covenant_ids():
        for since, until in _stretches(tables, covenant_id):
            covenant = tables.view(since).covenants[covenant_id]
            points = () if covenant is None else tuple(validity_points(covenant.stated))
            if covenant is not None and points:
                yield Sighting("validity", (covenant_id,), (covenant.covenant.version,), points, since, until)


def _stretches(tables: Tables, *covenant_ids: str) -> Iterator[tuple[date, date | None]]:
    """From each turning day until the day before the next; the last is for good."""
    days = tables.days_of(*covenant_ids)
    if tables.is_of_one_day:
        yield from ((day, day) for day in days)
        return
    for day, following in zip(days, (*days[1:], None), strict=True):
        yield day, None if following is None else following - _ONE_DAY
