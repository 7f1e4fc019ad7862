"""The event feed over Kafka, wired: what a consumer in another process than the ledger reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from services.ledger.client.feed.dead_letters import is_replay
from services.ledger.client.feed.kafka_dead_letters import KafkaDeadLetters
from services.ledger.client.feed.kafka_register import KafkaRegister
from services.ledger.client.feed.kafka_topic import KafkaTopic
from services.ledger.client.feed.lane_puller import Arrival, Headers, Unreadable
from services.ledger.client.feed.ports import History
from services.ledger.client.feed.topic_feed import TopicFeed
from services.ledger.contract.cloud_events import PoisonRecord, PublishedEvent, Reason, decode, position_of
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.log import Log
from services.runtime.metrics import Metrics


class KafkaFeed:
    """Every event of the lanes that the group gives us, once and in order, until it is committed.

    Of one thread. Whatever ``poll`` raises, the feed is done with: close it and open another, which goes on after the
    stored cursor. KafkaAway passes by itself; PositionMissing and TooMuchPoison do not.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        *,
        group: str,
        read_cursor: Callable[[], Mapping[int, int]],
        history: History[PublishedEvent],
        log: Log,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Join ``group`` at the first poll; ``read_cursor`` gives the stored positions by lane, whenever asked."""

        def is_counted_replay(headers: Headers) -> bool:
            found = is_replay(headers)
            if found:
                metrics.count("grootboek_dead_letters_replayed_total", consumer=group)
            return found

        with ExitStack() as stack:
            dead_letters = KafkaDeadLetters(settings, group=group, log=log, metrics=metrics)
            stack.callback(dead_letters.close)
            register = KafkaRegister(settings, name=group, history=history, dead_letters=dead_letters, clock=clock)
            stack.callback(register.close)
            topic = KafkaTopic(settings, group=group, clock=clock)
            stack.callback(topic.close)
            self._feed = TopicFeed[PublishedEvent](
                topic=topic,
                register=register,
                dead_letters=dead_letters,
                history=history,
                read_cursor=read_cursor,
                read=read_event,
                is_replay=is_counted_replay,
                clock=clock,
                log=log,
            )
            self._open = stack.pop_all()

    @property
    def committed(self) -> dict[int, int]:
        """The positions after which the next poll begins, of the lanes that are ours now."""
        return self._feed.committed

    def poll(
        self, limit: int, seconds: float = limits.FEED_POLL_SECONDS
    ) -> tuple[list[PublishedEvent], dict[int, int]]:
        """At most ``limit`` events after the committed cursor, and the cursor after them; may wait so long for any."""
        return self._feed.poll(limit, seconds)

    def commit(self, cursor: Mapping[int, int]) -> None:
        """Continue after this cursor, which the last poll gave and which is stored by now."""
        self._feed.commit(cursor)

    def close(self) -> None:
        """Leave the group, so that others take over at once."""
        self._open.close()


def read_event(record: Arrival) -> PublishedEvent | Unreadable:
    """The event of a record of the events' topic, or why it is none."""
    try:
        return decode(record.partition, record.key, record.value, record.headers)
    except PoisonRecord as error:
        # Who wrote it on the wrong lane speaks of a position of another one.
        position = None if error.reason is Reason.WRONG_LANE else position_of(record.headers)
        return Unreadable(error.reason, position)
