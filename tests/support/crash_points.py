"""Runs one piece of work once for each of its calls to the kernel, and lets that call be the last or fail."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from tests.support.strace import Point, count_calls, failing, killing, tracing

ATTEMPTS_MAX: Final = 8
END_SECONDS_MAX: Final = 1.0


class Tally(msgspec.Struct):
    """What was broken, and what could not be."""

    killed: int = 0
    failed: int = 0
    missed: list[str] = msgspec.field(default_factory=list)


class CrashPoints:
    """All calls of one path.

    ``threads`` tells which threads do the work now, by role; ``work`` does it once, come what may; ``mend`` brings
    everything back and makes sure that the work is done after all; ``has_died`` tells whether the kill struck.
    """

    def __init__(
        self,
        *,
        threads: Callable[[], Mapping[str, int]],
        work: Callable[[], None],
        mend: Callable[[], None],
        has_died: Callable[[int], bool],
        output: Path,
        attempts_max: int = ATTEMPTS_MAX,
    ) -> None:
        """Nothing is done yet. ``attempts_max``: how often one fault is tried, as the work may go another way."""
        self._threads = threads
        self._work = work
        self._mend = mend
        self._has_died = has_died
        self._output = output
        self._attempts_max = attempts_max
        self.tally = Tally()

    def record(self, times: int = 2) -> list[Point]:
        """The calls that the work makes each time."""
        found: list[set[Point]] = []
        for _ in range(times):
            roles = {number: role for role, number in self._threads().items()}
            with tracing(list(roles), self._output):
                self._work()
            self._mend()
            found.append(set(count_calls(self._output, roles)))
        return sorted(set.intersection(*found))

    def kill_at(self, point: Point) -> None:
        """Let the process of the thread end as it enters the call."""
        with telling(f"killed at {point}"):
            self.tally.killed += self._strike(point, killing(point), self._has_died)

    def fail_at(self, point: Point) -> None:
        """Let the call fail with EIO."""
        with telling(f"EIO at {point}"):
            self.tally.failed += self._strike(point, failing(point), lambda _: self._was_injected())

    def _strike(self, point: Point, injection: str, has_struck: Callable[[int], bool]) -> bool:
        """Do the work with a fault in it, again while the fault did not come about; whether it did."""
        for _ in range(self._attempts_max):
            thread = self._threads()[point.role]
            with tracing([thread], self._output, injection):
                self._work()
            struck = has_struck(thread)
            self._mend()
            if struck:
                return True
        self.tally.missed.append(f"{point.role}:{injection}")
        return False

    def _was_injected(self) -> bool:
        return "INJECTED" in self._output.read_text(encoding="utf-8", errors="replace")


@contextmanager
def telling(where: str) -> Iterator[None]:
    """Say in a failure what was being broken."""
    try:
        yield
    except BaseException as error:
        error.add_note(where)
        raise


def is_gone(thread: int) -> bool:
    """Whether a thread has ended, or does so in a moment: the kernel closes what a process has open before that."""
    deadline = time.monotonic() + END_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            os.kill(thread, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.005)
    return False
