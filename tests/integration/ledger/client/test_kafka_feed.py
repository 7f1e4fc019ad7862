"""The feed on a real broker: a late register, a log that is too short, members that come and go, a broker that dies."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, OffsetAndMetadata, TopicPartition

from services.ledger.client.feed.kafka_feed import KafkaFeed
from services.ledger.client.feed.kafka_topic import KafkaTopic
from services.ledger.client.status import as_published
from services.ledger.contract.cloud_events import PublishedEvent
from services.ledger.contract.errors import PositionMissing
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import KafkaAway, ensure_topics
from services.runtime.log_events import FEED_FILLED, FEED_REWOUND, LANES_ASSIGNED
from tests.support.feed_reader import Reader
from tests.support.kafka_broker import Broker, free_port
from tests.support.kafka_fixtures import Kafka
from tests.support.poison import Sound, sound_event
from tests.support.published import GROUP, Publishing, open_feed, settings_of_test
from tests.support.waiting import wait_until

LANES = 4
# The library forgets a socket that is still being connected when its consumer is closed.
pytestmark = pytest.mark.filterwarnings(r"ignore:unclosed <socket\.socket .* type=1, proto=6:ResourceWarning")


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str) -> KafkaSettings:
    """Topics of this test alone."""
    found = settings_of_test(kafka.bootstrap, topic_prefix)
    ensure_topics(found, LANES)
    return found


@pytest.fixture
def publishing(settings: KafkaSettings) -> Iterator[Publishing]:
    """Whoever writes to these topics."""
    with closing(Publishing(settings)) as found:
        yield found


class Ledger:
    """A ledger that can be asked for what it holds."""

    def __init__(self, events: list[Sound], register: int = 0) -> None:
        self._events = events
        self.register = register
        self.asked: list[tuple[int, int]] = []

    def heads(self) -> Mapping[int, int]:
        """How far each lane is."""
        return {REGISTER_LANE: self.register}

    def events_after(self, lane: int, position: int, limit: int) -> list[PublishedEvent]:
        """The events after a position."""
        self.asked.append((lane, position))
        found = [event for event in self._events if event.lane == lane and event.position > position][:limit]
        return [as_published(event) for event in found]  # type: ignore[arg-type]


def register_event(position: int) -> Sound:
    """A change of the register, of which only the position is published."""
    event = sound_event(REGISTER_LANE, position)
    return Sound(lane=REGISTER_LANE, position=position, stream_id=event.stream_id, topic="x:Y.Z", envelope=None)


def lane_events(lane: int, count: int, first: int = 1) -> list[Sound]:
    """Events in order."""
    return [sound_event(lane, position) for position in range(first, first + count)]


def test_a_fetch_that_is_never_answered_ends_the_feed(settings: KafkaSettings, publishing: Publishing) -> None:
    """Silence while the log holds more is taken for a lost answer after a while; silence at its end is not."""
    now = [0.0]
    with closing(KafkaTopic(settings, group=GROUP, clock=lambda: now[0])) as topic:
        publishing.publish(lane_events(0, 1))
        wait_until(lambda: topic.poll(10, 0.2).records, 30, "the topic gives nothing")
        library = topic._consumer
        library.poll = lambda **_: {}
        now[0] += limits.FEED_SILENCE_SECONDS
        assert topic.poll(10, 0).records == {}
        publishing.publish(lane_events(0, 1, first=2))
        assert topic.poll(10, 0).records == {}
        now[0] += limits.FEED_SILENCE_SECONDS
        with pytest.raises(KafkaAway):
            topic.poll(10, 0)


def forget_before(settings: KafkaSettings, lane: int, offset: int) -> None:
    """Let time take the first records of a lane."""
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        admin.delete_records({TopicPartition(settings.events_topic, lane): offset})


def settle(settings: KafkaSettings, lane: int, offset: int) -> None:
    """Let the group begin there."""
    with KafkaConsumer(bootstrap_servers=settings.servers, group_id=f"{settings.prefix}.{GROUP}") as consumer:
        consumer.commit({TopicPartition(settings.events_topic, lane): OffsetAndMetadata(offset)})


def step_until(reader: Reader, feed: KafkaFeed, done: Callable[[], bool]) -> None:
    """Go on until something is so."""
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        reader.step(feed)


def test_an_event_waits_for_the_register_that_is_published(settings: KafkaSettings, publishing: Publishing) -> None:
    """What was judged by a later register comes when that is known, whichever topic was first."""
    publishing.publish([sound_event(0, 1, register_position=1), sound_event(0, 2, register_position=3)])
    publishing.publish(lane_events(1, 1))
    publishing.publish([register_event(1), register_event(2)])
    ledger = Ledger([], register=2)
    reader = Reader(settings, ledger)
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 1, 1: 1})
        for _ in range(3):
            assert reader.step(feed) == 0
        publishing.publish([register_event(3)])
        reader.follow(feed, {0: 2})
    assert reader.seen == {0: [1, 2], 1: [1]}


def test_an_old_register_that_is_on_no_topic_is_asked_of_the_ledger(
    settings: KafkaSettings, publishing: Publishing
) -> None:
    """The topic holds the register for some days; what happened before does not stop anybody."""
    publishing.publish([sound_event(0, 1, register_position=7)])
    reader = Reader(settings, Ledger([], register=7))
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 1})
    assert reader.seen == {0: [1]}


@pytest.mark.parametrize("worn_away", [300, 400])
def test_a_consumer_behind_the_retention_gets_the_rest_from_the_ledger(
    settings: KafkaSettings, publishing: Publishing, worn_away: int
) -> None:
    """Part of the log is gone, or all of it: nothing is missed, and what was filled is said."""
    events = lane_events(0, 400)
    publishing.publish(events)
    reader = Reader(settings, Ledger(events))
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 100})
    reader.cursor, reader.seen = {0: 100}, {0: list(range(1, 101))}
    forget_before(settings, 0, worn_away)
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 400})
        publishing.publish(lane_events(0, 5, first=401))
        reader.follow(feed, {0: 405})
    assert reader.seen == {0: list(range(1, 406))}
    filled = [fields for event, fields in reader.log.written if event is FEED_FILLED]
    assert filled == [{"lane": 0, "position": 100, "events": worn_away - 100}, *filled[1:]]
    assert sum(int(str(fields["events"])) for fields in filled[1:]) == 0


def test_a_group_that_is_ahead_of_the_stored_cursor_reads_again(
    settings: KafkaSettings, publishing: Publishing
) -> None:
    """A database that lost its last moments is no loss: the log is read from its start, the ledger is not asked."""
    publishing.publish(lane_events(0, 300))
    settle(settings, 0, 300)
    reader = Reader(settings)
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 300})
    assert reader.seen == {0: list(range(1, 301))}
    assert [fields for event, fields in reader.log.written if event is FEED_REWOUND] == [{"lane": 0, "position": 0}]


def test_a_hole_in_the_log_stops_the_feed(settings: KafkaSettings, publishing: Publishing) -> None:
    """An event that is nowhere, between others that are there, is a loss; nothing behind it is handed out."""
    publishing.publish(event for event in lane_events(0, 20) if event.position != 12)
    reader = Reader(settings)
    with pytest.raises(PositionMissing, match="0-12 "), closing(reader.open()) as feed:
        reader.follow(feed, {0: 20})
    assert reader.seen == {0: list(range(1, 12))}


class SharedCursor:
    """What several members store together: an effect and a cursor that moves only from where it was thought to be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.cursor: dict[int, int] = {}
        self.seen: dict[int, list[int]] = {}
        self.refused = 0

    def read(self) -> Mapping[int, int]:
        """Where it stands."""
        with self._lock:
            return dict(self.cursor)

    def apply(self, events: list[PublishedEvent], before: Mapping[int, int], after: Mapping[int, int]) -> bool:
        """Store all of it or nothing."""
        with self._lock:
            if any(self.cursor.get(lane, 0) != at for lane, at in before.items() if after[lane] != at):
                self.refused += 1
                return False
            for event in events:
                self.seen.setdefault(event.lane, []).append(event.position)
            self.cursor.update({lane: at for lane, at in after.items() if at != before.get(lane, 0)})
            return True


