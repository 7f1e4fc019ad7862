"""Publishers on a real broker and a real database: order kept, nothing skipped, whatever goes away and comes back."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from kafka import KafkaAdminClient
from kafka.record import MemoryRecords

from services.ledger.application.publish import PublishLane
from services.ledger.application.publish_ports import PublisherFenced
from services.ledger.contract import topics
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.entrypoints.lane_topic import LaneTopic
from services.ledger.entrypoints.publish import PublisherThreads
from services.ledger.storage.publication import PUBLISHER_LOCK, LanePublication
from services.runtime import limits
from services.runtime.kafka import KafkaSettings, KafkaUnsafe
from services.runtime.kafka_topics import TopicConfiguredWrong, ensure_topics
from services.runtime.log import StructuredLog
from services.runtime.metrics import Metrics
from tests.support.envelopes import Event, insert_events, make_envelope
from tests.support.kafka_broker import Broker, Cluster
from tests.support.kafka_fixtures import Kafka
from tests.support.topic_reading import assert_whole, read_lane, read_lane_until
from tests.support.waiting import wait_until

PERSON = UUID(int=1, version=4)
LANES = 2
Writer = psycopg.Connection[Any]


class Publishers:
    """The publishers of one process, with their log and metrics."""

    def __init__(self, conninfo: str, settings: KafkaSettings, log: io.StringIO) -> None:
        """Make them; ``threads.start()`` starts them."""
        self.metrics = Metrics()
        self.threads = PublisherThreads(
            conninfo=conninfo,
            settings=settings,
            lanes=LANES,
            log=StructuredLog(strict=True, stream=log),
            metrics=self.metrics,
        )

    def leads(self, lane: int) -> bool:
        """Whether this process leads a lane."""
        return self.metrics.value("grootboek_leader", role="publisher", lane=lane) == 1

    def restarts(self, lane: int, reason: str) -> float:
        """How often the publisher of a lane began anew for a reason."""
        return self.metrics.value("grootboek_publisher_restarts_total", lane=lane, reason=reason)


@pytest.fixture
def writer(database: str) -> Iterator[Writer]:
    """A connection to a ledger without rows."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def log() -> io.StringIO:
    """What the publishers write to their log."""
    return io.StringIO()


@pytest.fixture
def new_publishers(database: str, log: io.StringIO, topic_prefix: str) -> Iterator[Callable[[str], Publishers]]:
    """A function that makes the publishers of a process for a broker; all are stopped at the end."""
    made: list[Publishers] = []

    def make(bootstrap: str) -> Publishers:
        made.append(Publishers(database, settings_for(bootstrap, topic_prefix), log))
        return made[-1]

    yield make
    for each in made:
        each.threads.stop()


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str) -> KafkaSettings:
    """Topics of this test alone, on the broker of the session."""
    return settings_for(kafka.bootstrap, topic_prefix)


def settings_for(bootstrap: str, prefix: str) -> KafkaSettings:
    """Settings for a broker that is alone."""
    return KafkaSettings(servers=tuple(bootstrap.split(",")), prefix=prefix, replication=1, min_insync=1)


def acts(count: int, lane: int = 0) -> list[Event]:
    """Some acts on one person."""
    return [(lane, PERSON, topics.PROCESSING_RECORDED, make_envelope(controller="college")) for _ in range(count)]


def published(writer: Writer) -> dict[int, int]:
    """The cursor of each lane."""
    return dict(writer.execute("SELECT lane, position FROM publication").fetchall())


def heads(writer: Writer) -> dict[int, int]:
    """The last position of each lane that has any."""
    return dict(writer.execute("SELECT lane, last_position FROM lane_head WHERE last_position > 0").fetchall())


def all_is_published(writer: Writer) -> bool:
    """Whether the cursors have reached the heads."""
    return {lane: position for lane, position in published(writer).items() if position} == heads(writer)


def lines(log: io.StringIO, event: str) -> list[dict[str, Any]]:
    """The lines of the log that tell one event."""
    return [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == event]


