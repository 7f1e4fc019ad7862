"""Removes envelope and content of what was announced as swept; place, version and leaf stay. Blocking, over a pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import msgspec
from psycopg import Connection

from services.ledger.contract import topics
from services.ledger.domain.identity import lane_stream
from services.runtime import limits
from services.runtime.postgres import SyncPool

# Lost with a crash, the work is named as undone by the cursor, which is lost with it: so no commit waits for the disk.
NO_WAIT: Final[LiteralString] = "SET LOCAL synchronous_commit = off"
OPEN_CURSOR: Final[LiteralString] = (
    "INSERT INTO sweep_cursor (lane, version) VALUES (%(lane)s, 0) ON CONFLICT DO NOTHING"
)
LOCK_CURSOR: Final[LiteralString] = "SELECT version FROM sweep_cursor WHERE lane = %(lane)s FOR UPDATE"
MOVE_CURSOR: Final[LiteralString] = "UPDATE sweep_cursor SET version = %(version)s WHERE lane = %(lane)s"
# Only what the projections have applied: they read the envelopes of what they had not seen yet.
ANNOUNCED: Final[LiteralString] = """
SELECT event.originator_version, event.envelope
FROM stored_events AS event
WHERE event.lane = %(lane)s AND event.originator_id = %(stream)s AND event.originator_version > %(version)s
    AND event.topic = %(topic)s
    AND event.notification_id <= (SELECT position FROM projection.cursor WHERE lane = %(lane)s)
ORDER BY event.originator_version
LIMIT %(limit)s
"""
# Looked up by single positions: a join with ranges would read the whole lane for each of them, as soon as the planner
# knows too little of the table.
EMPTY: Final[LiteralString] = """
UPDATE stored_events AS event SET envelope = NULL, state = NULL
WHERE event.lane = %(lane)s AND (event.envelope IS NOT NULL OR event.state IS NOT NULL)
    AND event.notification_id = ANY(ARRAY(
        SELECT generate_series(named.low, named.high)
        FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS named (low, high)
    ))
"""
# About one row of every page first, in a transaction of its own: it fits in what a page has left, and the others then
# fit in the place that it leaves, so that no index needs to hear of any. For that nobody may still look at the rows as
# they were: it is done while the projections wait. Three times as fast as all at once.
THIN: Final[LiteralString] = """
UPDATE stored_events AS event SET envelope = NULL, state = NULL
WHERE event.lane = %(lane)s AND (event.envelope IS NOT NULL OR event.state IS NOT NULL)
    AND event.notification_id = ANY(ARRAY(
        SELECT generate_series(named.low, named.high, %(rows_per_page)s)
        FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS named (low, high)
        WHERE named.high > named.low
    ))
"""
ROWS_PER_PAGE: Final = 8
DROP_KEYS: Final[LiteralString] = """
DELETE FROM event_key AS kept
WHERE kept.lane = %(lane)s
    AND kept.position = ANY(ARRAY(
        SELECT generate_series(named.low, named.high)
        FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS named (low, high)
    ))
"""

Ranges = Sequence[tuple[int, int]]
"""Inclusive ranges of positions."""


class Announcement(msgspec.Struct, frozen=True):
    """What an envelope of a sweep says; the rest is not looked at."""

    swept: tuple[tuple[int, int], ...] = ()

    @property
    def size(self) -> int:
        """How many positions it names."""
        return sum(high - low + 1 for low, high in self.swept)


ANNOUNCEMENT: Final = msgspec.json.Decoder(Announcement)


class PostgresSweeper:
    """Implements the port ``Sweeper``."""

    def __init__(self, *, pool: SyncPool) -> None:
        """Work over ``pool``; a connection is borrowed per call."""
        self._pool = pool

    def sweep(self, lane: int, ranges: Ranges) -> int:
        """Null envelope and content of these positions and drop their kept keys; how many still had any."""
        with self._pool.connection() as connection, connection.transaction():
            return empty(connection, lane, ranges)

    def make_room(self, lane: int, limit: int) -> None:
        """Empty some rows on every page of what is to be swept next, so that the others find room there."""
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(NO_WAIT)
            for announcement in self._next(connection, lane, limit)[1]:
                connection.execute(THIN, values_of(lane, announcement.swept) | {"rows_per_page": ROWS_PER_PAGE})

    def finish(self, lane: int, limit: int) -> int:
        """Sweep what the next events of the lane name that the projections have applied; how many they name."""
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(NO_WAIT)
            version, found = self._next(connection, lane, limit)
            for announcement in found:
                empty(connection, lane, announcement.swept)
            if found:
                connection.execute(MOVE_CURSOR, {"lane": lane, "version": version})
        return sum(announcement.size for announcement in found)

    @staticmethod
    def _next(connection: Connection[Any], lane: int, limit: int) -> tuple[int, list[Announcement]]:
        """What is to be swept next, and the version after which the next call goes on; others wait for the cursor."""
        values: dict[str, Any] = {"lane": lane, "stream": lane_stream(lane), "topic": topics.RECORDS_SWEPT}
        connection.execute(OPEN_CURSOR, values)
        (version,) = connection.execute(LOCK_CURSOR, values).fetchone() or (0,)
        found: list[Announcement] = []
        wanted = values | {"version": version, "limit": limits.SWEEP_ANNOUNCEMENTS_MAX}
        rows = connection.execute(ANNOUNCED, wanted).fetchall()
        for own_version, envelope in rows:
            announcement = ANNOUNCEMENT.decode(envelope)
            if found and sum(each.size for each in found) + announcement.size > limit:
                break
            found.append(announcement)
            version = own_version
        return version, found


def empty(connection: Connection[Any], lane: int, ranges: Ranges) -> int:
    """Empty these positions within the transaction at hand; how many were not empty."""
    values = values_of(lane, ranges)
    connection.execute(DROP_KEYS, values)
    return connection.execute(EMPTY, values).rowcount


def values_of(lane: int, ranges: Ranges) -> dict[str, Any]:
    """The ranges as parameters."""
    return {"lane": lane, "lows": [low for low, _ in ranges], "highs": [high for _, high in ranges]}
