"""The ledger's events in memory: the same promises as PostgreSQL except durability, for tests and simulations."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from services.ledger.application.ports import ClearEvent
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.stored import (
    AlreadyClaimed,
    AlreadyConfirmed,
    Appended,
    AppendResult,
    LaneDay,
    LaneIntent,
    PreparedEvent,
    PreparedOperation,
    Stale,
    StoredEvent,
    Unstorable,
)
from services.ledger.storage.append import EventRepeated, LaneUnknown, has_repeated_event
from services.ledger.storage.append_rows import rows_of
from services.ledger.storage.events import in_order


class MemoryLedger:
    """An Appender and an EventReader over one list of events per lane; safe between threads."""

    def __init__(self, lanes: int = 1) -> None:
        """Begin empty, with `lanes` subject lanes and the register."""
        self._lock = threading.RLock()
        self._events: dict[int, list[StoredEvent]] = {lane: [] for lane in [*range(lanes), REGISTER_LANE]}
        self._streams: dict[tuple[int, UUID], list[StoredEvent]] = {}
        self._claims: dict[UUID, bytes] = {}
        self._confirmed: set[LaneIntent] = set()
        self.rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        """Identifiers and dossier secrets by key, in the shape of `append_rows.rows_of`."""
        self.epochs = dict.fromkeys(self._events, 0)
        """How often each lane was fenced."""
        self.fenced_days: set[LaneDay] = set()

    async def append(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Store each operation whole; one result per operation, in order."""
        with self._lock:
            return [self._append(operation) for operation in operations]

    def _append(self, operation: PreparedOperation) -> AppendResult:
        """Store one operation, or tell why not."""
        if any(event.lane not in self._events for event in operation.events):
            return Unstorable(reason=LaneUnknown.code)
        if has_repeated_event(operation):
            return Unstorable(reason=EventRepeated.code)
        moved = tuple(lane for lane, epoch in operation.epochs if self.epochs[lane] != epoch)
        if moved:
            return Stale(fenced=moved)
        if any(self._since(*condition) for condition in operation.unless):
            return Stale()
        if any(len(self._streams.get(place[:2], ())) > place[2] for place in operation.untouched):
            return Stale()
        wanted = rows_of(operation)
        if any(self.rows.get(key, row) != row for key, row in wanted.items()):
            return Stale()
        if operation.operation_id in self._claims:
            return AlreadyClaimed(body_hash=self._claims[operation.operation_id])
        if operation.confirms is not None:
            if operation.confirms in self._confirmed:
                return AlreadyConfirmed()
            self._confirmed.add(operation.confirms)
        self._claims[operation.operation_id] = operation.body_hash
        self.rows |= wanted
        stored = [self._store(operation.operation_id, event) for event in operation.events]
        self._fence(operation)
        return Appended(
            positions=tuple(event.position for event in stored),
            versions=tuple(event.version for event in stored),
            leaf_hashes=tuple(event.leaf_hash for event in stored),
        )

    def _since(self, lane: int, position: int, topic: str) -> bool:
        """Whether an event with the topic stands in the lane after the position."""
        return any(event.topic == topic for event in self._events[lane][position:])

    def _fence(self, operation: PreparedOperation) -> None:
        """Fence what ends with an operation, and raise the epoch of each lane in which something did."""
        fenced: set[int] = set()
        for lane, stream_id, scope, generation in operation.fences:
            key = (lane, stream_id.bytes, scope, generation)
            key_id, wrapped, state = self.rows.get(key, ("", None, ""))
            if state == "active":
                self.rows[key] = (key_id, wrapped, "fenced")
                fenced.add(lane)
        fenced.update(lane for lane, day in operation.days if (lane, day) not in self.fenced_days)
        self.fenced_days.update(operation.days)
        for lane in fenced:
            self.epochs[lane] += 1

    def _store(self, operation_id: UUID, event: PreparedEvent) -> StoredEvent:
        """Give an event the next position of its lane and the next version of its stream."""
        lane = self._events[event.lane]
        stream = self._streams.setdefault((event.lane, event.stream_id), [])
        place = (event.lane, len(lane) + 1)
        stored = StoredEvent(
            lane=event.lane,
            position=place[1],
            stream_id=event.stream_id,
            version=len(stream) + 1,
            topic=event.topic,
            operation_id=operation_id,
            envelope=event.envelope,
            state=event.state,
            leaf_hash=leaf_hash(place, event.stream_id, event.topic, event.envelope, event.state),
        )
        lane.append(stored)
        stream.append(stored)
        return stored

    def events_of_operation(self, operation_ids: Sequence[UUID]) -> list[StoredEvent]:
        """All events of these operations over all lanes, in order of (lane, position)."""
        wanted = set(operation_ids)
        with self._lock:
            return [
                event for lane in sorted(self._events) for event in self._events[lane] if event.operation_id in wanted
            ]

    def events_of_stream(self, lane: int, stream_id: UUID, until_position: int | None = None) -> list[StoredEvent]:
        """A stream in order of version."""
        with self._lock:
            stream = list(self._streams.get((lane, stream_id), ()))
        return [event for event in stream if until_position is None or event.position <= until_position]

    def clear_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> list[ClearEvent]:
        """What stands in clear on these (lane, stream), in order of (lane, position)."""
        with self._lock:
            found = [event for place in dict.fromkeys(streams) for event in self._streams.get(place, ())]
        found.sort(key=attrgetter("lane", "position"))
        return [
            ClearEvent(event.lane, event.position, event.stream_id, event.topic, event.envelope)
            for event in found
            if event.envelope is not None
        ]

    def lengths_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], int]:
        """How many events each of these (lane, stream) has, the empty ones left out."""
        with self._lock:
            return {place: len(self._streams[place]) for place in streams if place in self._streams}

    def events_at(self, places: Sequence[tuple[int, int]]) -> list[StoredEvent]:
        """The events at these (lane, position) places, in that order; raise EventMissing when one is not there."""
        with self._lock:
            return in_order(
                places, {(lane, event.position): event for lane, _ in places for event in self._events.get(lane, ())}
            )

    def events_after(self, lane: int, position: int, limit: int) -> list[StoredEvent]:
        """The notification log of a lane: at most ``limit`` events after ``position``."""
        with self._lock:
            return self._events.get(lane, [])[position : position + limit]

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        with self._lock:
            return {lane: len(events) for lane, events in self._events.items()}
