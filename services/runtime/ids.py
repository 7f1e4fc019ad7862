"""Ids and randomness as a port, so that a test can replay a run from its seed."""

from __future__ import annotations

import os
import random
import threading
import uuid
from typing import Protocol
from uuid import UUID

from services.runtime.clock import Clock, SystemClock


class Ids(Protocol):
    """Gives new ids and random bytes."""

    def uuid7(self) -> UUID:
        """Return a time-ordered id (RFC 9562, version 7)."""
        ...

    def uuid4(self) -> UUID:
        """Return a random id that tells nothing about its moment (stream ids)."""
        ...

    def random_bytes(self, length: int) -> bytes:
        """Return `length` random bytes, fit for keys and nonces where the system's source is used."""
        ...


class SystemIds:
    """Ids from the randomness of the operating system."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Take the millisecond of version 7 ids from `clock`, by default the wall clock."""
        self._clock = clock or SystemClock()

    def uuid7(self) -> UUID:
        """Return a time-ordered id."""
        return build_uuid7(milliseconds_of(self._clock), os.urandom(10))

    def uuid4(self) -> UUID:
        """Return a random id."""
        return uuid.uuid4()

    def random_bytes(self, length: int) -> bytes:
        """Return `length` bytes of the system's cryptographic source."""
        return os.urandom(length)


class SeededIds:
    """Ids that repeat for a seed; for tests and simulations, never for keys that protect something."""

    def __init__(self, seed: int = 0, clock: Clock | None = None) -> None:
        """Start the sequence of `seed`; without a clock the version 7 ids count milliseconds from zero."""
        self._random = random.Random(seed)  # noqa: S311 - repeatable by intent
        self._lock = threading.Lock()
        self._clock = clock
        self._count = 0

    def uuid7(self) -> UUID:
        """Return the next time-ordered id of the sequence."""
        with self._lock:
            self._count += 1
            milliseconds = self._count if self._clock is None else milliseconds_of(self._clock)
            return build_uuid7(milliseconds, self._random.randbytes(10))

    def uuid4(self) -> UUID:
        """Return the next random id of the sequence."""
        return UUID(bytes=self.random_bytes(16), version=4)

    def random_bytes(self, length: int) -> bytes:
        """Return the next `length` bytes of the sequence."""
        with self._lock:
            return self._random.randbytes(length)


def milliseconds_of(clock: Clock) -> int:
    """Return the whole milliseconds since 1970 that `clock` shows."""
    return int(clock.now().timestamp() * 1000)


def build_uuid7(milliseconds: int, randomness: bytes) -> UUID:
    """Lay 48 bits of milliseconds and ten random bytes out as RFC 9562 section 5.7 says."""
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(randomness, "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | 0x7 << 76 | 0x2 << 62)
