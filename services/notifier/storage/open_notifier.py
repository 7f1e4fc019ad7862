"""Opens the database of notifier: its own schema, its own migrations."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

import psycopg

from services.runtime.postgres import BoundedConnection, assert_durable, connection_arguments, migrate
from services.runtime.postgres_check import check_migrated, refuse_strong_role

MIGRATIONS: Final = files("services.notifier.storage").joinpath("migrations")

LEADER_LOCK: Final = 0x6E6F_7469_6679
"""Advisory lock: of several processes one decides and sends, whoever else is ready to take over."""

OUTBOX_LOCK: Final = 0x6E6F_7469_6F72
"""Advisory lock: many may write letters at once, but nobody while keys without a letter are looked for."""

TAKE_LOCK: Final = "SELECT pg_try_advisory_lock(%s)"
SHARE_LOCK: Final = "SELECT pg_advisory_lock_shared(%s)"


def open_notifier(conninfo: str) -> None:
    """Make the database ready; safe to call at every start. Raises UnsafeSettings on a server that may lose commits."""
    with connect(conninfo) as connection:
        connection.autocommit = False
        make_notifier(connection)


def make_notifier(connection: psycopg.Connection[Any], phases: tuple[str, ...] = ("pre", "post")) -> int:
    """Migrate over a connection of the owner, which commits by block; how many migrations were applied."""
    assert_durable(connection)
    return migrate(connection, MIGRATIONS, name="notifier", phases=phases)


def check_notifier(conninfo: str) -> None:
    """Check that the database stands ready, and that our role may do no more than use it; nothing is written.

    For a process of several, none of which migrates: SchemaBehind when that is still to be done.
    """
    with connect(conninfo) as connection:
        assert_durable(connection)
        refuse_strong_role(connection)
        check_migrated(connection, MIGRATIONS, name="notifier")


def connect(conninfo: str) -> psycopg.Connection[Any]:
    """A connection whose statements each commit, unless within a transaction block."""
    return BoundedConnection.connect(conninfo, autocommit=True, **connection_arguments("notifier"))


def lead(connection: psycopg.Connection[Any]) -> bool:
    """Take the lead for as long as the connection lives; whether it was free."""
    return _take(connection, LEADER_LOCK)


def hold_outbox(connection: psycopg.Connection[Any]) -> None:
    """Let nobody take a letter that is being written for an orphan, for as long as the connection lives."""
    connection.execute(SHARE_LOCK, (OUTBOX_LOCK,))


def own_outbox(connection: psycopg.Connection[Any]) -> bool:
    """Be the only one at the outbox for as long as the connection lives; whether nobody else was."""
    return _take(connection, OUTBOX_LOCK)


def _take(connection: psycopg.Connection[Any], lock: int) -> bool:
    row = connection.execute(TAKE_LOCK, (lock,)).fetchone()
    return bool(row and row[0])
