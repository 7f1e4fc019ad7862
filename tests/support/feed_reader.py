"""A consumer of the feed over Kafka that keeps its cursor and what it saw in memory, beyond the life of any feed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from services.ledger.client.feed.kafka_feed import KafkaFeed
from services.runtime.kafka import KafkaSettings
from services.runtime.log import MemoryLog
from services.runtime.log_events import DEAD_LETTER
from services.runtime.metrics import Metrics
from tests.support.published import open_feed


class Reader:
    """One consumer, over however many feeds."""

    def __init__(self, settings: KafkaSettings, history: Any = None) -> None:
        self._settings, self._history = settings, history
        self.cursor: dict[int, int] = {}
        self.seen: dict[int, list[int]] = {}
        self.log, self.metrics = MemoryLog(), Metrics()

    def open(self) -> KafkaFeed:
        """A feed after the cursor."""
        return open_feed(self._settings, lambda: self.cursor, history=self._history, log=self.log, metrics=self.metrics)

    def step(self, feed: KafkaFeed) -> int:
        """One piece."""
        events, cursor = feed.poll(100)
        for event in events:
            self.seen.setdefault(event.lane, []).append(event.position)
        self.cursor.update(cursor)
        feed.commit(cursor)
        return len(events)

    def follow(self, feed: KafkaFeed, goal: Mapping[int, int], poison: int = 0, seconds: float = 30) -> None:
        """Go on until the lanes are there and so much was set aside."""
        deadline = time.monotonic() + seconds
        while any(self.cursor.get(lane, 0) < at for lane, at in goal.items()) or self.letters < poison:
            assert time.monotonic() < deadline, "what was published does not come"
            self.step(feed)

    @property
    def letters(self) -> int:
        """How many records were set aside by now."""
        return sum(event is DEAD_LETTER for event, _ in self.log.written)
