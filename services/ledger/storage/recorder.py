"""The recorder of the eventsourcing library on the ledger's own table: one order per lane for both write paths.

Aggregates (governance) come through here with versions they know; operations come through the append statement with
versions it gives out. Both lock the same counter row first and keep the same stream heads, so they may interleave.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, ClassVar, Final, LiteralString
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    InterfaceError,
    Notification,
    NotSupportedError,
    OperationalError,
    StoredEvent,
    Subscription,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresFactory
from eventsourcing.utils import Environment, get_topic, retry
from psycopg.rows import dict_row
from psycopg.sql import SQL, Literal

from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage import binary_arrays as arrays
from services.runtime import limits
from services.runtime.postgres import connection_arguments

LOCK: Final[LiteralString] = "SELECT last_position FROM lane_head WHERE lane = %s::smallint FOR UPDATE"
INSERT: Final[LiteralString] = r"""
WITH event AS (
    SELECT * FROM unnest(%(streams)b::uuid[], %(versions)b::bigint[], %(topics)b::text[], %(states)b::bytea[])
        WITH ORDINALITY AS given (stream_id, version, topic, state, place)
),
counter AS (
    UPDATE lane_head SET last_position = last_position + (SELECT count(*) FROM event)
    WHERE lane = %(lane)s::smallint
    RETURNING last_position - (SELECT count(*) FROM event) AS base
),
head AS (
    INSERT INTO stream_head AS known (lane, stream_id, version)
    SELECT %(lane)s::smallint, stream_id, max(version) FROM event GROUP BY stream_id
    ON CONFLICT (lane, stream_id) DO UPDATE SET version = greatest(known.version, excluded.version)
)
INSERT INTO stored_events (lane, originator_id, originator_version, notification_id, topic, state, leaf_hash)
SELECT
    %(lane)s::smallint, stream_id, version, base + place, topic, state,
    sha256(
        '\x00'::bytea || int4send(%(lane)s::smallint::integer) || int8send(base + place) || uuid_send(stream_id)
        || int2send(octet_length(topic)::smallint) || convert_to(topic, 'UTF8') || sha256(''::bytea) || sha256(state)
    )
FROM event CROSS JOIN counter
ORDER BY place
RETURNING notification_id"""
BOUND: Final[LiteralString] = "SELECT set_config('lock_timeout', %s, true)"
SELECT_OWN: Final[LiteralString] = """
SELECT stored.notification_id
FROM unnest(%(streams)b::uuid[], %(versions)b::bigint[], %(topics)b::text[], %(states)b::bytea[])
    AS given (stream_id, version, topic, state)
JOIN stored_events AS stored ON stored.lane = %(lane)s::smallint AND stored.originator_id = given.stream_id
    AND stored.originator_version = given.version AND stored.topic = given.topic AND stored.state = given.state
ORDER BY stored.notification_id"""
SELECT_EVENTS: Final[LiteralString] = (
    "SELECT originator_id, originator_version, topic, state FROM stored_events"
    " WHERE lane = {lane} AND originator_id = %s"
)
SELECT_NOTIFICATIONS: Final[LiteralString] = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE lane = %(lane)s::smallint AND notification_id >= %(first)s::bigint
    AND (%(last)s::bigint IS NULL OR notification_id <= %(last)s::bigint)
    AND (%(topics)s::text[] IS NULL OR topic = ANY(%(topics)s::text[]))
ORDER BY notification_id
LIMIT %(limit)s"""
SELECT_MAX: Final[LiteralString] = "SELECT max(notification_id) AS max FROM stored_events WHERE lane = {lane}"


