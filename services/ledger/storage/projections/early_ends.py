"""Which lines were sealed for a day that lies beyond the one on which their record ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, LiteralString

from services.runtime.postgres import SyncPool

# The end for which a line was sealed is the first that it had; every later one left a wrap of its key under its day.
SEALED_LONGER: Final[LiteralString] = """
WITH asked AS MATERIALIZED (
    SELECT generate_series(named.low, named.high) AS position
    FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS named (low, high)
),
own AS MATERIALIZED (
    SELECT later.position, later.about_position, later.sealed_until
    FROM projection.later_line AS later
    WHERE later.lane = %(lane)s::smallint AND later.position = ANY(ARRAY(SELECT position FROM asked))
),
early AS MATERIALIZED (
    SELECT own.position FROM own WHERE own.sealed_until >= %(today)s
    UNION
    SELECT change.position
    FROM projection.term_change AS change
    WHERE change.lane = %(lane)s::smallint AND change.position = ANY(ARRAY(SELECT position FROM asked))
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

    def __call__(self, lane: int, ranges: Sequence[tuple[int, int]], today: date) -> list[tuple[int, bytes]]:
        """Those of the lines in these inclusive ranges that were sealed, or prolonged, to ``today`` or later."""
        lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
        values = {"lane": lane, "lows": lows, "highs": highs, "today": today}
        with self._pool.connection() as connection:
            return [(position, bytes(leaf)) for position, leaf in connection.execute(SEALED_LONGER, values)]
