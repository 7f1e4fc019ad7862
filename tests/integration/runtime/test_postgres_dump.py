"""Dumps that are whole or not there, and loads that say what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from services.runtime.postgres_dump import DumpFailed, DumpUnreadable, dump_database, load_dump


def fill(conninfo: str) -> None:
    """Put a schema with a few rows into a database."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE SCHEMA other")
        connection.execute("CREATE TABLE other.thing (name text, content bytea)")
        connection.execute("INSERT INTO other.thing SELECT n::text, decode('00ff', 'hex') FROM generate_series(1, 9) n")


def things(conninfo: str) -> list[tuple[str, bytes]]:
    """Read the rows back."""
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT name, content FROM other.thing ORDER BY name").fetchall()


def test_a_dump_is_loaded_as_it_was(databases: Callable[..., str], tmp_path: Path) -> None:
    """A dump loaded into an empty database holds the same rows, in a file for its owner only, whatever it is named."""
    first, second = databases(), databases()
    fill(first)
    dump = tmp_path / "a dump; with 'signs'"
    dump_database(first, dump)
    assert dump.stat().st_mode & 0o777 == 0o600
    load_dump(second, dump)
    assert things(second) == things(first)
    assert [path.name for path in tmp_path.iterdir()] == [dump.name]


def test_a_dump_that_fails_leaves_what_was_there(database: str, tmp_path: Path) -> None:
    """A folder that is not there and a database that is not there are said, and an older dump stays whole."""
    with pytest.raises(DumpFailed):
        dump_database(database, tmp_path / "missing" / "dump")
    (tmp_path / "dump").write_bytes(b"older")
    with pytest.raises(DumpFailed, match="does not exist"):
        dump_database(f"{database} dbname=nobody", tmp_path / "dump")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("dump", b"older")]


@pytest.mark.parametrize("content", [b"", b"no dump at all", b"PGDMP torn"])
def test_what_is_no_dump_is_refused(database: str, tmp_path: Path, content: bytes) -> None:
    """An empty, a foreign and a torn file are refused by name of what is wrong."""
    dump = tmp_path / "dump"
    dump.write_bytes(content)
    with pytest.raises(DumpUnreadable):
        load_dump(database, dump)
    with pytest.raises(DumpUnreadable):
        load_dump(database, tmp_path / "nothing")
