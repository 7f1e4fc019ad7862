"""Database roles of the services: their rights stand in a file of SQL beside the statements that use them."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any, LiteralString

from psycopg import Connection, sql

from services.runtime.postgres import migration_lock

LET_IN: LiteralString = "ALTER ROLE {} LOGIN PASSWORD {}"


def grant_rights(connection: Connection[Any], file: Traversable) -> None:
    """Bring a role to the rights that ``file`` names, in one transaction: who works with it misses none meanwhile."""
    with migration_lock(connection), connection.transaction():
        connection.execute(file.read_bytes())


def set_password(connection: Connection[Any], role: str, password: str) -> None:
    """Let a role log in with this password; the server gets to see only what it may store."""
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    with connection.transaction():
        connection.execute(sql.SQL(LET_IN).format(sql.Identifier(role), sql.Literal(hashed.decode("ascii"))))
