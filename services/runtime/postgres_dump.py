"""Dumps by PostgreSQL's own tools, in its custom format: one file that is whole or not there, closed to others."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from services.runtime.errors import GrootboekError, Kind
from services.runtime.postgres_place import find_binaries
from services.runtime.postgres_process import LOG_TAIL_BYTES_MAX

VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


class DumpFailed(GrootboekError):
    """The database could not be dumped; no file was left."""

    code = "dump_failed"
    remedy = "Read what the tool said: mostly the disk is full or the folder cannot be written."
    kind = Kind.UNAVAILABLE


class DumpUnreadable(GrootboekError):
    """This file could not be loaded as a dump of a ledger."""

    code = "dump_unreadable"
    remedy = "Name a file that `grootboek backup` or `pg_dump --format=custom` wrote, whole."
    kind = Kind.REJECTED


def dump_database(conninfo: str, target: Path) -> None:
    """Dump the database, as it is at one moment, to ``target``; raise DumpFailed and leave nothing behind."""
    beside = target.with_name(target.name + ".unfinished")
    beside.unlink(missing_ok=True)
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        said = run_tool("pg_dump", conninfo, ["--format=custom", "--no-owner", "--no-privileges", f"--file={beside}"])
        if said is not None:
            raise DumpFailed(f"The database could not be dumped: {said}")
        force_to_disk(beside)
        beside.replace(target)
        force_to_disk(target.parent)
    except OSError as error:
        raise DumpFailed(f"The database could not be dumped: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)


def load_dump(conninfo: str, dump: Path) -> None:
    """Load a dump into the empty database of ``conninfo``; raise DumpUnreadable at its first fault."""
    if not dump.is_file():
        raise DumpUnreadable
    database = conninfo_to_dict(conninfo)["dbname"]
    options = ["--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={database}", str(dump.absolute())]
    said = run_tool("pg_restore", conninfo, options)
    if said is not None:
        raise DumpUnreadable(f"This file could not be loaded as a dump of a ledger: {said}")


def run_tool(program: str, conninfo: str, options: list[str]) -> str | None:
    """Run a tool of PostgreSQL on a database; what it said when it failed, else None.

    The password goes by its environment: the arguments of a process are there for everybody to read.
    """
    binaries = find_binaries()
    given = conninfo_to_dict(conninfo)
    environment = {"PATH": str(binaries), "LC_ALL": "C", "TZ": "UTC"}
    environment |= {variable: str(given[name]) for name, variable in VARIABLES.items() if given.get(name)}
    done = subprocess.run(  # noqa: S603 - the program is the wheel's, the options are ours
        [str(binaries / program), "--no-password", *options], env=environment, capture_output=True, check=False
    )
    if done.returncode == 0:
        return None
    # The first complaint only: what follows may quote a row.
    said = done.stderr[:LOG_TAIL_BYTES_MAX].decode("utf-8", "replace").strip()
    return said.partition("\n")[0]


def force_to_disk(path: Path) -> None:
    """Force a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
