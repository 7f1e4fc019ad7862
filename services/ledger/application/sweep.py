"""Sweeps what has ended or was erased: says which positions in every lane, then takes envelope and content away.

The order: an event in the lane names the positions; when the projections have applied it, no answer and no rebuild
knows them any more; then their envelopes go. So ``verify`` can tell what was swept from what was taken away, and a kill
between any two steps leaves something that the next call goes on with.
"""

from __future__ import annotations

import asyncio
import hashlib
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import zip_longest
from typing import Final

import msgspec
from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.early_ends import EarlyEnds
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.retention_ports import (
    KeptLines,
    RecordOwner,
    SweepableLines,
    Sweeper,
    SweepReason,
)
from services.ledger.contract import topics
from services.ledger.contract.events import DestroyedRecords
from services.ledger.domain.identity import LEDGER, lane_stream
from services.runtime import limits
from services.runtime.clock import Clock

REASONS: Final[tuple[SweepReason, ...]] = ("erased", "ended")
"""What was erased goes first: somebody waits for it."""

WaitFor = Callable[[int, int], None]
"""Blocks until the projections have applied a lane up to a position; raises when that takes too long."""


class Announced(msgspec.Struct, frozen=True):
    """What is to be swept of one lane: the positions, as inclusive ranges too, and whose records they are."""

    positions: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...]
    destroyed: tuple[DestroyedRecords, ...]


class Batch(msgspec.Struct, frozen=True):
    """What is announced by one operation: for one reason, per lane."""

    reason: SweepReason
    lanes: Mapping[int, Announced]

    @property
    def canonical(self) -> bytes:
        """The same for the same positions, so that saying it twice is saying it once."""
        return msgspec.json.encode([self.reason, [(lane, each.ranges) for lane, each in sorted(self.lanes.items())]])

    @property
    def size(self) -> int:
        """How many positions it names."""
        return sum(len(announced.positions) for announced in self.lanes.values())


class Ahead(msgspec.Struct):
    """What one call has chosen and not yet announced, and how many positions it may still choose."""

    room: int
    waiting: deque[Batch] = msgspec.field(default_factory=deque)


class Sweep:
    """The verb ``sweep``."""

    def __init__(
        self,
        *,
        lines: KeptLines,
        sweeper: Sweeper,
        early: EarlyEnds,
        writer: OperationWriter,
        wait_for: WaitFor,
        lanes: Sequence[int],
        clock: Clock,
    ) -> None:
        """Ask ``lines`` what may go, say so through ``writer``, take it away with ``sweeper``.

        ``early`` is told first of what no key of an ended day takes away.
        """
        self._lines = lines
        self._early = early
        self._sweeper = sweeper
        self._writer = writer
        self._wait_for = wait_for
        self._lanes = tuple(lanes)
        self._clock = clock

    async def sweep(self) -> int:
        """What an earlier call only announced, and some batches over all lanes; how many positions, 0: none is left.

        While one batch is taken away the next one is chosen and announced: two connections work side by side.
        """
        swept, ahead = 0, Ahead(room=limits.SWEEP_EVENTS_MAX * limits.SWEEP_BATCHES_MAX)
        while True:
            await run_sync(self._make_room)
            announced, done = await asyncio.gather(self._announce_next(ahead), run_sync(self._finish))
            swept += done
            if not announced and not done:
                return swept

    async def _announce_next(self, ahead: Ahead) -> bool:
        """Announce one more batch, if one is left that this call may still sweep."""
        if not ahead.waiting and ahead.room > 0:
            chosen = await run_sync(self._choose, min(ahead.room, limits.SWEEP_EVENTS_MAX * limits.SWEEP_CHOSEN_MAX))
            # Nothing found is asked for only once. What is about a line goes with it, beyond the room if need be.
            ahead.room -= sum(batch.size for batch in chosen) or ahead.room
            ahead.waiting.extend(chosen)
        if not ahead.waiting:
            return False
        await self._announce(ahead.waiting.popleft())
        return True

    async def _announce(self, batch: Batch) -> None:
        """Name what may go and wait until the projections have let go of it."""
        await run_sync(self._tell_early, batch)
        key = f"swept:{hashlib.sha256(batch.canonical).hexdigest()}"
        drafting = partial(draft_sweep, batch)
        written = await self._writer.write(party=LEDGER, key=key, canonical=batch.canonical, draft=drafting)
        for event in written.events:
            await run_sync(self._wait_for, event.lane, event.position)

    def _tell_early(self, batch: Batch) -> None:
        """What was erased stands in the register by its dossier."""
        if batch.reason == "ended":
            for lane, announced in batch.lanes.items():
                self._early.tell(lane, announced.ranges)

    def _choose(self, room: int) -> list[Batch]:
        """What may go, in batches; so many positions, and what is about these."""
        today = amsterdam_day(self._clock.now())
        chosen: list[Batch] = []
        for reason in REASONS:
            lanes: dict[int, list[SweepableLines]] = {}
            for lane in self._lanes:
                lanes[lane] = self._lines.sweepable(lane, reason, today, room) if room > 0 else []
                room -= sum(len(lines.positions) for lines in lanes[lane])
            chosen += batches_of(reason, lanes)
        return chosen

    def _make_room(self) -> None:
        """Prepare what is taken away next, while nobody else works."""
        for lane in self._lanes:
            self._sweeper.make_room(lane, limits.SWEEP_EVENTS_MAX)

    def _finish(self) -> int:
        """Take away what was announced, in every lane."""
        return sum(self._sweeper.finish(lane, limits.SWEEP_EVENTS_MAX) for lane in self._lanes)