def test_every_lane_arrives_whole_in_its_partition(
    writer: Writer, settings: KafkaSettings, new_publishers: Callable[[str], Publishers]
) -> None:
    """Each lane in its own order, byte for byte as it is stored; what was swept keeps its place."""
    swept: Event = (0, PERSON, topics.PROCESSING_RECORDED, None)
    insert_events(writer, [*acts(40), swept, *acts(25, lane=1), *acts(9)])
    writer.execute("UPDATE stored_events SET state = NULL WHERE envelope IS NULL")
    publishers = new_publishers(settings.servers[0])
    publishers.threads.start()
    wait_until(lambda: all_is_published(writer))
    for lane, head in heads(writer).items():
        found = read_lane(settings, lane)
        assert assert_whole(found, head) == list(range(1, head + 1))
        stored = writer.execute(
            "SELECT envelope, state FROM stored_events WHERE lane = %s ORDER BY notification_id", (lane,)
        ).fetchall()
        assert [(event.envelope, event.content) for event in found] == stored
    assert publishers.metrics.value("grootboek_events_published_total", lane=0) == 50


def test_the_register_tells_its_positions_and_nothing_else(
    writer: Writer, settings: KafkaSettings, new_publishers: Callable[[str], Publishers]
) -> None:
    """One partition of its own; the state of an entry stays in the ledger."""
    insert_events(writer, [(REGISTER_LANE, PERSON, "register.party-registered.1", None) for _ in range(5)], b"a name")
    new_publishers(settings.servers[0]).threads.start()
    wait_until(lambda: all_is_published(writer))
    found = read_lane(settings, REGISTER_LANE)
    assert assert_whole(found, 5) == [1, 2, 3, 4, 5]
    assert {(event.envelope, event.content) for event in found} == {(None, None)}


