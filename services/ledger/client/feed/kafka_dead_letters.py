"""The dead letters' topic of Kafka."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.ledger.client.feed.dead_letters import (
    NO_KEY,
    REPLAYED,
    DeadLetter,
    Letter,
    letter_of,
    letters_left,
    original_of,
)
from services.ledger.client.feed.kafka_topic import away
from services.ledger.client.feed.lane_puller import Arrival, Poison
from services.ledger.contract.cloud_events import Reason
from services.runtime import limits
from services.runtime.kafka import KafkaSettings, consumer_options
from services.runtime.kafka_producer import open_producer
from services.runtime.kafka_topics import KafkaAway
from services.runtime.log import Log
from services.runtime.log_events import DEAD_LETTER
from services.runtime.metrics import Metrics


class KafkaDeadLetters:
    """Implements DeadLetters; the producer is made when the first record must be set aside."""

    def __init__(self, settings: KafkaSettings, *, group: str, log: Log, metrics: Metrics) -> None:
        """Set records aside on behalf of a group."""
        self._settings, self._group = settings, group
        self._log, self._metrics = log, metrics
        self._sender: LetterSender | None = None
        for reason in Reason:
            metrics.begin("grootboek_dead_letters_total", consumer=group, reason=reason)

    def put(self, poison: Sequence[Poison]) -> None:
        """Set aside, on as many brokers as must have it, before this returns; KafkaAway otherwise."""
        if self._sender is None:
            self._sender = LetterSender(self._settings, f"{self._group}-dead-letters")
        topic = self._settings.dead_letters_topic
        self._sender.send([(topic, 0, letter_of(each, self._group)) for each in poison])
        for each in poison:
            self._metrics.count("grootboek_dead_letters_total", consumer=self._group, reason=each.reason)
            self._log.write(
                DEAD_LETTER,
                reason=str(each.reason),
                partition=each.record.partition,
                offset=each.record.offset,
                position=each.position,
            )

    def close(self) -> None:
        """Let go of the connection."""
        if self._sender is not None:
            self._sender.close()


class LetterSender:
    """Sends records one by one and waits for all of them."""

    def __init__(self, settings: KafkaSettings, name: str) -> None:
        """KafkaAway when no broker answers."""
        with away():
            self._producer = open_producer(settings, name)

    def send(self, letters: Sequence[tuple[str, int, Letter]]) -> None:
        """Send to (topic, partition), and return when all are stored; KafkaAway otherwise."""
        with away():
            futures = [
                self._producer.send(topic, letter.value, letter.key, letter.headers, partition)
                for topic, partition, letter in letters
            ]
            self._producer.flush(limits.PUBLISH_DELIVERY_SECONDS_MAX)
            for future in futures:
                future.get(timeout=0)

    def close(self) -> None:
        """Let go of the connection; nothing waits to be sent."""
        try:
            self._producer.close(timeout=limits.KAFKA_CLOSE_SECONDS_MAX)
        except KafkaError:
            return


def read_dead_letters(settings: KafkaSettings) -> dict[int, Arrival]:
    """All that the topic holds by now, by offset, at most so many; KafkaAway when no broker answers."""
    with away(), KafkaConsumer(**consumer_options(settings, "dead-letters", None)) as consumer:
        place = TopicPartition(settings.dead_letters_topic, 0)
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        return {record.offset: record for record in _until_end(consumer, place)}


def list_dead_letters(settings: KafkaSettings) -> list[DeadLetter]:
    """The letters that were not sent back."""
    return letters_left(read_dead_letters(settings).values())


def replay_dead_letters(settings: KafkaSettings, letters: Sequence[DeadLetter]) -> None:
    """Send the original records back to where they came from, and note it; twice when it stops in between.

    Who reads a record a second time does what it did the first time.
    """
    records = read_dead_letters(settings)
    sender = LetterSender(settings, "dead-letters-replay")
    try:
        for letter in letters:
            sender.send([(letter.topic, letter.partition, original_of(records[letter.offset]))])
            mark = Letter(key=NO_KEY, value=None, headers=[(REPLAYED, b"%d" % letter.offset)])
            sender.send([(settings.dead_letters_topic, 0, mark)])
    finally:
        sender.close()


def _until_end(consumer: KafkaConsumer, place: TopicPartition) -> Iterator[Arrival]:
    """The records up to the end as it stands now."""
    end = consumer.end_offsets([place])[place]
    count = 0
    while consumer.position(place) < end and count < limits.DEAD_LETTERS_LISTED_MAX:
        found = consumer.poll(timeout_ms=limits.KAFKA_REQUEST_SECONDS_MAX * 1000).get(place, [])
        if not found:
            raise KafkaAway
        yield from found
        count += len(found)


def places_of(settings: KafkaSettings) -> set[tuple[str, int]]:
    """Where a record may be sent back to: (topic, partition) of the topics that are read."""
    topics = (settings.events_topic, settings.register_topic)
    with away(), KafkaConsumer(**consumer_options(settings, "dead-letters", None)) as consumer:
        return {(topic, partition) for topic in topics for partition in consumer.partitions_for_topic(topic)}
