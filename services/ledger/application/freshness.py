"""Waits until the projections have seen everything that was recorded, for answers that must not be given twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
from anyio.to_thread import run_sync

from services.ledger.application.ports import EventReader, Projections
from services.ledger.contract.errors import ProjectionBehind
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime.clock import Clock
from services.runtime.limits import (
    MIN_POSITION_POLL_SECONDS,
    MIN_POSITION_WAIT_SECONDS_MAX,
    RECORDED_FOR_GOOD_SECONDS,
)


async def await_projections(events: EventReader, projections: Projections) -> None:
    """Return when the projections have seen the heads of all lanes as they are now; ProjectionBehind after 2 s."""
    heads = await run_sync(events.heads)
    with anyio.move_on_after(MIN_POSITION_WAIT_SECONDS_MAX):
        # The projector is another process when distributed: there is nothing here to be woken by.
        while not await run_sync(partial(_have_seen, projections, heads)):  # noqa: ASYNC110
            await anyio.sleep(MIN_POSITION_POLL_SECONDS)
        return
    raise ProjectionBehind


def wait_for_projections(events: EventReader, projections: Projections) -> dict[int, int]:
    """The same for who blocks already; the heads that were seen."""
    heads = events.heads()
    latest = time.monotonic() + MIN_POSITION_WAIT_SECONDS_MAX
    while not _have_seen(projections, heads):
        if time.monotonic() > latest:
            raise ProjectionBehind
        time.sleep(MIN_POSITION_POLL_SECONDS)
    return heads


class Horizon:
    """Up to which instant the projections have seen all that will ever be recorded of it; looked for when asked."""

    def __init__(self, events: EventReader, projections: Projections, clock: Clock) -> None:
        """Compare the heads of ``events`` with how far the ``projections`` are."""
        self._events = events
        self._projections = projections
        self._clock = clock
        self._passed = datetime.min.replace(tzinfo=UTC)
        self._ahead: tuple[datetime, dict[int, int]] | None = None

    def has_passed(self, instant: datetime) -> bool:
        """Whether nothing recorded at or before the instant can still come in sight (blocking)."""
        if instant > self._passed:
            self._look()
        return instant <= self._passed

    def _look(self) -> None:
        """Move to where we looked last once that was seen: the heads of a busy ledger are always ahead by a moment."""
        ahead = self._ahead
        if ahead is None:
            ahead = self._clock.now() - timedelta(seconds=RECORDED_FOR_GOOD_SECONDS), self._events.heads()
        until, heads = ahead
        is_seen = _have_seen(self._projections, heads)
        if is_seen:
            self._passed = max(self._passed, until)
        self._ahead = None if is_seen else ahead


def _have_seen(projections: Projections, heads: dict[int, int]) -> bool:
    seen = projections.positions()
    return all(seen.get(lane, 0) >= position for lane, position in heads.items() if lane != REGISTER_LANE)
