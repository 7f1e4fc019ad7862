from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.ledger.contract import topics
from services.ledger.domain.identity import lane_stream
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.sweeper import PostgresSweeper
from services.runtime.postgres import SyncPool, sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope

PERSON = UUID(int=1 << 64, version=4)
EMPTY = "SELECT lane, notification_id FROM stored_events WHERE envelope IS NULL AND state IS NULL ORDER BY 1, 2"


@pytest.fixture
def pool(database: str, connection: psycopg.Connection[Any]) -> Iterator[SyncPool]:
    """Connections of the sweeper."""
    with sync_pool(database, name="test") as opened:
        yield opened


@pytest.fixture
def sweeper(pool: SyncPool) -> PostgresSweeper:
    """What is tested."""
    return PostgresSweeper(pool=pool)


def acts(count: int, lane: int = 0) -> list[Event]:
    """Some acts on one person."""
    return [(lane, PERSON, topics.PROCESSING_RECORDED, make_envelope(controller="college")) for _ in range(count)]


def announced(*ranges: tuple[int, int], lane: int = 0) -> Event:
    """The announcement that these are swept."""
    return lane, lane_stream(lane), topics.RECORDS_SWEPT, make_envelope(author="grootboek", swept=ranges)


def project(connection: psycopg.Connection[Any], *events: Event) -> None:
    """Store these events and apply them."""
    store(connection, *events)
    while project_pending(connection):
        pass


def store(connection: psycopg.Connection[Any], *events: Event) -> None:
    """Store these events with versions that count within their stream, as the append does."""
    insert_events(connection, events)
    connection.execute(
        "UPDATE stored_events AS event SET originator_version = numbered.version FROM (SELECT lane, notification_id,"
        " row_number() OVER (PARTITION BY lane, originator_id ORDER BY notification_id) AS version FROM stored_events)"
        " AS numbered WHERE event.lane = numbered.lane AND event.notification_id = numbered.notification_id"
        " AND event.originator_version <> numbered.version"
    )


def emptied(connection: psycopg.Connection[Any]) -> list[tuple[int, int]]:
    """(lane, position) of what has neither envelope nor content."""
    return connection.execute(EMPTY).fetchall()


def test_what_was_announced_and_applied_is_emptied_once(
    connection: psycopg.Connection[Any], sweeper: PostgresSweeper
) -> None:
    """Exactly the named positions of the lane; leaves, places and versions stay, and a second call finds nothing."""
    project(connection, *acts(5), *acts(5, lane=1), announced((2, 3), (5, 5)))
    leaves = connection.execute("SELECT lane, notification_id, leaf_hash FROM stored_events ORDER BY 1, 2").fetchall()
    assert sweeper.finish(0, 100) == 3
    assert emptied(connection) == [(0, 2), (0, 3), (0, 5)]
    assert sweeper.finish(0, 100) == 0
    assert sweeper.finish(1, 100) == 0
    assert (
        connection.execute("SELECT lane, notification_id, leaf_hash FROM stored_events ORDER BY 1, 2").fetchall()
        == leaves
    )


def test_room_is_made_for_what_is_swept_next(connection: psycopg.Connection[Any], sweeper: PostgresSweeper) -> None:
    """Some rows of the next announcement are emptied before the others, and none that is not announced."""
    project(connection, *acts(20), announced((2, 19)))
    sweeper.make_room(0, 100)
    assert emptied(connection) == [(0, 2), (0, 10), (0, 18)]
    assert sweeper.finish(0, 100) == 18
    assert emptied(connection) == [(0, position) for position in range(2, 20)]
    sweeper.make_room(0, 100)


def test_what_the_projections_have_not_seen_stays(
    connection: psycopg.Connection[Any], sweeper: PostgresSweeper
) -> None:
    """They read the envelopes of what they had not applied: until then an announcement has no effect."""
    project(connection, *acts(3))
    store(connection, announced((1, 1)))
    assert sweeper.finish(0, 100) == 0
    assert emptied(connection) == []
    project(connection)
    assert sweeper.finish(0, 100) == 1
    assert emptied(connection) == [(0, 1)]


def test_announcements_are_done_in_order_and_within_the_bound(
    connection: psycopg.Connection[Any], sweeper: PostgresSweeper
) -> None:
    """As many as fit, at least one; the next call goes on after the last."""
    project(connection, *acts(9), announced((1, 3)), announced((4, 5)), announced((6, 9)))
    assert [sweeper.finish(0, limit) for limit in (1, 5, 100, 100)] == [3, 2, 4, 0]
    assert len(emptied(connection)) == 9


def test_a_sweep_that_was_lost_is_done_again(connection: psycopg.Connection[Any], sweeper: PostgresSweeper) -> None:
    """The cursor stands in the transaction of the rows: turned back with them, all is done once more."""
    project(connection, *acts(3), announced((1, 2)))
    assert sweeper.finish(0, 100) == 2
    connection.execute("UPDATE stored_events SET envelope = '{}', state = 'x' WHERE notification_id = 1")
    connection.execute("DELETE FROM sweep_cursor")
    assert sweeper.finish(0, 100) == 2
    assert emptied(connection) == [(0, 1), (0, 2)]


def test_the_wraps_of_swept_events_go_with_them(connection: psycopg.Connection[Any], sweeper: PostgresSweeper) -> None:
    """No content key outlives the content: of those positions, and of no other."""
    project(connection, *acts(3), announced((1, 2)))
    for position in (1, 2, 3):
        connection.execute("INSERT INTO event_key VALUES (0, %s, 'hold:x', 'wrapped')", (position,))
    sweeper.finish(0, 100)
    assert connection.execute("SELECT position FROM event_key").fetchall() == [(3,)]


def test_positions_can_be_swept_by_name(connection: psycopg.Connection[Any], sweeper: PostgresSweeper) -> None:
    """The number tells how many still held anything; nothing named is nothing done."""
    project(connection, *acts(4))
    assert sweeper.sweep(0, [(1, 2), (4, 4)]) == 3
    assert sweeper.sweep(0, [(1, 4)]) == 1
    assert sweeper.sweep(0, []) == 0
    assert len(emptied(connection)) == 4


def test_two_sweepers_do_the_work_once(connection: psycopg.Connection[Any], pool: SyncPool) -> None:
    """Side by side they wait for one another at the cursor of the lane; together they name every position once."""
    project(connection, *acts(30), *(announced((number, number)) for number in range(1, 31)))
    found: list[int] = []

    def work() -> None:
        sweeper = PostgresSweeper(pool=pool)
        while swept := sweeper.finish(0, 3):
            found.append(swept)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(found) == 30
    assert len(emptied(connection)) == 30
