"""A ledger of the release before has projections without ends: opening it fills them in, and loses nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from services.ledger.contract import topics
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.identity import access_stream
from services.ledger.storage.projections.connection import connect
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.projections.shadow import PostgresShadow
from services.runtime.postgres import migrate
from tests.support.envelopes import Event, insert_events, make_envelope

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
OLD_COLUMNS = {
    "cursor": "lane, position",
    "dossier_line": (
        "lane, kind, recipient_count, covenant_version, position, stream_id, operation_id, trace_id, occurred_at,"
        " recorded_at, ends, author, parties, covenant, annex, activity, gdpr, statute, list_kind, list_index,"
        " case_index"
    ),
    "holding_act": "lane, effect, position, stream_id, occurred_at, recorded_at, removed_at, party, categories",
    "subject_read": "lane, position, stream_id, read_id, reader, purpose, read_at",
}
MIGRATIONS = files("services.ledger.storage") / "migrations"


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The migrations of the release before."""
    with as_file(MIGRATIONS) as folder:
        for file in folder.glob("000[123]_*.sql"):
            shutil.copy(file, tmp_path)
    return tmp_path


def history() -> list[Event]:
    """Acts with and without an end in two lanes, a correction, an annulment, a change of confidentiality, a read."""
    events: list[Event] = [(REGISTER_LANE, UUID(int=9), "register.entry.1", None)]
    for number in range(40):
        lane, person = number % 2, UUID(int=number % 5 + 1 << 64, version=4)
        act = make_envelope(
            controller="college",
            operation_class="share",
            recipients=("politie", "school"),
            data_categories=("name",),
            occurred_at=NOW,
            covenant="huis" if number % 3 else None,
            record_ends=None if number % 7 == 0 else date(2027, 1, 1) + timedelta(days=number),
        )
        events.append((lane, person, topics.PROCESSING_RECORDED, act))
        kinds = ((topics.PROCESSING_CORRECTED, "annulled"), (topics.CONFIDENTIALITY_SET, None))
        for topic, correction in kinds[: number % 3]:
            later = make_envelope(
                author="college",
                about_operation=act.operation_id,
                record_ends=act.record_ends,
                correction=correction,
                occurred_at=NOW,
            )
            events.append((lane, person, topic, later))
    read = make_envelope(author="om", read_id=uuid4(), read_streams=(UUID(int=1 << 64, version=4),), occurred_at=NOW)
    return [*events, (1, access_stream("om"), topics.DATA_READ, read)]


def test_the_ends_are_filled_in_from_the_envelopes(before: Path, databases: Callable[[], str]) -> None:
    """After the migration the old rows equal a rebuild from the events, and new events go on from there."""
    old, new = databases(), databases()
    events = history()
    with psycopg.connect(new) as connection:
        migrate(connection, MIGRATIONS)
    with connect(new) as connection:
        insert_events(connection, events)
        while project_pending(connection):
            pass
    with psycopg.connect(old) as connection:
        migrate(connection, before)
        insert_events(connection, events)
        with psycopg.connect(new) as source:
            for table, columns in OLD_COLUMNS.items():
                copy_rows(source, connection, table, columns)
        connection.commit()
        migrate(connection, MIGRATIONS)
    with PostgresShadow(conninfo=old) as shadow:
        assert shadow.compare() == []
    with connect(old) as connection:
        insert_events(connection, [event for event in events if event[0] != REGISTER_LANE])
        while project_pending(connection):
            pass
    with PostgresShadow(conninfo=old) as shadow:
        assert shadow.compare() == []


def copy_rows(source: psycopg.Connection, target: psycopg.Connection, table: str, columns: str) -> None:
    """Give the target the rows of a projection, as far as these columns go."""
    reading = f"COPY (SELECT {columns} FROM projection.{table}) TO STDOUT".encode()
    writing = f"COPY projection.{table} ({columns}) FROM STDIN".encode()
    with source.cursor() as out, target.cursor() as into, out.copy(reading) as rows, into.copy(writing) as copy:
        for row in rows:
            copy.write(row)
