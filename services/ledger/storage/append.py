"""One transaction that appends operations: counter rows first, then claims, then everything of a lane in one statement.

The order of locks is the same for everybody (lanes ascending, then claims ascending), so two writers never deadlock.
Whatever a lane holds besides events (stream heads, identifiers, dossier secrets) is written under its counter row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from operator import attrgetter, itemgetter
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.errors import UniqueViolation

from services.ledger.domain.leaf import content_hashes
from services.ledger.domain.stored import Appended, AppendResult, PreparedOperation, Stale
from services.ledger.storage import binary_arrays as arrays
from services.ledger.storage.append_claims import claim, claim_columns, read_claims
from services.ledger.storage.append_confirmed import find_unconfirmed, note_confirmed
from services.ledger.storage.append_fences import find_unfenced, raise_fences
from services.ledger.storage.append_rows import Known, ask_known, find_fit, read_known
from services.ledger.storage.append_unless import find_undisturbed
from services.ledger.storage.statements import Connection, Row, send
from services.runtime.errors import GrootboekError, Kind

FOLDER: Final = files("services.ledger.storage")
APPEND: Final[LiteralString] = FOLDER.joinpath("append_statement.sql").read_text(encoding="utf-8")
APPEND_FRESH: Final[LiteralString] = FOLDER.joinpath("append_fresh.sql").read_text(encoding="utf-8")
LOCK: Final[LiteralString] = "SELECT fence_epoch FROM lane_head WHERE lane = %s::smallint FOR UPDATE"

IS_CONFIRMING: Final = attrgetter("confirms")

EventRow = tuple[bytes, int, int, bytes]
"""Operation id, position, version, leaf hash."""
FreshRow = tuple[int, int, bytes]
"""Position, version, leaf hash: of operations of which none was claimed before, all are stored."""


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


class Admitted(NamedTuple):
    """What may be stored in lanes that are locked, the rows that stand there already, and what is stale."""

    fit: Sequence[PreparedOperation]
    known: Known
    stale: Mapping[UUID, Stale]


class EventRepeated(GrootboekError):
    """An operation has two events with one topic on one stream."""

    code = "event_repeated"
    remedy = "An operation says one thing once of each person; this is a fault of the ledger's own code."
    kind = Kind.INTERNAL


async def append_operations(connection: Connection, operations: Sequence[PreparedOperation]) -> Committed:
    """Append operations with different ids in one transaction, each whole; the connection must be in autocommit."""
    if any(map(has_repeated_event, operations)):
        raise EventRepeated
    lanes = sorted(lanes_of(operations))
    # A claim that stands is rare enough to begin anew for.
    with suppress(UniqueViolation):
        if len(lanes) == 1 and lanes_of_claims(operations) == set(lanes) and not any(map(IS_CONFIRMING, operations)):
            return await append_fresh(connection, lanes[0], operations)
    return await append_claimed(connection, lanes, operations)


def has_repeated_event(operation: PreparedOperation) -> bool:
    """Tell whether two events of the operation share lane, stream and topic."""
    events = operation.events
    return len(events) > 1 and len({(each.lane, each.stream_id, each.topic) for each in events}) < len(events)


async def append_fresh(connection: Connection, lane: int, operations: Sequence[PreparedOperation]) -> Committed:
    """Append operations of one lane; psycopg's UniqueViolation when one of them was claimed before.

    In two turns, since the lane stays locked from the first to the last: what must be known is asked with the lock, and
    the commit is sent right behind what it commits.
    """
    stored: AsyncCursor[FreshRow] | None = None
    async with connection.pipeline(), connection.transaction():
        admitted = await admit(connection, [lane], operations)
        if admitted.fit:
            stored = await send(connection, APPEND_FRESH, fresh_parameters(lane, admitted.fit, admitted.known))
            await raise_fences(connection, admitted.fit)
    if stored is None:
        return committed(operations, {}, admitted.stale)
    rows = await stored.fetchall()
    rows.sort()
    return committed_fresh(lane, operations, admitted, rows)


async def append_claimed(
    connection: Connection, lanes: Sequence[int], operations: Sequence[PreparedOperation]
) -> Committed:
    """Append the operations whose claim is free, and read the claims of the others."""
    async with connection.pipeline(), connection.transaction():
        admitted = await admit(connection, lanes, operations)
        unconfirmed, late = await find_unconfirmed(connection, admitted.fit)
        rows = await append_granted(connection, lanes, admitted._replace(fit=unconfirmed))
        stored = collect(admitted.fit, rows)
        ours = [each for each in admitted.fit if each.operation_id in stored]
        await raise_fences(connection, ours)
        await note_confirmed(connection, ours)
        # What was claimed before has its answer, also where it comes late.
        claimed = await read_claims(connection, [each for each in admitted.fit if each.operation_id not in stored])
    return committed(operations, rows, {**admitted.stale, **late, **claimed, **stored})


def committed_fresh(
    lane: int, operations: Sequence[PreparedOperation], admitted: Admitted, rows: list[FreshRow]
) -> Committed:
    """Return what a transaction did that stored all that was fit."""
    appended = hand_out(admitted.fit, rows)
    stored, heads = {lane: len(rows)}, {lane: rows[-1][0]}
    if admitted.fit is operations:
        return Committed(appended, stored, heads)
    found: dict[UUID, AppendResult] = {**admitted.stale}
    found |= {each.operation_id: result for each, result in zip(admitted.fit, appended, strict=True)}
    return Committed([found.get(each.operation_id) or Stale() for each in operations], stored, heads)


def hand_out(operations: Sequence[PreparedOperation], rows: Sequence[FreshRow]) -> list[AppendResult]:
    """Hand the rows out in order of position, which is the order in which the events were given."""
    appended: list[AppendResult] = []
    start = 0
    for operation in operations:
        end = start + len(operation.events)
        positions, versions, leaf_hashes = zip(*rows[start:end], strict=True)
        appended.append(Appended(positions=positions, versions=versions, leaf_hashes=leaf_hashes))
        start = end
    return appended


def committed(
    operations: Sequence[PreparedOperation], rows: dict[int, list[EventRow]], found: Mapping[UUID, AppendResult]
) -> Committed:
    """Return what a transaction did; what nothing was found of leaned on other rows than stand."""
    return Committed(
        results=[found.get(each.operation_id) or Stale() for each in operations],
        stored={lane: len(lane_rows) for lane, lane_rows in rows.items() if lane_rows},
        heads={lane: lane_rows[-1][1] for lane, lane_rows in rows.items() if lane_rows},
    )


async def admit(connection: Connection, lanes: Sequence[int], operations: Sequence[PreparedOperation]) -> Admitted:
    """Lock the lanes and find what may be stored in them; LaneUnknown for a lane without a counter row."""
    # Each lane by its own equality query. All of this is on its way before the first answer is waited for.
    locks = [await connection.execute(LOCK, (lane,), prepare=True) for lane in lanes]
    asked = await ask_known(connection, operations)
    epochs = {lane: await read_epoch(lock) for lane, lock in zip(lanes, locks, strict=True)}
    known = await read_known(asked)
    unfenced, stale = find_unfenced(operations, epochs)
    return Admitted(find_fit(await find_undisturbed(connection, unfenced), known), known, stale)


async def read_epoch(lock: AsyncCursor[Row]) -> int:
    """Return how often the lane that was locked was fenced."""
    row = await lock.fetchone()
    if row is None:
        raise LaneUnknown
    return int(row[0])


async def append_granted(connection: Connection, lanes: Sequence[int], admitted: Admitted) -> dict[int, list[EventRow]]:
    """Append the operations whose claim is free; the rows stored per lane."""
    operations, known = admitted.fit, admitted.known
    if len(lanes) == 1 and lanes_of_claims(operations) <= set(lanes):
        return {lanes[0]: await append_lane(connection, lanes[0], operations, known, claiming=True)}
    granted = await claim(connection, operations)
    free = [operation for operation in operations if operation.operation_id.bytes in granted]
    return {lane: await append_lane(connection, lane, free, known, claiming=False) for lane in lanes}


def lanes_of(operations: Sequence[PreparedOperation]) -> set[int]:
    """Return the lanes in which these operations write something besides their claim."""
    lanes = {event.lane for operation in operations for event in operation.events}
    for operation in operations:
        for identifier in operation.identifiers:
            lanes.add(identifier.lane)
        for secret in operation.secrets:
            lanes.add(secret.lane)
        for place in operation.fences:
            lanes.add(place[0])
        if operation.confirms is not None:
            lanes.add(operation.confirms[0])
    return lanes


def lanes_of_claims(operations: Sequence[PreparedOperation]) -> set[int]:
    """Return the lanes in which these operations are claimed."""
    return {operation.claim_lane for operation in operations}


def fresh_parameters(lane: int, operations: Sequence[PreparedOperation], known: Known) -> dict[str, Any]:
    """Return the parameters of the statement that appends what nobody claimed, of which all events are in this lane."""
    claims = claim_columns(operations)
    parameters: dict[str, Any] = {"lane": lane, "claims": claims[0], "body_hashes": claims[1]}
    streams = [event.stream_id.bytes for operation in operations for event in operation.events]
    parameters |= event_columns(lane, operations, streams) | turn_columns(streams)
    # Who leans on one row in a batch leans on equal ones (find_fit): the table needs it once.
    parameters |= identifier_columns(lane, operations, known, once=True)
    return parameters | secret_columns(lane, operations, known, once=True)


async def append_lane(
    connection: Connection, lane: int, operations: Sequence[PreparedOperation], known: Known, *, claiming: bool
) -> list[EventRow]:
    """Append what the operations have in this lane; return a row per stored event in order of position.

    With `claiming` the statement claims the operations as well; else all of them have been claimed already.
    """
    claims = claim_columns(operations if claiming else ())
    granted = () if claiming else operations
    parameters: dict[str, Any] = {"lane": lane, "claims": claims[0], "body_hashes": claims[1]}
    parameters["granted"] = arrays.uuids([operation.operation_id.bytes for operation in granted])
    streams = [event.stream_id.bytes for each in operations for event in each.events if event.lane == lane]
    parameters |= event_columns(lane, operations, streams)
    parameters |= identifier_columns(lane, operations, known)
    parameters |= secret_columns(lane, operations, known)
    return await take_rows(await send(connection, APPEND, parameters))


async def take_rows(cursor: AsyncCursor[EventRow]) -> list[EventRow]:
    """Return the rows that were stored, in order of position."""
    rows = await cursor.fetchall()
    rows.sort(key=itemgetter(1))
    return rows


def event_columns(
    lane: int, operations: Sequence[PreparedOperation], streams: Sequence[bytes]
) -> dict[str, arrays.BinaryArray]:
    """Return the events of the lane as columns, in order; ``streams`` are theirs."""
    keys = [each.operation_id.bytes for each in operations for event in each.events if event.lane == lane]
    events = [event for operation in operations for event in operation.events if event.lane == lane]
    return {
        "operations": arrays.uuids(keys),
        "streams": arrays.uuids(streams),
        "topics": arrays.texts([event.topic for event in events]),
        "envelopes": arrays.byteas([event.envelope for event in events]),
        "states": arrays.byteas([event.state for event in events]),
        # Hashed here: a server without the processor's own instructions takes five times as long over these bytes.
        "contents": arrays.byteas([content_hashes(event.envelope, event.state) for event in events]),
    }


def turn_columns(streams: Sequence[bytes]) -> dict[str, arrays.BinaryArray]:
    """Return per event how many follow it on its stream in this batch, and per stream how many there are."""
    turns: dict[bytes, int] = {}
    later = []
    for stream in reversed(streams):
        following = turns.get(stream, 0)
        turns[stream] = following + 1
        later.append(following)
    later.reverse()
    return {
        "later": arrays.bigints(later),
        "head_streams": arrays.uuids(list(turns)),
        "head_turns": arrays.bigints(list(turns.values())),
    }


def identifier_columns(
    lane: int, operations: Sequence[PreparedOperation], known: Known, *, once: bool = False
) -> dict[str, arrays.BinaryArray]:
    """Return the identifiers that are new in the lane as columns; with `once` each under one operation only."""
    new = [
        (operation.operation_id.bytes, row)
        for operation in operations
        for row in operation.identifiers
        if row.lane == lane and (lane, row.lookup) not in known
    ]
    if once:
        new = list({row.lookup: (operation_id, row) for operation_id, row in new}.values())
    return {
        "identifier_operations": arrays.uuids([operation_id for operation_id, _ in new]),
        "lookups": arrays.byteas([row.lookup for _, row in new]),
        "key_versions": arrays.smallints([row.key_version for _, row in new]),
        "identifier_streams": arrays.uuids([row.stream_id.bytes for _, row in new]),
    }


def secret_columns(
    lane: int, operations: Sequence[PreparedOperation], known: Known, *, once: bool = False
) -> dict[str, arrays.BinaryArray]:
    """Return the dossier secrets that are new in the lane as columns; with `once` each under one operation only."""
    new = [
        (operation.operation_id.bytes, row)
        for operation in operations
        for row in operation.secrets
        if row.lane == lane and (lane, row.stream_id.bytes, row.scope, row.generation) not in known
    ]
    if once:
        new = list({(row.stream_id.int, row.scope, row.generation): (key, row) for key, row in new}.values())
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
