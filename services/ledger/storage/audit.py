"""One snapshot of the whole ledger for verification: it repairs nothing and trusts no column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow

from services.ledger.application.tree_ports import AuditLane, AuditRow, StoredCheckpoint
from services.ledger.contract.topics import RECORDS_SWEPT
from services.ledger.domain.identity import lane_stream
from services.runtime.limits import VERIFY_BATCH_EVENTS_MAX, VERIFY_BATCH_SWEEPS_MAX
from services.runtime.postgres import SyncPool

SELECT_LEDGER_ID: Final[LiteralString] = "SELECT value FROM ledger_setting WHERE name = 'ledger_id'"
# The events are asked lane by lane with a skip scan: reading them all only to find their lanes would take minutes.
SELECT_LANES: Final[LiteralString] = """
WITH RECURSIVE stored (lane) AS (
    (SELECT lane FROM stored_events ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT e.lane FROM stored_events AS e WHERE e.lane > stored.lane ORDER BY e.lane LIMIT 1)
    FROM stored WHERE stored.lane IS NOT NULL
),
named (lane) AS (
    SELECT lane FROM stored WHERE lane IS NOT NULL
    UNION SELECT lane FROM lane_head
    UNION SELECT lane FROM tree_head
    UNION SELECT lane FROM tree_checkpoint
)
SELECT named.lane, lane_head.last_position, tree_head.size
FROM named LEFT JOIN lane_head USING (lane) LEFT JOIN tree_head USING (lane)
ORDER BY named.lane"""
SELECT_ROWS: Final[LiteralString] = """
SELECT notification_id, originator_id, topic, operation_id, envelope, state, leaf_hash
FROM stored_events
WHERE lane = %s::smallint AND notification_id > %s::bigint
ORDER BY notification_id LIMIT %s"""
# On the stream of the lane itself: nothing else names what was swept.
SELECT_SWEEPS: Final[LiteralString] = """
SELECT originator_version, notification_id, envelope
FROM stored_events
WHERE lane = %s::smallint AND originator_id = %s::uuid AND topic = %s AND originator_version > %s::bigint
ORDER BY originator_version LIMIT %s"""
SELECT_FIRST: Final[LiteralString] = "SELECT min(notification_id) FROM stored_events WHERE lane = %s::smallint"
SELECT_VERSIONS: Final[LiteralString] = """
SELECT notification_id
FROM (
    SELECT notification_id, originator_version,
        row_number() OVER (PARTITION BY originator_id ORDER BY notification_id) AS expected
    FROM stored_events WHERE lane = %s::smallint
) AS numbered
WHERE originator_version <> expected
ORDER BY notification_id LIMIT %s"""
SELECT_STREAM_HEADS: Final[LiteralString] = """
SELECT coalesce(stored.position, 0) AS position
FROM (
    SELECT originator_id AS stream_id, max(originator_version) AS version, max(notification_id) AS position
    FROM stored_events WHERE lane = %(lane)s::smallint GROUP BY originator_id
) AS stored
FULL JOIN (SELECT stream_id, version FROM stream_head WHERE lane = %(lane)s::smallint) AS head USING (stream_id)
WHERE stored.version IS DISTINCT FROM head.version
ORDER BY position LIMIT %(limit)s"""
# A claim lies in the lane of its key, its events in those of their subjects: these two look over all lanes at once.
SELECT_UNCLAIMED: Final[LiteralString] = """
SELECT lane, notification_id FROM stored_events AS event
WHERE operation_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM operation_claim AS claim WHERE claim.operation_id = event.operation_id)
ORDER BY lane, notification_id LIMIT %s"""
SELECT_EMPTY_CLAIMS: Final[LiteralString] = """
SELECT lane, operation_id FROM operation_claim AS claim
WHERE NOT EXISTS (SELECT FROM stored_events AS event WHERE event.operation_id = claim.operation_id)
ORDER BY lane, operation_id LIMIT %s"""
COUNT_EVENTS: Final[LiteralString] = "SELECT count(*) FROM stored_events WHERE operation_id = %s::uuid"
SELECT_TILES: Final[LiteralString] = """
SELECT index, hashes FROM tree_tile
WHERE lane = %s::smallint AND level = %s::smallint AND index = ANY(%s::bigint[])"""
COUNT_TILES: Final[LiteralString] = "SELECT count(*) FROM tree_tile WHERE lane = %s::smallint"
SELECT_CHECKPOINTS: Final[LiteralString] = (
    "SELECT size, root, note FROM tree_checkpoint WHERE lane = %s::smallint ORDER BY size"
)


class PostgresAuditSnapshot:
    """Implements AuditSnapshot on one connection inside one repeatable-read transaction."""

    def __init__(self, connection: Connection[TupleRow]) -> None:
        """Read on ``connection``, which is in the transaction already."""
        self._connection = connection

    def ledger_id(self) -> str:
        """The name of this ledger in its checkpoints."""
        found = self._read(SELECT_LEDGER_ID, ())
        return str(found[0][0]) if found else ""

    def lanes(self) -> list[AuditLane]:
        """Every lane that any table names, in order."""
        rows = self._read(SELECT_LANES, ())
        return [AuditLane(lane=lane, head=head, tree_size=size) for lane, head, size in rows]

    def rows(self, lane: int) -> Iterator[Sequence[AuditRow]]:
        """The events of a lane in order of position, in bounded batches."""
        first = self._read(SELECT_FIRST, (lane,))[0][0]
        after = 0 if first is None else first - 1
        while batch := self._read(SELECT_ROWS, (lane, after, VERIFY_BATCH_EVENTS_MAX)):
            yield [AuditRow(*row) for row in batch]
            after = batch[-1][0]

    def sweeps(self, lane: int) -> Iterator[tuple[int, bytes | None]]:
        """(position, envelope) of every event of the lane that names what was swept there, in order."""
        version = 0
        named = (lane, lane_stream(lane), RECORDS_SWEPT)
        while batch := self._read(SELECT_SWEEPS, (*named, version, VERIFY_BATCH_SWEEPS_MAX)):
            yield from ((position, envelope) for _, position, envelope in batch)
            version = batch[-1][0]

    def wrong_versions(self, lane: int, limit: int) -> list[int]:
        """Positions whose version is not the next one of their stream."""
        return [position for (position,) in self._read(SELECT_VERSIONS, (lane, limit))]

    def wrong_stream_heads(self, lane: int, limit: int) -> list[int]:
        """The last position (0: none) of each stream whose head differs from its last version."""
        rows = self._read(SELECT_STREAM_HEADS, {"lane": lane, "limit": limit})
        return [position for (position,) in rows]

    def events_without_claim(self, limit: int) -> list[tuple[int, int]]:
        """(lane, position) of events whose operation nobody claimed, in any lane."""
        return self._read(SELECT_UNCLAIMED, (limit,))

    def claims_without_events(self, limit: int) -> list[tuple[int, UUID]]:
        """(lane of the claim, operation) where no lane has an event of the operation."""
        return self._read(SELECT_EMPTY_CLAIMS, (limit,))

    def count_events(self, operation_id: UUID) -> int:
        """How many events an operation has, over all lanes."""
        return int(self._read(COUNT_EVENTS, (operation_id,))[0][0])

    def tiles(self, lane: int, level: int, indexes: Sequence[int]) -> dict[int, bytes]:
        """The stored hashes of these tiles by index; absent ones are left out."""
        return dict(self._read(SELECT_TILES, (lane, level, list(indexes))))

    def count_tiles(self, lane: int) -> int:
        """How many tiles a lane has."""
        return int(self._read(COUNT_TILES, (lane,))[0][0])

    def checkpoints(self, lane: int) -> list[StoredCheckpoint]:
        """The checkpoints of a lane in order of size."""
        rows = self._read(SELECT_CHECKPOINTS, (lane,))
        return [StoredCheckpoint(size=size, root=root, note=note) for size, root, note in rows]

    def _read(self, statement: LiteralString, parameters: Any) -> list[Any]:
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(statement, parameters).fetchall()


@contextmanager
def open_snapshot(pool: SyncPool) -> Iterator[PostgresAuditSnapshot]:
    """One read-only view of the ledger as it is committed now; writers go on beside it."""
    with pool.connection() as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        try:
            with connection.transaction():
                yield PostgresAuditSnapshot(connection)
        finally:
            # A lost connection is dropped by the pool; touching it would hide why it was lost.
            if not connection.closed:
                connection.isolation_level = None
                connection.read_only = None
