"""The rows that events lean on: identifiers and dossier secrets, compared under the counter row of their lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString

from psycopg import AsyncCursor

from services.ledger.domain.stored import PreparedOperation
from services.ledger.storage import binary_arrays as arrays
from services.ledger.storage.statements import Connection, Row, send

SELECT_IDENTIFIERS: Final[LiteralString] = (
    "SELECT lookup, key_version, stream_id FROM subject_identifier"
    " WHERE lane = %s::smallint AND lookup = ANY(%b::bytea[])"
)
# Row by row along the key, whatever the planner knows of a new ledger. A person may have many other dossiers.
SELECT_SECRETS: Final[LiteralString] = """
SELECT wanted.stream_id, wanted.scope, wanted.generation, known.wrap_key_id, known.wrapped, known.state
FROM unnest(%b::uuid[], %b::bytea[], %b::smallint[]) AS wanted (stream_id, scope, generation)
CROSS JOIN LATERAL (
    SELECT wrap_key_id, wrapped, state FROM dossier_secret
    WHERE lane = %s::smallint AND stream_id = wanted.stream_id AND scope = wanted.scope
        AND generation = wanted.generation
    LIMIT 1
) AS known"""

Known = dict[Row, Row]
"""By key: what stands in the tables."""
Asked = list[tuple[int, int, AsyncCursor[Row]]]
"""Questions on their way: lane, how many columns of an answer are its key, and where the answer comes."""


def find_fit(operations: Sequence[PreparedOperation], stored: Known) -> Sequence[PreparedOperation]:
    """Return the operations whose identifiers and secrets are absent from what is stored, or equal.

    Of two operations in one batch that contradict each other, the first is fit; none is that leans on a secret
    which one before it fences.
    """
    expected = dict(stored)
    stale = set()
    for operation in operations:
        if not (operation.identifiers or operation.secrets or operation.fences):
            continue
        wanted = rows_of(operation)
        if any(expected.get(key, row) != row for key, row in wanted.items()):
            stale.add(operation.operation_id)
            continue
        expected |= wanted
        for lane, stream, scope, number in operation.fences:
            expected[lane, stream.bytes, scope, number] = ()
    return [operation for operation in operations if operation.operation_id not in stale] if stale else operations


def rows_of(operation: PreparedOperation) -> Known:
    """Return the rows the operation leans on, by key, in the shape of `read_known`."""
    rows: Known = {(row.lane, row.lookup): (row.key_version, row.stream_id.bytes) for row in operation.identifiers}
    for secret in operation.secrets:
        key = (secret.lane, secret.stream_id.bytes, secret.scope, secret.generation)
        rows[key] = (secret.wrap_key_id, secret.wrapped, "active")
    return rows


async def ask_known(connection: Connection, operations: Sequence[PreparedOperation]) -> Asked:
    """Ask for the stored identifiers and secrets that these operations name, one statement per lane and kind."""
    lookups: dict[int, set[bytes]] = {}
    secrets: dict[int, dict[Row, None]] = {}
    for operation in operations:
        for row in operation.identifiers:
            lookups.setdefault(row.lane, set()).add(row.lookup)
        for secret in operation.secrets:
            place = (secret.stream_id.bytes, secret.scope, secret.generation)
            secrets.setdefault(secret.lane, {})[place] = None
    asked: Asked = []
    for lane, wanted in lookups.items():
        asked.append((lane, 1, await send(connection, SELECT_IDENTIFIERS, (lane, arrays.byteas(list(wanted))))))
    for lane, places in secrets.items():
        streams, scopes, generations = zip(*places, strict=True)
        columns = (arrays.uuids(streams), arrays.byteas(scopes), arrays.smallints(generations))
        asked.append((lane, 3, await send(connection, SELECT_SECRETS, (*columns, lane))))
    return asked


async def read_known(asked: Asked) -> Known:
    """Return what stands in the tables of what was asked, by key."""
    known: Known = {}
    for lane, width, cursor in asked:
        known.update({(lane, *row[:width]): row[width:] for row in await cursor.fetchall()})
    return known
