"""How a process of ours behaves: no memory dumps with keys in them, and a graceful end on a signal."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind

PR_SET_DUMPABLE = 4
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class AssertionsOff(GrootboekError):
    """Python runs with assertions switched off, and they guard invariants of the ledger."""

    code = "assertions_off"
    remedy = "Start without -O and without PYTHONOPTIMIZE."
    kind = Kind.INTERNAL


def harden() -> None:
    """Keep the memory of this process, which holds keys, out of core dumps and out of other processes' hands."""
    refuse_without_assertions(assertions=__debug__)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def settle_collector() -> None:
    """Move what lives as long as the process out of the collector's way, once everything was made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(limits.COLLECTOR_ALLOCATIONS, *limits.COLLECTOR_GENERATIONS)


def refuse_without_assertions(*, assertions: bool) -> None:
    """Raise AssertionsOff unless assertions are on."""
    if not assertions:
        raise AssertionsOff


class StopSignal:
    """Set once by the first SIGINT or SIGTERM; the second one ends the process at once."""

    def __init__(self) -> None:
        """Begin unset."""
        self._event = threading.Event()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        """Tell whether the process was asked to stop."""
        return self._event.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the signal, at most `seconds`; tell whether it came."""
        return self._event.wait(seconds)

    def call(self, callback: Callable[[], None]) -> None:
        """Have `callback` called at the signal; at once when it has been."""
        if self._event.is_set():
            callback()
        else:
            self._callbacks.append(callback)

    def set(self) -> None:
        """Ask to stop, as the signal does; a second time changes nothing."""
        if self._event.is_set():
            return
        self._event.set()
        for callback in self._callbacks:
            callback()


@contextlib.contextmanager
def stop_on_signals() -> Iterator[StopSignal]:
    """Turn the first SIGINT or SIGTERM into a StopSignal and put the former handlers back afterwards (main thread)."""
    stop = StopSignal()

    def handle(number: int, _: FrameType | None) -> None:
        if stop.is_set:
            # Somebody insists: let the signal do what it does to an ordinary program.
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    former = {number: signal.signal(number, handle) for number in STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
