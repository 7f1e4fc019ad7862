"""Waits until the projections have seen everything that was recorded, for answers that must not be given twice."""

from __future__ import annotations

import time
from functools import partial

import anyio
from anyio.to_thread import run_sync

from services.ledger.application.ports import EventReader, Projections
from services.ledger.contract.errors import ProjectionBehind
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime.limits import MIN_POSITION_POLL_SECONDS, MIN_POSITION_WAIT_SECONDS_MAX


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


def _have_seen(projections: Projections, heads: dict[int, int]) -> bool:
    seen = projections.positions()
    return all(seen.get(lane, 0) >= position for lane, position in heads.items() if lane != REGISTER_LANE)
