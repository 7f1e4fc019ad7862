"""The thread that follows shared lanes: every notifier has one, also those that only stand by to decide and send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Protocol

import psycopg

from services.ledger.contract.errors import missing_place
from services.notifier.application.follow import FollowFeed
from services.notifier.application.ports import EventFeed
from services.notifier.application.trace import NotifierTrace
from services.notifier.storage.open_notifier import connect
from services.notifier.storage.store import PostgresStore
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.log import Log
from services.runtime.log_events import FOLLOWING_RETRIED, FOLLOWING_STOPPED
from services.runtime.metrics import Metrics
from services.runtime.worker_thread import WorkerThread


class SharedFeed(EventFeed, Protocol):
    """A feed of which several notifiers share the lanes; ``poll`` waits a moment when there is nothing."""

    def close(self) -> None:
        """Leave the lanes to the others."""
        ...


ReadCursor = Callable[[], Mapping[int, int]]
MakeSharedFeed = Callable[[ReadCursor], SharedFeed]


class FollowThread(WorkerThread):
    """Follows whatever lanes it is given, with a connection of its own; anew after whatever passes by itself.

    A gap in the ledger, too much that nobody can read, or a fault of our own stops it for good (``failure``).
    """

    def __init__(
        self,
        *,
        conninfo: str,
        make_feed: MakeSharedFeed,
        on_followed: Callable[[], None],
        trace: NotifierTrace,
        log: Log,
        metrics: Metrics,
    ) -> None:
        """``make_feed`` is given what reads the stored cursor; ``on_followed`` is called after each piece."""
        super().__init__("notifier-follow")
        self._conninfo = conninfo
        self._make_feed = make_feed
        self._on_followed = on_followed
        self._trace = trace
        self._log = log
        self._metrics = metrics
        self.failure: BaseException | None = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._conninfo) as connection:
                    self._follow(connection)
            except psycopg.Error as error:
                self._retry(error, sqlstate=error.sqlstate)
            except GrootboekError as error:
                if not error.retryable:
                    self._fail(error, error.code)
                    return
                self._retry(error, code=error.code)
            except Exception as error:  # noqa: BLE001 - a thread that dies in silence is the worst of faults
                self._fail(error, None)
                return

    def _follow(self, connection: psycopg.Connection[Any]) -> None:
        """Take piece after piece until told to stop."""
        store = PostgresStore(connection)
        with closing(self._make_feed(store.cursor)) as feed:
            follow = FollowFeed(feed=feed, store=store, trace=self._trace)
            while not self._stopping.is_set():
                if follow.step():
                    self._on_followed()

    def _retry(self, error: Exception, *, code: str | None = None, sqlstate: str | None = None) -> None:
        self._log.write(FOLLOWING_RETRIED, error=type(error).__name__, code=code, sqlstate=sqlstate)
        self._stopping.wait(limits.NOTIFIER_RETRY_SECONDS)

    def _fail(self, error: BaseException, code: str | None) -> None:
        """Stop for good; whoever asks how this process is hears of it."""
        self.failure = error
        self._metrics.set("grootboek_stopped", 1, role="notifier")
        self._log.write(FOLLOWING_STOPPED, error=type(error).__name__, code=code, **missing_place(error))
