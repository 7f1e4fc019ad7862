"""Stored events as an answer may show them: what has ended or was erased looks as it will after its sweep.

Between the end of a record and its sweep the table still holds its envelope. Whoever reads events by operation, stream
or place reads them through this, so that no answer shows one for that while.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from services.law.local_time import amsterdam_day
from services.ledger.application.ports import ClearEvent, EventReader
from services.ledger.application.retention_ports import KeptLines, Place
from services.ledger.domain.stored import StoredEvent
from services.runtime.clock import Clock


class VisibleEvents:
    """An ``EventReader`` that hides what has ended: in place and order, without envelope and content. Blocking."""

    def __init__(self, *, events: EventReader, lines: KeptLines, clock: Clock) -> None:
        """Read from ``events`` and ask ``lines`` what of it is hidden on the day of ``clock``."""
        self._events = events
        self._lines = lines
        self._clock = clock

    def events_of_operation(self, operation_ids: Sequence[UUID]) -> list[StoredEvent]:
        """All events of these operations over all lanes, in order of (lane, position)."""
        return self._hide(self._events.events_of_operation(operation_ids))

    def events_of_stream(self, lane: int, stream_id: UUID, until_position: int | None = None) -> list[StoredEvent]:
        """A stream in order of version."""
        return self._hide(self._events.events_of_stream(lane, stream_id, until_position))

    def clear_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> list[ClearEvent]:
        """What stands in clear on these (lane, stream), in order of (lane, position); in one statement per lane."""
        found = self._events.clear_of_streams(streams)
        hidden = self._hidden([(event.lane, event.position) for event in found])
        return [event for event in found if (event.lane, event.position) not in hidden]

    def lengths_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], int]:
        """How many events each of these (lane, stream) has, hidden ones too; in one statement per lane."""
        return self._events.lengths_of_streams(streams)

    def events_at(self, places: Sequence[tuple[int, int]]) -> list[StoredEvent]:
        """The events at these (lane, position) places, in that order; missing ones raise."""
        return self._hide(self._events.events_at(places))

    def events_after(self, lane: int, position: int, limit: int) -> list[StoredEvent]:
        """The notification log of a lane: at most ``limit`` events after ``position``."""
        return self._hide(self._events.events_after(lane, position, limit))

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        return self._events.heads()

    def _hide(self, events: list[StoredEvent]) -> list[StoredEvent]:
        """The events, each that is hidden as it will be when it was swept."""
        hidden = self._hidden([(event.lane, event.position) for event in events if event.envelope is not None])
        if not hidden:
            return events
        return [swept(event) if (event.lane, event.position) in hidden else event for event in events]

    def _hidden(self, places: Sequence[Place]) -> frozenset[Place]:
        """Those of these places of which nothing is shown today; about nothing there is no question."""
        return self._lines.hidden(places, amsterdam_day(self._clock.now())) if places else frozenset()


def swept(event: StoredEvent) -> StoredEvent:
    """The event without what a sweep takes away."""
    return msgspec.structs.replace(event, envelope=None, state=None)
