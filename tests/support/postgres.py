"""A real PostgreSQL for tests: one server per session, a database of its own for every test that asks one."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.runtime.embedded_postgres import EmbeddedPostgres

NUMBERS = itertools.count(1)


def new_data_directory() -> Path:
    """Make a data folder that an unprivileged server can reach, directly under the temporary folder."""
    parent = Path(tempfile.mkdtemp(prefix="grootboek test "))
    parent.chmod(0o711)
    return parent / "postgres"


@contextmanager
def fresh_database(server: str, *, template: str = "template1") -> Iterator[str]:
    """Create a database on the server with conninfo `server`, give its conninfo, and drop it with its connections."""
    name = f"test_{next(NUMBERS)}"
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
    """Give the conninfo of an empty database for one test."""
    with fresh_database(postgres_server.conninfo) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """Give the conninfo of an empty database shared by the tests of one module."""
    with fresh_database(postgres_server.conninfo) as conninfo:
        yield conninfo


@pytest.fixture
def databases(postgres_server: EmbeddedPostgres) -> Iterator[Callable[..., str]]:
    """Give a function that creates one more database, from the template named or an empty one."""
    with ExitStack() as stack:

        def create(template: str = "template1") -> str:
            return stack.enter_context(fresh_database(postgres_server.conninfo, template=template))

        yield create


def database_name(conninfo: str) -> str:
    """Return the name of the database in a conninfo, for use as a template."""
    return str(conninfo_to_dict(conninfo)["dbname"])
