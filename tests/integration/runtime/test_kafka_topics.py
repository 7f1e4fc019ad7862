"""Topics on a real broker: made as they must be, and refused when somebody made them otherwise."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import UnknownTopicOrPartitionError

from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import DAY_MS, KafkaAway, TopicConfiguredWrong, ensure_topics
from tests.support.kafka_broker import free_port
from tests.support.kafka_fixtures import Kafka

LANES = 3
SOUND = {
    "retention.ms": str(DAY_MS),
    "segment.ms": str(DAY_MS),
    "max.message.bytes": str(limits.TOPIC_MESSAGE_BYTES_MAX),
}


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str) -> KafkaSettings:
    """Topics of this test alone, on one broker."""
    return KafkaSettings(servers=(kafka.bootstrap,), prefix=topic_prefix, replication=1, min_insync=1)


def make(settings: KafkaSettings, topic: str, partitions: int, **configs: str) -> None:
    """Make a topic by hand, as an operator might have done."""
    named = {name.replace("_", "."): value for name, value in configs.items()}
    wanted = {"num_partitions": partitions, "replication_factor": 1, "configs": {**SOUND, **named}}
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        admin.create_topics({topic: wanted}, wait_for_metadata=True)


def describe(settings: KafkaSettings, topic: str) -> tuple[int, dict[str, Any]]:
    """How many partitions a topic has, and its settings."""
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        (found,) = admin.describe_topics([topic])
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        configs = admin.describe_configs([resource], config_filter="all")["topic"][topic]
    return len(found["partitions"]), {name: entry["value"] for name, entry in configs.items()}


def test_topics_are_made_as_they_must_be(settings: KafkaSettings) -> None:
    """A partition per lane, records gone within thirty days, nothing compacted; a second start finds nothing wrong."""
    ensure_topics(settings, LANES)
    ensure_topics(settings, LANES)
    for topic, partitions in (
        (settings.events_topic, LANES),
        (settings.register_topic, 1),
        (settings.dead_letters_topic, 1),
    ):
        found, configs = describe(settings, topic)
        assert found == partitions
        kept = int(configs["retention.ms"]) + int(configs["segment.ms"])
        assert 0 < kept <= 30 * DAY_MS
        assert configs["cleanup.policy"] == "delete"
        assert int(configs["max.message.bytes"]) > limits.RECORD_VALUE_BYTES_MAX


def test_processes_that_start_together_agree(settings: KafkaSettings) -> None:
    """Whoever finds that another one was first is content with what he made."""
    failures: list[BaseException] = []

    def start() -> None:
        try:
            ensure_topics(settings, LANES)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert describe(settings, settings.events_topic)[0] == LANES


@pytest.mark.parametrize(
    ("configs", "told"),
    [
        ({"cleanup_policy": "compact"}, "cleanup.policy"),
        ({"cleanup_policy": "compact,delete"}, "cleanup.policy"),
        ({"retention_ms": "-1"}, "retention.ms"),
        ({"retention_ms": str(31 * DAY_MS)}, "retention.ms"),
        ({"retention_ms": str(20 * DAY_MS), "segment_ms": str(15 * DAY_MS)}, "segment.ms"),
        ({"max_message_bytes": str(1024 * 1024)}, "max.message.bytes"),
        ({"unclean_leader_election_enable": "true"}, "unclean.leader.election.enable"),
    ],
)
def test_a_topic_that_loses_or_keeps_too_much_is_refused(
    settings: KafkaSettings, configs: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong is named with its topic; nothing is changed behind the operator's back."""
    monkeypatch.setattr(limits, "TOPIC_CHECK_SECONDS", 0.0)
    make(settings, settings.events_topic, LANES, **configs)
    with pytest.raises(TopicConfiguredWrong, match=told) as caught:
        ensure_topics(settings, LANES)
    assert len(caught.value.faults) == 1
    assert settings.events_topic in str(caught.value)


@pytest.mark.parametrize("partitions", [1, 4])
def test_another_number_of_partitions_is_refused(
    settings: KafkaSettings, partitions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition is a lane: with fewer there is no place for some, with more there is no order to trust."""
    monkeypatch.setattr(limits, "TOPIC_CHECK_SECONDS", 0.0)
    make(settings, settings.events_topic, partitions)
    with pytest.raises(TopicConfiguredWrong, match=f"{partitions} partitions and must have {LANES}"):
        ensure_topics(settings, LANES)


def test_too_few_copies_are_refused(settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A topic of one copy is not what production asks for; both faults of all three topics are told at once."""
    monkeypatch.setattr(limits, "TOPIC_CHECK_SECONDS", 0.0)
    ensure_topics(settings, LANES)
    asked = KafkaSettings(servers=settings.servers, prefix=settings.prefix)
    with pytest.raises(TopicConfiguredWrong, match="1 copies and must have 3") as caught:
        ensure_topics(asked, LANES)
    assert len(caught.value.faults) == 6


@pytest.mark.parametrize("late_answers", [limits.TOPIC_CHECKS_MAX - 1, limits.TOPIC_CHECKS_MAX])
def test_a_broker_that_is_late_to_hear_of_a_topic_does_not_make_it_wrong(
    settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch, late_answers: int
) -> None:
    """Of several brokers one may know nothing yet: it is asked again, and a publisher that heard enough comes back."""
    monkeypatch.setattr(limits, "TOPIC_CHECK_SECONDS", 0.0)
    ensure_topics(settings, LANES)
    unheard = [{"name": settings.events_topic, "error_code": UnknownTopicOrPartitionError.errno, "partitions": []}]
    # One that knows them all answers first: that they are there is not in doubt.
    answers = iter([None, *[unheard] * late_answers])
    describe_topics = KafkaAdminClient.describe_topics
    monkeypatch.setattr(
        KafkaAdminClient, "describe_topics", lambda self, topics: next(answers, None) or describe_topics(self, topics)
    )
    with pytest.raises(KafkaAway) if late_answers == limits.TOPIC_CHECKS_MAX else nullcontext():
        ensure_topics(settings, LANES)
    assert next(answers, None) is None


def test_a_broker_that_does_not_answer_is_said_to_be_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts can wait for it, and is told so within the bound."""
    monkeypatch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 1)
    began = time.monotonic()
    with pytest.raises(KafkaAway):
        ensure_topics(KafkaSettings(servers=(f"127.0.0.1:{free_port()}",)), LANES)
    assert time.monotonic() - began < 10
