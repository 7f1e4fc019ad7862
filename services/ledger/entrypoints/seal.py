"""The thread that keeps the trees up to date and signed, about once a second."""

from __future__ import annotations

import threading

import psycopg
from psycopg_pool import PoolTimeout

from services.ledger.application.seal_tree import TreeSealer
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.log import Log
from services.runtime.log_events import SEALING_RETRIED, SEALING_STOPPED


class SealerThread:
    """Seals every lane that has grown; a fault of the ledger stops it for good, a lost connection does not."""

    def __init__(self, *, sealer: TreeSealer, log: Log) -> None:
        """Several may run beside one another, on any machine: each batch is stored by one of them."""
        self._sealer = sealer
        self._log = log
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: GrootboekError | None = None

    def start(self) -> None:
        """Start the thread; once."""
        assert self._thread is None, "started twice"
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand and end."""
        self._stopping.set()
        self.wake()
        if self._thread is not None:
            self._thread.join(limits.SHUTDOWN_SECONDS_MAX)

    def wake(self) -> None:
        """Say that there may be new events; from any thread, at no cost. They are sealed about a second later."""
        self._woken.set()

    def _run(self) -> None:
        """Work until told to stop, or until the ledger itself is at fault."""
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                behind = self._sealer.seal_all()
            except (psycopg.Error, PoolTimeout) as error:
                sqlstate = error.sqlstate if isinstance(error, psycopg.Error) else None
                self._log.write(SEALING_RETRIED, error=type(error).__name__, sqlstate=sqlstate)
                self._stopping.wait(limits.SEALING_RETRY_SECONDS)
                continue
            except GrootboekError as error:
                self.failure = error
                self._log.write(SEALING_STOPPED, error=type(error).__name__, code=error.code)
                return
            self._rest(behind=behind)

    def _rest(self, *, behind: bool) -> None:
        """Let writers and readers go first; when nothing is left, sleep until woken or until the poll."""
        if behind:
            self._stopping.wait(limits.SEALING_PAUSE_SECONDS)
        elif not self._stopping.wait(limits.CHECKPOINT_SECONDS):
            self._woken.wait(limits.SEALING_POLL_SECONDS)
