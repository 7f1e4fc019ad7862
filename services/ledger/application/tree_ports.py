"""What the verbs of the tree need from storage: leaves in, tiles and checkpoints out, and a snapshot to verify."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.tiles import Tile, TileBuilder


class TreeStore(Protocol):
    """Blocking access to the tiles and checkpoints of every lane; called from threads."""

    def ledger_id(self) -> str:
        """The name of this ledger in its checkpoints."""
        ...

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        ...

    def open_tree(self, lane: int) -> TileBuilder:
        """The right edge of a lane's tree as it was last stored."""
        ...

    def leaves_after(self, lane: int, size: int, limit: int) -> list[bytes]:
        """At most ``limit`` leaf hashes from position ``size + 1`` on; raises LeafMissing at a gap."""
        ...

    def store(
        self, lane: int, old_size: int, tiles: Sequence[Tile], checkpoint: Checkpoint, note: str, signed_at: datetime
    ) -> bool:
        """Commit tiles and checkpoint when the tree still has ``old_size`` leaves; False when it has moved."""
        ...

    def newest_checkpoint(self, lane: int) -> str | None:
        """The signed note of the largest tree of a lane, None before the first."""
        ...

    def tile(self, lane: int, level: int, index: int) -> bytes | None:
        """The stored hashes of a tile, possibly partial; None when there is no such tile."""
        ...


class AuditRow(msgspec.Struct, frozen=True, array_like=True):
    """One stored event, whole, as the table holds it."""

    position: int
    stream_id: UUID
    topic: str
    operation_id: UUID | None
    envelope: bytes | None
    state: bytes | None
    leaf_hash: bytes


class AuditLane(msgspec.Struct, frozen=True, kw_only=True):
    """What the heads say of a lane: None where the row is missing."""

    lane: int
    head: int | None
    tree_size: int | None


class StoredCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint as the table holds it."""

    size: int
    root: bytes
    note: str


class AuditSnapshot(Protocol):
    """One consistent view of everything that is verified, however long it takes; blocking."""

    def ledger_id(self) -> str:
        """The name of this ledger in its checkpoints."""
        ...

    def lanes(self) -> list[AuditLane]:
        """Every lane that any table names, in order."""
        ...

    def rows(self, lane: int) -> Iterator[Sequence[AuditRow]]:
        """The events of a lane in order of position, in bounded batches."""
        ...

    def sweeps(self, lane: int) -> Iterator[tuple[int, bytes | None]]:
        """(position, envelope) of every event of the lane that names what was swept there, in order."""
        ...

    def wrong_versions(self, lane: int, limit: int) -> list[int]:
        """Positions whose version is not the next one of their stream."""
        ...

    def wrong_stream_heads(self, lane: int, limit: int) -> list[int]:
        """The last position (0: none) of each stream whose head differs from its last version."""
        ...

    def events_without_claim(self, limit: int) -> list[tuple[int, int]]:
        """(lane, position) of events whose operation nobody claimed, in any lane."""
        ...

    def claims_without_events(self, limit: int) -> list[tuple[int, UUID]]:
        """(lane of the claim, operation) where no lane has an event of the operation."""
        ...

    def count_events(self, operation_id: UUID) -> int:
        """How many events an operation has, over all lanes."""
        ...

    def tiles(self, lane: int, level: int, indexes: Sequence[int]) -> dict[int, bytes]:
        """The stored hashes of these tiles by index; absent ones are left out."""
        ...

    def count_tiles(self, lane: int) -> int:
        """How many tiles a lane has."""
        ...

    def checkpoints(self, lane: int) -> list[StoredCheckpoint]:
        """The checkpoints of a lane in order of size."""
        ...
