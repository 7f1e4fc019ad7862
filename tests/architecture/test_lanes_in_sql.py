"""Beyond one PostgreSQL the tables are distributed by lane: the SQL itself shows that they can be."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

import services.ledger.storage

# Tables of a lane, by the name that statements use.
MIGRATIONS: Final = Path("services/ledger/storage/migrations")
CREATED: Final = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(?:projection\.)?(\w+) \((.*?)\n\)", re.DOTALL)
CITUS: Final = Path("k8s/citus/distribute.sql")
# Small tables without a lane: every node keeps a copy of them.
REFERENCE: Final = frozenset({"ledger_setting", "unused_week_key"})
# What stands over all lanes on purpose. None of it is in the road of an act, an answer or a projection.
OVER_ALL_LANES: Final = {
    "audit.SELECT_LANES": "the audit compares all lanes",
    "audit.SELECT_UNCLAIMED": "the audit compares all lanes: a claim stands in another lane than its events",
    "audit.SELECT_EMPTY_CLAIMS": "the audit compares all lanes: a claim stands in another lane than its events",
    "audit.COUNT_EVENTS": "the audit compares all lanes",
    "events.HEADS": "one row per lane: which lanes there are and how far they are",
    "events.OF_OPERATION": "an operation lies in the lanes of its subjects; asked for one operation, never for an act",
    "key_store.SELECT_LANES": "one row per lane: which lanes there are",
    "open_ledger.CREATE_LANES": "makes the lanes of a new ledger",
    "overlaps.FULL_SINCE": "what a party asked in a day lies in the lane of each overlap; few rows, by an index",
    "overlaps.UNSETTLED": "whatever overlap is over, in any lane; few rows, by an index",
    "projector.PENDING": "one row per lane: which lane has something new",
    "projector.READ_CURSORS": "one row per lane: how far each lane has been applied",
    "published.READ_PUBLISHED": "one row per lane: how far each lane was published",
    "queries.POSITIONS": "one row per lane: how far each lane has been applied",
    "shadow.POSITIONS": "one row per lane: how far each lane has been applied",
    "sweeps.LANES": "one row per lane: which lanes there are",
    "tree.SELECT_SIZES": "one row per lane: how far each tree is",
    "tree.SELECT_HEADS": "one row per lane: which tree has something to grow by",
}
INSERTED: Final = re.compile(r"\s*\(\s*lane\b[^)]*\)\s*(?:VALUES\s*\(|SELECT\s+)\s*(\S+?)[,:\s]")
TABLE: Final = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|INTO|USING)\s+(?:ONLY\s+)?(?:projection\.|\{schema\}\.)?(?P<table>[a-z_]+)"
    r"(?:\s+AS\s+(?P<alias>[a-z_]+))?",
)
# The last is that of the library's statements, where the number of the register lane is put in.
BOUND: Final = r"(?:%\(lane\)[sb]|%[sb]|\{lane\})"


def lane_tables() -> dict[str, str]:
    """The tables of the ledger's migrations with their definition; a later one replaces an earlier one."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql"))]
    return {name: body for text in texts for name, body in CREATED.findall(text) if name not in REFERENCE}


def text_of(value: object) -> Iterator[str]:
    """The statements in a value of a module."""
    if isinstance(value, str | bytes):
        yield value.decode(errors="replace") if isinstance(value, bytes) else value
    elif isinstance(value, dict):
        for each in value.values():
            yield from text_of(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from text_of(each)


def statements() -> dict[str, str]:
    """Every statement that stands in a storage module, under the name it has there; parts of others are left out."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(services.ledger.storage.__path__, "services.ledger.storage."):
        variables: dict[str, Any] = vars(import_module(module.name))
        for name, value in variables.items():
            if name.isupper():
                for number, text in enumerate(text_of(value)):
                    if any(match["table"] in lane_tables() for match in TABLE.finditer(text)):
                        found[f"{module.name.rpartition('.')[2]}.{name}" + (f"[{number}]" if number else "")] = text
    return {
        name: text
        for name, text in found.items()
        if not any(text != other and text in other for other in found.values())
    }


STATEMENTS: Final = statements()


def unbound(text: str) -> list[str]:
    """The tables of a lane in a statement whose lane is neither a bound parameter nor given with the row."""
    plain = re.sub(r"--[^\n]*", "", text)
    return [
        match["table"]
        for match in TABLE.finditer(plain)
        if match["table"] in lane_tables() and not is_bound(plain, match["table"], match["alias"], match.end())
    ]


def is_bound(text: str, table: str, alias: str | None, after: int) -> bool:
    """Whether the rows of the table at this place are those of one lane that the caller names."""
    inserted = INSERTED.match(text, after)
    if inserted is not None:
        return re.fullmatch(BOUND, inserted[1]) is not None
    names = [rf"(?:{alias or table}\.)"] if alias else [rf"(?:{table}\.)?"]
    return any(re.search(rf"\b{name}lane\s*=\s*{BOUND}", text) for name in names)


@pytest.mark.parametrize("table", sorted(lane_tables()))
def test_every_key_holds_the_lane(table: str) -> None:
    """Each table has a lane, and nothing is unique over lanes."""
    body = lane_tables()[table]
    assert re.search(r"^\s*lane smallint NOT NULL|^\s*lane smallint PRIMARY KEY", body, re.MULTILINE)
    keys = re.findall(r"(?:PRIMARY KEY|UNIQUE) \(([^)]*)\)", body)
    assert all("lane" in re.split(r",\s*", key) for key in keys)


def test_every_index_that_is_unique_holds_the_lane() -> None:
    """A unique index over all lanes could not be distributed."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql"))]
    unique = [columns for text in texts for columns in re.findall(r"CREATE UNIQUE INDEX \w+ ON \S+ \(([^)]*)\)", text)]
    assert unique
    assert all("lane" in re.split(r",\s*", columns) for columns in unique)


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_every_statement_binds_its_lane(name: str) -> None:
    """A statement touches one lane, which its caller names and no join finds out; what does not is listed with why."""
    assert (unbound(STATEMENTS[name]) == []) is (name not in OVER_ALL_LANES)


def test_the_script_for_citus_spreads_every_table() -> None:
    """Each table of a lane lies beside its counter row, each other one on every node; none is forgotten or gone."""
    script = CITUS.read_text(encoding="utf-8")
    spread = re.findall(r"create_distributed_table\('(?:projection\.)?(\w+)', 'lane', (.*)\);", script)
    copied = re.findall(r"create_reference_table\('(\w+)'\)", script)
    assert sorted(table for table, _ in spread) == sorted(lane_tables())
    assert {place for table, place in spread if table != "lane_head"} == {"colocate_with := 'lane_head'"}
    assert sorted(copied) == sorted(REFERENCE)


def test_there_is_something_to_read() -> None:
    """The statements of the append, the answers and the projections are among those that were read."""
    assert len(STATEMENTS) > 80
    assert {"append.APPEND", "events.OF_STREAM", "statements.APPLY", "queries.DOSSIER"} <= STATEMENTS.keys()
