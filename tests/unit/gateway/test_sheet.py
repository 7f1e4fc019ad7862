"""Tables as CSV: every value readable, and none that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest

from services.gateway.formats.sheet import cell, write_sheet


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("name", "name"),
        (3, "3"),
        (("a", "b"), "a; b"),
        ([], ""),
        ({"gdpr": "6(1)(e)", "statute": None}, "gdpr: 6(1)(e)"),
        ({"plan": ["P1Y", "P2Y"]}, "plan: P1Y; P2Y"),
        ("=1+1", "'=1+1"),
        ("+31", "'+31"),
        ("-2", "'-2"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        (("=1", "b"), "'=1; b"),
    ],
)
def test_a_cell_says_what_the_value_says_and_runs_nothing(value: object, expected: str) -> None:
    """Lists are joined, objects named, and what would be a formula is text."""
    assert cell(value) == expected


def test_a_sheet_has_a_head_and_survives_commas_and_quotes() -> None:
    """What was written is read back; columns that a row lacks are empty, others are left out."""
    rows = [{"id": "a", "name": 'Groep "Noord", en meer\nregels'}, {"id": "b", "other": "x"}]
    raw = write_sheet(("id", "name"), rows)
    assert raw.startswith(b"\xef\xbb\xbfid,name\r\n")
    read = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert read == [{"id": "a", "name": 'Groep "Noord", en meer\nregels'}, {"id": "b", "name": ""}]
