"""P11: the publisher, out of the tables into Kafka, against a bare producer of the same records in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Final

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from services.ledger.application.publish import PublishLane
from services.ledger.contract.cloud_events import Record, encode
from services.ledger.entrypoints.lane_topic import LaneTopic
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.publication import LanePublication
from services.runtime.kafka import KafkaSettings, producer_options
from services.runtime.kafka_topics import ensure_topics
from services.runtime.postgres import sync_pool
from tests.bench.budgets import Measured, at_least
from tests.bench.ledger import bench_ledger
from tests.bench.workload import Workload
from tests.support.kafka_broker import Broker, new_folder

RUNS: Final = 5
PUBLISHED_EVENTS: Final = 40_000
READ_EVENTS: Final = 5_000
# What a bare producer does best with here: large batches, several under way, and no waiting in between.
BARE: Final = {"linger_ms": 5, "max_in_flight_requests_per_connection": 5}


def measure_p11(events: int) -> Iterator[Measured]:
    """Publish a lane from its first event to its last, and hand the same records, made before, to a bare producer."""
    count = min(events, PUBLISHED_EVENTS)
    ours, bares = [], []
    broker = Broker(new_folder(), say=print)
    try:
        broker.start()
        with bench_ledger() as ledger:
            ledger.ingest(Workload(0).lines(count))
            ledger.wait_until_projected()
            records = read_records(ledger.conninfo, count)
            # The first run of each meets a broker that has compiled nothing yet.
            for run in range(RUNS + 1):
                settings = settings_of(broker, run)
                ours.append(publisher_rate(ledger.conninfo, settings, count))
                bares.append(bare_rate(settings, records))
    finally:
        broker.remove()
    rate, bare = statistics.median(ours[1:]), statistics.median(bares[1:])
    size = statistics.mean(len(record.value) for record in records)
    yield at_least("P11", rate, "events/s", bare, 0.5, "bare producer", f"bare {bare:,.0f}/s, {size:,.0f} bytes each")


def settings_of(broker: Broker, run: int) -> KafkaSettings:
    """Topics of their own for each run."""
    return KafkaSettings(servers=(broker.bootstrap,), prefix=f"bench-{run}", replication=1, min_insync=1)


def read_records(conninfo: str, count: int) -> list[Record]:
    """The records of the lane, as the publisher makes them."""
    records: list[Record] = []
    with sync_pool(conninfo, name="bench") as pool:
        reader = PostgresEventReader(pool=pool)
        while len(records) < count:
            records += [encode(event) for event in reader.events_after(0, len(records), READ_EVENTS)]
    return records[:count]


def publisher_rate(conninfo: str, settings: KafkaSettings, count: int) -> float:
    """Events per second from the tables to the topic, cursor and all; connecting and the first chunk are not timed."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DELETE FROM publication WHERE lane = 0")
    topic = LaneTopic(settings, lane=0, lanes=1)
    publish = PublishLane(lane=0, publication=LanePublication(conninfo, 0), outlet=topic)
    try:
        done = first = publish.step()
        begun = time.perf_counter()
        while done < count:
            done += publish.step()
        seconds = time.perf_counter() - begun
    finally:
        publish.let_go()
    assert records_on(settings, settings.events_topic) == done, "an event is missing on the topic or stands there twice"
    return (done - first) / seconds


def bare_rate(settings: KafkaSettings, records: Sequence[Record]) -> float:
    """Records per second of a producer that only sends; connecting and the first hundred are not timed."""
    settings = KafkaSettings(servers=settings.servers, prefix=f"{settings.prefix}-bare", replication=1, min_insync=1)
    ensure_topics(settings, 1)
    topic = settings.events_topic
    producer = KafkaProducer(**producer_options(settings, "bare") | BARE)
    try:
        for record in records[:100]:
            producer.send(topic, record.value, record.key, record.headers, 0)
        producer.flush()
        begun = time.perf_counter()
        for record in records[100:]:
            producer.send(topic, record.value, record.key, record.headers, 0)
        producer.flush()
        seconds = time.perf_counter() - begun
    finally:
        producer.close()
    assert records_on(settings, topic) == len(records), "the bare producer lost records"
    return (len(records) - 100) / seconds


def records_on(settings: KafkaSettings, topic: str) -> int:
    """How many records a topic of one partition has."""
    consumer = KafkaConsumer(bootstrap_servers=list(settings.servers))
    try:
        return int(consumer.end_offsets([TopicPartition(topic, 0)])[TopicPartition(topic, 0)])
    finally:
        consumer.close()
