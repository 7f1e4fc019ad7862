"""Tells the erasure register of records that ended before the day for which they were sealed.

The day that ended is not theirs: its key opens none of them, and theirs still lives. So they are gone because they are
swept, and an older dump would bring them back. The register names each of them, by position and leaf hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Protocol

import msgspec

from services.law.local_time import amsterdam_day
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister
from services.runtime import limits
from services.runtime.clock import Clock


class SealedLonger(Protocol):
    """A blocking question to the projections."""

    def __call__(self, lane: int, ranges: Sequence[tuple[int, int]], today: date) -> list[tuple[int, bytes]]:
        """Those of the lines in these inclusive ranges that were sealed, or prolonged, to ``today`` or later.

        With their leaf hashes, in order of position.
        """
        ...


class EarlyEnds:
    """Writes them down before they are swept; blocking, and safe to repeat."""

    def __init__(self, *, sealed_longer: SealedLonger, register: ErasureRegister, clock: Clock) -> None:
        """Ask ``sealed_longer``; write to ``register``."""
        self._sealed_longer = sealed_longer
        self._register = register
        self._clock = clock

    def tell(self, lane: int, ranges: Sequence[tuple[int, int]]) -> None:
        """Name those positions within these inclusive ranges that their day does not end."""
        now = self._clock.now()
        found = iter(self._sealed_longer(lane, ranges, amsterdam_day(now)))
        while piece := tuple(
            (lane, position, leaf.hex()) for position, leaf in islice(found, limits.ERASURE_POSITIONS_PER_ENTRY_MAX)
        ):
            digest = hashlib.sha256(msgspec.json.encode(piece)).hexdigest()
            entry = ErasureEntry(id=f"positions:{digest}", kind="positions", at=now, positions=piece)
            self._register.append(entry)
