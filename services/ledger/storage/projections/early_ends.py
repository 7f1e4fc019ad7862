"""Which lines were sealed for a day that lies beyond the one on which their record ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, LiteralString

from services.runtime.postgres import SyncPool

# The end for which a line was sealed is the first that it had; every later one left a wrap of its key under its day.
SEALED_LONGER: Final[LiteralString] = """
WITH own AS MATERIALIZED (
    SELECT later.position, later.about_position, later.sealed_until
    FROM projection.later_line AS later
    WHERE later.lane = %(lane)s::smallint AND later.position = ANY(ARRAY(SELECT unnest(%(positions)s::bigint[])))
),
early AS MATERIALIZED (
    SELECT own.position FROM own WHERE own.sealed_until >= %(today)s
    UNION
    SELECT change.position
    FROM projection.term_change AS change
    WHERE change.lane = %(lane)s::smallint AND change.position = ANY(ARRAY(SELECT unnest(%(positions)s::bigint[])))
        AND change.former_ends >= %(today)s
    UNION
    SELECT own.position
    FROM own
    CROSS JOIN LATERAL (
        SELECT about.former_ends FROM projection.term_change AS about
        WHERE about.lane = %(lane)s::smallint AND about.position = own.about_position
        OFFSET 0
    ) AS change
    WHERE change.former_ends >= %(today)s
)
SELECT event.notification_id, event.leaf_hash
FROM stored_events AS event
WHERE event.lane = %(lane)s::smallint AND event.notification_id = ANY(ARRAY(SELECT position FROM early))
ORDER BY event.notification_id"""


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