def test_a_new_event_is_published_at_once(
    writer: Writer,
    settings: KafkaSettings,
    new_publishers: Callable[[str], Publishers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who committed wakes the publisher, which would else look only much later."""
    monkeypatch.setattr(limits, "PUBLISH_POLL_SECONDS", 600.0)
    publishers = new_publishers(settings.servers[0])
    publishers.threads.start()
    wait_until(lambda: publishers.leads(0) and publishers.leads(1))
    insert_events(writer, [*acts(1), *acts(1, lane=1)])
    publishers.threads.wake([0, 1])
    wait_until(lambda: all_is_published(writer))


def test_what_others_commit_is_published_too(
    writer: Writer, settings: KafkaSettings, new_publishers: Callable[[str], Publishers]
) -> None:
    """Nobody says so: the publisher looks by itself."""
    publishers = new_publishers(settings.servers[0])
    publishers.threads.start()
    wait_until(lambda: publishers.leads(0) and publishers.leads(1))
    insert_events(writer, [*acts(1), *acts(1, lane=1)])
    wait_until(lambda: all_is_published(writer))


def test_a_long_backlog_goes_in_chunks_that_fit(
    writer: Writer, settings: KafkaSettings, new_publishers: Callable[[str], Publishers]
) -> None:
    """Large contents make short chunks, and one that is larger than a chunk goes alone."""
    insert_events(writer, acts(30), state=bytes(100_000))
    insert_events(writer, acts(2), state=bytes(2_000_000))
    insert_events(writer, acts(2_500))
    new_publishers(settings.servers[0]).threads.start()
    wait_until(lambda: all_is_published(writer))
    assert assert_whole(read_lane(settings, 0), 2_532) == list(range(1, 2_533))


def test_a_chunk_is_one_batch_of_kafka(
    writer: Writer, own_broker: Broker, topic_prefix: str, new_publishers: Callable[[str], Publishers]
) -> None:
    """It is stored whole or not at all, so that no part of it can follow a part that was lost."""
    chunks = 3
    insert_events(writer, acts(chunks * limits.PUBLISH_CHUNK_EVENTS_MAX))
    new_publishers(own_broker.start().bootstrap).threads.start()
    wait_until(lambda: all_is_published(writer))
    assert batches_of_lane(own_broker, topic_prefix) == [limits.PUBLISH_CHUNK_EVENTS_MAX] * chunks


def test_a_chunk_of_as_many_bytes_as_it_may_have_is_one_batch_too(
    database: str, writer: Writer, own_broker: Broker, topic_prefix: str
) -> None:
    """Whatever comes on top of envelope and content, and however large the last of its events is."""
    insert_events(writer, acts(2_000), state=bytes(900))
    insert_events(writer, acts(10), state=bytes(700_000))
    insert_events(writer, acts(2), state=bytes(2_000_000))
    insert_events(writer, acts(10), state=bytes(100))
    topic = LaneTopic(settings_for(own_broker.start().bootstrap, topic_prefix), lane=0, lanes=1)
    publish = PublishLane(lane=0, publication=LanePublication(database, 0), outlet=topic)
    chunks = list(iter(publish.step, 0))
    publish.let_go()
    assert batches_of_lane(own_broker, topic_prefix) == chunks
    assert sum(chunks) == 2_022
    assert len(chunks) < 12


def batches_of_lane(broker: Broker, prefix: str) -> list[int]:
    """How many records each batch has that the broker stored of lane 0."""
    (segment,) = (broker.log_folder / f"{prefix}.events-0").glob("*.log")
    batches = MemoryRecords(segment.read_bytes())
    found = []
    while batches.has_next():
        found.append(sum(1 for _ in batches.next_batch()))
    return found


def test_killed_between_acknowledgement_and_cursor_it_repeats_and_never_skips(
    database: str, writer: Writer, settings: KafkaSettings
) -> None:
    """A process dies by SIGKILL with a chunk on the topic and not in the cursor; its successor sends that once more."""
    insert_events(writer, acts(5_000))
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.publish_process", database]
    for chunks in ("1", "2", "0"):
        died = subprocess.run([*command, settings.servers[0], settings.prefix, chunks], check=False)
        assert died.returncode == (0 if chunks == "0" else -9)
    positions = assert_whole(read_lane(settings, 0), 5_000)
    assert published(writer) == {0: 5_000}
    assert len(positions) > 5_000
    assert positions.count(1) == 2


def test_two_publishers_by_mistake_keep_the_order(
    database: str, writer: Writer, settings: KafkaSettings, kafka: Kafka
) -> None:
    """With locks that do not see each other both lead; the epoch fences the older one at its next cursor."""
    insert_events(writer, acts(200))
    ensure_topics(settings, 1)
    first, second = (
        PublishLane(
            lane=0,
            publication=LanePublication(database, 0, lock=PUBLISHER_LOCK + number * 1_000_000),
            outlet=LaneTopic(settings, lane=0, lanes=1),
        )
        for number in range(2)
    )
    fenced = 0
    insert_events(writer, acts(200))
    for publisher in (first, second, first, second, second, first, second) * 4:
        try:
            publisher.step()
        except PublisherFenced:
            fenced += 1
            publisher.let_go()
        insert_events(writer, acts(20))
    while not all_is_published(writer):
        second.step() if second.lead else first.step()
    first.let_go()
    second.let_go()
    positions = assert_whole(read_lane(settings, 0), heads(writer)[0])
    assert fenced > 1
    assert len(positions) > len(set(positions))


def test_one_process_leads_and_another_takes_over(
    writer: Writer, settings: KafkaSettings, new_publishers: Callable[[str], Publishers], log: io.StringIO
) -> None:
    """Of two processes one publishes a lane; when it ends the other goes on behind it, and nothing is repeated."""
    first, second = new_publishers(settings.servers[0]), new_publishers(settings.servers[0])
    first.threads.start()
    wait_until(lambda: first.leads(0) and first.leads(1))
    second.threads.start()
    insert_events(writer, acts(50))
    wait_until(lambda: all_is_published(writer))
    assert not second.leads(0)
    first.threads.stop()
    wait_until(lambda: second.leads(0) and second.leads(1))
    insert_events(writer, acts(50))
    wait_until(lambda: all_is_published(writer))
    assert assert_whole(read_lane(settings, 0), 100) == list(range(1, 101))
    assert {line["role"] for line in lines(log, "leadership.gained")} == {"publisher"}


def test_a_lost_database_connection_is_taken_up_again(
    writer: Writer, settings: KafkaSettings, new_publishers: Callable[[str], Publishers], log: io.StringIO
) -> None:
    """The lead goes with the connection; another one gives the next lead, and the cursor says where it was."""
    publishers = new_publishers(settings.servers[0])
    publishers.threads.start()
    insert_events(writer, acts(20))
    wait_until(lambda: all_is_published(writer))
    writer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'grootboek-publisher-%'"
    )
    insert_events(writer, acts(20))
    wait_until(lambda: all_is_published(writer))
    assert assert_whole(read_lane(settings, 0), 40) == list(range(1, 41))
    assert {line["reason"] for line in lines(log, "publishing.retried")} == {"database-away"}


def test_a_broker_that_is_down_at_the_start_is_waited_for(
    writer: Writer,
    own_broker: Broker,
    topic_prefix: str,
    new_publishers: Callable[[str], Publishers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ledger writes on; when the broker comes the backlog drains in order, topics and all."""
    monkeypatch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 1)
    publishers = new_publishers(own_broker.bootstrap)
    publishers.threads.start()
    insert_events(writer, acts(100))
    wait_until(lambda: publishers.restarts(0, "broker-away") >= 2)
    assert publishers.threads.failures == []
    insert_events(writer, acts(100))
    own_broker.start()
    wait_until(lambda: all_is_published(writer))
    assert assert_whole(read_lane(settings_for(own_broker.bootstrap, topic_prefix), 0), 200) == list(range(1, 201))


def test_a_broker_that_is_away_during_load_costs_nothing_but_time(
    writer: Writer,
    own_broker: Broker,
    topic_prefix: str,
    new_publishers: Callable[[str], Publishers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed twice while events come in, once for longer than a chunk waits: nothing lost, nothing out of order."""
    monkeypatch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 2)
    monkeypatch.setattr(limits, "KAFKA_REQUEST_SECONDS_MAX", 1)
    monkeypatch.setattr(limits, "PUBLISH_LINGER_SECONDS", 1)
    monkeypatch.setattr(limits, "PUBLISH_DELIVERY_SECONDS_MAX", 3)
    own_broker.start()
    publishers = new_publishers(own_broker.bootstrap)
    publishers.threads.start()
    wait_until(lambda: publishers.leads(0))
    for is_long in (False, True):
        insert_events(writer, acts(300))
        own_broker.kill()
        insert_events(writer, acts(300))
        publishers.threads.wake([0])
        if is_long:
            wait_until(lambda: publishers.restarts(0, "send-failed") + publishers.restarts(0, "broker-away") >= 1)
        own_broker.start()
        insert_events(writer, acts(300))
    wait_until(lambda: all_is_published(writer))
    assert publishers.threads.failures == []
    assert_whole(read_lane(settings_for(own_broker.bootstrap, topic_prefix), 0), 1_800)


def test_a_failover_of_brokers_loses_and_reorders_nothing(
    writer: Writer,
    topic_prefix: str,
    kafka_cluster: Callable[..., Cluster],
    database: str,
    log: io.StringIO,
) -> None:
    """Of three brokers the one that leads the lane is killed under load; the others have all that was acknowledged."""
    cluster = kafka_cluster(3)
    settings = msgspec.structs.replace(settings_for(cluster.bootstrap, topic_prefix), replication=3, min_insync=2)
    publishers = Publishers(database, settings, log)
    publishers.threads.start()
    try:
        wait_until(lambda: publishers.leads(0))
        insert_events(writer, acts(2_000))
        cluster.leader_of(settings.events_topic).kill()
        insert_events(writer, acts(2_000))
        publishers.threads.wake([0])
        wait_until(lambda: all_is_published(writer))
        assert_whole(read_lane_until(settings, 0, 4_000), 4_000)
        assert publishers.threads.failures == []
    finally:
        publishers.threads.stop()


def test_a_wrong_topic_stops_publishing_and_nothing_else(
    writer: Writer,
    settings: KafkaSettings,
    new_publishers: Callable[[str], Publishers],
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is said in the log and the metrics, nothing is sent, and the ledger writes on."""
    monkeypatch.setattr(limits, "TOPIC_CHECK_SECONDS", 0.0)
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        admin.create_topics({settings.events_topic: {"num_partitions": 7, "replication_factor": 1}})
    publishers = new_publishers(settings.servers[0])
    publishers.threads.start()
    wait_until(lambda: len(publishers.threads.failures) == LANES + 1)
    insert_events(writer, acts(10))
    assert all(isinstance(failure, TopicConfiguredWrong) for failure in publishers.threads.failures)
    assert {line["code"] for line in lines(log, "publishing.stopped")} == {"topic_configured_wrong"}
    assert publishers.metrics.value("grootboek_stopped", role="publisher") == 1
    assert set(published(writer).values()) == {0}


def test_it_stops_in_time_though_the_broker_hangs(
    writer: Writer,
    own_broker: Broker,
    new_publishers: Callable[[str], Publishers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A chunk without an answer is given up; its cursor has not moved, so the next one sends it again."""
    monkeypatch.setattr(limits, "PUBLISH_STOP_SECONDS_MAX", 0.5)
    own_broker.start()
    publishers = new_publishers(own_broker.bootstrap)
    publishers.threads.start()
    wait_until(lambda: publishers.leads(0) and publishers.leads(1))
    own_broker.pause()
    insert_events(writer, acts(10))
    publishers.threads.wake([0])
    began = time.monotonic()
    publishers.threads.stop()
    assert time.monotonic() - began < 15
    own_broker.resume()
    assert published(writer)[0] == 0


def test_unsafe_settings_are_refused_before_anything_starts(database: str, log: io.StringIO) -> None:
    """Events would go to another host in clear text."""
    with pytest.raises(KafkaUnsafe):
        Publishers(database, settings_for("kafka.example:9092", "x"), log)
