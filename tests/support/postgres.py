"""A real PostgreSQL for tests: one server per session, a database of its own for every test that asks one.

``database`` is one as a new ledger has it, migrated and without rows; ``empty_database`` holds nothing at all.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.ready_databases import ReadyDatabases, next_name

READY: Final[dict[str, ReadyDatabases]] = {}


def new_data_directory() -> Path:
    """Make a data folder that an unprivileged server can reach, directly under the temporary folder."""
    parent = Path(tempfile.mkdtemp(prefix="grootboek test "))
    parent.chmod(0o711)
    return parent / "postgres"


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Give the conninfo of a database as new, all migrations applied, on the server with conninfo `server`."""
    if server not in READY:
        READY[server] = ReadyDatabases(server)
    with READY[server].lend() as conninfo:
        yield conninfo


@contextmanager
def created_database(server: str, *, template: str = "template1") -> Iterator[str]:
    """Create a database on the server with conninfo `server`, give its conninfo, and drop it with its connections."""
    name = next_name()
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
    try:
        yield make_conninfo(server, dbname=name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """Run one server for the whole session, with every safety on, and remove it afterwards."""
    directory = new_data_directory()
    server = EmbeddedPostgres(directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory.parent)


@pytest.fixture
def database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Give the conninfo of a database for one test, migrated and without rows."""
    with fresh_database(postgres_server.conninfo) as conninfo:
        yield conninfo


@pytest.fixture
def empty_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Give the conninfo of a database for one test, without any table."""
    with created_database(postgres_server.conninfo) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def empty_module_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Give the conninfo of a database shared by the tests of one module, without any table at first."""
    with created_database(postgres_server.conninfo) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Give the conninfo of a database shared by the tests of one module, migrated and without rows at first."""
    with fresh_database(postgres_server.conninfo) as conninfo:
        yield conninfo


@pytest.fixture
def databases(postgres_server: EmbeddedPostgres) -> Iterator[Callable[..., str]]:
    """Give a function that creates one more database, from the template named or an empty one."""
    with ExitStack() as stack:

        def create(template: str = "template1") -> str:
            return stack.enter_context(created_database(postgres_server.conninfo, template=template))

        yield create


def database_name(conninfo: str) -> str:
    """Return the name of the database in a conninfo, for use as a template."""
    return str(conninfo_to_dict(conninfo)["dbname"])