def member(settings: KafkaSettings, shared: SharedCursor, reader: Reader, life: Iterator[bool]) -> None:
    """Follow as long as ``life`` says, over as many feeds as it takes."""
    while next(life):
        with closing(open_feed(settings, shared.read, log=reader.log)) as feed:
            while next(life):
                events, cursor = feed.poll(50, 0.1)
                if not shared.apply(events, feed.committed, cursor):
                    break
                feed.commit(cursor)


def test_members_that_come_and_go_lose_and_double_nothing(settings: KafkaSettings, publishing: Publishing) -> None:
    """Lanes change hands while events come in; each is seen once and in order of its lane."""
    count, chance = 500, random.Random("members")
    shared, watch, deadline = SharedCursor(), Reader(settings), time.monotonic() + 60

    def is_done() -> bool:
        return shared.read() == dict.fromkeys(range(LANES), count)

    def lives(seconds: float) -> Iterator[bool]:
        until = time.monotonic() + seconds
        while True:
            yield time.monotonic() < min(until, deadline) and not is_done()

    def succession() -> None:
        while not is_done() and time.monotonic() < deadline:
            member(settings, shared, watch, lives(chance.uniform(1, 3)))

    threads = [threading.Thread(target=succession) for _ in range(3)]
    for thread in threads:
        thread.start()
    for first in range(1, count + 1, 10):
        for lane in range(LANES):
            publishing.publish(lane_events(lane, 10, first))
        # As long as it takes until every member has heard of every other one.
        threads[0].join(0.1)
    for thread in threads:
        thread.join()
    assert shared.seen == {lane: list(range(1, count + 1)) for lane in range(LANES)}
    assert sum(event is LANES_ASSIGNED for event, _ in watch.log.written) >= 3


