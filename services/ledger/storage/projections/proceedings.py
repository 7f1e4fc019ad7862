"""Holds and what they are about, as the projections know it: blocking, over a pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from services.ledger.application.retention_ports import HoldAt, HoldScope, Place
from services.ledger.storage.projections import kept_queries, queries
from services.ledger.storage.projections.kept_lines import positions_by_lane
from services.runtime.postgres import SyncPool


class PostgresProceedings:
    """Implements the port ``Proceedings`` on the schema ``projection``."""

    def __init__(self, *, pool: SyncPool) -> None:
        """Ask over ``pool``; connections are borrowed per question."""
        self._pool = pool

    def count_lines(self, scope: HoldScope) -> tuple[int, int]:
        """How many lines a hold would keep that is placed now, and for how many it would come too late."""
        values = {name: value for name, value in msgspec.structs.asdict(scope).items() if value is not None}
        conditions = [text for name, text in kept_queries.COUNT_CONDITIONS.items() if name in values]
        if not conditions:
            return 0, 0
        ((held, late),) = self._fetch(kept_queries.COUNT_LINES + "".join(conditions), **values)
        return held, late

    def in_force(self, kinds: Sequence[str], after: Place | None, limit: int) -> list[HoldAt]:
        """Holds of these kinds that nobody released, in order of (lane, position) after ``after``."""
        found: list[HoldAt] = []
        for lane in self._lanes():
            if len(found) < limit and (after is None or lane >= after[0]):
                start = after[1] if after is not None and after[0] == lane else 0
                found += self._holds(
                    kept_queries.IN_FORCE, lane=lane, after=start, kinds=list(kinds), limit=limit - len(found)
                )
        return found

    def released(self, hold_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of these holds that were placed and then released, in some lane at least."""
        return frozenset(
            hold_id
            for lane in self._lanes()
            for (hold_id,) in self._fetch(kept_queries.RELEASED, lane=lane, hold_ids=list(hold_ids))
        )

    def of_persons(self, streams: Sequence[tuple[int, UUID]]) -> list[HoldAt]:
        """The holds in force that were placed on these (lane, stream), in order of (lane, position)."""
        lanes = sorted({lane for lane, _ in streams})
        wanted = {lane: [stream for own, stream in streams if own == lane] for lane in lanes}
        return [at for lane in lanes for at in self._holds(kept_queries.OF_PERSONS, lane=lane, streams=wanted[lane])]

    def standing(self, hold_id: UUID) -> list[HoldAt]:
        """Where a hold is in force, in order of (lane, position)."""
        return [at for lane in self._lanes() for at in self._holds(kept_queries.STANDING, lane=lane, hold_id=hold_id)]

    def keeping(self, places: Sequence[Place]) -> list[str]:
        """The kinds of the holds that keep any of these lines, in order."""
        kinds = {
            kind
            for lane, positions in positions_by_lane(places)
            for (kind,) in self._fetch(kept_queries.KEEPING, lane=lane, positions=positions)
        }
        return sorted(kinds)

    def _holds(self, statement: LiteralString, **values: Any) -> list[HoldAt]:
        """Where holds stand, by a statement of one lane."""
        rows = self._fetch(statement, **values)
        return [HoldAt(hold_id=hold_id, lane=lane, position=position) for hold_id, lane, position in rows]

    def _lanes(self) -> list[int]:
        """The lanes that have been applied, ascending."""
        return sorted(lane for lane, _ in self._fetch(queries.POSITIONS))

    def _fetch(self, statement: LiteralString, **values: Any) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        with self._pool.connection() as connection:
            return connection.execute(statement, values).fetchall()
