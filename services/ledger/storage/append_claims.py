"""Claims: who was first with an operation id, also after a commit whose answer was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, LiteralString, cast
from uuid import UUID

from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.stored import AlreadyClaimed, Appended, AppendResult, PreparedEvent, PreparedOperation
from services.ledger.storage import binary_arrays as arrays
from services.ledger.storage.statements import Connection, Row, fetch

CLAIM: Final[LiteralString] = """
INSERT INTO operation_claim (lane, operation_id, body_hash)
SELECT %s::smallint, operation_id, body_hash
FROM unnest(%b::uuid[], %b::bytea[]) AS given (operation_id, body_hash)
ORDER BY operation_id
ON CONFLICT DO NOTHING
RETURNING operation_id"""
SELECT_CLAIMS: Final[LiteralString] = (
    "SELECT operation_id, body_hash FROM operation_claim WHERE lane = %s::smallint AND operation_id = ANY(%b::uuid[])"
)
SELECT_OPERATION: Final[LiteralString] = (
    "SELECT notification_id, originator_version, leaf_hash FROM stored_events"
    " WHERE lane = %s::smallint AND operation_id = %s::uuid ORDER BY notification_id"
)


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
    """Return id and body hash of the claims as columns."""
    return (
        arrays.uuids([operation.operation_id.bytes for operation in operations]),
        arrays.byteas([operation.body_hash for operation in operations]),
    )


async def read_claims(connection: Connection, operations: Sequence[PreparedOperation]) -> dict[UUID, AlreadyClaimed]:
    """Return the claims that stood before these operations came."""
    claimed: dict[UUID, AlreadyClaimed] = {}
    for lane, group in by_claim_lane(operations):
        ids = arrays.uuids([operation.operation_id.bytes for operation in group])
        rows = await fetch(connection, SELECT_CLAIMS, (lane, ids))
        claimed.update({UUID(bytes=row[0]): AlreadyClaimed(body_hash=row[1]) for row in rows})
    return claimed


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
