"""Where covenants contradict each other, or one itself: exactly this, and nothing else.

Two covenants that are at one table (``tables``: in force, one legal frame, shared ground, a shared partner, one
approach) contradict each other, on the days on which they are, in

- **retention**: both give a term for one phase, or for the ledger's record, and the terms differ. Spellings of one
  term are equal (P12M, P1Y, "1 jaar"); months and days are not. A phase for which one gives no term says nothing.
- **purpose**: both state a purpose, and the purposes differ: what one collects the other may not use (AVG 5(1)(b)).
  Where only the table tells that the approach is the same, the annexes must have one id and the same full partners;
  where nothing tells it, annex, territory and full partners must be the same word for word. What one town calls
  the annexes for four purposes or more at one time, or nearly every town for several, tells nothing.
- **parties**: at nearly the same table (at least half of the full partners of the smaller one sit at both) a full
  partner of one is not one of the other, unless its covenant covers ground that the other does not and it may be there
  for that; or each lets another party answer, inform or report a breach (AVG 26: one for each duty), which is a partner
  of both, or an incidental one of that covenant alone and not there for more ground.

Where only the table tells that the approach is the same, terms and parties are compared for one purpose only: how long
data are kept, and by whom, hangs on what for (AVG 5(1)(e)).

One covenant contradicts itself, by its own text, in **parties** when its arrangement names somebody who is no partner
while it is in force (and does not so in its umbrella), or when one party is a full and an incidental partner on one
day; in **retention** when it gives one phase two terms, in one annex or in two of one id or name. Where an addendum
makes a full partner of an incidental one, that is how he joins.

No contradiction: versions of one covenant (the highest in force holds), an override of an umbrella or of one over it,
a WGS partnership beside an AVG covenant, the incidental partners of one, other categories or criteria, another regime.
``other_differences`` tells the regimes, and windows that lie outside one another (a partner's outside its covenant's,
a covenant's outside that of the umbrella to which it leaves what it then lacks): worth knowing, and lawful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from services.law.covenants.clashes import parties_points, purpose_points, regime_points, retention_points
from services.law.covenants.outliving import Lack, lack_on
from services.law.covenants.own_clashes import own_parties_points, own_retention_points, validity_points, window_of
from services.law.covenants.reports import Contradiction, Kind, Point, Sighting, merge
from services.law.covenants.tables import Table, Tables
from services.law.governance import Covenant
from services.law.in_force import CovenantInForce
from services.law.register import DayView, Register

Finders = tuple[tuple[Kind, Callable[[Table], Iterator[Point]]], ...]
Alone = tuple[tuple[Kind, Callable[[CovenantInForce, DayView], Iterator[Point]]], ...]

_CONTRADICTING: Finders = (
    ("retention", retention_points),
    ("purpose", purpose_points),
    ("parties", parties_points),
)
_CONTRADICTING_ITSELF: Alone = (("retention", own_retention_points), ("parties", own_parties_points))
_DIFFERING: Finders = (("regime", regime_points),)
_DIFFERING_ITSELF: Alone = (("validity", validity_points),)


def contradictions(register: Register, day: date | None = None) -> tuple[Contradiction, ...]:
    """Every contradiction on ``day``, or on any day; one per kind and pair (or covenant), by kind and then by id."""
    tables = Tables(register, day)
    return merge((*_between(tables, _CONTRADICTING), *_within(tables, register, _CONTRADICTING_ITSELF)))


def other_differences(register: Register, day: date | None = None) -> tuple[Contradiction, ...]:
    """What differs without contradicting: regimes at one table, and windows outside that of covenant or umbrella."""
    tables = Tables(register, day)
    alone = _within(tables, register, _DIFFERING_ITSELF)
    return merge((*_between(tables, _DIFFERING), *alone, *_without_umbrella(tables, register)))


def _between(tables: Tables, finders: Finders) -> Iterator[Sighting]:
    for first, second in tables.pairs():
        for since, until in tables.stretches(first, second):
            table = tables.table(first, second, since)
            if table is not None:
                yield from _sightings(table, finders, tables.view(since), until)


def _sightings(table: Table, finders: Finders, view: DayView, until: date | None) -> Iterator[Sighting]:
    sides = (table.first.covenant, table.second.covenant)
    for kind, find in finders:
        points = tuple(find(table))
        if points:
            yield Sighting(
                kind=kind,
                covenants=(sides[0].id, sides[1].id),
                versions=(sides[0].version, sides[1].version),
                points=points,
                since=view.day,
                until=until,
                municipalities=table.municipalities(view),
                partners=table.partners,
            )


def _within(tables: Tables, register: Register, finders: Alone) -> Iterator[Sighting]:
    for covenant_id in register.covenant_ids():
        for since, until in tables.stretches(covenant_id):
            view = tables.view(since)
            covenant = view.covenants[covenant_id]
            if covenant is not None:
                yield from _sightings_alone(covenant, view, finders, until)


def _without_umbrella(tables: Tables, register: Register) -> Iterator[Sighting]:
    for covenant_id in register.covenant_ids():
        for since, until in tables.stretches(covenant_id):
            covenant = tables.view(since).covenants[covenant_id]
            lack = None if covenant is None else lack_on(since, covenant.stated, register)
            if covenant is not None and lack is not None:
                yield _lacking(covenant.stated, lack, until)


def _lacking(stated: Covenant, lack: Lack, until: date | None) -> Sighting:
    windows = window_of(stated), window_of(lack.umbrella)
    points = tuple(Point(field, *windows) for field in lack.fields)
    versions = stated.version, lack.umbrella.version
    return Sighting("validity", (stated.id, lack.umbrella.id), versions, points, lack.day, until)


def _sightings_alone(
    covenant: CovenantInForce, view: DayView, finders: Alone, until: date | None
) -> Iterator[Sighting]:
    for kind, find in finders:
        points = tuple(find(covenant, view))
        if points:
            stated = covenant.covenant
            yield Sighting(kind, (stated.id,), (stated.version,), points, view.day, until)
