"""The process that keeps the projections up to date: a thread that is woken by appends and polls besides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from services.ledger.contract.errors import ProjectionBehind, missing_place
from services.ledger.storage.projections.connection import LEADER_LOCK, LIVE, connect, take_lock
from services.ledger.storage.projections.errors import ProjectionStopped
from services.ledger.storage.projections.origins import read_origins
from services.ledger.storage.projections.projector import find_pending, project_lane, read_cursors
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.leader_notice import LeaderNotice
from services.runtime.log import Log
from services.runtime.log_events import PROJECTION_RETRIED, PROJECTION_STOPPED
from services.runtime.metrics import Metrics
from services.runtime.postgres import is_away
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.trace_context import LaneOrigins
from services.runtime.worker_thread import WorkerThread


class ProjectorThread(WorkerThread):
    """Applies events as they come; of several, on any machine, one leads and the others follow its cursor.

    A gap or any other fault of the ledger itself stops it for good (``failure``), for no event is passed over; a lost
    connection does not, nor what the database says once or twice.
    """

    def __init__(
        self,
        *,
        conninfo: str,
        log: Log,
        on_applied: Callable[[], None] = lambda: None,
        metrics: Metrics | None = None,
        telemetry: Telemetry = OFF,
        origins: LaneOrigins | None = None,
    ) -> None:
        """Take how to connect, and the log that is told when it stops for good.

        ``on_applied`` is called by the one that leads, from its thread, after each round that applied something.
        ``origins`` says in whose traces the events were appended that this process wrote.
        """
        super().__init__("projector")
        self._conninfo = conninfo
        self._log = log
        self._metrics = metrics or Metrics()
        self._telemetry = telemetry
        self._origins = origins or LaneOrigins()
        self._notice = LeaderNotice("projector", log=log, metrics=metrics)
        self._on_applied = on_applied
        self._waiting = 0
        self._woken = threading.Event()
        self._hurried = threading.Event()
        self._moved = threading.Condition()
        self._positions: dict[int, int] = {}
        self._place: dict[str, int] = {}
        self._refusals = 0
        self.failure: Exception | None = None
        self.leads = False

    def _hurry(self) -> None:
        self._hurried.set()
        self.wake()

    def wake(self) -> None:
        """Say that there may be new events; from any thread, at no cost."""
        self._woken.set()

    def look_again(self) -> None:
        """Say that another one has applied events; of use only while somebody here waits for a position."""
        if self._waiting:
            self.wake()

    @property
    def positions(self) -> Mapping[int, int]:
        """How far each lane has been applied, as far as this process knows."""
        return self._positions

    def wait_for(self, lane: int, position: int, seconds: float = limits.MIN_POSITION_WAIT_SECONDS_MAX) -> None:
        """Wait until the lane has been applied up to ``position``; ProjectionBehind after ``seconds``."""
        with self._moved:
            self._waiting += 1
        self._hurried.set()
        self.wake()
        with self._moved:
            self._moved.wait_for(lambda: self.failure is not None or self._has_seen(lane, position), seconds)
            self._waiting -= 1
        if self._has_seen(lane, position):
            return
        if self.failure is not None:
            raise ProjectionStopped from self.failure
        raise ProjectionBehind

    def _has_seen(self, lane: int, position: int) -> bool:
        """Whether the lane has been applied that far."""
        return self._positions.get(lane, 0) >= position

    def _run(self) -> None:
        """Work over one connection after another until told to stop, or until the ledger itself is at fault."""
        while not self._stopping.is_set():
            try:
                with connect(self._conninfo) as connection:
                    self._work(connection)
            except psycopg.Error as error:
                if self._must_stop(error):
                    self._fail(error)
                    return
                self._log.write(
                    PROJECTION_RETRIED, projection=LIVE, error=type(error).__name__, sqlstate=error.sqlstate
                )
                self._lead(leads=False)
                self._stopping.wait(limits.PROJECTION_RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001 - a thread that dies in silence is the worst of faults
                self._fail(error)
                return

    def _must_stop(self, error: psycopg.Error) -> bool:
        """Whether the database has refused so often what we ask that it says something of the ledger itself."""
        self._refusals = 0 if is_away(error) else self._refusals + 1
        return self._refusals >= limits.PROJECTION_REFUSALS_MAX

    def _fail(self, error: Exception) -> None:
        """Stop for good and tell who waits; the log names the place, or the first one of the batch."""
        with self._moved:
            self.failure, self.leads = error, False
            self._moved.notify_all()
        self._notice.stopped()
        code = error.code if isinstance(error, GrootboekError) else getattr(error, "sqlstate", None)
        place = missing_place(error) or self._place
        self._log.write(PROJECTION_STOPPED, projection=LIVE, error=type(error).__name__, code=code, **place)

    def _work(self, connection: psycopg.Connection[Any]) -> None:
        """Apply what is pending, then sleep until woken or until the poll."""
        self.leads = False
        self._note(read_cursors(connection))
        while not self._stopping.is_set():
            self._woken.clear()
            self._lead(leads=self.leads or take_lock(connection, LEADER_LOCK))
            began = time.monotonic()
            if self.leads and (applied := self._apply_pending(connection)):
                self._on_applied()
                self._rest(time.monotonic() - began, applied)
                continue
            if not self.leads:
                self._note(read_cursors(connection))
            self._woken.wait(limits.PROJECTION_POLL_SECONDS)

    def _rest(self, worked_seconds: float, pending_events: int) -> None:
        """Leave the processor to the writers while they append and nobody waits for a position."""
        self._hurried.clear()
        if self._woken.is_set() and not self._waiting:
            self._hurried.wait(rest_seconds(worked_seconds, pending_events))

    def _apply_pending(self, connection: psycopg.Connection[Any]) -> int:
        """One batch of each lane that has something; how many events were pending, or 0 when nothing was applied."""
        applied = pending_events = 0
        for lane, pending in find_pending(connection):
            applied += self._apply_lane(connection, lane, pending)
            pending_events += pending
        self._refusals = 0
        return pending_events if applied else 0

    def _apply_lane(self, connection: psycopg.Connection[Any], lane: int, pending: int) -> int:
        """One batch of a lane; how many events it had."""
        self._place = {"lane": lane, "position": self._positions.get(lane, 0) + 1}
        until = self._positions.get(lane, 0) + min(pending, limits.PROJECTION_BATCH_EVENTS_MAX)
        origins = self._origins.take(lane, until) if self._telemetry.is_on else ()
        began = time.monotonic()
        with self._telemetry.batch_span("ledger.project", origins, lane=lane) as span:
            piece = project_lane(connection, lane)
            span.note(events=len(piece))
            if self._telemetry.is_on and not origins:
                span.link(read_origins(connection, piece))
        self._metrics.observe("grootboek_projection_seconds", time.monotonic() - began)
        self._note({lane: piece.until})
        return len(piece)

    def _lead(self, *, leads: bool) -> None:
        """Remember whether this one leads, and tell a change."""
        self.leads = leads
        self._notice.tell(leads=leads)

    def _note(self, positions: Mapping[int, int]) -> None:
        """Remember how far the lanes are and tell who waits."""
        with self._moved:
            self._positions.update(positions)
            self._moved.notify_all()


def rest_seconds(worked_seconds: float, pending_events: int) -> float:
    """How long to rest after a round: a moment, or four times the work when much is pending, or not when too much is.

    Why reads may lag and writers may not: docs/decisions/0006-projections-give-way.md.
    """
    if pending_events > limits.PROJECTION_LAG_EVENTS_MAX:
        return 0.0
    if pending_events <= limits.PROJECTION_CALM_EVENTS_MAX:
        return limits.PROJECTION_PAUSE_SECONDS
    wanted = max(worked_seconds * limits.PROJECTION_REST_RATIO, limits.PROJECTION_PAUSE_SECONDS)
    return min(wanted, limits.PROJECTION_PAUSE_SECONDS_MAX)
