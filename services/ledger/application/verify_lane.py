"""Verify one lane: its order, every leaf, its tree, its checkpoints. Streams in batches; memory stays bounded."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from services.ledger.application.tree_ports import AuditLane, AuditRow, AuditSnapshot, StoredCheckpoint
from services.ledger.application.verify_swept import SweptPositions
from services.ledger.contract.positions import format_position, lane_name
from services.ledger.domain.checkpoint import CheckpointInvalid, open_checkpoint, origin_of
from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.merkle import HASH_BYTES, CompactRange
from services.ledger.domain.tiles import TILE_BITS, TILE_WIDTH, Tile, TileBuilder, edge_widths, split_hashes
from services.runtime.limits import VERIFY_FINDINGS_MAX, VERIFY_GAP_POSITIONS_MAX

UNKNOWN_LEAF: Final = b"\x00" * HASH_BYTES
"""Stands in for the leaf of a missing position, so that what lies behind it keeps its place."""


class VerificationFinding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that is wrong: ``place`` is a position such as ``0-123`` or a lane such as ``lane 0``."""

    place: str
    code: str
    message: str


class Findings:
    """What was found wrong, at most ``VERIFY_FINDINGS_MAX``; the rest is only counted."""

    def __init__(self) -> None:
        self.items: list[VerificationFinding] = []
        self.count = 0

    def add(self, place: str, code: str, message: str) -> None:
        """Note a finding."""
        self.count += 1
        if len(self.items) < VERIFY_FINDINGS_MAX:
            self.items.append(VerificationFinding(place=place, code=code, message=message))


class EnvelopeMark(msgspec.Struct, frozen=True, rename="camel"):
    """What an envelope says of its operation; the rest is not looked at."""

    operation_id: UUID
    count: int = 1


class OperationTally:
    """Counts the events of operations with several; holds only those that are not complete yet."""

    def __init__(self) -> None:
        self._open: dict[UUID, tuple[int, int, str]] = {}

    def count(self, mark: EnvelopeMark, lane: int, position: int) -> None:
        """Count one event of an operation."""
        seen, _, place = self._open.get(mark.operation_id) or (0, 0, format_position(lane, position))
        if seen + 1 == mark.count:
            self._open.pop(mark.operation_id, None)
        else:
            self._open[mark.operation_id] = (seen + 1, mark.count, place)

    def incomplete(self) -> Iterable[tuple[UUID, int, str]]:
        """(operation, its count, its first place) of what did not come out even."""
        return [(operation_id, count, place) for operation_id, (_, count, place) in self._open.items()]


