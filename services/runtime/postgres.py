"""PostgreSQL as the ledger uses it: durable or not at all, pools with bounds, numbered migrations forward only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, LiteralString

import msgspec
import psycopg
from psycopg import Connection
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout as WaitTimeout
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind, Unavailable

# How often a wait looks whether it was interrupted; the library's own.
WAIT_SECONDS: Final = 0.1

SyncPool = ConnectionPool[Connection[TupleRow]]

# SQLSTATE classes that say that the server cannot now: connection, transaction rolled back, resources (disk, memory),
# lock not granted, operator's intervention, I/O; and single states: a read-only server, a transaction that stood still
# for too long because one of us did not hear the other.
AWAY_CLASSES: Final = frozenset({"08", "40", "53", "55", "57", "58"})
AWAY_STATES: Final = frozenset({"25006", "25P03", "25P04"})

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


class DatabaseAway(Unavailable):
    """The database takes or gives nothing at this moment."""

    code = "database-away"


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


def is_away(error: Exception) -> bool:
    """Tell whether an error says that the database cannot now, and nothing about what it was asked."""
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        # The connection broke, or the pool has none to give.
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate[:2] in AWAY_CLASSES or error.sqlstate in AWAY_STATES


class BoundedConnection(Connection[TupleRow]):
    """A connection over which nobody waits for ever: a server that says nothing for so long is taken to be gone.

    The server's own bounds do not help who does not hear it.
    """

    def wait(self, gen: PQGen[RV], interval: float = WAIT_SECONDS, timeout: float | None = None) -> RV:
        """Wait for one answer; the connection is closed when it does not come, for nobody would know whose it is."""
        try:
            return super().wait(gen, interval, limits.POSTGRES_ANSWER_SECONDS_MAX if timeout is None else timeout)
        except WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from error


class Pool(ConnectionPool[Connection[TupleRow]]):
    """A pool whose users hear DatabaseAway, which callers may try again, whenever the database cannot now."""

    @contextmanager
    def connection(self, timeout: float | None = None) -> Iterator[Connection[TupleRow]]:
        """Lend a connection; see ConnectionPool."""
        try:
            with super().connection(timeout) as connection:
                yield connection
        except psycopg.Error as error:
            if is_away(error):
                raise DatabaseAway from error
            raise


def sync_pool(
    conninfo: str,
    *,
    name: str,
    size_max: int = limits.POSTGRES_POOL_SYNC_MAX,
    autocommit: bool = False,
    patient: bool = False,
) -> SyncPool:
    """Return a closed pool for threads; open it with `with` or `.open()`.

    Connections commit per block, or with `autocommit` per statement: two round trips less where one statement is all.
    Who is `patient` waits as long as a statement takes; everybody else is answered within a bound.
    """
    return Pool(
        conninfo,
        connection_class=Connection[TupleRow] if patient else BoundedConnection,
        min_size=min(limits.POSTGRES_POOL_SYNC_MIN, size_max),
        max_size=size_max,
        open=False,
        name=name,
        timeout=limits.POSTGRES_POOL_WAIT_SECONDS_MAX,
        # Ever longer waits between attempts are for those who pay by attempt: after this the next request tries anew.
        reconnect_timeout=limits.POSTGRES_RECONNECT_SECONDS_MAX,
        kwargs=connection_arguments(name) | {"autocommit": autocommit},
    )


def connection_arguments(name: str) -> dict[str, Any]:
    """Return the arguments of every connection: its name for the operator, UTC, bounds on a server that is gone."""
    return {
        "application_name": f"grootboek-{name}",
        "connect_timeout": limits.POSTGRES_CONNECT_SECONDS_MAX,
        "keepalives_idle": limits.POSTGRES_KEEPALIVE_SECONDS,
        "keepalives_interval": limits.POSTGRES_KEEPALIVE_SECONDS,
        "keepalives_count": limits.POSTGRES_KEEPALIVES_MAX,
        "tcp_user_timeout": limits.POSTGRES_KEEPALIVE_SECONDS * limits.POSTGRES_KEEPALIVES_MAX * 1_000,
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
