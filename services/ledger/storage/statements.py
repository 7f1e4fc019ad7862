"""How the append path talks to PostgreSQL: prepared statements, binary rows."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import AsyncConnection

Connection = AsyncConnection[tuple[Any, ...]]
Row = tuple[Any, ...]


async def fetch(connection: Connection, statement: LiteralString, parameters: Any) -> list[Row]:
    """Run a prepared statement and return all its rows, loaded from the binary format."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(statement, parameters, prepare=True)
        return await cursor.fetchall()
