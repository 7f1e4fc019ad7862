"""What the worker processes of one ledger share beside the database: how far the register is known, and a nudge.

Neither carries data. A position tells a worker to read the register lane before it judges; a nudge tells it to look
sooner than its poll would.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
from collections.abc import Sequence
from typing import Final

from services.runtime import limits

SLOT_BYTES: Final = 8
COMMITTED: Final = b"c"
"""Events were committed: whoever projects and seals should look."""
APPLIED: Final = b"a"
"""Projections moved: whoever waits for a position should look."""


class SharedPositions:
    """A position per worker in memory that all of them map; each writes only its own, all read all.

    A slot is eight aligned bytes, which the machine writes at once. What a worker announced before it answered a
    request is seen by every request that is made after that answer.
    """

    def __init__(self, descriptor: int, slots: int) -> None:
        """Map the memory behind ``descriptor``, made by ``make_shared_memory`` for as many slots."""
        self._memory = memoryview(mmap.mmap(descriptor, slots * SLOT_BYTES)).cast("q")

    def announce(self, slot: int, position: int) -> None:
        """Say that this worker knows the register up to ``position``."""
        self._memory[slot] = position

    def newest(self) -> int:
        """The farthest position that any worker announced."""
        return max(self._memory)


def make_shared_memory(slots: int) -> int:
    """Return a descriptor of zeroed memory that processes can share; it has no name anybody could open it by."""
    with tempfile.TemporaryFile() as file:
        file.truncate(slots * SLOT_BYTES)
        return os.dup(file.fileno())


class Siblings:
    """One worker's view of the others."""

    def __init__(self, *, number: int, positions: SharedPositions, ears: int, mouths: Sequence[int]) -> None:
        """``number`` is the worker's own; ``ears`` is its end to read, ``mouths`` those of the others to write."""
        self.number = number
        self.ears = ears
        self._positions = positions
        self._mouths = tuple(mouths)

    def announce(self, position: int) -> None:
        """Say how far this worker knows the register, before anything that follows from it is told to anybody."""
        self._positions.announce(self.number, position)

    def newest_position(self) -> int:
        """How far any worker knows the register."""
        return self._positions.newest()

    def nudge(self, what: bytes) -> None:
        """Wake the others; one that has not yet heard the nudges before this one needs no more of them."""
        for mouth in self._mouths:
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                os.write(mouth, what)

    def hear(self) -> frozenset[bytes]:
        """What the others nudged about since the last time."""
        try:
            heard = os.read(self.ears, limits.NUDGES_READ_BYTES_MAX)
        except BlockingIOError:
            return frozenset()
        return frozenset(each for each in (COMMITTED, APPLIED) if each in heard)
