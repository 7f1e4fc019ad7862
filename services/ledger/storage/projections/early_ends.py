"""Which lines were sealed for a day that lies beyond the one on which their record ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, LiteralString

from services.runtime.postgres import SyncPool

# The end for which a line was sealed is the first that it had; every later one left a wrap of its key under its day.
SEALED_LONGER: Final[LiteralString] = """
WITH early AS MATERIALIZED (
    SELECT place.position
    FROM unnest(%(positions)s::bigint[]) AS place (position)
    LEFT JOIN projection.later_line AS own ON own.lane = %(lane)s::smallint AND own.position = place.position
    WHERE own.sealed_until >= %(today)s
        OR EXISTS (
            SELECT FROM projection.term_change AS change
            WHERE change.lane = %(lane)s::smallint AND change.position = coalesce(own.about_position, place.position)
                AND change.former_ends >= %(today)s
        )
)
SELECT early.position, event.leaf_hash
FROM early JOIN stored_events AS event ON event.lane = %(lane)s::smallint AND event.notification_id = early.position
ORDER BY early.position"""


class PostgresSealedLonger:
    """The ``SealedLonger`` port; blocking, over a pool."""

    def __init__(self, pool: SyncPool) -> None:
        """Ask over ``pool``."""
        self._pool = pool

    def __call__(self, lane: int, positions: Sequence[int], today: date) -> list[tuple[int, bytes]]:
        """Those of these lines that were sealed, or at some time prolonged, to ``today`` or later; with leaf hashes."""
        values = {"lane": lane, "positions": list(positions), "today": today}
        with self._pool.connection() as connection:
            return [(position, bytes(leaf)) for position, leaf in connection.execute(SEALED_LONGER, values)]
