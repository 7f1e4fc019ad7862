"""The working state in PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from services.notifier.application.ports import Batch, Look
from services.notifier.domain.signs import AT_ONCE
from services.notifier.storage.open_notifier import LEADER_LOCK, connect, lead, open_notifier
from services.notifier.storage.store import PostgresStore
from services.runtime.postgres import UnsafeSettings
from tests.support.notifier import NOW, PERSON, person_letter
from tests.support.notifier_world import TABLES, World

OTHER = UUID(int=8, version=4)


def test_opening_again_changes_nothing(database: str) -> None:
    """The schema is made once, beside whatever else lives in the database."""
    open_notifier(database)
    open_notifier(database)
    with connect(database) as connection:
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
        world.store.apply(Batch(cursor={99_999: 1}, looks=(look,)))
    assert world.rows("look") == []
    world.store.apply(Batch(cursor={0: 1, 1: 5}, looks=(look,)))
    assert world.store.cursor() == {0: 1, 1: 5}
    world.store.apply(Batch(cursor={0: 2, 1: 5}))
    assert world.store.cursor() == {0: 2, 1: 5}


def test_a_person_with_many_looks_does_not_push_others_out(world: World) -> None:
    """A piece holds different persons, the longest waiting first."""
    looks = [Look(0, PERSON, NOW.replace(minute=minute), minute) for minute in range(40)]
    world.store.apply(Batch(cursor={0: 50}, looks=(*looks, Look(0, OTHER, NOW.replace(minute=59), 50))))
    found = world.store.persons_to_look_at(NOW.replace(hour=23), 2)
    assert [(person.stream_id, person.position) for person in found] == [(PERSON, 39), (OTHER, 50)]


def test_a_later_position_of_the_same_look_is_kept(world: World) -> None:
    """The answer must have seen the last of the events."""
    world.store.apply(Batch(cursor={0: 1}, looks=(Look(0, PERSON, AT_ONCE, 7),)))
    world.store.apply(Batch(cursor={0: 1}, looks=(Look(0, PERSON, AT_ONCE, 3),)))
    assert [person.position for person in world.store.persons_to_look_at(NOW, 9)] == [7]


def test_two_connections_may_put_the_same_letter(world: World, database: str, tmp_path: Path) -> None:
    """Two requests at once for the same letter leave one."""
    with connect(database) as other:
        for store in (world.store, PostgresStore(other)):
            world.letters.write(person_letter(), store)
    assert len(world.rows("outbox")) == 1
