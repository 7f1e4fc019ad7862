"""How far this ledger is, for the services that follow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.ports import EventReader
from services.ledger.contract.clock import ClockState
from services.ledger.contract.cloud_events import PublishedEvent, decode, encode
from services.ledger.contract.errors import PositionMissing
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits
from services.runtime.clock import Clock, ScenarioClock


class InProcessStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Implements LedgerStatus; ``positions`` tells how far each lane of persons is applied."""

    reader: EventReader
    positions: Callable[[], Mapping[int, int]]
    told_by: Clock

    async def events_after(self, lane: int, after: int, limit: int) -> list[PublishedEvent]:
        """See LedgerStatus."""
        bounded = min(limit, limits.REMOTE_EVENTS_MAX)
        return await run_sync(lambda: in_order(after, self.reader.events_after(lane, after, bounded)))

    async def heads(self) -> Mapping[int, int]:
        """See LedgerStatus."""
        return await run_sync(self.reader.heads)

    async def applied(self) -> Mapping[int, int]:
        """See LedgerStatus."""
        return dict(self.positions())

    async def clock(self) -> ClockState:
        """See LedgerStatus."""
        if isinstance(self.told_by, ScenarioClock):
            return ClockState(kind="scenario", now=self.told_by.now(), follows_wall=self.told_by.following)
        return ClockState(kind="system", now=self.told_by.now(), follows_wall=True)


def in_order(after: int, events: list[StoredEvent]) -> list[PublishedEvent]:
    """The events of a lane as its topic has them, if they follow ``after`` without a gap; PositionMissing otherwise."""
    for expected, event in enumerate(events, after + 1):
        if event.position != expected:
            raise PositionMissing(event.lane, expected)
    return [as_published(event) for event in events]


def as_published(event: StoredEvent) -> PublishedEvent:
    """The event as a consumer reads it from the topic, by the same road."""
    record = encode(event)
    return decode(event.lane, record.key, record.value, record.headers)
