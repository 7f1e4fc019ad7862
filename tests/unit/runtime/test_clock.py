"""The clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.runtime.clock import (
    ClockMovesForward,
    ClockWithoutZone,
    FakeClock,
    FollowedClock,
    ScenarioClock,
    SystemClock,
)

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def test_system_clock_is_aware_and_moves() -> None:
    """The wall clock is in UTC and never goes back between two calls."""
    first, second = SystemClock().now(), SystemClock().now()
    assert first.tzinfo is UTC
    assert first <= second


def test_scenario_clock_stands_still() -> None:
    """A scenario clock shows what it was set to until it is set again."""
    clock = ScenarioClock(NOON)
    assert clock.now() == NOON == clock.now()
    assert clock.set(NOON + timedelta(hours=1)) == clock.now() == NOON + timedelta(hours=1)


def test_scenario_clock_takes_the_same_instant_in_another_zone() -> None:
    """The same instant is not earlier, whatever zone it is written in, and comes back in UTC."""
    clock = ScenarioClock(NOON)
    assert clock.set(NOON.astimezone(timezone(timedelta(hours=2)))).tzinfo is UTC


def test_scenario_clock_never_goes_back() -> None:
    """An earlier instant is refused and changes nothing."""
    clock = ScenarioClock(NOON)
    with pytest.raises(ClockMovesForward):
        clock.set(NOON - timedelta(microseconds=1))
    assert clock.now() == NOON


def test_instant_without_zone_is_refused() -> None:
    """A time without its zone is no instant."""
    with pytest.raises(ClockWithoutZone):
        ScenarioClock(NOON).set(datetime(2026, 5, 4))  # noqa: DTZ001 - the fault under test


def test_scenario_clock_follows_another() -> None:
    """Following jumps once to the other clock and then moves along with it."""
    other = FakeClock(NOON + timedelta(days=100))
    clock = ScenarioClock(NOON)
    clock.follow(other)
    assert clock.following
    assert clock.now() == NOON + timedelta(days=100)
    other.advance(seconds=5)
    assert clock.now() == NOON + timedelta(days=100, seconds=5)


def test_scenario_clock_ahead_waits_for_the_other() -> None:
    """A scenario in the future stands still until the other clock has caught up: it never goes back."""
    other = FakeClock(NOON)
    clock = ScenarioClock(NOON + timedelta(hours=2))
    clock.follow(other)
    assert clock.now() == NOON + timedelta(hours=2)
    other.advance(hours=3)
    assert clock.now() == NOON + timedelta(hours=3)


def test_following_clock_can_be_set_ahead() -> None:
    """Setting a following clock keeps the difference from then on."""
    other = FakeClock(NOON)
    clock = ScenarioClock(NOON)
    clock.follow(other)
    clock.set(NOON + timedelta(days=1))
    other.advance(minutes=1)
    assert clock.now() == NOON + timedelta(days=1, minutes=1)


def test_fake_clock_moves_both_ways() -> None:
    """A test may turn its clock back."""
    clock = FakeClock(NOON)
    assert clock.advance(hours=-1) == NOON - timedelta(hours=1)
    assert clock.set(NOON) == clock.now()


def test_followed_clock_goes_along_and_never_back() -> None:
    """It stands where it was last told, and word that comes late or twice changes nothing."""
    clock = FollowedClock(NOON)
    clock.move(NOON + timedelta(days=1), follows_wall=False)
    clock.move(NOON, follows_wall=False)
    clock.move(NOON + timedelta(days=1), follows_wall=False)
    assert clock.now() == NOON + timedelta(days=1) == clock.now()


def test_followed_clock_runs_along_with_the_wall() -> None:
    """Told that the other one runs along with the wall, it does so too, ahead of it where the other one is."""
    clock = FollowedClock(NOON)
    ahead = datetime.now(UTC) + timedelta(days=30)
    clock.move(ahead, follows_wall=True)
    first = clock.now()
    assert first >= ahead
    assert clock.following
    assert clock.now() >= first
