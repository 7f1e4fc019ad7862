"""How far each lane was published, and who leads that: over a connection of the publisher's own."""

from __future__ import annotations

from typing import Any, Final, LiteralString

import psycopg

from services.ledger.application.publish_ports import Lead, PublisherFenced
from services.ledger.domain.stored import StoredEvent
from services.ledger.storage.events import event_of
from services.ledger.storage.projections.connection import take_lock
from services.runtime import limits
from services.runtime.postgres import BoundedConnection, connection_arguments

PUBLISHER_LOCK: Final = 0x7075_626C_0000
"""Advisory lock of lane 0; those of the other lanes follow."""

# The lock keeps publishers apart; the epoch says so where it cannot, such as behind a pooler of connections.
LEAD: Final[LiteralString] = """
INSERT INTO publication AS known (lane, epoch, position) VALUES (%s::smallint, 1, 0)
ON CONFLICT (lane) DO UPDATE SET epoch = known.epoch + 1
RETURNING epoch, position"""
MOVE: Final[LiteralString] = """
UPDATE publication SET position = %s::bigint
WHERE lane = %s::smallint AND epoch = %s::bigint AND position <= %s::bigint
RETURNING position"""
# The length of a value that lies outside the row is known without fetching it.
NEXT: Final[LiteralString] = """
SELECT lane, notification_id, originator_id, originator_version, topic, operation_id, envelope, state, leaf_hash
FROM (
    SELECT *, row_number() OVER up_to_here AS place,
        sum(coalesce(octet_length(envelope), 0) + coalesce(octet_length(state), 0) * 4 / 3) OVER up_to_here AS bytes
    FROM stored_events
    WHERE lane = %(lane)s::smallint AND notification_id > %(after)s::bigint
    WINDOW up_to_here AS (ORDER BY notification_id ROWS UNBOUNDED PRECEDING)
    ORDER BY notification_id
    LIMIT %(events)s
) AS pending
WHERE place = 1 OR bytes <= %(bytes)s
ORDER BY notification_id"""


class LanePublication:
    """Implements Publication on PostgreSQL; nothing is connected before the first ``take_lead``."""

    def __init__(self, conninfo: str, lane: int, *, lock: int = PUBLISHER_LOCK) -> None:
        """Follow one lane; the lead lives and dies with its connection."""
        self._conninfo = conninfo
        self._lane = lane
        self._lock = lock + lane
        self._connection: psycopg.Connection[Any] | None = None

    def take_lead(self) -> Lead | None:
        """Lead unless another one does; whoever led before and still thinks so is fenced."""
        connection = self._connection or self._connect()
        if not take_lock(connection, self._lock):
            return None
        row = connection.execute(LEAD, (self._lane,)).fetchone()
        assert row is not None
        return Lead(*row)

    def events_after(self, position: int) -> list[StoredEvent]:
        """The next events, as many as fit in a chunk; at least one when there is one."""
        wanted = {
            "lane": self._lane,
            "after": position,
            "events": limits.PUBLISH_CHUNK_EVENTS_MAX,
            "bytes": limits.PUBLISH_CHUNK_BYTES_MAX,
        }
        with self._leading().cursor(binary=True) as cursor:
            return [event_of(row) for row in cursor.execute(NEXT, wanted, prepare=True)]

    def move(self, lead: Lead, position: int) -> None:
        """Remember that all up to ``position`` was published; PublisherFenced when the lead is another's."""
        moved = self._leading().execute(MOVE, (position, self._lane, lead.epoch, position), prepare=True).fetchone()
        if moved is None:
            raise PublisherFenced

    def let_go(self) -> None:
        """Lead no more, and let the next one take over at once."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _leading(self) -> psycopg.Connection[Any]:
        assert self._connection is not None, "only whoever leads reads and moves"
        return self._connection

    def _connect(self) -> psycopg.Connection[Any]:
        """A connection that may lose the last moves of its cursor in a crash: then a little is published once more."""
        arguments = connection_arguments(f"publisher-{self._lane}")
        options = f"{arguments.pop('options')} -c synchronous_commit=off"
        self._connection = BoundedConnection.connect(self._conninfo, autocommit=True, options=options, **arguments)
        return self._connection
