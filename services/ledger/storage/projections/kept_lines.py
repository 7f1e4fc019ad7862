"""What outlives its day, what ended, and what may be swept, as the projections know it: blocking, over a pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, LiteralString
from uuid import UUID

from services.ledger.application.retention_ports import (
    EndingLines,
    EndingPlace,
    KeptLine,
    OpenErasure,
    Place,
    RecordOwner,
    SweepableLines,
    SweepReason,
)
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.line_kind import LineKind
from services.ledger.storage.projections import kept_queries, queries
from services.ledger.storage.projections.schedule import SCHEDULE, endings_of
from services.runtime.postgres import SyncPool

ErasureRow = tuple[UUID, int, int, list[str]]
"""Erasure, position, kind, owed."""

REQUESTED: Final = int(LineKind.ERASURE_REQUESTED)
ERASED: Final = int(LineKind.ERASED)
ANSWERED: Final = int(LineKind.OBLIGATION_ANSWERED)


class PostgresKeptLines:
    """Implements the port ``KeptLines`` on the schema ``projection``."""

    def __init__(self, *, pool: SyncPool) -> None:
        """Ask over ``pool``; connections are borrowed per question."""
        self._pool = pool

    def days_to_end(self, before: date) -> list[date]:
        """The days before ``before`` on which some line ends and that were not ended in its lane, ascending."""
        days = {
            day for lane in self._lanes() for (day,) in self._fetch(kept_queries.DAYS_TO_END, lane=lane, before=before)
        }
        return sorted(days)

    def kept_beyond(self, lane: int, day: date, after: int, limit: int) -> list[KeptLine]:
        """Lines of the lane whose key lives under ``day`` and that are kept longer, in order of position."""
        rows = self._fetch(kept_queries.KEPT_BEYOND, lane=lane, day=day, after=after, limit=limit)
        return [KeptLine(lane, position, until, tuple(holds)) for position, until, holds in rows]

    def keepers_of(self, places: Sequence[Place]) -> list[KeptLine]:
        """By what each of these lines is kept now: its last day, and every hold that keeps it; ended ones left out."""
        return [
            KeptLine(lane, position, until, tuple(holds))
            for lane, positions in positions_by_lane(places)
            for position, until, holds in self._fetch(kept_queries.KEEPERS_OF, lane=lane, positions=positions)
        ]

    def hidden(self, places: Sequence[Place], today: date) -> frozenset[Place]:
        """Those of these lines that no answer may show any more; the register has no lines and hides nothing."""
        return frozenset(
            (lane, position)
            for lane, positions in positions_by_lane(places)
            if lane != REGISTER_LANE
            for (position,) in self._fetch(kept_queries.HIDDEN, lane=lane, positions=positions, today=today)
        )

    def sweepable(self, lane: int, reason: SweepReason, today: date, limit: int) -> list[SweepableLines]:
        """Lines of the lane whose envelope and content may go, by owner, each with the line that it goes with."""
        rows = self._fetch(kept_queries.SWEEPABLE[reason], lane=lane, today=today, limit=limit)
        return [
            SweepableLines(RecordOwner(*whose), positions, leaders or positions) for positions, leaders, *whose in rows
        ]

    def schedule(
        self, party: str, days: tuple[date, date], today: date, after: EndingPlace | None, limit: int
    ) -> list[EndingLines]:
        """What ends on these days of all that names ``party``, in order of place after ``after``."""
        values = {
            "party": party,
            "today": today,
            "from": days[0],
            "until": days[1],
            "after": None if after is None else [after[0].isoformat(), *after[1:]],
            "limit": limit,
        }
        return endings_of((self._fetch(SCHEDULE, lane=lane, **values) for lane in self._lanes()), limit)

    def open_erasures(self) -> list[OpenErasure]:
        """The erasures that were requested and are not complete in any lane, in order of their id."""
        rows: defaultdict[UUID, list[tuple[int, ErasureRow]]] = defaultdict(list)
        for lane in self._lanes():
            for row in self._fetch(kept_queries.OPEN_ERASURES, lane=lane):
                rows[row[0]].append((lane, row))
        complete = {
            erasure_id
            for lane in self._lanes()
            for (erasure_id,) in self._fetch(kept_queries.COMPLETE_ERASURES, lane=lane, erasures=list(rows))
        }
        found = [open_erasure(erasure_id, rows[erasure_id]) for erasure_id in sorted(rows.keys() - complete)]
        return [erasure for erasure in found if erasure.requested]

    def _lanes(self) -> list[int]:
        """The lanes that have been applied, ascending."""
        return sorted(lane for lane, _ in self._fetch(queries.POSITIONS))

    def _fetch(self, statement: LiteralString, **values: Any) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        with self._pool.connection() as connection:
            return connection.execute(statement, values).fetchall()


def positions_by_lane(places: Iterable[Place]) -> list[tuple[int, list[int]]]:
    """The positions per lane, lanes ascending."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for lane, position in places:
        found[lane].append(position)
    return sorted(found.items())


def open_erasure(erasure_id: UUID, rows: Iterable[tuple[int, ErasureRow]]) -> OpenErasure:
    """An erasure from its events, each with its lane."""
    places: defaultdict[int, list[Place]] = defaultdict(list)
    owed: set[str] = set()
    for lane, (_, position, kind, recipients) in rows:
        places[kind].append((lane, position))
        owed.update(recipients)
    return OpenErasure(
        erasure_id=erasure_id,
        requested=tuple(places[REQUESTED]),
        erased=tuple(places[ERASED]),
        owed=frozenset(owed),
        answers=frozenset(places[ANSWERED]),
    )