def batches_of(reason: SweepReason, lanes: Mapping[int, Sequence[SweepableLines]]) -> list[Batch]:
    """Batches of bounded size, over all lanes each."""
    pieces = {lane: cut(lines) for lane, lines in lanes.items()}
    return [
        Batch(reason, {lane: piece for lane, piece in zip(pieces, row, strict=True) if piece is not None})
        for row in zip_longest(*pieces.values())
    ]


def cut(several: Sequence[SweepableLines]) -> list[Announced]:
    """The lines of a lane in pieces of bounded size, in order; what goes with one leader stays together."""
    leaders = sorted({leader for lines in several for leader in lines.leaders})
    lasts = [*leaders[limits.SWEEP_EVENTS_MAX - 1 : -1 : limits.SWEEP_EVENTS_MAX], *leaders[-1:]]
    pieces: list[list[int]] = [[] for _ in lasts]
    counts: list[list[DestroyedRecords]] = [[] for _ in lasts]
    for lines in several:
        ordered, positions = by_leader(lines)
        start = 0
        for number, last in enumerate(lasts):
            end = bisect_right(ordered, last, start)
            pieces[number] += positions[start:end]
            if end > start:
                counts[number].append(count_owner(lines.owner, end - start))
            start = end
    return [
        Announced(tuple(piece), ranges_of(piece), sum_counts(counted))
        for piece, counted in zip(map(sorted, pieces), counts, strict=True)
    ]


def by_leader(lines: SweepableLines) -> tuple[list[int], list[int]]:
    """The leaders in order, and the position that goes with each; most lines are their own leader."""
    if lines.leaders is lines.positions:
        ordered = sorted(lines.positions)
        return ordered, ordered
    pairs = sorted(zip(lines.leaders, lines.positions, strict=True))
    return [leader for leader, _ in pairs], [position for _, position in pairs]


def count_owner(owner: RecordOwner, count: int) -> DestroyedRecords:
    """So many records of an owner, for the declaration of destruction."""
    return DestroyedRecords(
        controller=owner.controller,
        count=count,
        covenant=owner.covenant,
        annex=owner.annex,
        activity=owner.activity,
        day=owner.day,
    )


def sum_counts(counts: Iterable[DestroyedRecords]) -> tuple[DestroyedRecords, ...]:
    """Each owner once, in order."""
    total: dict[bytes, DestroyedRecords] = {}
    for one in counts:
        name = msgspec.json.encode(msgspec.structs.replace(one, count=0))
        known = total.get(name)
        total[name] = one if known is None else msgspec.structs.replace(one, count=one.count + known.count)
    return tuple(total[name] for name in sorted(total))


def draft_sweep(batch: Batch, now: datetime) -> list[Draft]:
    """One event per lane, on the lane's own stream; it is never swept itself."""
    del now
    return [
        Draft(
            lane=lane,
            stream_id=lane_stream(lane),
            topic=topics.RECORDS_SWEPT,
            scope=b"",
            fields={
                "record_ends": None,
                "swept": announced.ranges,
                "swept_reason": batch.reason,
                # What was erased was counted by the request.
                "destroyed": announced.destroyed if batch.reason == "ended" else (),
            },
        )
        for lane, announced in batch.lanes.items()
    ]


def ranges_of(positions: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Inclusive ranges of these ascending positions."""
    ranges: list[tuple[int, int]] = []
    for position in positions:
        if ranges and position == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], position)
        else:
            ranges.append((position, position))
    return tuple(ranges)
