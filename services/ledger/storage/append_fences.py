"""Fences: what ends with an append. Who prepared under what he remembered from before it must prepare again.

How often a lane was fenced stands in its counter row, which every append locks first; so a look at one number tells
whether all secrets that were read under that number still live.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

from services.ledger.domain.stored import PreparedOperation, Stale
from services.ledger.storage import binary_arrays as arrays
from services.ledger.storage.statements import Connection

# Only what lived before raises the epoch: the same fence twice makes nobody read again.
FENCE_DOSSIERS: Final[LiteralString] = """
WITH fenced AS (
    UPDATE dossier_secret AS known SET state = 'fenced'
    FROM unnest(%(streams)b::uuid[], %(scopes)b::bytea[], %(generations)b::smallint[])
        AS given (stream_id, scope, generation)
    WHERE known.lane = %(lane)s::smallint AND known.stream_id = given.stream_id AND known.scope = given.scope
        AND known.generation = given.generation AND known.state = 'active'
    RETURNING 1
)
UPDATE lane_head SET fence_epoch = fence_epoch + 1
WHERE lane = %(lane)s::smallint AND EXISTS (SELECT FROM fenced)"""
# A day for which nothing was sealed yet gets a row without material: whoever makes its secret later meets that row.
FENCE_DAY: Final[LiteralString] = """
WITH fenced AS (
    INSERT INTO day_secret AS known (lane, day, wrap_key_id, fenced_at)
    VALUES (%(lane)s::smallint, %(day)s::date, to_char(%(day)s::date, '"day:"YYYY-MM-DD'), %(at)s)
    ON CONFLICT (lane, day) DO UPDATE SET fenced_at = excluded.fenced_at WHERE known.fenced_at IS NULL
    RETURNING 1
)
UPDATE lane_head SET fence_epoch = fence_epoch + 1
WHERE lane = %(lane)s::smallint AND EXISTS (SELECT FROM fenced)"""


def find_unfenced(
    operations: Sequence[PreparedOperation], epochs: dict[int, int]
) -> tuple[Sequence[PreparedOperation], dict[UUID, Stale]]:
    """Return the operations that lean on what lives in these epochs, and the others as stale.

    What stands behind a fence in the same batch is stale as well where it leans on that lane: its place would be
    after the fence.
    """
    stale: dict[UUID, Stale] = {}
    fenced: set[int] = set()
    for operation in operations:
        moved = [lane for lane, epoch in operation.epochs if epochs[lane] != epoch or lane in fenced]
        if moved:
            stale[operation.operation_id] = Stale(fenced=tuple(moved))
        elif operation.fences or operation.days:
            fenced.update(fenced_lanes(operation))
    if not stale:
        return operations, stale
    return [operation for operation in operations if operation.operation_id not in stale], stale


def fenced_lanes(operation: PreparedOperation) -> set[int]:
    """Return the lanes in which something ends with the operation."""
    return {place[0] for place in operation.fences} | {lane for lane, _ in operation.days}


async def raise_fences(connection: Connection, stored: Sequence[PreparedOperation]) -> None:
    """Fence what ends with these operations, whose events were stored in this transaction."""
    for operation in stored:
        if operation.fences or operation.days:
            for lane in sorted(fenced_lanes(operation)):
                await fence_lane(connection, lane, operation)


async def fence_lane(connection: Connection, lane: int, operation: PreparedOperation) -> None:
    """Fence what ends with the operation in this lane, and raise its epoch when something did."""
    dossiers = sorted(place for place in operation.fences if place[0] == lane)
    if dossiers:
        columns = {
            "lane": lane,
            "streams": arrays.uuids([stream_id.bytes for _, stream_id, _, _ in dossiers]),
            "scopes": arrays.byteas([scope for _, _, scope, _ in dossiers]),
            "generations": arrays.smallints([generation for _, _, _, generation in dossiers]),
        }
        await connection.execute(FENCE_DOSSIERS, columns)
    for day in sorted({day for place, day in operation.days if place == lane}):
        await connection.execute(FENCE_DAY, {"lane": lane, "day": day, "at": operation.recorded_at})
