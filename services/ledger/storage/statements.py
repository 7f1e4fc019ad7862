"""How the append path talks to PostgreSQL: prepared statements, binary rows, several on their way at once."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import AsyncConnection, AsyncCursor

Connection = AsyncConnection[tuple[Any, ...]]
Row = tuple[Any, ...]


async def fetch(connection: Connection, statement: LiteralString, parameters: Any) -> list[Row]:
    """Run a prepared statement and return all its rows, loaded from the binary format."""
    return await (await send(connection, statement, parameters)).fetchall()


async def send(connection: Connection, statement: LiteralString, parameters: Any) -> AsyncCursor[Any]:
    """Run a prepared statement; in a pipeline it is on its way only, until rows are fetched or the pipeline ends."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(statement, parameters, prepare=True)
    return cursor
