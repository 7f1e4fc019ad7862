"""A thread that works in the background of a process until it is told to stop."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from services.runtime import limits


class WorkerThread(ABC):
    """Started once; told to stop, it finishes the piece at hand and ends. Subclasses say what it does in ``_run``.

    It is a daemon, so that a process that is at an end never hangs on it.
    """

    def __init__(self, name: str) -> None:
        """Take the name that stack dumps show; nothing runs before `start`."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; once."""
        assert self._thread.ident is None, "started twice"
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Say that the piece at hand is the last one; from any thread."""
        self._stopping.set()
        self._hurry()

    def stop(self) -> None:
        """Finish the piece at hand and end."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(limits.SHUTDOWN_SECONDS_MAX)

    def _hurry(self) -> None:
        """Wake it from whatever else than ``_stopping`` it waits for; nothing unless it does."""
        return

    @abstractmethod
    def _run(self) -> None:
        """Work until ``_stopping`` is set, or until a fault that ends it for good."""
