"""Reads of stored events from PostgreSQL: blocking, for threads."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, LiteralString
from uuid import UUID

from services.ledger.application.ports import ClearEvent
from services.ledger.domain.stored import StoredEvent
from services.ledger.storage.identity import by_lane
from services.runtime.errors import GrootboekError, Kind
from services.runtime.postgres import SyncPool

SELECT: Final[LiteralString] = (
    "SELECT lane, notification_id, originator_id, originator_version, topic, operation_id, envelope, state, leaf_hash"
    " FROM stored_events"
)
OF_OPERATION: Final[LiteralString] = (
    SELECT
    + """
WHERE lane = ANY(%s::smallint[]) AND operation_id = ANY(%s::uuid[]) ORDER BY lane, notification_id"""
)
OF_STREAM: Final[LiteralString] = (
    SELECT
    + """
WHERE lane = %s::smallint AND originator_id = %s::uuid AND (%s::bigint IS NULL OR notification_id <= %s::bigint)
ORDER BY originator_version"""
)
CLEAR_OF_STREAMS: Final[LiteralString] = """
SELECT notification_id, originator_id, topic, envelope FROM stored_events
WHERE lane = %s::smallint AND originator_id = ANY(%s::uuid[]) AND envelope IS NOT NULL"""
# Versions run from one without gaps: the newest one is found at the end of the index, however long the stream is.
LENGTHS: Final[LiteralString] = """
SELECT wanted.stream_id, newest.version
FROM unnest(%s::uuid[]) AS wanted (stream_id)
CROSS JOIN LATERAL (
    SELECT max(event.originator_version) AS version FROM stored_events AS event
    WHERE event.lane = %s::smallint AND event.originator_id = wanted.stream_id
) AS newest
WHERE newest.version IS NOT NULL"""
AT_PLACES: Final[LiteralString] = SELECT + " WHERE lane = %s::smallint AND notification_id = ANY(%s::bigint[])"
AFTER: Final[LiteralString] = (
    SELECT + " WHERE lane = %s::smallint AND notification_id > %s::bigint ORDER BY notification_id LIMIT %s"
)
HEADS: Final[LiteralString] = "SELECT lane, last_position FROM lane_head"


class EventMissing(GrootboekError):
    """A stored event that something refers to is not there."""

    code = "event_missing"
    remedy = "Run `grootboek verify`: an event that was given a position can only be missing through damage."
    kind = Kind.INTERNAL


class PostgresEventReader:
    """The EventReader on PostgreSQL; takes a connection of the pool per call."""

    def __init__(self, *, pool: SyncPool) -> None:
        """Take an open pool."""
        self._pool = pool

    def events_of_operation(self, operation_ids: Sequence[UUID]) -> list[StoredEvent]:
        """All events of these operations over all lanes, in order of (lane, position)."""
        return self._read(OF_OPERATION, (list(self.heads()), list(operation_ids)))

    def events_of_stream(self, lane: int, stream_id: UUID, until_position: int | None = None) -> list[StoredEvent]:
        """A stream in order of version."""
        return self._read(OF_STREAM, (lane, stream_id, until_position, until_position))

    def clear_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> list[ClearEvent]:
        """What stands in clear on these (lane, stream), in order of (lane, position); one statement per lane.

        They are put in order here: to sort rows of some kilobytes the database would go to its disk.
        """
        found: list[ClearEvent] = []
        if not streams:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            for lane, wanted in by_lane(streams):
                rows = cursor.execute(CLEAR_OF_STREAMS, (lane, [stream_id for _, stream_id in wanted]), prepare=True)
                found += sorted([ClearEvent(lane, *row) for row in rows], key=attrgetter("position"))
        return found

    def lengths_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], int]:
        """How many events each of these (lane, stream) has, the empty ones left out; one statement per lane."""
        found: dict[tuple[int, UUID], int] = {}
        if not streams:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            for lane, wanted in by_lane(streams):
                ids = [stream_id for _, stream_id in wanted]
                for stream_id, length in cursor.execute(LENGTHS, (ids, lane), prepare=True):
                    found[lane, stream_id] = length
        return found

    def events_at(self, places: Sequence[tuple[int, int]]) -> list[StoredEvent]:
        """The events at these (lane, position) places, in that order; raise EventMissing when one is not there."""
        found: dict[tuple[int, int], StoredEvent] = {}
        for lane in sorted({lane for lane, _ in places}):
            positions = [position for other, position in places if other == lane]
            found |= {(lane, event.position): event for event in self._read(AT_PLACES, (lane, positions))}
        return in_order(places, found)

    def events_after(self, lane: int, position: int, limit: int) -> list[StoredEvent]:
        """The notification log of a lane: at most ``limit`` events after ``position``."""
        return self._read(AFTER, (lane, position, limit))

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        with self._pool.connection() as connection:
            return dict(connection.execute(HEADS, prepare=True).fetchall())

    def _read(self, statement: LiteralString, parameters: Sequence[Any]) -> list[StoredEvent]:
        """Run a statement that begins with SELECT, above."""
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            return [event_of(row) for row in cursor.execute(statement, parameters, prepare=True)]


def in_order(places: Sequence[tuple[int, int]], found: dict[tuple[int, int], StoredEvent]) -> list[StoredEvent]:
    """Return the events in the order of the places; raise EventMissing when one was not found."""
    try:
        return [found[place] for place in places]
    except KeyError:
        raise EventMissing from None


def event_of(row: tuple[Any, ...]) -> StoredEvent:
    """Make an event of a row of SELECT."""
    lane, position, stream_id, version, topic, operation_id, envelope, state, leaf_hash = row
    return StoredEvent(
        lane=lane,
        position=position,
        stream_id=stream_id,
        version=version,
        topic=topic,
        operation_id=operation_id,
        envelope=envelope,
        state=state,
        leaf_hash=leaf_hash,
    )
