"""A background thread: started once, told to stop, waited for."""

from __future__ import annotations

import threading

import pytest

from services.runtime.worker_thread import WorkerThread


class Counting(WorkerThread):
    """Does one piece each time it is woken, and says that it ended."""

    def __init__(self) -> None:
        super().__init__("counting")
        self.woken = threading.Event()
        self.pieces = 0
        self.ended = False

    def _hurry(self) -> None:
        self.woken.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.woken.wait()
            self.pieces += 1
        self.ended = True


def test_it_finishes_its_piece_and_ends() -> None:
    """Told to stop, it is woken from what it waits for; when `stop` returns it is over."""
    worker = Counting()
    worker.start()
    worker.stop()
    assert (worker.pieces, worker.ended) == (1, True)


def test_it_is_started_once() -> None:
    """A second start is a mistake in the wiring and is told at once."""
    worker = Counting()
    worker.start()
    with pytest.raises(AssertionError, match="twice"):
        worker.start()
    worker.stop()


def test_it_may_be_stopped_without_having_run() -> None:
    """A process that fails while it starts stops what it never started; then it does nothing."""
    worker = Counting()
    worker.stop()
    assert (worker.pieces, worker.ended) == (0, False)
