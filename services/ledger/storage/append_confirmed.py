"""Intents become one fact each: under the counter row of its lane, whoever confirms an intent meets who came before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

from services.ledger.domain.stored import AlreadyConfirmed, LaneIntent, PreparedOperation, Stale
from services.ledger.storage.statements import Connection

SELECT_OTHER: Final[LiteralString] = """
SELECT FROM confirmed_intent
WHERE lane = %s::smallint AND intent_id = %s::uuid AND operation_id <> %s::uuid"""
INSERT_CONFIRMED: Final[LiteralString] = (
    "INSERT INTO confirmed_intent (lane, intent_id, operation_id) VALUES (%s::smallint, %s::uuid, %s::uuid)"
)

Late = dict[UUID, AlreadyConfirmed | Stale]
"""By operation id: what confirms an intent that is a fact already, or is about to be."""


async def find_unconfirmed(
    connection: Connection, operations: Sequence[PreparedOperation]
) -> tuple[Sequence[PreparedOperation], Late]:
    """Return the operations that may be stored, and what comes too late; in lanes that are locked."""
    late: Late = {}
    met: set[LaneIntent] = set()
    for operation in operations:
        intent = operation.confirms
        if intent is None:
            continue
        cursor = await connection.execute(SELECT_OTHER, (*intent, operation.operation_id))
        if await cursor.fetchone() is not None:
            late[operation.operation_id] = AlreadyConfirmed()
        elif intent in met:
            # Whether the one before it in this batch comes to anything shows when it was committed.
            late[operation.operation_id] = Stale()
        met.add(intent)
    return [each for each in operations if each.operation_id not in late] if late else operations, late


async def note_confirmed(connection: Connection, stored: Sequence[PreparedOperation]) -> None:
    """Note which intents became these operations, whose events were stored in this transaction."""
    for operation in stored:
        if operation.confirms is not None:
            await connection.execute(INSERT_CONFIRMED, (*operation.confirms, operation.operation_id))
