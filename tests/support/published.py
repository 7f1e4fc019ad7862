"""Events of a ledger on a real topic, without its publisher: for tests of what reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.ledger.application.ports import EventReader
from services.ledger.client.feed.dead_letters import Letter
from services.ledger.client.feed.kafka_dead_letters import LetterSender
from services.ledger.client.feed.kafka_feed import KafkaFeed
from services.ledger.client.status import as_published
from services.ledger.contract.cloud_events import Publishable, PublishedEvent, encode
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime.kafka import KafkaSettings
from services.runtime.log import Log, MemoryLog
from services.runtime.metrics import Metrics

GROUP = "readers"


def settings_of_test(bootstrap: str, prefix: str) -> KafkaSettings:
    """Topics of one test on one broker."""
    return KafkaSettings(servers=tuple(bootstrap.split(",")), prefix=prefix, replication=1, min_insync=1)


class Publishing:
    """Puts records on the topics of a test."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._sender = LetterSender(settings, "test")

    def publish(self, events: Iterable[Publishable]) -> None:
        """Put events where the publisher puts them."""
        self.put([(self._place(event), letter_for(event)) for event in events])

    def put(self, records: Sequence[tuple[tuple[str, int], Letter]]) -> None:
        """Put any records anywhere."""
        self._sender.send([(topic, partition, letter) for (topic, partition), letter in records])

    def close(self) -> None:
        """Let go of the connection."""
        self._sender.close()

    def _place(self, event: Publishable) -> tuple[str, int]:
        if event.lane == REGISTER_LANE:
            return self._settings.register_topic, 0
        return self._settings.events_topic, event.lane


def letter_for(event: Publishable) -> Letter:
    """The record of an event."""
    record = encode(event)
    return Letter(key=record.key, value=record.value, headers=record.headers)


class ReaderHistory:
    """The ledger's history as a feed asks for it, straight from its tables."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self.asked: list[tuple[int, int]] = []

    def heads(self) -> Mapping[int, int]:
        """How far each lane is."""
        return self._reader.heads()

    def events_after(self, lane: int, position: int, limit: int) -> list[PublishedEvent]:
        """The events after a position."""
        self.asked.append((lane, position))
        return [as_published(event) for event in self._reader.events_after(lane, position, limit)]


class NoHistory:
    """A ledger that need not be asked, and must not be."""

    def heads(self) -> Mapping[int, int]:
        """Fails."""
        raise AssertionError("the ledger was asked")

    def events_after(self, lane: int, position: int, limit: int) -> list[PublishedEvent]:
        """Fails."""
        raise AssertionError(f"the ledger was asked for what follows {lane}-{position}, {limit} at most")


def open_feed(
    settings: KafkaSettings,
    read_cursor: Callable[[], Mapping[int, int]],
    *,
    history: Any = None,
    group: str = GROUP,
    log: Log | None = None,
    metrics: Metrics | None = None,
) -> KafkaFeed:
    """A feed of the group."""
    return KafkaFeed(
        settings,
        group=group,
        read_cursor=read_cursor,
        history=history or NoHistory(),
        log=log or MemoryLog(),
        metrics=metrics or Metrics(),
    )
