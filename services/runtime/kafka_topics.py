"""The topics: made when they are not there, and checked, since a wrong one loses records or keeps them too long."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.kafka import KafkaSettings, connection_options

DAY_MS: Final = 24 * 3600 * 1000
RETENTION: Final = "retention.ms"
SEGMENT: Final = "segment.ms"
SEGMENT_BYTES: Final = "segment.bytes"
CLEANUP: Final = "cleanup.policy"
BYTES: Final = "max.message.bytes"
IN_SYNC: Final = "min.insync.replicas"
UNCLEAN: Final = "unclean.leader.election.enable"


class KafkaAway(GrootboekError):
    """Kafka does not answer."""

    code = "kafka_away"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "Look whether the brokers run and can be reached; what was recorded meanwhile is published afterwards."


class TopicConfiguredWrong(GrootboekError):
    """A topic is not as it must be: it would lose records, mix up their order or keep them too long."""

    code = "topic_configured_wrong"
    kind = Kind.CONFLICT
    remedy = (
        "Change the settings of the topic. Its partitions are the ledger's lanes and never change: for another number"
        " choose another prefix."
    )

    def __init__(self, faults: Sequence[str]) -> None:
        """Name all faults at once."""
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


class Topic(msgspec.Struct, frozen=True):
    """A topic as it should be."""

    name: str
    partitions: int


def all_topics(settings: KafkaSettings, lanes: int) -> tuple[Topic, ...]:
    """The topics of a ledger with so many lanes."""
    return (
        Topic(settings.events_topic, lanes),
        Topic(settings.register_topic, 1),
        Topic(settings.dead_letters_topic, 1),
    )


def ensure_topics(settings: KafkaSettings, lanes: int) -> None:
    """Make what is not there and check everything; KafkaAway or TopicConfiguredWrong."""
    try:
        with KafkaAdminClient(**connection_options(settings, "topics")) as admin:
            topics = all_topics(settings, lanes)
            _create_missing(admin, settings, topics)
            faults = _find_lasting_faults(admin, settings, topics)
    except KafkaError as error:
        raise KafkaAway(f"Kafka does not answer as it should: {type(error).__name__}.") from None
    if faults:
        raise TopicConfiguredWrong(faults)


def _create_missing(admin: KafkaAdminClient, settings: KafkaSettings, topics: Sequence[Topic]) -> None:
    """Make the topics that are not there; another process that was first is as good."""
    present = set(admin.list_topics())
    missing = [topic for topic in topics if topic.name not in present]
    for topic in missing:
        try:
            admin.create_topics({topic.name: _as_wanted(settings, topic)})
        except TopicAlreadyExistsError:
            continue
    admin.wait_for_topics([topic.name for topic in topics])


def _as_wanted(settings: KafkaSettings, topic: Topic) -> dict[str, Any]:
    """How a topic is made."""
    return {
        "num_partitions": topic.partitions,
        "replication_factor": settings.replication,
        "configs": {
            RETENTION: str(settings.retention_days * DAY_MS),
            SEGMENT: str(limits.TOPIC_SEGMENT_DAYS * DAY_MS),
            SEGMENT_BYTES: str(limits.TOPIC_SEGMENT_BYTES),
            CLEANUP: "delete",
            BYTES: str(limits.TOPIC_MESSAGE_BYTES_MAX),
            IN_SYNC: str(settings.min_insync),
            UNCLEAN: "false",
        },
    }


def _find_lasting_faults(admin: KafkaAdminClient, settings: KafkaSettings, topics: Sequence[Topic]) -> list[str]:
    """What is wrong for longer than a broker needs to hear of a topic that another one has just made.

    KafkaError when it hears of it no sooner, as may be while the brokers choose another leader: it is late, not wrong.
    """
    for checks_left in reversed(range(limits.TOPIC_CHECKS_MAX)):
        try:
            faults = _find_faults(admin, settings, topics)
        except UnknownTopicOrPartitionError:
            if not checks_left:
                raise
        else:
            if not faults:
                return []
        time.sleep(limits.TOPIC_CHECK_SECONDS)
    return faults


def _find_faults(admin: KafkaAdminClient, settings: KafkaSettings, topics: Sequence[Topic]) -> list[str]:
    """All that is wrong with all topics; the error of the broker when it cannot tell of one of them."""
    names = [topic.name for topic in topics]
    found = {each["name"]: each for each in admin.describe_topics(names)}
    for each in found.values():
        if each["error_code"]:
            raise for_code(each["error_code"])
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs = admin.describe_configs(resources, config_filter="all")["topic"]
    faults = []
    for topic in topics:
        given = {name: entry["value"] for name, entry in configs[topic.name].items()}
        faults += [f"{topic.name}: {fault}" for fault in _partition_faults(settings, topic, found[topic.name])]
        faults += [f"{topic.name}: {fault}" for fault in _config_faults(settings, given)]
    return faults


def _partition_faults(settings: KafkaSettings, topic: Topic, found: Mapping[str, Any]) -> list[str]:
    """What is wrong with the number of partitions and of their copies."""
    faults, partitions = [], found["partitions"]
    if len(partitions) != topic.partitions:
        faults.append(f"it has {len(partitions)} partitions and must have {topic.partitions}.")
    copies = min((len(each["replica_nodes"]) for each in partitions), default=0)
    if copies < settings.replication:
        faults.append(f"it has {copies} copies and must have {settings.replication}.")
    return faults


def _config_faults(settings: KafkaSettings, given: Mapping[str, str]) -> list[str]:
    """What is wrong with the settings of a topic."""
    if not given:
        return ["its settings cannot be read: allow this client to describe them."]
    faults = []
    if given[CLEANUP] != "delete":
        faults.append(f"{CLEANUP} must be delete: compaction makes holes in the order.")
    # Records go with the whole segment they stand in, so the youngest and the oldest one of it are that far apart.
    retention, segment = int(given[RETENTION]), int(given[SEGMENT])
    if retention < 0 or retention + segment > limits.TOPIC_RETENTION_DAYS_MAX * DAY_MS:
        faults.append(f"{RETENTION} and {SEGMENT} together must be at most {limits.TOPIC_RETENTION_DAYS_MAX} days.")
    if int(given[BYTES]) < limits.TOPIC_MESSAGE_BYTES_MAX:
        faults.append(f"{BYTES} must be at least {limits.TOPIC_MESSAGE_BYTES_MAX}.")
    if int(given[IN_SYNC]) < settings.min_insync:
        faults.append(f"{IN_SYNC} must be at least {settings.min_insync}.")
    if given[UNCLEAN] != "false":
        faults.append(f"{UNCLEAN} must be false: a broker that lags behind would take acknowledged records away.")
    return faults
