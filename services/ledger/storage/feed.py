"""EventFeed: events of a set of lanes in order, after a cursor that the consumer keeps with its effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.ledger.application.ports import EventReader
from services.ledger.contract.errors import PositionMissing
from services.ledger.domain.stored import StoredEvent

Batch = tuple[list[StoredEvent], dict[int, int]]


class NotificationLogFeed:
    """Reads the ledger's own tables, lane after lane; a gap raises PositionMissing."""

    def __init__(self, *, reader: EventReader, lanes: Sequence[int], cursor: Mapping[int, int] | None = None) -> None:
        """Continue after ``cursor`` (position per lane), as the consumer stored it; from the beginning without one."""
        self._reader = reader
        self._lanes = tuple(lanes)
        self._cursor = dict(cursor or {})
        self._next = 0

    @property
    def committed(self) -> Mapping[int, int]:
        """The cursor after which the next poll begins."""
        return dict(self._cursor)

    def poll(self, limit: int) -> Batch:
        """At most ``limit`` events after the committed cursor, and the cursor after them.

        Within a lane in order of position. The lanes take turns in being first, so that none starves.
        """
        events: list[StoredEvent] = []
        for lane in self._turn():
            if len(events) < limit:
                after = self._cursor.get(lane, 0)
                events += check_order(lane, after, self._reader.events_after(lane, after, limit - len(events)))
        return events, advance(self._cursor, events)

    def commit(self, cursor: Mapping[int, int]) -> None:
        """Continue after this cursor."""
        self._cursor.update(cursor)

    def _turn(self) -> tuple[int, ...]:
        """The lanes, each poll beginning with the next one."""
        start = self._next % len(self._lanes) if self._lanes else 0
        self._next += 1
        return self._lanes[start:] + self._lanes[:start]


class InMemoryFeed:
    """Events held in memory; for tests and for a ledger without a database."""

    def __init__(self, *, cursor: Mapping[int, int] | None = None) -> None:
        """Continue after ``cursor``; from the beginning without one."""
        self._events: list[StoredEvent] = []
        self._cursor = dict(cursor or {})

    def publish(self, events: Iterable[StoredEvent]) -> None:
        """Add events in order of their commit."""
        self._events += events

    @property
    def committed(self) -> Mapping[int, int]:
        """The cursor after which the next poll begins."""
        return dict(self._cursor)

    def poll(self, limit: int) -> Batch:
        """At most ``limit`` events after the committed cursor, in order of commit, and the cursor after them."""
        waiting = [event for event in self._events if event.position > self._cursor.get(event.lane, 0)][:limit]
        for lane in {event.lane for event in waiting}:
            check_order(lane, self._cursor.get(lane, 0), [event for event in waiting if event.lane == lane])
        return waiting, advance(self._cursor, waiting)

    def commit(self, cursor: Mapping[int, int]) -> None:
        """Continue after this cursor."""
        self._cursor.update(cursor)


def check_order(lane: int, after: int, events: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
    """The events of a lane, if they follow ``after`` without a gap; PositionMissing otherwise."""
    for expected, event in enumerate(events, after + 1):
        if event.position != expected:
            raise PositionMissing(lane, expected)
    return events


def advance(cursor: Mapping[int, int], events: Iterable[StoredEvent]) -> dict[int, int]:
    """The cursor after these events."""
    return dict(cursor) | {event.lane: event.position for event in events}