class LaneCheck:
    """The verification of one lane; ``run`` adds to ``findings`` and returns the number of events seen."""

    def __init__(
        self,
        *,
        lane: AuditLane,
        snapshot: AuditSnapshot,
        findings: Findings,
        tally: OperationTally,
        public_key: bytes,
    ) -> None:
        """``public_key``: that of the checkpoints."""
        self._lane = lane
        self._snapshot = snapshot
        self._findings = findings
        self._tally = tally
        self._public_key = public_key
        self._swept = SweptPositions()
        self._expected = 1
        self._events = 0
        self._tree = TreeCheck(lane=lane, snapshot=snapshot, findings=findings)

    def run(self) -> int:
        """Check everything of this lane."""
        self._tree.expect_roots(self._read_checkpoints())
        self._read_sweeps()
        for batch in self._snapshot.rows(self._lane.lane):
            self._tree.extend(self._check_batch(batch))
        self._check_head()
        self._tree.finish(self._expected - 1)
        self._check_streams()
        return self._events

    def _check_batch(self, batch: Sequence[AuditRow]) -> list[bytes]:
        """Check the rows of a batch; returns their leaves in order of position, gaps filled."""
        leaves: list[bytes] = []
        self._events += len(batch)
        for row in batch:
            if row.position != self._expected:
                leaves += [UNKNOWN_LEAF] * self._bridge_gap(row.position)
            self._expected = row.position + 1
            self._check_row(row)
            leaves.append(row.leaf_hash)
        return leaves

    def _bridge_gap(self, position: int) -> int:
        """Name the positions missing before ``position``; how many leaves to fill in."""
        missing = position - self._expected
        place = self._place(self._expected if missing > 0 else position)
        if missing <= 0:
            self._findings.add(place, "position-impossible", "A position below 1 stands in the lane.")
            return 0
        message = f"{missing} positions are missing from here on." if missing > 1 else "This position is missing."
        self._findings.add(place, "position-missing", message)
        if missing > VERIFY_GAP_POSITIONS_MAX:
            self._tree.abandon()
            return 0
        return missing

    def _check_row(self, row: AuditRow) -> None:
        """Recompute the leaf and compare the operation with what the envelope says."""
        if self._leaf_of(row) != row.leaf_hash:
            emptied = row.envelope is None or row.state is None
            if emptied and row.position in self._swept:
                return
            self._name_wrong_leaf(row, emptied=emptied)
            return
        if row.envelope is None:
            if row.operation_id is not None:
                self._findings.add(
                    self._place(row.position), "operation-wrong", "An event without envelope belongs to no operation."
                )
            return
        self._check_operation(row, row.envelope)

    def _leaf_of(self, row: AuditRow) -> bytes | None:
        """The leaf as the row gives it; None for a row that no append can have written."""
        try:
            return leaf_hash((self._lane.lane, row.position), row.stream_id, row.topic, row.envelope, row.state)
        except struct.error:
            return None

    def _name_wrong_leaf(self, row: AuditRow, *, emptied: bool) -> None:
        if emptied:
            message = "Envelope or content is gone, though no event of the lane says that it was swept."
            self._findings.add(self._place(row.position), "content-missing", message)
        else:
            message = "The event is not what was recorded: place, stream, topic, envelope, content or leaf was changed."
            self._findings.add(self._place(row.position), "leaf-wrong", message)

    def _check_operation(self, row: AuditRow, envelope: bytes) -> None:
        try:
            mark = msgspec.json.decode(envelope, type=EnvelopeMark)
        except msgspec.MsgspecError:
            self._findings.add(self._place(row.position), "envelope-unreadable", "The envelope cannot be read.")
            return
        if mark.operation_id != row.operation_id:
            message = "The event stands under another operation than its envelope says."
            self._findings.add(self._place(row.position), "operation-wrong", message)
        if mark.count != 1:
            self._tally.count(mark, self._lane.lane, row.position)

    def _read_sweeps(self) -> None:
        """What the lane itself says was swept; those events are verified like all others."""
        for position, envelope in self._snapshot.sweeps(self._lane.lane):
            if not self._swept.add(position, envelope):
                message = "The event names as swept what cannot have stood before it."
                self._findings.add(self._place(position), "sweep-wrong", message)

    def _check_head(self) -> None:
        """The counter row must stand where the events end."""
        last, head = self._expected - 1, self._lane.head
        if head is None:
            self._findings.add(self._lane_place(), "head-missing", "The lane has no counter row.")
        elif last < head:
            message = f"The lane ends before its head: {head - last} positions are missing from here on."
            self._findings.add(self._place(last + 1), "position-missing", message)
        elif last > head:
            message = "The lane goes on beyond its head: the head was turned back or rows were added."
            self._findings.add(self._place(head + 1), "head-wrong", message)

    def _check_streams(self) -> None:
        """Versions and stream heads, each by one statement over the lane."""
        lane, limit = self._lane.lane, VERIFY_FINDINGS_MAX
        for position in self._snapshot.wrong_versions(lane, limit):
            message = "The version is not the next one of its stream."
            self._findings.add(self._place(position), "version-wrong", message)
        for position in self._snapshot.wrong_stream_heads(lane, limit):
            message = "The head of the stream that ends here differs from its last version."
            place = self._place(position) if position else self._lane_place()
            self._findings.add(place, "stream-head-wrong", message)

    def _read_checkpoints(self) -> list[StoredCheckpoint]:
        """The checkpoints whose signature holds and whose columns say what is signed."""
        lane, sound = self._lane.lane, []
        origin = origin_of(self._snapshot.ledger_id(), lane)
        stored = self._snapshot.checkpoints(lane)
        for checkpoint in stored:
            try:
                signed = open_checkpoint(checkpoint.note, origin, self._public_key)
            except CheckpointInvalid:
                message = f"The checkpoint of size {checkpoint.size} is not signed by this ledger."
                self._findings.add(self._lane_place(), "checkpoint-invalid", message)
                continue
            if (signed.size, signed.root) != (checkpoint.size, checkpoint.root):
                message = f"The checkpoint of size {checkpoint.size} differs from what is signed in it."
                self._findings.add(self._lane_place(), "checkpoint-invalid", message)
            sound.append(StoredCheckpoint(size=signed.size, root=signed.root, note=checkpoint.note))
        newest = stored[-1].size if stored else 0
        if newest != (self._lane.tree_size or 0):
            message = "The newest checkpoint and the size of the tree differ."
            self._findings.add(self._lane_place(), "checkpoint-missing", message)
        return sorted(sound, key=lambda each: each.size)

    def _place(self, position: int) -> str:
        return format_position(self._lane.lane, position)

    def _lane_place(self) -> str:
        return f"lane {lane_name(self._lane.lane)}"


