"""One transaction that appends operations: counter rows first, then claims, then everything of a lane in one statement.

The order of locks is the same for everybody (lanes ascending, then claims ascending), so two writers never deadlock.
Whatever a lane holds besides events (stream heads, identifiers, dossier secrets) is written under its counter row.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from operator import itemgetter
from typing import Any, Final, LiteralString, NamedTuple, cast
from uuid import UUID

from services.ledger.domain.stored import Appended, AppendResult, PreparedOperation, Stale
from services.ledger.storage import binary_arrays as arrays
from services.ledger.storage.append_claims import claim, claim_columns, read_claims
from services.ledger.storage.append_rows import Known, find_fit
from services.ledger.storage.statements import Connection, fetch
from services.runtime.errors import GrootboekError, Kind

APPEND: Final[LiteralString] = (
    files("services.ledger.storage").joinpath("append_statement.sql").read_text(encoding="utf-8")
)
LOCK: Final[LiteralString] = "SELECT last_position FROM lane_head WHERE lane = %s::smallint FOR UPDATE"

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
    own = [(operation, event) for operation in operations for event in operation.events if event.lane == lane]
    events = [event for _, event in own]
    return {
        "operations": arrays.uuids([operation.operation_id.bytes for operation, _ in own]),
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
