"""The rows that events lean on: identifiers and dossier secrets, compared under the counter row of their lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString

from services.ledger.domain.stored import PreparedOperation
from services.ledger.storage import binary_arrays as arrays
from services.ledger.storage.statements import Connection, Row, fetch

SELECT_IDENTIFIERS: Final[LiteralString] = (
    "SELECT lookup, key_version, stream_id FROM subject_identifier"
    " WHERE lane = %s::smallint AND lookup = ANY(%b::bytea[])"
)
SELECT_SECRETS: Final[LiteralString] = (
    "SELECT stream_id, scope, generation, wrap_key_id, wrapped, state FROM dossier_secret"
    " WHERE lane = %s::smallint AND stream_id = ANY(%b::uuid[])"
)

Known = dict[Row, Row]
"""By key: what stands in the tables."""


async def find_fit(
    connection: Connection, operations: Sequence[PreparedOperation]
) -> tuple[Sequence[PreparedOperation], Known]:
    """Return the operations whose identifiers and secrets are absent or equal, and the rows that stand already.

    Of two operations in one batch that contradict each other, the first is fit; none is that leans on a secret
    which one before it fences.
    """
    leaning = [operation for operation in operations if operation.identifiers or operation.secrets or operation.fences]
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
            expected |= {(lane, stream.bytes, scope, number): () for lane, stream, scope, number in operation.fences}
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
