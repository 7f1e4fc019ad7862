"""How far the register lane was published: its topic, read in full by every process and by no group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.ledger.client.feed.kafka_topic import away, gone_is_fine
from services.ledger.client.feed.lane_puller import Arrival, Poison
from services.ledger.client.feed.ports import DeadLetters, History
from services.ledger.contract.cloud_events import PoisonRecord, decode
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime import limits
from services.runtime.kafka import KafkaSettings, consumer_options


class KafkaRegister:
    """Implements RegisterLog; asks the ledger when the topic does not show what must have been there."""

    def __init__(
        self,
        settings: KafkaSettings,
        *,
        name: str,
        history: History[Any],
        dead_letters: DeadLetters,
        clock: Callable[[], float],
    ) -> None:
        """Begin at the first record that the topic still holds."""
        self._known = 0
        self._history, self._dead_letters, self._clock = history, dead_letters, clock
        self._ask_at: float | None = None
        place = TopicPartition(settings.register_topic, 0)
        with away():
            self._consumer = KafkaConsumer(**consumer_options(settings, f"{name}-register", None))
        self._consumer.assign([place])

    def position(self, wanted: int) -> int:
        """The newest position known; when that is less than ``wanted`` the topic is looked at, then the ledger.

        Kafka holds the register only so long: of an old one it may show nothing at all.
        """
        if self._known < wanted:
            self._read(wanted)
        if self._known >= wanted:
            self._ask_at = None
        elif self._ask_at is None:
            self._ask_at = self._clock() + limits.FEED_REGISTER_SECONDS
        elif self._clock() >= self._ask_at:
            self._known = max(self._known, self._history.heads().get(REGISTER_LANE, 0))
            self._ask_at = self._clock() + limits.FEED_REGISTER_SECONDS
        return self._known

    def close(self) -> None:
        """Let go of the connection; whatever ended the feed is told, not that it could not be left in order."""
        with gone_is_fine(KafkaError):
            self._consumer.close(autocommit=False, timeout_ms=limits.KAFKA_CLOSE_SECONDS_MAX * 1000)

    def _read(self, wanted: int) -> None:
        """Read what the topic has, no longer than a moment."""
        while self._known < wanted:
            with away():
                found = self._consumer.poll(timeout_ms=round(limits.FEED_REGISTER_POLL_SECONDS * 1000))
            if not found:
                return
            for records in found.values():
                self._take_in(records)

    def _take_in(self, records: list[Arrival]) -> None:
        poison: list[Poison] = []
        for record in records:
            try:
                event = decode(REGISTER_LANE, record.key, record.value, record.headers)
            except PoisonRecord as error:
                poison.append(Poison(record, error.reason, None))
            else:
                # Only how far it goes counts: nobody reads the register itself here.
                self._known = max(self._known, event.position)
        if poison:
            self._dead_letters.put(poison)
