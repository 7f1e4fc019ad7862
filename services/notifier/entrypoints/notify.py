"""The thread of notifier: woken by appends, polling besides, and giving way to whoever writes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import psycopg

from services.ledger.contract.errors import missing_place
from services.notifier.application.progress import Progress
from services.notifier.domain.errors import NotifierBehind
from services.notifier.storage.open_notifier import connect, lead
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.leader_notice import LeaderNotice
from services.runtime.log import Log
from services.runtime.log_events import NOTIFIER_RETRIED, NOTIFIER_STOPPED
from services.runtime.worker_thread import WorkerThread


class Work(Protocol):
    """Everything notifier does, in bounded pieces."""

    def advance(self) -> Progress:
        """Do one piece of each."""
        ...


class NotifierThread(WorkerThread):
    """Works over one connection after another; of several processes one leads, the others stand by.

    A gap in the ledger or a fault of our own stops it for good (``failure``); a lost connection does not.
    """

    def __init__(
        self,
        *,
        conninfo: str,
        make_work: Callable[[psycopg.Connection[Any]], Work],
        log: Log,
        notice: LeaderNotice | None = None,
    ) -> None:
        """``make_work`` makes what is to be done over a connection; anew after each loss of one."""
        super().__init__("notifier")
        self._notice = notice or LeaderNotice("notifier", log=log, metrics=None)
        self._conninfo = conninfo
        self._make_work = make_work
        self._log = log
        self._woken = threading.Event()
        self._hurried = threading.Event()
        self._done = threading.Condition()
        self._asked = 0
        self._answered = 0
        self.failure: BaseException | None = None

    def _hurry(self) -> None:
        self._hurried.set()
        self.wake()

    def wake(self) -> None:
        """Say that there may be new events; from any thread, at no cost."""
        self._woken.set()

    def catch_up(self, seconds: float = limits.NOTIFIER_CATCH_UP_SECONDS_MAX) -> None:
        """Wait until everything that was due when this was called is done; NotifierBehind after ``seconds``.

        Done means tried: a message that could not be sent waits for its next moment.
        """
        with self._done:
            self._asked += 1
            ticket = self._asked
            self._hurried.set()
            self.wake()
            self._done.wait_for(lambda: self.failure is not None or self._answered >= ticket, seconds)
            if self._answered < ticket:
                raise NotifierBehind from self.failure

    def _run(self) -> None:
        """Work until told to stop, or until the ledger itself or our own work is at fault."""
        while not self._stopping.is_set():
            try:
                with connect(self._conninfo) as connection:
                    self._work(connection)
            except psycopg.Error as error:
                self._retry(error, sqlstate=error.sqlstate)
            except OSError as error:
                # A disk that is full or read-only: whatever was to be written or removed is tried again.
                self._retry(error)
            except GrootboekError as error:
                if not error.retryable:
                    self._fail(error, error.code)
                    return
                self._retry(error, code=error.code)
            except Exception as error:  # noqa: BLE001 - a thread that dies in silence is the worst of faults
                self._fail(error, None)
                return

    def _retry(self, error: Exception, *, code: str | None = None, sqlstate: str | None = None) -> None:
        self._notice.tell(leads=False)
        self._log.write(NOTIFIER_RETRIED, error=type(error).__name__, code=code, sqlstate=sqlstate)
        self._stopping.wait(limits.NOTIFIER_RETRY_SECONDS)

    def _fail(self, error: BaseException, code: str | None) -> None:
        """Stop for good and tell who waits."""
        with self._done:
            self.failure = error
            self._done.notify_all()
        self._notice.stopped()
        self._log.write(NOTIFIER_STOPPED, error=type(error).__name__, code=code, **missing_place(error))

    def _work(self, connection: psycopg.Connection[Any]) -> None:
        """Do what is due, then sleep until woken or until the poll."""
        while not lead(connection):
            self._notice.tell(leads=False)
            if self._stopping.wait(limits.NOTIFIER_POLL_SECONDS):
                return
        self._notice.tell(leads=True)
        work = self._make_work(connection)
        while not self._stopping.is_set():
            self._woken.clear()
            ticket = self._asked
            began = time.monotonic()
            progress = work.advance()
            if progress is Progress.DONE:
                self._answer(ticket)
            if self._must_rest():
                self._hurried.wait(rest_seconds(time.monotonic() - began))
            elif progress is Progress.BEHIND:
                self._stopping.wait(limits.NOTIFIER_BEHIND_SECONDS)
            elif progress is Progress.DONE:
                self._woken.wait(limits.NOTIFIER_POLL_SECONDS)

    def _must_rest(self) -> bool:
        """Whether to leave the processor to the writers: they appended meanwhile, and nobody waits for us."""
        self._hurried.clear()
        return self._woken.is_set() and self._answered == self._asked and not self._stopping.is_set()

    def _answer(self, ticket: int) -> None:
        """Tell who asked before this pass began that nothing is left."""
        with self._done:
            self._answered = max(self._answered, ticket)
            self._done.notify_all()


def rest_seconds(worked_seconds: float) -> float:
    """How long to rest after a piece of work while others write: events gather meanwhile, a person's are one look."""
    wanted = max(worked_seconds * limits.NOTIFIER_REST_RATIO, limits.NOTIFIER_REST_SECONDS_MIN)
    return min(wanted, limits.NOTIFIER_REST_SECONDS_MAX)
