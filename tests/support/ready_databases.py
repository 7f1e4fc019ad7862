"""Databases as a new ledger has them, every migration applied and no row: made once, handed out again after a test.

To make and drop one takes PostgreSQL a third of a second; to take the rows out of one takes a twentieth of that.
What a test left behind otherwise (a table, an index, a right, a setting) is found by comparing the whole catalogue with
that of a database nobody used; then it is dropped. Each test gets a name of its own: who still knows the one before
comes nowhere.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from services.ledger.storage.open_ledger import MIGRATIONS
from services.notifier.storage.open_notifier import make_notifier
from services.runtime.postgres import migrate

NUMBERS: Final = itertools.count(1)
# Rows that are gone leave holes, and the planner remembers them: none is used for ever.
USES_MAX: Final = 40

CATALOGUE: Final = files("tests.support").joinpath("catalogue.sql").read_bytes()
OTHERS_GONE: Final = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
TABLES: Final = """
SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND (n.nspname, c.relname) <> ('public', 'schema_migration') AND pg_relation_size(c.oid) > 0"""
# The one row that a migration makes: the name of a ledger in its checkpoints, which no two ledgers share.
NAME_LEDGER: Final = """
INSERT INTO ledger_setting (name, value) VALUES ('ledger_id', gen_random_uuid()::text)
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


class ReadyDatabases:
    """The databases of one server that wait for their next test."""

    def __init__(self, server: str) -> None:
        """Make the one that all are copied from; ``server`` is how to reach the server as its owner."""
        self._server = server
        self._spare: list[tuple[str, int]] = []
        self._template = self._create("template1")
        with psycopg.connect(self._conninfo(self._template)) as connection:
            migrate(connection, MIGRATIONS, name="ledger")
            make_notifier(connection)
            self._untouched = read_catalogue(connection)
            (left,) = connection.execute(TABLES).fetchall()
            assert left == ("public", "ledger_setting"), "what else migrations fill must be filled anew for each test"

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Give how to reach a database that is as new, until the end of the block."""
        spare, uses = self._spare.pop() if self._spare else (self._create_ready(), 0)
        name = self._rename(spare)
        try:
            yield self._conninfo(name)
        finally:
            self._take_back(name, uses + 1)

    def _take_back(self, name: str, uses: int) -> None:
        """Keep it for another test, or drop it."""
        self._run(OTHERS_GONE, (name,))
        if uses < USES_MAX:
            # Whatever stands in the way, a table that is gone or somebody who came back: then it is dropped.
            with suppress(psycopg.Error):
                if self._is_renewed(name):
                    self._spare.append((self._rename(name), uses))
                    return
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _is_renewed(self, name: str) -> bool:
        """Take the rows out; whether it is now as it was before anybody used it."""
        with psycopg.connect(self._conninfo(name)) as connection:
            if read_catalogue(connection) != self._untouched:
                return False
            for schema, table in connection.execute(TABLES).fetchall():
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(schema, table)))
            connection.execute(NAME_LEDGER)
        return True

    def _create_ready(self) -> str:
        name = self._create(self._template)
        with psycopg.connect(self._conninfo(name)) as connection:
            connection.execute(NAME_LEDGER)
        return name

    def _create(self, template: str) -> str:
        name = next_name()
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _rename(self, name: str) -> str:
        new = next_name()
        self._run(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new)))
        return new

    def _run(self, statement: Any, values: tuple[str, ...] | None = None) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement, values)

    def _conninfo(self, name: str) -> str:
        return make_conninfo(self._server, dbname=name)


def next_name() -> str:
    """Return the name of a database that no test in this process has had."""
    return f"test_{os.getpid()}_{next(NUMBERS)}"


def read_catalogue(connection: psycopg.Connection[Any]) -> Any:
    """Return a digest of everything in a database but the rows of its tables; those of the migrations count."""
    return connection.execute(CATALOGUE).fetchone()
