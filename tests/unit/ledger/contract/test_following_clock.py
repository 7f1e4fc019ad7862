"""A process that goes along with the ledger's clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.ledger.contract.clock import ClockState, FollowingClock
from services.runtime.clock import SystemClock

NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)


def scenario(now: datetime) -> ClockState:
    """A scenario's clock that stands still."""
    return ClockState(kind="scenario", now=now, follows_wall=False)


def test_all_that_is_due_is_done_on_the_new_time_before_it_answers() -> None:
    """The clock stands there first; then each does what became due, one after the other."""
    following, seen = FollowingClock(scenario(NOON)), list[tuple[str, datetime]]()

    async def retention() -> None:
        seen.append(("retention", following.clock.now()))

    async def notifier() -> None:
        seen.append(("notifier", following.clock.now()))

    following.do_when_moved(retention)
    following.do_when_moved(notifier)
    tomorrow = NOON + timedelta(days=1)
    asyncio.run(following.catch_up(scenario(tomorrow)))
    assert seen == [("retention", tomorrow), ("notifier", tomorrow)]


def test_what_is_not_done_is_raised() -> None:
    """The ledger must not answer that its clock was moved."""
    following = FollowingClock(scenario(NOON))

    async def fail() -> None:
        raise RuntimeError("not done")

    following.do_when_moved(fail)
    with pytest.raises(RuntimeError):
        asyncio.run(following.catch_up(scenario(NOON)))


def test_on_the_real_clock_it_is_the_wall_s() -> None:
    """Nothing moves it; what is due is still done when somebody asks."""
    following = FollowingClock(ClockState(kind="system", now=NOON, follows_wall=True))
    assert isinstance(following.clock, SystemClock)
    asyncio.run(following.catch_up(ClockState(kind="system", now=NOON, follows_wall=True)))
    assert following.clock.now() > NOON - timedelta(days=3650)
