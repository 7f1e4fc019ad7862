"""The few connections of the append path: made when first needed, thrown away at the first doubt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString

from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus

from services.ledger.storage.binary_arrays import load_uuids_as_bytes, register_binary_arrays
from services.ledger.storage.statements import Connection
from services.runtime import limits
from services.runtime.postgres import connection_arguments

CONFIGURE: Final[LiteralString] = """
SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false),
       set_config('idle_in_transaction_session_timeout', %s, false), set_config('plan_cache_mode', %s, false)"""
"""The arrays of a batch differ from one to a thousand elements; a plan made for ten would loop over them squared."""


class WriterConnections:
    """Lends at most `count` connections, the last used first; a broken one is replaced at its next turn."""

    def __init__(self, conninfo: str, count: int) -> None:
        """Take the conninfo; nothing is connected before the first `borrow`."""
        self._conninfo = conninfo
        self._free: asyncio.LifoQueue[Connection | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._free.put_nowait(None)

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        """Lend an idle connection; psycopg's OperationalError tells that none can be made."""
        connection = await self._free.get()
        try:
            if connection is None:
                connection = await connect(self._conninfo)
            yield connection
        finally:
            if connection is not None and not is_idle(connection):
                await connection.close()
                connection = None
            self._free.put_nowait(connection)

    async def close(self) -> None:
        """Close the connections that are not lent."""
        while not self._free.empty():
            connection = self._free.get_nowait()
            if connection is not None:
                await connection.close()


def is_idle(connection: Connection) -> bool:
    """Tell whether the connection is whole and outside a transaction."""
    return connection.info.transaction_status == TransactionStatus.IDLE


async def connect(conninfo: str) -> Connection:
    """Open a connection for appends: every statement and every wait for a lock is bounded."""
    arguments: dict[str, Any] = connection_arguments("append")
    connection: Connection = await AsyncConnection.connect(conninfo, autocommit=True, **arguments)
    register_binary_arrays(connection)
    load_uuids_as_bytes(connection)
    lock, statement = f"{limits.APPEND_LOCK_SECONDS_MAX}s", f"{limits.STATEMENT_SECONDS_MAX}s"
    await connection.execute(CONFIGURE, (lock, statement, statement, "force_custom_plan"))
    return connection
