"""One transaction that appends operations: counter rows first, then claims, then everything of a lane in one statement.

The order of locks is the same for everybody (lanes ascending, then claims ascending), so two writers never deadlock.
Whatever a lane holds besides events (stream heads, identifiers, dossier secrets) is written under its counter row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from operator import itemgetter
from typing import Any, Final, LiteralString, NamedTuple, cast
from uuid import UUID

from psycopg import AsyncConnection

from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.stored import (
    AlreadyClaimed,
    Appended,
    AppendResult,
    PreparedEvent,
    PreparedOperation,
    Stale,
)
from services.ledger.storage import binary_arrays as arrays
from services.runtime.errors import GrootboekError, Kind

APPEND: Final[LiteralString] = (
    files("services.ledger.storage").joinpath("append_statement.sql").read_text(encoding="utf-8")
)
LOCK: Final[LiteralString] = "SELECT last_position FROM lane_head WHERE lane = %s::smallint FOR UPDATE"
CLAIM: Final[LiteralString] = """
INSERT INTO operation_claim (lane, operation_id, body_hash, recorded_at)
SELECT %s::smallint, operation_id, body_hash, recorded_at
FROM unnest(%b::uuid[], %b::bytea[], %b::timestamptz[]) AS given (operation_id, body_hash, recorded_at)
ORDER BY operation_id
ON CONFLICT DO NOTHING
RETURNING operation_id"""
SELECT_CLAIMS: Final[LiteralString] = (
    "SELECT operation_id, body_hash FROM operation_claim WHERE lane = %s::smallint AND operation_id = ANY(%b::uuid[])"
)
SELECT_IDENTIFIERS: Final[LiteralString] = (
    "SELECT lookup, key_version, stream_id FROM subject_identifier"
    " WHERE lane = %s::smallint AND lookup = ANY(%b::bytea[])"
)
SELECT_SECRETS: Final[LiteralString] = (
    "SELECT stream_id, scope, generation, wrap_key_id, wrapped, state FROM dossier_secret"
    " WHERE lane = %s::smallint AND stream_id = ANY(%b::uuid[])"
)
SELECT_OPERATION: Final[LiteralString] = (
    "SELECT notification_id, originator_version, leaf_hash FROM stored_events"
    " WHERE lane = %s::smallint AND operation_id = %s::uuid ORDER BY notification_id"
)

Connection = AsyncConnection[tuple[Any, ...]]
EventRow = tuple[bytes, int, int, bytes]
"""Operation id, position, version, leaf hash."""


class LaneUnknown(GrootboekError):
    """An event names a lane that this ledger does not have."""

    code = "lane_unknown"
    remedy = "The number of lanes is fixed when a ledger is created; compare the settings of this process with it."
    kind = Kind.INTERNAL


class Committed(NamedTuple):
    """What a transaction did: one result per operation, in order; of each lane how many events and its new head."""

    results: list[AppendResult]
    stored: dict[int, int]
    heads: dict[int, int]


async def append_operations(connection: Connection, operations: Sequence[PreparedOperation]) -> Committed:
    """Append operations with different ids in one transaction, each whole; the connection must be in autocommit."""
    lanes = sorted(lanes_of(operations))
    async with connection.transaction():
        await lock_lanes(connection, lanes)
        fit, known = await find_fit(connection, operations)
        if len(lanes) == 1 and all(operation.claim_lane == lanes[0] for operation in fit):
            rows = {lanes[0]: await append_lane(connection, lanes[0], fit, known, claiming=True)}
        else:
            granted = await claim(connection, fit)
            free = [operation for operation in fit if operation.operation_id.bytes in granted]
            rows = {lane: await append_lane(connection, lane, free, known, claiming=False) for lane in lanes}
        stored = collect(fit, rows)
        claimed = await read_claims(connection, [each for each in fit if each.operation_id not in stored])
    return Committed(
        results=[stored.get(each.operation_id) or claimed.get(each.operation_id) or Stale() for each in operations],
        stored={lane: len(lane_rows) for lane, lane_rows in rows.items() if lane_rows},
        heads={lane: lane_rows[-1][1] for lane, lane_rows in rows.items() if lane_rows},
    )


def lanes_of(operations: Sequence[PreparedOperation]) -> set[int]:
    """Return the lanes in which these operations write something besides their claim."""
    lanes = {event.lane for operation in operations for event in operation.events}
    for operation in operations:
        if operation.identifiers or operation.secrets:
            lanes.update(row.lane for row in operation.identifiers)
            lanes.update(row.lane for row in operation.secrets)
    return lanes


async def lock_lanes(connection: Connection, lanes: Sequence[int]) -> None:
    """Lock the counter rows in the order given, each by its own equality query; raise LaneUnknown without a row."""
    for lane in lanes:
        cursor = await connection.execute(LOCK, (lane,), prepare=True)
        if await cursor.fetchone() is None:
            raise LaneUnknown


# --- the rows that events lean on ---------------------------------------------------------------------------------

Row = tuple[Any, ...]
Known = dict[Row, Row]
"""By key: what stands in the tables."""


async def find_fit(
    connection: Connection, operations: Sequence[PreparedOperation]
) -> tuple[Sequence[PreparedOperation], Known]:
    """Return the operations whose identifiers and secrets are absent or equal, and the rows that stand already.

    Of two operations in one batch that contradict each other, the first is fit.
    """
    leaning = [operation for operation in operations if operation.identifiers or operation.secrets]
    if not leaning:
        return operations, {}
    stored = await read_known(connection, leaning)
    expected = dict(stored)
    stale = set()
    for operation in leaning:
        wanted = rows_of(operation)
        if any(expected.get(key, row) != row for key, row in wanted.items()):
            stale.add(operation.operation_id)
        else:
            expected |= wanted
    return [operation for operation in operations if operation.operation_id not in stale], stored


def rows_of(operation: PreparedOperation) -> Known:
    """Return the rows the operation leans on, by key, in the shape of `read_known`."""
    rows: Known = {(row.lane, row.lookup): (row.key_version, row.stream_id.bytes) for row in operation.identifiers}
    for secret in operation.secrets:
        key = (secret.lane, secret.stream_id.bytes, secret.scope, secret.generation)
        rows[key] = (secret.wrap_key_id, secret.wrapped, "active")
    return rows


async def read_known(connection: Connection, operations: Sequence[PreparedOperation]) -> Known:
    """Read the stored identifiers and secrets that these operations name."""
    known: Known = {}
    lookups: dict[int, set[bytes]] = {}
    streams: dict[int, set[bytes]] = {}
    for operation in operations:
        for row in operation.identifiers:
            lookups.setdefault(row.lane, set()).add(row.lookup)
        for secret in operation.secrets:
            streams.setdefault(secret.lane, set()).add(secret.stream_id.bytes)
    for lane, wanted in lookups.items():
        found = await fetch(connection, SELECT_IDENTIFIERS, (lane, arrays.byteas(list(wanted))))
        known.update({(lane, lookup): (version, stream) for lookup, version, stream in found})
    for lane, wanted in streams.items():
        found = await fetch(connection, SELECT_SECRETS, (lane, arrays.uuids(list(wanted))))
        known.update({(lane, *row[:3]): row[3:] for row in found})
    return known


# --- claims -------------------------------------------------------------------------------------------------------


async def claim(connection: Connection, operations: Sequence[PreparedOperation]) -> set[bytes]:
    """Claim the operations, lane by lane in ascending order; return the ids whose claim was free."""
    granted: set[bytes] = set()
    for lane, group in by_claim_lane(operations):
        rows = await fetch(connection, CLAIM, (lane, *claim_columns(group)))
        granted.update(row[0] for row in rows)
    return granted


def by_claim_lane(operations: Sequence[PreparedOperation]) -> Iterator[tuple[int, list[PreparedOperation]]]:
    """Group operations by the lane of their claim, ascending."""
    for lane in sorted({operation.claim_lane for operation in operations}):
        yield lane, [operation for operation in operations if operation.claim_lane == lane]


def claim_columns(operations: Sequence[PreparedOperation]) -> tuple[arrays.BinaryArray, ...]:
    """Return id, body hash and moment of the claims as columns."""
    return (
        arrays.uuids([operation.operation_id.bytes for operation in operations]),
        arrays.byteas([operation.body_hash for operation in operations]),
        arrays.timestamps([operation.recorded_at for operation in operations]),
    )


async def read_claims(connection: Connection, operations: Sequence[PreparedOperation]) -> dict[UUID, AlreadyClaimed]:
    """Return the claims that stood before these operations came."""
    claimed: dict[UUID, AlreadyClaimed] = {}
    for lane, group in by_claim_lane(operations):
        ids = arrays.uuids([operation.operation_id.bytes for operation in group])
        rows = await fetch(connection, SELECT_CLAIMS, (lane, ids))
        claimed.update({UUID(bytes=row[0]): AlreadyClaimed(body_hash=row[1]) for row in rows})
    return claimed


# --- the events of a lane -----------------------------------------------------------------------------------------


async def append_lane(
    connection: Connection, lane: int, operations: Sequence[PreparedOperation], known: Known, *, claiming: bool
) -> list[EventRow]:
    """Append what the operations have in this lane; return a row per stored event in order of position.

    With `claiming` the statement claims the operations as well; else all of them have been claimed already.
    """
    claims = claim_columns(operations if claiming else ())
    granted = () if claiming else operations
    parameters: dict[str, Any] = {"lane": lane, "claims": claims[0], "body_hashes": claims[1], "recorded": claims[2]}
    parameters["granted"] = arrays.uuids([operation.operation_id.bytes for operation in granted])
    parameters |= event_columns(lane, operations)
    parameters |= identifier_columns(lane, operations, known)
    parameters |= secret_columns(lane, operations, known)
    rows = cast("list[EventRow]", await fetch(connection, APPEND, parameters))
    rows.sort(key=itemgetter(1))
    return rows


def event_columns(lane: int, operations: Sequence[PreparedOperation]) -> dict[str, arrays.BinaryArray]:
    """Return the events of the lane as columns, in order."""
    ids: list[bytes] = []
    events: list[PreparedEvent] = []
    for operation in operations:
        own = [event for event in operation.events if event.lane == lane]
        ids += [operation.operation_id.bytes] * len(own)
        events += own
    return {
        "operations": arrays.uuids(ids),
        "streams": arrays.uuids([event.stream_id.bytes for event in events]),
        "topics": arrays.texts([event.topic for event in events]),
        "envelopes": arrays.byteas([event.envelope for event in events]),
        "states": arrays.byteas([event.state for event in events]),
    }


def identifier_columns(
    lane: int, operations: Sequence[PreparedOperation], known: Known
) -> dict[str, arrays.BinaryArray]:
    """Return the identifiers that are new in the lane as columns."""
    new = [
        (operation.operation_id.bytes, row)
        for operation in operations
        for row in operation.identifiers
        if row.lane == lane and (lane, row.lookup) not in known
    ]
    return {
        "identifier_operations": arrays.uuids([operation_id for operation_id, _ in new]),
        "lookups": arrays.byteas([row.lookup for _, row in new]),
        "key_versions": arrays.smallints([row.key_version for _, row in new]),
        "identifier_streams": arrays.uuids([row.stream_id.bytes for _, row in new]),
    }


def secret_columns(lane: int, operations: Sequence[PreparedOperation], known: Known) -> dict[str, arrays.BinaryArray]:
    """Return the dossier secrets that are new in the lane as columns."""
    new = [
        (operation.operation_id.bytes, row)
        for operation in operations
        for row in operation.secrets
        if row.lane == lane and (lane, row.stream_id.bytes, row.scope, row.generation) not in known
    ]
    return {
        "secret_operations": arrays.uuids([operation_id for operation_id, _ in new]),
        "secret_streams": arrays.uuids([row.stream_id.bytes for _, row in new]),
        "scopes": arrays.byteas([row.scope for _, row in new]),
        "generations": arrays.smallints([row.generation for _, row in new]),
        "wrap_key_ids": arrays.texts([row.wrap_key_id for _, row in new]),
        "wrapped": arrays.byteas([row.wrapped for _, row in new]),
    }


def collect(operations: Sequence[PreparedOperation], rows: dict[int, list[EventRow]]) -> dict[UUID, Appended]:
    """Hand the stored rows out to their operations: positions follow the order in which the events were given."""
    stored = {row[0] for lane_rows in rows.values() for row in lane_rows}
    next_rows = {lane: iter(lane_rows) for lane, lane_rows in rows.items()}
    appended: dict[UUID, Appended] = {}
    for operation in operations:
        if operation.operation_id.bytes in stored:
            own = [next(next_rows[event.lane]) for event in operation.events]
            _, positions, versions, leaf_hashes = zip(*own, strict=True)
            appended[operation.operation_id] = Appended(positions=positions, versions=versions, leaf_hashes=leaf_hashes)
    return appended


# --- after a commit whose answer was lost -------------------------------------------------------------------------


async def recover(
    connection: Connection, operations: Sequence[PreparedOperation], results: Sequence[AppendResult]
) -> list[AppendResult]:
    """Return the results with every claim that turns out to be our own replaced by what it stored.

    For use after a commit whose answer was lost: events are ours when their leaves are, since a leaf covers the
    ciphertext and with it a nonce that nobody else drew.
    """
    return [
        (await read_own(connection, operation) or result)
        if isinstance(result, AlreadyClaimed) and result.body_hash == operation.body_hash
        else result
        for operation, result in zip(operations, results, strict=True)
    ]


async def read_own(connection: Connection, operation: PreparedOperation) -> Appended | None:
    """Return where exactly these events are stored, or None when others stand under this operation id."""
    rows = {
        lane: iter(await fetch(connection, SELECT_OPERATION, (lane, operation.operation_id)))
        for lane in sorted({event.lane for event in operation.events})
    }
    own = [next(rows[event.lane], None) for event in operation.events]
    found = [row for row in own if row is not None]
    if len(found) < len(own) or not all(map(is_leaf_of, operation.events, found)):
        return None
    positions, versions, leaf_hashes = zip(*found, strict=True)
    return Appended(positions=positions, versions=versions, leaf_hashes=leaf_hashes)


def is_leaf_of(event: PreparedEvent, row: Row) -> bool:
    """Tell whether a stored row (position, version, leaf hash) is this very event."""
    expected = leaf_hash((event.lane, row[0]), event.stream_id, event.topic, event.envelope, event.state)
    return expected == cast("bytes", row[2])


async def fetch(connection: Connection, statement: LiteralString, parameters: Any) -> list[Row]:
    """Run a prepared statement and return all its rows, loaded from the binary format."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(statement, parameters, prepare=True)
        return await cursor.fetchall()