class TreeCheck:
    """Rebuilds the tree of a lane from its leaves, twice: as tiles, against what is stored, and as roots."""

    def __init__(self, *, lane: AuditLane, snapshot: AuditSnapshot, findings: Findings) -> None:
        """Compare up to the size the stored tree has."""
        self._lane = lane.lane
        self._size = lane.tree_size or 0
        self._snapshot = snapshot
        self._findings = findings
        self._builder = TileBuilder()
        self._range = CompactRange()
        self._roots: list[StoredCheckpoint] = []
        self._abandoned = False

    def expect_roots(self, checkpoints: Sequence[StoredCheckpoint]) -> None:
        """Compare with these checkpoints, in order of size, as the tree grows past them."""
        self._roots = list(reversed(checkpoints))

    def abandon(self) -> None:
        """Stop comparing: so much is missing that nothing behind it has its place."""
        self._abandoned = True

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Take the next leaves of the lane."""
        if self._abandoned:
            return
        start = 0
        while start < len(leaves):
            self._compare_root()
            until_root = self._roots[-1].size - self._range.size if self._roots else len(leaves)
            stop = min(len(leaves), start + until_root)
            self._range.extend(leaves[start:stop])
            start = stop
        within = leaves[: max(0, self._size - self._builder.size)]
        if within:
            self._compare([tile for tile in self._builder.extend(within) if tile.width == TILE_WIDTH])

    def finish(self, last: int) -> None:
        """Compare the right edge and the rest of the checkpoints; ``last`` is where the lane ends."""
        if self._abandoned:
            message = "Too many positions are missing to compare the tree."
            self._findings.add(f"lane {lane_name(self._lane)}", "tree-not-compared", message)
            return
        self._compare_root()
        if self._size > last or self._roots:
            reached = max([self._size, *(checkpoint.size for checkpoint in self._roots)])
            message = f"A checkpoint of {reached} events was signed, but the lane ends before: it was rolled back."
            self._findings.add(format_position(self._lane, last + 1), "lane-rolled-back", message)
            return
        self._compare(self._builder.edges())
        expected = sum((width > 0) + index for index, width in edge_widths(self._size))
        if self._snapshot.count_tiles(self._lane) != expected:
            message = "The stored tree has more or fewer tiles than its size asks."
            self._findings.add(f"lane {lane_name(self._lane)}", "tile-wrong", message)

    def _compare_root(self) -> None:
        """Compare with every checkpoint of exactly this size."""
        while self._roots and self._roots[-1].size == self._range.size:
            checkpoint = self._roots.pop()
            if checkpoint.root != self._range.root():
                message = f"The events no longer give the root that was signed for {checkpoint.size} of them."
                self._findings.add(format_position(self._lane, checkpoint.size), "root-wrong", message)

    def _compare(self, tiles: Sequence[Tile]) -> None:
        """Compare rebuilt tiles with the stored ones."""
        for level in sorted({tile.level for tile in tiles}):
            rebuilt = [tile for tile in tiles if tile.level == level]
            stored = self._snapshot.tiles(self._lane, level, [tile.index for tile in rebuilt])
            for tile in rebuilt:
                if stored.get(tile.index) != tile.hashes:
                    self._name_wrong_tile(tile, stored.get(tile.index, b""))

    def _name_wrong_tile(self, tile: Tile, stored: bytes) -> None:
        """Name the events under every hash of a tile that differs."""
        ours, length = split_hashes(tile.hashes), len(tile.hashes)
        theirs = split_hashes(stored[:length].ljust(length, b"\x00"))
        # A stored tile that is merely too long goes wrong at its last hash.
        wrong = [place for place in range(tile.width) if ours[place] != theirs[place]] or [tile.width - 1]
        for place in wrong:
            first = (tile.index * TILE_WIDTH + place) << TILE_BITS * tile.level
            last = first + (1 << TILE_BITS * tile.level)
            message = "The stored tree holds another leaf for this event."
            if tile.level:
                message = f"The stored tree holds another hash for the events from here to {last}."
            self._findings.add(format_position(self._lane, first + 1), "tile-wrong", message)