def test_a_member_that_lost_its_lanes_unheard_stores_nothing(settings: KafkaSettings, publishing: Publishing) -> None:
    """Whoever was away while another went on finds the cursor elsewhere, and goes on from there when it is back."""
    publishing.publish(lane_events(0, 100))
    shared = SharedCursor()
    with closing(open_feed(settings, shared.read)) as paused:
        events: list[PublishedEvent] = []
        while not events:
            events, cursor = paused.poll(50)
        before = paused.committed
        # Another one was given the lane meanwhile, and moved it on.
        assert shared.apply(events, {0: 0}, {0: 100})
        assert not shared.apply(events, before, cursor)
    assert shared.refused == 1
    assert shared.read() == {0: 100}


def test_a_broker_that_is_away_is_said_and_comes_back(own_broker: Broker, topic_prefix: str) -> None:
    """No feed without a broker; with it, all of the events, also after it was killed and started again."""
    settings = settings_of_test(own_broker.bootstrap, topic_prefix)
    reader = Reader(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 1)
        with pytest.raises(KafkaAway):
            reader.open()
    own_broker.start()
    ensure_topics(settings, 1)
    with closing(Publishing(settings)) as publishing:
        publishing.publish(lane_events(0, 10))
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 10})
        own_broker.kill()
        own_broker.start()
        with closing(Publishing(settings)) as publishing:
            publishing.publish(lane_events(0, 10, first=11))
        # A feed that heard of it is done with; the next one goes on after the cursor.
        with suppress(KafkaAway):
            reader.follow(feed, {0: 20})
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 20})
    assert reader.seen == {0: list(range(1, 21))}


def test_nobody_listens(topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a broker is told within its bound."""
    monkeypatch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 1)
    began = time.monotonic()
    with pytest.raises(KafkaAway):
        Reader(settings_of_test(f"127.0.0.1:{free_port()}", topic_prefix)).open()
    assert time.monotonic() - began < 15
