"""The thread that keeps the trees up to date and signed, about once a second."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg

from services.ledger.application.seal_tree import TreeSealer
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.leader_notice import LeaderNotice
from services.runtime.log import Log
from services.runtime.log_events import SEALING_RETRIED, SEALING_STOPPED
from services.runtime.metrics import Metrics
from services.runtime.postgres import DatabaseAway
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.worker_thread import WorkerThread


class SealerThread(WorkerThread):
    """Seals every lane that has grown; a fault of the ledger stops it for good, a lost connection does not."""

    def __init__(
        self,
        *,
        sealer: TreeSealer,
        log: Log,
        leads: Callable[[], bool] = lambda: True,
        metrics: Metrics | None = None,
        telemetry: Telemetry = OFF,
    ) -> None:
        """Several may run beside one another, on any machine: each batch is stored by one of them.

        ``leads`` is asked before every piece of work whether it is ours, so that the others do not do it in vain.
        """
        super().__init__("sealer")
        self._sealer = sealer
        self._log = log
        self._leads = leads
        self._telemetry = telemetry
        self._notice = LeaderNotice("sealer", log=log, metrics=metrics)
        self._woken = threading.Event()
        self.failure: Exception | None = None

    def _hurry(self) -> None:
        self.wake()

    def wake(self) -> None:
        """Say that there may be new events; from any thread, at no cost. They are sealed about a second later."""
        self._woken.set()

    def _run(self) -> None:
        """Work until told to stop, or until the ledger itself is at fault."""
        while not self._stopping.is_set():
            woken = self._woken.is_set()
            self._woken.clear()
            try:
                behind = self._seal(woken=woken)
            except (psycopg.Error, GrootboekError) as error:
                if isinstance(error, GrootboekError) and not error.retryable:
                    self._fail(error)
                    return
                self._retry(error)
                continue
            except Exception as error:  # noqa: BLE001 - a thread that dies in silence is the worst of faults
                self._fail(error)
                return
            self._rest(behind=behind)

    def _retry(self, error: psycopg.Error | GrootboekError) -> None:
        """Let another one lead meanwhile, and look again in a moment: the database or the vault is away."""
        cause = error.__cause__ if isinstance(error, DatabaseAway) else error
        sqlstate = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        self._notice.tell(leads=False)
        self._log.write(SEALING_RETRIED, error=type(error).__name__, sqlstate=sqlstate)
        self._stopping.wait(limits.SEALING_RETRY_SECONDS)

    def _fail(self, error: Exception) -> None:
        """Stop for good."""
        self.failure = error
        self._notice.stopped()
        code = error.code if isinstance(error, GrootboekError) else None
        self._log.write(SEALING_STOPPED, error=type(error).__name__, code=code)

    def _seal(self, *, woken: bool) -> bool:
        """One batch of every lane that has grown, when it is ours; whether any lane holds more than that."""
        leads = self._leads()
        self._notice.tell(leads=leads)
        if not leads:
            return False
        if not woken:
            # A look in vain, most likely: no trace is made of it.
            return self._sealer.seal_all()
        with self._telemetry.span("ledger.checkpoint"):
            return self._sealer.seal_all()

    def _rest(self, *, behind: bool) -> None:
        """Let writers and readers go first; when nothing is left, sleep until woken or until the poll."""
        if behind:
            self._stopping.wait(limits.SEALING_PAUSE_SECONDS)
        elif not self._stopping.wait(limits.CHECKPOINT_SECONDS):
            self._woken.wait(limits.SEALING_POLL_SECONDS)
