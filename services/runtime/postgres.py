"""PostgreSQL as the ledger uses it: durable or not at all, pools with bounds, numbered migrations forward only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, LiteralString

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind

SyncPool = ConnectionPool[Connection[TupleRow]]

# One number for all of Grootboek: two processes that start together migrate one after the other.
MIGRATION_LOCK = 0x6772_6F6F_7462
MIGRATION_NAME = re.compile(r"(?P<number>\d{4})_(?P<phase>pre|post)_(?P<slug>[a-z0-9_]+)\.sql")

CREATE_MIGRATION_TABLE: LiteralString = """
CREATE TABLE IF NOT EXISTS schema_migration (
    folder text NOT NULL,
    number integer NOT NULL,
    phase text NOT NULL CHECK (phase IN ('pre', 'post')),
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (folder, number)
)"""
SELECT_MIGRATIONS: LiteralString = "SELECT number, sha256 FROM schema_migration WHERE folder = %s"
SELECT_POST: LiteralString = "SELECT number FROM schema_migration WHERE folder = %s AND phase = 'post'"
INSERT_MIGRATION: LiteralString = (
    "INSERT INTO schema_migration (folder, number, phase, name, sha256) VALUES (%s, %s, %s, %s, %s)"
)
DURABILITY_SETTINGS: LiteralString = (
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')"
)


class UnsafeSettings(GrootboekError):
    """This PostgreSQL may lose what it has acknowledged."""

    code = "unsafe_settings"
    remedy = "Turn fsync, full_page_writes and synchronous_commit on (or synchronous_commit to a remote level)."
    kind = Kind.UNAVAILABLE


class MigrationChanged(GrootboekError):
    """A migration that was applied has been edited since."""

    code = "migration_changed"
    remedy = "Restore the file; write a new migration for the change. Migrations only go forward."
    kind = Kind.CONFLICT


class MigrationMissing(GrootboekError):
    """The database holds a migration that this version of the software does not know and may not work with."""

    code = "migration_missing"
    remedy = "Start a version of the software at least as new as the one that migrated this database."
    kind = Kind.CONFLICT


class MigrationNamedWrong(GrootboekError):
    """A migration's file name is not `NNNN_pre_slug.sql` or `NNNN_post_slug.sql`, or its number is taken."""

    code = "migration_named_wrong"
    remedy = "Rename the file."
    kind = Kind.INTERNAL


class Migration(msgspec.Struct, frozen=True):
    """One numbered file: `pre` runs before the new software starts, `post` when the old one has gone."""

    number: int
    phase: str
    name: str
    text: bytes

    @property
    def sha256(self) -> bytes:
        """Return the digest that later runs compare."""
        return hashlib.sha256(self.text).digest()


def assert_durable(connection: Connection[Any]) -> None:
    """Raise UnsafeSettings unless an acknowledged commit survives a power cut on this server."""
    row = connection.execute(DURABILITY_SETTINGS).fetchone()
    assert row is not None
    fsync, full_page_writes, synchronous_commit = row
    if fsync != "on" or full_page_writes != "on" or synchronous_commit == "off":
        raise UnsafeSettings


def sync_pool(
    conninfo: str, *, name: str, size_max: int = limits.POSTGRES_POOL_SYNC_MAX, autocommit: bool = False
) -> SyncPool:
    """Return a closed pool for threads; open it with `with` or `.open()`.

    Connections commit per block, or with `autocommit` per statement: two round trips less where one statement is all.
    """
    return ConnectionPool(
        conninfo,
        min_size=min(limits.POSTGRES_POOL_SYNC_MIN, size_max),
        max_size=size_max,
        open=False,
        name=name,
        timeout=limits.POSTGRES_POOL_WAIT_SECONDS_MAX,
        kwargs=connection_arguments(name) | {"autocommit": autocommit},
    )


def connection_arguments(name: str) -> dict[str, Any]:
    """Return the arguments of every connection: its name for the operator, UTC, a bound on connecting."""
    return {
        "application_name": f"grootboek-{name}",
        "connect_timeout": limits.POSTGRES_CONNECT_SECONDS_MAX,
        "options": "-c timezone=UTC",
    }


def migrate(
    connection: Connection[Any],
    folder: Traversable,
    *,
    name: str = "grootboek",
    phases: tuple[str, ...] = ("pre", "post"),
) -> int:
    """Apply the migrations of `folder` that this database lacks, each in its own transaction; return how many.

    `name` tells the folders of several services in one database apart. Raise MigrationChanged or MigrationMissing
    when the database and the files disagree about the past. What a newer release did in its phase `pre` is no such
    thing: the release before it, ours, goes on working until the phase `post`.
    """
    migrations = read_migrations(folder)
    with migration_lock(connection):
        applied = applied_migrations(connection, name)
        check_history(migrations, applied, post_migrations(connection, name))
        wanted = [each for each in migrations if each.number not in applied and each.phase in phases]
        for migration in wanted:
            apply_migration(connection, name, migration)
    return len(wanted)


@contextmanager
def migration_lock(connection: Connection[Any]) -> Iterator[None]:
    """Hold the session-level lock that lets one process migrate at a time."""
    connection.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))
        connection.commit()


def read_migrations(folder: Traversable) -> list[Migration]:
    """Read the `.sql` files of a folder in the order of their numbers; raise MigrationNamedWrong on a bad name."""
    migrations = [read_migration(file) for file in folder.iterdir() if file.name.endswith(".sql")]
    if len({each.number for each in migrations}) != len(migrations):
        raise MigrationNamedWrong
    return sorted(migrations, key=lambda each: each.number)


def read_migration(file: Traversable | Path) -> Migration:
    """Read one file named like `0001_pre_ledger.sql`."""
    match = MIGRATION_NAME.fullmatch(file.name)
    if match is None:
        raise MigrationNamedWrong
    return Migration(int(match["number"]), match["phase"], file.name, file.read_bytes())


def applied_migrations(connection: Connection[Any], name: str) -> dict[int, bytes]:
    """Return number and digest of what this database has had."""
    connection.execute(CREATE_MIGRATION_TABLE)
    rows = connection.execute(SELECT_MIGRATIONS, (name,)).fetchall()
    connection.commit()
    return {number: bytes(sha256) for number, sha256 in rows}


def post_migrations(connection: Connection[Any], name: str) -> set[int]:
    """Return the numbers of what was done after the release before the one that did it had gone."""
    numbers = {number for (number,) in connection.execute(SELECT_POST, (name,))}
    connection.commit()
    return numbers


def check_history(migrations: list[Migration], applied: dict[int, bytes], post: set[int]) -> None:
    """Compare the files with what was applied; `post` are the numbers among it that leave no older release at work."""
    known = {each.number: each.sha256 for each in migrations}
    newest = max(known, default=0)
    for number, sha256 in applied.items():
        if number not in known:
            if number < newest or number in post:
                raise MigrationMissing
        elif known[number] != sha256:
            raise MigrationChanged


def apply_migration(connection: Connection[Any], name: str, migration: Migration) -> None:
    """Run one file and note it, in one transaction."""
    with connection.transaction():
        connection.execute(migration.text)
        connection.execute(
            INSERT_MIGRATION, (name, migration.number, migration.phase, migration.name, migration.sha256)
        )
    connection.commit()
