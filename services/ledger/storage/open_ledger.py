"""Opens a ledger: makes its database ready, or checks that somebody did, and fixes what may never differ."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final, Literal, LiteralString

import psycopg
from psycopg import Connection

from services.ledger.contract.positions import REGISTER_LANE
from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.postgres import assert_durable, connection_arguments, migrate
from services.runtime.postgres_check import SchemaBehind, check_migrated, refuse_strong_role

ClockKind = Literal["system", "scenario"]

MIGRATIONS: Final = files("services.ledger.storage").joinpath("migrations")
FIX_SETTING: Final[LiteralString] = "INSERT INTO ledger_setting (name, value) VALUES (%s, %s) ON CONFLICT DO NOTHING"
FIX_CREATION: Final[LiteralString] = (
    "INSERT INTO ledger_setting (name, value)"
    " VALUES ('created_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))"
    " ON CONFLICT DO NOTHING"
)
SELECT_SETTING: Final[LiteralString] = "SELECT value FROM ledger_setting WHERE name = %s"
SELECT_OPENING: Final[LiteralString] = "SELECT name, value FROM ledger_setting WHERE name IN ('lanes', 'clock')"
CREATE_LANES: Final[LiteralString] = "INSERT INTO lane_head (lane) SELECT unnest(%s::smallint[]) ON CONFLICT DO NOTHING"


class LedgerOpenedOtherwise(GrootboekError):
    """This ledger was created with another number of lanes or another kind of clock."""

    code = "ledger_opened_otherwise"
    remedy = "Start with the settings the ledger was created with, or on an empty database."
    kind = Kind.CONFLICT


class LanesInvalid(GrootboekError):
    """The number of lanes must be a power of two within the bound."""

    code = "lanes_invalid"
    remedy = f"Choose 1, 2, 4, … up to {limits.LANES_MAX}; the number is fixed for the life of a ledger."
    kind = Kind.REJECTED


def open_ledger(conninfo: str, lanes: int, clock_kind: ClockKind) -> None:
    """Make the database ready for a ledger of `lanes` subject lanes; safe to call at every start, by many at once.

    Raise UnsafeSettings on a server that may lose commits, LedgerOpenedOtherwise when the ledger was created with
    other settings, and LanesInvalid.
    """
    check_lanes(lanes)
    with psycopg.connect(conninfo, **connection_arguments("open")) as connection:
        make_ledger(connection, lanes, clock_kind)


def make_ledger(
    connection: Connection[Any], lanes: int, clock_kind: ClockKind, phases: tuple[str, ...] = ("pre", "post")
) -> int:
    """Migrate over a connection of the owner and fix the settings; how many migrations were applied."""
    check_lanes(lanes)
    assert_durable(connection)
    applied = migrate(connection, MIGRATIONS, name="ledger", phases=phases)
    with connection.transaction():
        fix_setting(connection, "lanes", str(lanes))
        fix_setting(connection, "clock", clock_kind)
        connection.execute(FIX_CREATION)
        connection.execute(CREATE_LANES, ([*range(lanes), REGISTER_LANE],))
    return applied


def check_ledger(conninfo: str, lanes: int, clock_kind: ClockKind) -> None:
    """Check that a ledger with these settings stands ready, and that our role may do no more than use it.

    For a process of several, none of which migrates: SchemaBehind when that is still to be done. Nothing is written.
    """
    check_lanes(lanes)
    with psycopg.connect(conninfo, **connection_arguments("open")) as connection:
        assert_durable(connection)
        refuse_strong_role(connection)
        check_migrated(connection, MIGRATIONS, name="ledger")
        found = dict(connection.execute(SELECT_OPENING).fetchall())
    if found.keys() != {"lanes", "clock"}:
        raise SchemaBehind
    if found != {"lanes": str(lanes), "clock": clock_kind}:
        raise LedgerOpenedOtherwise


def check_lanes(lanes: int) -> None:
    """Raise LanesInvalid unless so many lanes can be."""
    if not 1 <= lanes <= limits.LANES_MAX or lanes & (lanes - 1):
        raise LanesInvalid


class NoLedgerInDatabase(GrootboekError):
    """There is no ledger in this database."""

    code = "no_ledger_in_database"
    remedy = "Name the dump of a ledger, whole."
    kind = Kind.REJECTED


def settings_of(conninfo: str) -> tuple[int, ClockKind]:
    """The number of lanes and the kind of clock that the ledger in a database was created with; NoLedgerInDatabase."""
    with psycopg.connect(conninfo, **connection_arguments("open")) as connection:
        try:
            rows = connection.execute(SELECT_OPENING).fetchall()
        except psycopg.errors.UndefinedTable:
            raise NoLedgerInDatabase from None
    found = dict(rows)
    if found.keys() != {"lanes", "clock"}:
        raise NoLedgerInDatabase
    return int(found["lanes"]), "scenario" if found["clock"] == "scenario" else "system"


def fix_setting(connection: Connection[Any], name: str, value: str) -> None:
    """Store a setting the first time; raise LedgerOpenedOtherwise when another value stands."""
    connection.execute(FIX_SETTING, (name, value))
    row = connection.execute(SELECT_SETTING, (name,)).fetchone()
    if row is None or row[0] != value:
        raise LedgerOpenedOtherwise
