"""One contract for every feed: order, bounds, cursors, gaps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from importlib.resources import files
from uuid import UUID

import psycopg
import pytest

from services.ledger.client.feed.kafka_feed import KafkaFeed
from services.ledger.contract import topics
from services.ledger.contract.errors import PositionMissing
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.feed import InMemoryFeed, NotificationLogFeed
from services.notifier.application.ports import EventFeed, FeedEvent
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import KafkaAway, ensure_topics
from services.runtime.postgres import migrate, sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope
from tests.support.published import Publishing, ReaderHistory, open_feed, settings_of_test

LANES = (0, 1, 2)
PERSON = UUID(int=1, version=4)


class Source:
    """Events in a database, and feeds of one kind over them."""

    def __init__(self, conninfo: str, reader: PostgresEventReader) -> None:
        self.conninfo = conninfo
        self.reader = reader

    def store(self, *lanes: int) -> None:
        """Store one event in each of these lanes, in order."""
        events: list[Event] = [
            (lane, PERSON, topics.PROCESSING_RECORDED, make_envelope(controller="college")) for lane in lanes
        ]
        with psycopg.connect(self.conninfo) as connection:
            insert_events(connection, events)

    def lose(self, lane: int, position: int) -> None:
        """Take an event away."""
        with psycopg.connect(self.conninfo) as connection:
            connection.execute("DELETE FROM stored_events WHERE lane = %s AND notification_id = %s", (lane, position))

    def open(self, cursor: Mapping[int, int] | None = None) -> EventFeed:
        """A feed after this cursor, over what is stored now."""
        return NotificationLogFeed(reader=self.reader, lanes=LANES, cursor=cursor)


class SourceInMemory(Source):
    """Feeds that hold the events themselves."""

    def open(self, cursor: Mapping[int, int] | None = None) -> EventFeed:
        """A feed after this cursor, over what is stored now."""
        feed = InMemoryFeed(cursor=cursor)
        feed.publish(event for lane in LANES for event in self.reader.events_after(lane, 0, 100))
        return feed


class SourceOnKafka(Source):
    """Feeds of one group over topics on a real broker; what is stored is published when one is opened."""

    def __init__(self, conninfo: str, reader: PostgresEventReader, settings: KafkaSettings) -> None:
        super().__init__(conninfo, reader)
        ensure_topics(settings, len(LANES))
        self._settings = settings
        self._published = dict.fromkeys(LANES, 0)
        self._publishing = Publishing(settings)
        self._feed: PatientFeed | None = None

    def open(self, cursor: Mapping[int, int] | None = None) -> EventFeed:
        """A feed after this cursor, over what is stored now; the one before it leaves the group."""
        self.close_feed()
        for lane in LANES:
            events = self.reader.events_after(lane, self._published[lane], 100)
            self._publishing.publish(events)
            self._published[lane] += len(events)
        history = ReaderHistory(self.reader)
        self._feed = PatientFeed(
            lambda stored: open_feed(self._settings, lambda: stored, history=history), self._published, cursor or {}
        )
        return self._feed

    def close_feed(self) -> None:
        """Leave the group."""
        if self._feed is not None:
            self._feed.close()

    def close(self) -> None:
        """Let go of the broker."""
        self.close_feed()
        self._publishing.close()


class PatientFeed:
    """Waits until what was published has come: a broker needs a moment, a table does not.

    A broker that is away for a moment ends a feed, and whoever follows opens another after the stored cursor.
    """

    def __init__(
        self, open_after: Callable[[dict[int, int]], KafkaFeed], published: Mapping[int, int], cursor: Mapping[int, int]
    ) -> None:
        self._open_after = open_after
        self._stored = dict(cursor)
        self._left = sum(published.values()) - sum(cursor.values())
        self._feed: KafkaFeed | None = None

    @property
    def committed(self) -> Mapping[int, int]:
        """See EventFeed."""
        return self._stored

    def poll(self, limit: int) -> tuple[Sequence[FeedEvent], Mapping[int, int]]:
        """See EventFeed."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self._feed = self._feed or self._open_after(self._stored)
                events, cursor = self._feed.poll(limit)
            except KafkaAway:
                self.close()
                continue
            if cursor and len(events) >= min(limit, self._left):
                return events, cursor
        raise AssertionError("what was published does not come")

    def commit(self, cursor: Mapping[int, int]) -> None:
        """See EventFeed."""
        assert self._feed is not None, "nothing was polled"
        self._left -= sum(cursor.values()) - sum(self._feed.committed.values())
        self._feed.commit(cursor)
        self._stored.update(cursor)

    def close(self) -> None:
        """Leave the group."""
        if self._feed is not None:
            self._feed.close()
            self._feed = None


@pytest.fixture(params=["log", "memory", "kafka"])
def source(request: pytest.FixtureRequest, database: str) -> Iterator[Source]:
    """A migrated, empty ledger; with a broker where its feed needs one."""
    with ExitStack() as stack:
        with psycopg.connect(database) as connection:
            migrate(connection, files("services.ledger.storage") / "migrations", name="ledger")
        reader = PostgresEventReader(pool=stack.enter_context(sync_pool(database, name="test")))
        if request.param == "kafka":
            request.getfixturevalue("monkeypatch").setattr(limits, "FEED_GAP_SECONDS", 0.0)
            kafka, prefix = request.getfixturevalue("kafka"), request.getfixturevalue("topic_prefix")
            yield stack.enter_context(
                closing(SourceOnKafka(database, reader, settings_of_test(kafka.bootstrap, prefix)))
            )
        else:
            yield (SourceInMemory if request.param == "memory" else Source)(database, reader)


def drain(feed: EventFeed, limit: int) -> dict[int, list[int]]:
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
    assert list(feed.poll(100)[0]) == []


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
    events, cursor = feed.poll(100)
    assert list(events) == []
    assert {lane: position for lane, position in cursor.items() if position} == {0: 1}


@pytest.mark.parametrize("lost", [1, 2])
def test_a_gap_is_named_and_stops_the_feed(source: Source, lost: int) -> None:
    """A missing position raises, at the start of a batch as well as inside it."""
    source.store(1, 1, 1)
    source.lose(1, lost)
    with pytest.raises(PositionMissing, match=f"1-{lost} "):
        source.open().poll(100)
