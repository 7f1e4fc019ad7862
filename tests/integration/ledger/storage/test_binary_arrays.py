"""The arrays we encode ourselves, as PostgreSQL reads them."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest

from services.ledger.storage import binary_arrays as arrays

IDS = [UUID(int=0), UUID(int=2**128 - 1), UUID("8db6110e-333e-49c5-9301-85b5df401da9")]


@pytest.mark.parametrize(
    ("cast", "encoded", "expected"),
    [
        ("%b::uuid[]", arrays.uuids([each.bytes for each in IDS]), IDS),
        ("%b::uuid[]", arrays.uuids([]), []),
        ("%b::bytea[]", arrays.byteas([b"", b"\x00\xff", b"x" * 70_000]), [b"", b"\x00\xff", b"x" * 70_000]),
        ("%b::bytea[]", arrays.byteas([]), []),
        ("%b::text[]", arrays.texts(["a", "", "é€😀", "a"]), ["a", "", "é€😀", "a"]),
        ("%b::text[]", arrays.texts([]), []),
        ("%b::smallint[]", arrays.smallints([0, -1, 32_767]), [0, -1, 32_767]),
        ("%b::bigint[]", arrays.bigints([0, -1, 2**62]), [0, -1, 2**62]),
    ],
)
def test_server_reads_what_was_encoded(
    database: str, cast: LiteralString, encoded: arrays.BinaryArray, expected: list[Any]
) -> None:
    """Every element type arrives whole, an empty array as an empty one."""
    with psycopg.connect(database) as connection:
        arrays.register_binary_arrays(connection)
        row = connection.execute("SELECT " + cast, (encoded,)).fetchone()
    assert row == (expected,)


def test_uuids_load_as_bytes_where_asked(database: str) -> None:
    """A connection of the writer gets ids as their bytes, others keep getting UUIDs."""
    with psycopg.connect(database) as connection:
        arrays.load_uuids_as_bytes(connection)
        assert connection.cursor(binary=True).execute("SELECT %s::uuid", (IDS[0],)).fetchone() == (IDS[0].bytes,)
    with psycopg.connect(database) as connection:
        row = connection.cursor(binary=True).execute("SELECT %s::uuid", (IDS[0],)).fetchone()
    assert row == (UUID(bytes=IDS[0].bytes),)
