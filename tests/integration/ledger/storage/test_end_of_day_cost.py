"""The end of a day reads what ended, not the ledger: also before anybody told the planner how large its tables are.

So each database is new: of one that was lent before, the planner may remember that its tables were empty.
"""

from __future__ import annotations

from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

import psycopg

from services.ledger.application.sweep import ranges_of
from services.ledger.contract import topics
from services.ledger.domain.identity import lane_stream
from services.ledger.storage.projections import early_ends, kept_queries, settle
from services.ledger.storage.projections.connection import connect
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.sweeper import empty
from services.runtime.postgres import migrate
from tests.support.envelopes import Event, insert_events, make_envelope

ALICE, BOB = (UUID(int=number << 64, version=4) for number in (1, 2))
HOLD: Final = UUID(int=9)
TODAY: Final = date(2026, 9, 10)
ENDING: Final = 40
# Of less than some thousand rows the planner reads them all at once, and may.
LARGE: Final = 6_000
CARRIED: Final = 500
NO_HELP: Final = "ALTER TABLE {} SET (autovacuum_enabled = off)"
TABLES: Final = "SELECT relid::regclass::text FROM pg_stat_user_tables"
READ: Final = """
SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables
WHERE relname IN ('dossier_line', 'holding_act', 'subject_read', 'stored_events')
"""


def recorded(ends: date, stream: UUID = ALICE) -> Event:
    """An act whose record ends on a day."""
    given: dict[str, Any] = {"controller": "college", "operation_class": "collect", "data_categories": ("name",)}
    return 0, stream, topics.PROCESSING_RECORDED, make_envelope(record_ends=ends, **given)


def about(act: Event, topic: str, **fields: Any) -> Event:
    """An event about an act."""
    lane, stream, _, envelope = act
    assert envelope is not None
    given = {"author": "college", "about_operation": envelope.operation_id, "record_ends": envelope.record_ends}
    return lane, stream, topic, make_envelope(**(given | fields))


def on_lane(topic: str, **fields: Any) -> Event:
    """An event on the stream of the lane."""
    return 0, lane_stream(0), topic, make_envelope(**fields)


def project(connection: psycopg.Connection[Any], *events: Event) -> None:
    """Store these events and apply them."""
    insert_events(connection, events)
    while project_pending(connection):
        pass


def fill(connection: psycopg.Connection[Any], count: int, day: date) -> list[int]:
    """Acts on one person that live on, and far apart among them those that end on a day; the positions of these."""
    step = count // ENDING
    project(connection, *(recorded(TODAY + timedelta(days=300) if number % step else day) for number in range(count)))
    ended = connection.execute("SELECT position FROM dossier_line WHERE lane = 0 AND record_ends = %s", (day,))
    return sorted(position for (position,) in ended)


def play_day(connection: psycopg.Connection[Any], day: date, ended: list[int]) -> None:
    """Acts, one corrected and one prolonged, a hold that comes and goes; then the day ends and its records go."""
    fresh = [recorded(day + timedelta(days=9), BOB) for _ in range(20)]
    prolonged = about(fresh[1], topics.RETENTION_SET, new_record_ends=day + timedelta(days=30))
    project(connection, (0, BOB, topics.HOLD_PLACED, make_envelope(hold_id=HOLD, hold_kind="court")))
    project(connection, *fresh, about(fresh[0], topics.PROCESSING_CORRECTED, correction="correction"), prolonged)
    project(connection, on_lane(topics.RETENTION_DAY_ENDED, day=day))
    project(connection, (0, BOB, topics.HOLD_RELEASED, make_envelope(hold_id=HOLD)))
    values = {"lane": 0, "positions": ended, "lows": ended, "highs": ended, "today": day + timedelta(days=1)}
    for question in (kept_queries.KEEPERS_OF, kept_queries.KEEPING, early_ends.SEALED_LONGER):
        connection.execute(question, values)
    project(connection, on_lane(topics.RECORDS_SWEPT, author="grootboek", swept=ranges_of(ended)))
    empty(connection, 0, ranges_of(ended))


def rows_read(connection: psycopg.Connection[Any], count: int, day: date) -> int:
    """How many rows of the large tables the end of a day reads when the ledger has grown by so many records."""
    ended = fill(connection, count, day)
    with connection.transaction(force_rollback=True):
        already = count_read(connection)
        play_day(connection, day, ended)
        return count_read(connection) - already


def count_read(connection: psycopg.Connection[Any]) -> int:
    """How many rows of the large tables this session has read and not reported yet."""
    row = connection.execute(READ).fetchone()
    assert row is not None
    return int(row[0])


def test_the_end_of_a_day_costs_the_same_in_a_larger_ledger(empty_database: str) -> None:
    """As many records end in a ledger of twice as many, on one long dossier: no more rows are read for it."""
    with psycopg.connect(empty_database) as migrating:
        migrate(migrating, files("services.ledger.storage") / "migrations", name="ledger")
    with connect(empty_database) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            connection.execute(NO_HELP.format(table).encode())
        before = rows_read(connection, LARGE, TODAY)
        after = rows_read(connection, LARGE, TODAY + timedelta(days=1))
    assert before > ENDING
    assert after <= before * 1.1


def test_ends_are_given_to_any_number_of_lines_without_comparing_all_with_all(empty_database: str) -> None:
    """A rebuild gives all lines of a lane their ends at once: no join, whatever the planner takes their number for."""
    with psycopg.connect(empty_database) as migrating:
        migrate(migrating, files("services.ledger.storage") / "migrations", name="ledger")
    with connect(empty_database) as connection:
        project(connection, *(recorded(TODAY + timedelta(days=number)) for number in range(CARRIED)))
        kept = [(number, str(TODAY + timedelta(days=9)), "infinity") for number in range(CARRIED, 0, -1)]
        settle.carry(connection, {"lane": 0}, kept)
        columns = "SELECT DISTINCT record_ends::text, kept_until::text FROM dossier_line"
        assert connection.execute(columns).fetchall() == [("2026-09-19", "infinity")]
        values = {"lane": 0, "positions": [1, 2], "record_ends": ["infinity"] * 2, "kept_until": ["infinity"] * 2}
        for statement in (settle.CARRY_LINES, settle.CARRY_ACTS, settle.CARRY_READS):
            plan = connection.execute(f"EXPLAIN {statement}".encode(), values).fetchall()
            assert not [line for (line,) in plan if "Join" in line or "Nested Loop" in line]
