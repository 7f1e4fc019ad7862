"""Leadership among processes on any number of hosts: an advisory lock that lives and dies with its connection."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from services.runtime.postgres import BoundedConnection, connection_arguments

SEALER_LOCK: Final = 0x7365_616C
"""Advisory lock: one process keeps the trees, whoever else is ready to take over."""

TAKE_LOCK: Final = "SELECT pg_try_advisory_lock(%s)"
IS_HELD: Final = "SELECT 1"


class Leadership:
    """Leads when nobody else does; for one thread, which asks before every piece of work."""

    def __init__(self, conninfo: str, lock: int, name: str) -> None:
        """Take the lock's number; nothing is connected before the first ``take``."""
        self._conninfo = conninfo
        self._lock = lock
        self._name = name
        self._connection: psycopg.Connection[Any] | None = None
        self.leads = False

    def take(self) -> bool:
        """Whether we lead now; psycopg.Error when the database does not answer, and then nobody here leads."""
        try:
            connection = self._connection or self._connect()
            # The lock lasts as long as the session: one that still answers still holds it.
            row = connection.execute(*((IS_HELD,) if self.leads else (TAKE_LOCK, (self._lock,)))).fetchone()
            self.leads = bool(row and row[0])
        except psycopg.Error:
            self.let_go()
            raise
        return self.leads

    def let_go(self) -> None:
        """Lead no more, and let the next one take over at once."""
        connection, self._connection, self.leads = self._connection, None, False
        if connection is not None:
            connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        self._connection = BoundedConnection.connect(
            self._conninfo, autocommit=True, **connection_arguments(self._name)
        )
        return self._connection
