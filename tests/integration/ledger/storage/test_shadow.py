from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.ledger.application.rebuild import compare_projections, rebuild
from services.ledger.contract import topics
from services.ledger.contract.errors import PositionMissing
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.entrypoints.project import ProjectorThread
from services.ledger.storage.projections.connection import LIVE, SHADOW
from services.ledger.storage.projections.errors import ShadowUnfinished
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.projections.shadow import PostgresShadow
from services.runtime.log import StructuredLog
from tests.support.envelopes import Event, insert_events, make_envelope

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'projection%' ORDER BY 1"
INDEXES = (
    "SELECT indexname, replace(indexdef, schemaname, '') FROM pg_indexes WHERE schemaname = 'projection' ORDER BY 1"
)


def history(lane: int, count: int) -> list[Event]:
    """Acts on a few persons, one in three taken back by the event after it, and one register event before all."""
    events: list[Event] = [(REGISTER_LANE, UUID(int=9), "register.entry.1", None)]
    for number in range(count):
        person = UUID(int=number % 4 + 1, version=4)
        act = make_envelope(
            controller="college",
            operation_class="share",
            recipients=("politie", "school"),
            data_categories=("name",),
            occurred_at=NOW,
            register_position=1,
        )
        events.append((lane, person, topics.PROCESSING_RECORDED, act))
        if number % 3 == 0:
            undo = make_envelope(author="college", about_operation=act.operation_id, correction="annulled")
            events.append((lane, person, topics.PROCESSING_CORRECTED, undo))
    return events


def project_all(connection: psycopg.Connection[Any]) -> None:
    """Apply everything that is pending."""
    while project_pending(connection):
        pass


def count_rows(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """How many lines, holding acts, and of those taken back."""
    return connection.execute(
        "SELECT (SELECT count(*) FROM dossier_line), count(*), count(removed_at) FROM holding_act"
    ).fetchall()


def test_a_rebuild_equals_the_live_one_and_takes_its_place(database: str, connection: psycopg.Connection[Any]) -> None:
    """After the swap rows, cursors, indexes and keys are as before, and new events are applied to the new tables."""
    insert_events(connection, history(0, 30) + history(1, 20))
    project_all(connection)
    rows, indexes = count_rows(connection), connection.execute(INDEXES).fetchall()
    with PostgresShadow(conninfo=database) as shadow:
        assert compare_projections(shadow) == []
        assert rebuild(shadow) == {0: 40, 1: 27, REGISTER_LANE: 2}
    assert count_rows(connection) == rows
    assert connection.execute(INDEXES).fetchall() == indexes
    assert connection.execute(SCHEMAS).fetchall() == [(LIVE,)]
    insert_events(connection, history(0, 1))
    project_all(connection)
    assert count_rows(connection) == [(rows[0][0] + 2, rows[0][1] + 2, rows[0][2] + 2)]


def test_a_rebuild_repairs_what_was_changed(database: str, connection: psycopg.Connection[Any]) -> None:
    """A row changed, added or removed by hand is named by the comparison and gone after a rebuild."""
    insert_events(connection, history(0, 9))
    project_all(connection)
    connection.execute("UPDATE dossier_line SET author = 'someone' WHERE position = 5")
    connection.execute("DELETE FROM holding_act WHERE position = 4")
    with PostgresShadow(conninfo=database) as shadow:
        lines, holdings = compare_projections(shadow)
        assert (lines.table, lines.surplus, lines.missing, lines.first) == ("dossier_line", 1, 1, (0, 5))
        assert (holdings.table, holdings.surplus, holdings.missing, holdings.first) == ("holding_act", 0, 2, (0, 4))
        rebuild(shadow)
    with PostgresShadow(conninfo=database) as shadow:
        assert compare_projections(shadow) == []


def test_a_comparison_goes_no_further_than_the_live_one(database: str, connection: psycopg.Connection[Any]) -> None:
    """Events that the live projections have not had yet are no difference; a rebuild does take them along."""
    insert_events(connection, history(0, 9))
    project_all(connection)
    insert_events(connection, history(0, 9))
    with PostgresShadow(conninfo=database) as shadow:
        assert compare_projections(shadow) == []
        assert rebuild(shadow)[0] == 24


def test_a_gap_stops_a_rebuild_and_leaves_the_live_one(database: str, connection: psycopg.Connection[Any]) -> None:
    """A lost event is named; nothing is swapped and no shadow stays behind."""
    insert_events(connection, history(0, 9))
    project_all(connection)
    rows = count_rows(connection)
    connection.execute("DELETE FROM stored_events WHERE lane = 0 AND notification_id = 7")
    with PostgresShadow(conninfo=database) as shadow, pytest.raises(PositionMissing, match="0-7"):
        rebuild(shadow)
    assert count_rows(connection) == rows
    assert connection.execute(SCHEMAS).fetchall() == [(LIVE,)]


def test_two_rebuilds_do_not_run_at_once(database: str, connection: psycopg.Connection[Any]) -> None:
    """The second one is told so, and the first is not disturbed."""
    insert_events(connection, history(0, 3))
    with PostgresShadow(conninfo=database) as shadow:
        with pytest.raises(ShadowUnfinished), PostgresShadow(conninfo=database):
            pass
        assert rebuild(shadow)[0] == 4


def test_a_rebuild_while_events_come_in_loses_none(database: str, connection: psycopg.Connection[Any]) -> None:
    """Under a running projector and a running writer, three swaps later everything is there once."""
    insert_events(connection, history(0, 1))
    projector = ProjectorThread(conninfo=database, log=StructuredLog(strict=True))
    projector.start()
    done = threading.Event()

    def write() -> None:
        with psycopg.connect(database) as writing:
            for _ in range(200):
                insert_events(writing, history(0, 30))
                projector.wake()
                if done.wait(0.01):
                    return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            with PostgresShadow(conninfo=database) as shadow:
                rebuild(shadow)
    finally:
        done.set()
        writer.join()
    (head,) = connection.execute("SELECT last_position FROM lane_head WHERE lane = 0").fetchone() or (0,)
    projector.wait_for(0, head, 20)
    projector.stop()
    assert projector.failure is None
    assert count_rows(connection)[0][0] == head
    with PostgresShadow(conninfo=database) as shadow:
        assert compare_projections(shadow) == []
    assert connection.execute("SELECT to_regnamespace(%s)", (SHADOW,)).fetchone() == (None,)
