"""One contract for every feed: order, bounds, cursors, gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib.resources import files
from uuid import UUID

import psycopg
import pytest

from services.ledger.application.ports import Feed
from services.ledger.contract import topics
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.feed import InMemoryFeed, NotificationLogFeed
from services.ledger.storage.projections.errors import PositionMissing
from services.runtime.postgres import SyncPool, migrate, sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope

LANES = (0, 1, 2)
PERSON = UUID(int=1, version=4)


class Source:
    """Events in a database, and feeds of either kind over them."""

    def __init__(self, kind: str, conninfo: str, pool: SyncPool) -> None:
        self._kind = kind
        self._conninfo = conninfo
        self._reader = PostgresEventReader(pool=pool)

    def store(self, *lanes: int) -> None:
        """Store one event in each of these lanes, in order."""
        events: list[Event] = [
            (lane, PERSON, topics.PROCESSING_RECORDED, make_envelope(controller="college")) for lane in lanes
        ]
        with psycopg.connect(self._conninfo) as connection:
            insert_events(connection, events)

    def lose(self, lane: int, position: int) -> None:
        """Take an event away."""
        with psycopg.connect(self._conninfo) as connection:
            connection.execute("DELETE FROM stored_events WHERE lane = %s AND notification_id = %s", (lane, position))

    def open(self, cursor: Mapping[int, int] | None = None) -> Feed:
        """A feed after this cursor, over what is stored now."""
        if self._kind == "log":
            return NotificationLogFeed(reader=self._reader, lanes=LANES, cursor=cursor)
        feed = InMemoryFeed(cursor=cursor)
        feed.publish(event for lane in LANES for event in self._reader.events_after(lane, 0, 100))
        return feed


@pytest.fixture(params=["log", "memory"])
def source(request: pytest.FixtureRequest, database: str) -> Iterator[Source]:
    """A migrated, empty ledger."""
    with ExitStack() as stack:
        with psycopg.connect(database) as connection:
            migrate(connection, files("services.ledger.storage") / "migrations")
        yield Source(request.param, database, stack.enter_context(sync_pool(database, name="test")))


def drain(feed: Feed, limit: int) -> dict[int, list[int]]:
    """The positions of each lane as they are delivered, with commits between."""
    found: dict[int, list[int]] = {lane: [] for lane in LANES}
    while True:
        events, cursor = feed.poll(limit)
        assert len(events) <= limit
        for event in events:
            found[event.lane].append(event.position)
        feed.commit(cursor)
        if not events:
            return found


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_every_event_comes_once_and_in_order_of_its_lane(source: Source, limit: int) -> None:
    """Whatever the bound of a batch, each lane is delivered from one to its head."""
    source.store(0, 1, 0, 1, 0, 2)
    assert drain(source.open(), limit) == {0: [1, 2, 3], 1: [1, 2], 2: [1]}


def test_what_is_not_committed_comes_again(source: Source) -> None:
    """A consumer that failed gets the same events once more."""
    source.store(0, 0)
    feed = source.open()
    first, _ = feed.poll(100)
    again, cursor = feed.poll(100)
    assert [event.position for event in first] == [event.position for event in again] == [1, 2]
    feed.commit(cursor)
    assert feed.poll(100)[0] == []


def test_a_feed_continues_after_a_stored_cursor(source: Source) -> None:
    """The cursor a consumer kept is enough to go on in another process."""
    source.store(0, 0, 1)
    _, cursor = source.open().poll(100)
    source.store(0, 1)
    assert drain(source.open(cursor), 100) == {0: [3], 1: [2], 2: []}


def test_an_idle_poll_leaves_the_cursor(source: Source) -> None:
    """Nothing new gives no events and the same cursor."""
    source.store(0)
    feed = source.open({0: 1})
    assert feed.poll(100) == ([], {0: 1})


@pytest.mark.parametrize("lost", [1, 2])
def test_a_gap_is_named_and_stops_the_feed(source: Source, lost: int) -> None:
    """A missing position raises, at the start of a batch as well as inside it."""
    source.store(1, 1, 1)
    source.lose(1, lost)
    with pytest.raises(PositionMissing, match=f"1-{lost} "):
        source.open().poll(100)
