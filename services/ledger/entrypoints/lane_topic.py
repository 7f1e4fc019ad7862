"""The topic of a lane, as its publisher uses it: one producer, one partition, one chunk at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError

from services.ledger.application.publish_ports import SendFailed
from services.ledger.contract.cloud_events import Record, encode
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_producer import open_producer
from services.runtime.kafka_topics import KafkaAway, ensure_topics
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.trace_context import TRACEPARENT, extract


class Place(msgspec.Struct, frozen=True):
    """Where the events of a lane go."""

    topic: str
    partition: int


def place_of(settings: KafkaSettings, lane: int) -> Place:
    """The topic and partition of a lane."""
    if lane == REGISTER_LANE:
        return Place(settings.register_topic, 0)
    return Place(settings.events_topic, lane)


class LaneTopic:
    """Implements Outlet on Kafka. A producer that failed once is thrown away: it may hold what was sent in vain."""

    def __init__(self, settings: KafkaSettings, *, lane: int, lanes: int, telemetry: Telemetry = OFF) -> None:
        """Take the settings, checked, and of how many lanes this is one; Kafka is not reached before ``open``."""
        self._settings = settings
        self._lane = lane
        self._lanes = lanes
        self._place = place_of(settings, lane)
        self._telemetry = telemetry
        self._producer: KafkaProducer | None = None

    def open(self) -> None:
        """Reach Kafka and look whether the topics are right; KafkaAway or TopicConfiguredWrong."""
        self.close()
        ensure_topics(self._settings, self._lanes)
        try:
            self._producer = open_producer(self._settings, f"publisher-{self._lane}")
        except KafkaError as error:
            raise KafkaAway(f"Kafka does not answer as it should: {type(error).__name__}.") from None

    def send(self, events: Sequence[StoredEvent]) -> None:
        """Return when all of them are on as many brokers as must have them; SendFailed when that is not sure."""
        with self._telemetry.batch_span("ledger.publish", (), lane=self._lane, events=len(events)) as span:
            # All is made before anything is sent, so that the chunk goes out as one.
            records = [encode(event, self._settings.source) for event in events]
            if self._telemetry.is_on:
                span.link(found for header in traceparents(records) if (found := extract(header)) is not None)
            try:
                self._send(records)
            except KafkaError as error:
                self.close()
                raise SendFailed(f"Kafka did not acknowledge a chunk: {type(error).__name__}.") from None

    def close(self) -> None:
        """Let go of the producer with all that it has not sent; from any thread."""
        producer, self._producer = self._producer, None
        if producer is not None:
            throw_away(producer)

    def _send(self, records: Sequence[Record]) -> None:
        """Hand the records to the producer and wait for all acknowledgements."""
        producer, place = self._producer, self._place
        if producer is None:
            raise KafkaError("closed meanwhile")
        futures = [
            producer.send(place.topic, record.value, record.key, record.headers, place.partition) for record in records
        ]
        producer.flush(limits.PUBLISH_DELIVERY_SECONDS_MAX)
        for future in futures:
            future.get(timeout=0)


def traceparents(records: Iterable[Record]) -> Iterable[bytes]:
    """The traces that records continue."""
    return (value for record in records for name, value in record.headers if name == TRACEPARENT)


def throw_away(producer: KafkaProducer) -> None:
    """End a producer without sending what it still holds."""
    # Its own close() waits for what cannot be sent, and leaves its thread running when that takes too long.
    producer._sender.force_close()  # noqa: SLF001 - there is no other way
    with suppress(KafkaError):
        producer.close(timeout=limits.KAFKA_CLOSE_SECONDS_MAX)
