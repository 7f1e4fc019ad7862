"""A world for the feed over a topic: a log in memory, and consumers that store their cursor with their effect."""

from __future__ import annotations

from services.ledger.client.feed.topic_feed import TopicFeed
from services.runtime.log import MemoryLog
from tests.support.topic_in_memory import (
    DeadLettersInMemory,
    Effects,
    HistoryInMemory,
    Numbered,
    RegisterInMemory,
    TopicInMemory,
    Written,
    is_replay,
    read_written,
)


def in_order(lane: int, count: int, register: int = 0) -> list[Written]:
    """A log as the publisher writes it when nothing happens."""
    return [
        Written(partition=lane, offset=number - 1, event=Numbered(lane, number, register))
        for number in range(1, count + 1)
    ]


def renumber(records: list[Written]) -> list[Written]:
    """Give records the offsets of their places."""
    return [
        Written(partition=each.partition, offset=offset, event=each.event, claimed=each.claimed, headers=each.headers)
        for offset, each in enumerate(records)
    ]


class Consumer:
    """One member of the group with its feed, over what all members share."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.topic = TopicInMemory(world.log, world.settled, world.piece)
        self.feed = TopicFeed(
            topic=self.topic,
            register=world.register,
            dead_letters=world.dead_letters,
            history=world.history,
            read_cursor=lambda: world.effects.cursor,
            read=read_written,
            is_replay=is_replay,
            clock=lambda: world.now,
            log=world.memory_log,
        )

    def step(self, limit: int = 50) -> list[Numbered]:
        """One piece; what of it was stored."""
        self.world.now += 1.0
        events, cursor = self.feed.poll(limit)
        assert len(events) <= limit
        if not self.world.effects.apply(events, self.feed.committed, cursor):
            return []
        self.feed.commit(cursor)
        return events

    def drain(self, limit: int = 50, idle: int = 5) -> None:
        """Go on until several looks in a row brought nothing."""
        nothing = 0
        while nothing < idle:
            is_busy = bool(self.step(limit)) or not all(map(self.topic.is_at_end, self.feed.committed))
            nothing = 0 if is_busy else nothing + 1


class World:
    """What outlives a consumer: the log, the group's offsets, the stored cursor, the dead letters, the ledger."""

    def __init__(
        self, log: dict[int, list[Written]], register: RegisterInMemory | None = None, piece: int = 1_000
    ) -> None:
        self.log = log
        self.settled: dict[int, int] = {}
        self.piece = piece
        self.now = 0.0
        self.register = register or RegisterInMemory()
        self.dead_letters = DeadLettersInMemory()
        self.effects = Effects()
        self.memory_log = MemoryLog()
        events = {
            lane: sorted(
                {each.event.position: each.event for each in records if each.event is not None}.values(),
                key=lambda event: event.position,
            )
            for lane, records in log.items()
        }
        self.history = HistoryInMemory(events)

    def join(self, lanes: tuple[int, ...] = (0,)) -> Consumer:
        """A new member that gets these lanes."""
        consumer = Consumer(self)
        consumer.topic.assign(lanes)
        return consumer
