"""Operations that may only be stored as long as something else was not: an erasure, unless a hold came first.

Under the counter row nothing can come between the look and the append, so the order of the lane decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString

from services.ledger.domain.stored import PreparedOperation, StreamVersion, Unless
from services.ledger.storage.statements import Connection

SELECT_SINCE: Final[LiteralString] = """
SELECT FROM stored_events
WHERE lane = %s::smallint AND notification_id > %s::bigint AND topic = %s LIMIT 1"""
SELECT_GROWN: Final[LiteralString] = """
SELECT FROM stream_head WHERE lane = %s::smallint AND stream_id = %s::uuid AND version > %s::bigint"""


async def find_undisturbed(
    connection: Connection, operations: Sequence[PreparedOperation]
) -> Sequence[PreparedOperation]:
    """Return the operations whose conditions hold, in lanes that are locked; most have none."""
    if not any(operation.unless or operation.untouched for operation in operations):
        return operations
    admitted: list[PreparedOperation] = []
    for each in operations:
        if not await is_disturbed(connection, each, admitted):
            admitted.append(each)
    return admitted


async def is_disturbed(
    connection: Connection, operation: PreparedOperation, earlier: Sequence[PreparedOperation]
) -> bool:
    """Tell whether what must not have been stored was, or would be by what comes earlier in this batch."""
    for condition in operation.unless:
        if any(brings(other, condition) for other in earlier):
            return True
        cursor = await connection.execute(SELECT_SINCE, condition)
        if await cursor.fetchone() is not None:
            return True
    for version in operation.untouched:
        if any(touches(other, version) for other in earlier):
            return True
        cursor = await connection.execute(SELECT_GROWN, version)
        if await cursor.fetchone() is not None:
            return True
    return False


def brings(operation: PreparedOperation, condition: Unless) -> bool:
    """Tell whether the operation holds an event of the kind that the condition names."""
    lane, _, topic = condition
    return any(event.lane == lane and event.topic == topic for event in operation.events)


def touches(operation: PreparedOperation, condition: StreamVersion) -> bool:
    """Tell whether the operation holds an event on the stream that the condition names."""
    lane, stream_id, _ = condition
    return any(event.lane == lane and event.stream_id == stream_id for event in operation.events)
