"""A ledger in memory for unit tests: order, claims and staleness as the real append keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.stored import (
    AlreadyClaimed,
    Appended,
    AppendResult,
    PreparedOperation,
    Stale,
    StoredEvent,
)
from services.ledger.storage.memory_identity import MemoryIdentityStore


class MemoryLedger:
    """Appender and EventReader in one, over lists."""

    def __init__(self) -> None:
        """Begin empty."""
        self.lanes: defaultdict[int, list[StoredEvent]] = defaultdict(list)
        self.claims: dict[UUID, bytes] = {}
        self.appended: list[PreparedOperation] = []
        self.identities = MemoryIdentityStore(self.events_of_stream)

    async def append(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Commit each operation whole, or tell that it was claimed before or is stale."""
        return [self._append_one(operation) for operation in operations]

    def _append_one(self, operation: PreparedOperation) -> AppendResult:
        claimed = self.claims.get(operation.operation_id)
        if claimed is not None:
            return AlreadyClaimed(body_hash=claimed)
        if not self.identities.add(operation.identifiers, operation.secrets):
            return Stale()
        self.claims[operation.operation_id] = operation.body_hash
        self.appended.append(operation)
        stored = [self._store(operation, index) for index in range(len(operation.events))]
        return Appended(
            positions=tuple(e.position for e in stored),
            versions=tuple(e.version for e in stored),
            leaf_hashes=tuple(e.leaf_hash for e in stored),
        )

    def _store(self, operation: PreparedOperation, index: int) -> StoredEvent:
        event = operation.events[index]
        lane = self.lanes[event.lane]
        position = len(lane) + 1
        stored = StoredEvent(
            lane=event.lane,
            position=position,
            stream_id=event.stream_id,
            version=1 + sum(e.stream_id == event.stream_id for e in lane),
            topic=event.topic,
            operation_id=operation.operation_id,
            envelope=event.envelope,
            state=event.state,
            leaf_hash=leaf_hash((event.lane, position), event.stream_id, event.topic, event.envelope, event.state),
        )
        lane.append(stored)
        return stored

    def events_of_operation(self, operation_ids: Sequence[UUID]) -> list[StoredEvent]:
        """All events of these operations in order of (lane, position)."""
        return [e for lane in sorted(self.lanes) for e in self.lanes[lane] if e.operation_id in operation_ids]

    def events_of_stream(self, lane: int, stream_id: UUID, until_position: int | None = None) -> list[StoredEvent]:
        """A stream in order of version."""
        return [
            e
            for e in self.lanes[lane]
            if e.stream_id == stream_id and (until_position is None or e.position <= until_position)
        ]

    def events_at(self, places: Sequence[tuple[int, int]]) -> list[StoredEvent]:
        """The events at these places; missing ones raise."""
        return [self.lanes[lane][position - 1] for lane, position in places]

    def events_after(self, lane: int, position: int, limit: int) -> list[StoredEvent]:
        """At most ``limit`` events after ``position``."""
        return self.lanes[lane][position : position + limit]

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        return {lane: len(events) for lane, events in self.lanes.items()}
