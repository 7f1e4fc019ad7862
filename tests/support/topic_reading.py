"""What stands on a topic, read from its beginning to its end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from services.ledger.contract.cloud_events import PublishedEvent, decode
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime.kafka import KafkaSettings, consumer_options


def read_partition(settings: KafkaSettings, topic: str, partition: int = 0) -> list[Any]:
    """All records of a partition by now, in order."""
    place = TopicPartition(topic, partition)
    consumer = KafkaConsumer(**consumer_options(settings, "test", None))
    try:
        consumer.assign([place])
        (end,) = consumer.end_offsets([place]).values()
        consumer.seek_to_beginning(place)
        records: list[Any] = []
        while consumer.position(place) < end:
            records += consumer.poll(timeout_ms=500).get(place, [])
        return records
    finally:
        consumer.close()


def read_lane(settings: KafkaSettings, lane: int) -> list[PublishedEvent]:
    """All events that were published of a lane, repetitions too."""
    topic = settings.register_topic if lane == REGISTER_LANE else settings.events_topic
    records = read_partition(settings, topic, 0 if lane == REGISTER_LANE else lane)
    return [decode(lane, record.key, record.value, record.headers) for record in records]


def read_lane_until(settings: KafkaSettings, lane: int, head: int, seconds: float = 60.0) -> list[PublishedEvent]:
    """All events of a lane up to its head: a broker that has just begun to lead shows them when others have them too.

    What it shows before that ends too early, although nothing was lost.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = read_lane(settings, lane)
        if max((event.position for event in found), default=0) >= head:
            return found
        assert time.monotonic() < deadline, f"position {head} does not come"


def assert_whole(events: Iterable[PublishedEvent], head: int) -> Sequence[int]:
    """Assert that every position is there and none before its predecessor; all positions as they came."""
    positions = [event.position for event in events]
    newest = 0
    for position in positions:
        assert position <= newest + 1, f"{position} came when {newest} was the newest"
        newest = max(newest, position)
    assert newest == head
    return positions
