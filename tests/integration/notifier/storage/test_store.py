"""The working state in PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from services.notifier.application.ports import Batch, Look
from services.notifier.domain.errors import CursorMoved
from services.notifier.domain.signs import AT_ONCE
from services.notifier.storage.open_notifier import LEADER_LOCK, connect, lead, open_notifier
from services.notifier.storage.store import PostgresStore
from services.runtime.postgres import UnsafeSettings
from tests.support.notifier import NOW, PERSON, person_letter
from tests.support.notifier_world import TABLES, World

OTHER = UUID(int=8, version=4)


def test_opening_again_changes_nothing(empty_database: str) -> None:
    """The schema is made once, beside whatever else lives in the database."""
    open_notifier(empty_database)
    open_notifier(empty_database)
    with connect(empty_database) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'notifier'").fetchall()
        folders = connection.execute("SELECT DISTINCT folder FROM schema_migration").fetchall()
    assert {name for (name,) in names} == set(TABLES)
    assert folders == [("notifier",)]


def test_a_server_that_may_lose_commits_is_refused(database: str) -> None:
    """What was sent is written down durably or not at all."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
    try:
        with pytest.raises(UnsafeSettings):
            open_notifier(database)
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("ALTER ROLE CURRENT_USER RESET synchronous_commit")


def test_one_leads_at_a_time(database: str) -> None:
    """The lead ends with the connection."""
    with connect(database) as second:
        with connect(database) as first:
            assert lead(first)
            assert not lead(second)
        # The server needs a moment to notice the end: wait in its queue.
        second.execute("SELECT pg_advisory_lock(%s)", (LEADER_LOCK,))
        assert lead(second)


def test_a_piece_of_the_feed_is_stored_whole_or_not_at_all(world: World) -> None:
    """When the cursor cannot be moved, nothing of the piece has happened."""
    look = Look(0, PERSON, AT_ONCE, 1)
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        world.store.apply(Batch(before={}, cursor={99_999: 1}, looks=(look,)))
    assert world.rows("look") == []
    world.store.apply(Batch(before={}, cursor={0: 1, 1: 5}, looks=(look,)))
    assert world.store.cursor() == {0: 1, 1: 5}
    world.store.apply(Batch(before={0: 1, 1: 5}, cursor={0: 2, 1: 5}))
    assert world.store.cursor() == {0: 2, 1: 5}


def test_a_cursor_moves_only_from_where_it_was_thought_to_be(world: World, database: str) -> None:
    """Whoever worked on while another took his lane over stores nothing of it, nor of his other lanes."""
    world.store.apply(Batch(before={}, cursor={0: 5, 1: 5}))
    with connect(database) as other:
        PostgresStore(other).apply(Batch(before={0: 5}, cursor={0: 9}))
    look = Look(0, PERSON, AT_ONCE, 7)
    with pytest.raises(CursorMoved):
        world.store.apply(Batch(before={0: 5, 1: 5}, cursor={0: 7, 1: 7}, looks=(look,)))
    with pytest.raises(CursorMoved):
        world.store.apply(Batch(before={}, cursor={0: 7}, looks=(look,)))
    with pytest.raises(CursorMoved):
        world.store.apply(Batch(before={2: 3}, cursor={2: 4}, looks=(look,)))
    assert world.store.cursor() == {0: 9, 1: 5}
    assert world.rows("look") == []


def test_what_was_said_before_is_read_back_first(world: World) -> None:
    """A store that has followed nothing yet has read back when it is where the ledger was; later heads count not."""
    assert world.store.has_read_back()
    world.store.begin_reading_back({0: 3, 1: 2, 2: 0})
    assert not world.store.has_read_back()
    world.store.apply(Batch(before={}, cursor={0: 3}))
    assert not world.store.has_read_back()
    world.store.begin_reading_back({0: 9, 1: 9, 3: 9})
    world.store.apply(Batch(before={}, cursor={1: 2}))
    assert world.store.has_read_back()


def test_a_person_with_many_looks_does_not_push_others_out(world: World) -> None:
    """A piece holds different persons, the longest waiting first."""
    looks = [Look(0, PERSON, NOW.replace(minute=minute), minute) for minute in range(40)]
    world.store.apply(Batch(before={}, cursor={0: 50}, looks=(*looks, Look(0, OTHER, NOW.replace(minute=59), 50))))
    found = world.store.persons_to_look_at(NOW.replace(hour=23), 2)
    assert [(person.stream_id, person.position) for person in found] == [(PERSON, 39), (OTHER, 50)]


def test_a_later_position_of_the_same_look_is_kept(world: World) -> None:
    """The answer must have seen the last of the events."""
    world.store.apply(Batch(before={}, cursor={0: 1}, looks=(Look(0, PERSON, AT_ONCE, 7),)))
    world.store.apply(Batch(before={0: 1}, cursor={0: 1}, looks=(Look(0, PERSON, AT_ONCE, 3),)))
    assert [person.position for person in world.store.persons_to_look_at(NOW, 9)] == [7]


def test_two_connections_may_put_the_same_letter(world: World, database: str, tmp_path: Path) -> None:
    """Two requests at once for the same letter leave one."""
    with connect(database) as other:
        for store in (world.store, PostgresStore(other)):
            world.letters.write(person_letter(), store)
    assert len(world.rows("outbox")) == 1
