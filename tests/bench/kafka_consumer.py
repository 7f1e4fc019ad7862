"""P12: a consumer out of Kafka into its own tables, against a bare consumer of the same records in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

from kafka import KafkaConsumer, TopicPartition

from services.ledger.client.feed.dead_letters import Letter
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.events import PostgresEventReader
from services.notifier.application.follow import FollowFeed
from services.notifier.storage.open_notifier import connect, open_notifier
from services.notifier.storage.store import PostgresStore
from services.runtime.kafka import KafkaSettings, consumer_options
from services.runtime.kafka_topics import ensure_topics
from services.runtime.postgres import sync_pool
from tests.bench.budgets import Measured, at_least
from tests.bench.kafka import READ_EVENTS, read_records, settings_of
from tests.bench.ledger import bench_ledger
from tests.bench.workload import Workload
from tests.support.kafka_broker import Broker, new_folder
from tests.support.published import Publishing, open_feed

RUNS: Final = 5
CONSUMED_EVENTS: Final = 40_000
EMPTY: Final = "TRUNCATE notifier.cursor, notifier.look"


def measure_p12(events: int) -> Iterator[Measured]:
    """Follow a lane into the tables of notifier, cursor in the same transaction; read the same records for nothing."""
    count = min(events, CONSUMED_EVENTS)
    broker = Broker(new_folder(), say=print)
    try:
        broker.start()
        settings = settings_of(broker, 0)
        with bench_ledger() as ledger:
            ledger.ingest(Workload(0).lines(count))
            ledger.wait_until_projected()
            publish(ledger.conninfo, settings, count)
            open_notifier(ledger.conninfo)
            consumers, feeds, bares = [], [], []
            for run in range(RUNS):
                bares.append(bare_rate(settings, count))
                feeds.append(feed_rate(settings, count, f"feed-{run}"))
                consumers.append(consumer_rate(ledger.conninfo, settings, count, f"consumer-{run}"))
    finally:
        broker.remove()
    rate, feed, bare = statistics.median(consumers), statistics.median(feeds), statistics.median(bares)
    note = f"bare {bare:,.0f}/s, the feed without tables {feed:,.0f}/s ({feed / bare:.2f})"
    yield at_least("P12", rate, "events/s", bare, 0.3, "bare consumer", note)


def publish(conninfo: str, settings: KafkaSettings, count: int) -> None:
    """Put the events of the lane and the register on their topics, as the publisher does."""
    ensure_topics(settings, 1)
    records = read_records(conninfo, count)
    letters = [Letter(key=record.key, value=record.value, headers=record.headers) for record in records]
    with closing(Publishing(settings)) as publishing:
        with sync_pool(conninfo, name="bench") as pool:
            publishing.publish(PostgresEventReader(pool=pool).events_after(REGISTER_LANE, 0, READ_EVENTS))
        for begin in range(0, count, 1_000):
            publishing.put([((settings.events_topic, 0), letter) for letter in letters[begin : begin + 1_000]])


def bare_rate(settings: KafkaSettings, count: int) -> float:
    """Records per second of a consumer that only counts; connecting and the first piece are not timed."""
    with KafkaConsumer(**consumer_options(settings, "bare", None)) as consumer:
        place = TopicPartition(settings.events_topic, 0)
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        done = first = begun = 0.0
        while done < count:
            done += sum(map(len, consumer.poll(timeout_ms=500, max_records=1_000).values()))
            if done and not begun:
                first, begun = done, time.perf_counter()
        return (done - first) / (time.perf_counter() - begun)


def feed_rate(settings: KafkaSettings, count: int, group: str) -> float:
    """Events per second of the feed alone; joining and the first piece are not timed."""
    with closing(open_feed(settings, dict, group=group)) as feed:

        def step() -> int:
            events, cursor = feed.poll(1_000)
            feed.commit(cursor)
            return len(events)

        return timed(step, count)


def consumer_rate(conninfo: str, settings: KafkaSettings, count: int, group: str) -> float:
    """Events per second into the tables of notifier; joining and the first piece are not timed."""
    with connect(conninfo) as connection:
        connection.execute(EMPTY)
        store = PostgresStore(connection)
        with closing(open_feed(settings, store.cursor, group=group)) as feed:
            rate = timed(FollowFeed(feed=feed, store=store).step, count)
        assert store.cursor() == {0: count}, "not all of it was stored"
    return rate


def timed(step: Callable[[], int], count: int) -> float:
    """Events per second after the first piece."""
    done = first = 0
    begun = 0.0
    while done < count:
        done += step()
        if done and not begun:
            first, begun = done, time.perf_counter()
    return (done - first) / (time.perf_counter() - begun)