class LaneRecorder(PostgresApplicationRecorder):
    """An application recorder bound to one lane; subclasses name it. The migrations own the table."""

    lane: ClassVar[int]

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "stored_events") -> None:
        """Use the ledger's table, whatever name the library derives from the application's."""
        del events_table_name
        super().__init__(datastore, events_table_name="stored_events")
        self.select_events_statement = SQL(SELECT_EVENTS).format(lane=Literal(self.lane))
        self.max_notification_id_statement = SQL(SELECT_MAX).format(lane=Literal(self.lane))

    def create_table(self) -> None:
        """Do nothing: the table is the ledger's, made by its migrations before any recorder."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Store events at the next positions of the lane and return these; IntegrityError when a version is taken.

        After a lost connection it tries again; a version that is then taken by exactly our event was stored by us.
        """
        if not stored_events:
            return []
        doubtful = False
        for attempt in range(limits.RECORDER_ATTEMPTS_MAX):
            try:
                return self._insert(stored_events)
            except IntegrityError:
                positions = self._find_own(stored_events) if doubtful else []
                if not positions:
                    raise
                return positions
            except (InterfaceError, OperationalError):
                doubtful = True
                if attempt + 1 == limits.RECORDER_ATTEMPTS_MAX:
                    raise
            time.sleep(limits.APPEND_RETRY_SECONDS)
        return None

    def _insert(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        """Store events in one transaction, under the counter row of the lane."""
        with self.datastore.get_connection() as connection, connection.transaction():
            arrays.register_binary_arrays(connection)
            connection.execute(BOUND, (f"{limits.APPEND_LOCK_SECONDS_MAX}s",))
            connection.execute(LOCK, (self.lane,))
            rows = connection.execute(INSERT, columns_of(self.lane, stored_events), prepare=True).fetchall()
        return sorted(row["notification_id"] for row in rows)

    def _find_own(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        """Return the positions of exactly these events, or nothing when one of them is not stored so."""
        with self.datastore.get_connection() as connection:
            arrays.register_binary_arrays(connection)
            rows = connection.execute(SELECT_OWN, columns_of(self.lane, stored_events)).fetchall()
        return [row["notification_id"] for row in rows] if len(rows) == len(stored_events) else []

    @retry(
        (InterfaceError, OperationalError), max_attempts=limits.RECORDER_ATTEMPTS_MAX, wait=limits.APPEND_RETRY_SECONDS
    )
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return at most `limit` notifications of the lane from `start` on, in order of position."""
        first = 1 if start is None else start + (not inclusive_of_start)
        wanted = {"lane": self.lane, "first": first, "last": stop, "topics": list(topics) or None, "limit": limit}
        with self.datastore.get_connection() as connection:
            rows = connection.execute(SELECT_NOTIFICATIONS, wanted, prepare=True).fetchall()
        return [
            Notification(
                id=row["notification_id"],
                originator_id=row["originator_id"],
                originator_version=row["originator_version"],
                topic=row["topic"],
                state=row["state"],
            )
            for row in rows
        ]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Raise NotSupportedError: a NOTIFY in the write transaction would end group commit; readers poll the lane."""
        del gt, topics
        raise NotSupportedError("this recorder does not notify; poll the lane")


class RegisterRecorder(LaneRecorder):
    """The recorder of the register lane, in which governance lives."""

    lane = REGISTER_LANE


def columns_of(lane: int, stored_events: Sequence[StoredEvent]) -> dict[str, Any]:
    """Return the library's events as columns for the insert."""
    return {
        "lane": lane,
        "streams": arrays.uuids([stream_bytes(event.originator_id) for event in stored_events]),
        "versions": arrays.bigints([event.originator_version for event in stored_events]),
        "topics": arrays.texts([event.topic for event in stored_events]),
        "states": arrays.byteas([event.state for event in stored_events]),
    }


def stream_bytes(originator_id: UUID | str) -> bytes:
    """Return the bytes of a stream id, which the library also allows as text."""
    return (originator_id if isinstance(originator_id, UUID) else UUID(originator_id)).bytes


class RegisterFactory(PostgresFactory):
    """The library's factory, over connections like all others of ours.

    By itself it takes host, port, user, password and name of the database, and drops the rest: so how to encrypt, and
    whose certificate to believe.
    """

    CONNINFO: ClassVar = "POSTGRES_CONNINFO"

    def __init__(self, env: Environment) -> None:
        """Make the pool as the library does, then tell it how to connect; nothing is connected yet."""
        super().__init__(env)
        conninfo = env.get(self.CONNINFO)
        assert conninfo is not None, "made by register_environment"
        pool = self.datastore.pool
        pool.conninfo = conninfo
        pool.kwargs = {"row_factory": dict_row, **connection_arguments("register")}


def register_environment(conninfo: str) -> dict[str, str]:
    """Return the environment with which an eventsourcing Application writes its aggregates in the register lane."""
    return {
        "PERSISTENCE_MODULE": get_topic(RegisterFactory),
        "APPLICATION_RECORDER_TOPIC": get_topic(RegisterRecorder),
        "CREATE_TABLE": "no",
        RegisterFactory.CONNINFO: conninfo,
        # The library asks for these; the conninfo says them.
        **dict.fromkeys(
            ("POSTGRES_DBNAME", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD"), "-"
        ),
        "POSTGRES_POOL_SIZE": str(limits.RECORDER_CONNECTIONS_MIN),
        "POSTGRES_MAX_OVERFLOW": str(limits.RECORDER_CONNECTIONS_MAX - limits.RECORDER_CONNECTIONS_MIN),
        "POSTGRES_LOCK_TIMEOUT": str(limits.APPEND_LOCK_SECONDS_MAX),
        "POSTGRES_ENABLE_DB_FUNCTIONS": "no",
    }
