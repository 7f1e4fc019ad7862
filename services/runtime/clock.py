"""Time as a port: nobody else in the project asks the operating system what time it is."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol

from services.runtime.errors import GrootboekError, Kind


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class ClockMovesForward(GrootboekError):
    """The ledger's clock only moves forward."""

    code = "clock_moves_forward"
    remedy = "Set the clock to its present instant or a later one."
    kind = Kind.CONFLICT


class ClockWithoutZone(GrootboekError):
    """An instant was given without its zone."""

    code = "clock_without_zone"
    remedy = "Write the instant as RFC 3339 with a zone, such as 2026-05-03T09:00:00Z."
    kind = Kind.REJECTED


class ClockNotSettable(GrootboekError):
    """This ledger runs on the real clock, which nobody can set."""

    code = "clock_not_settable"
    remedy = "Start an embedded ledger of its own with GROOTBOEK_CLOCK=scenario."
    kind = Kind.CONFLICT


class SystemClock:
    """The wall clock of the machine."""

    def now(self) -> datetime:
        """Return the wall time in UTC."""
        return datetime.now(UTC)

    def __repr__(self) -> str:
        """Name the clock."""
        return "SystemClock()"


class ScenarioClock:
    """A clock that stands still until it is set, and later may follow another clock; safe between threads."""

    def __init__(self, start: datetime) -> None:
        """Stand at `start` (aware)."""
        self._lock = threading.Lock()
        self._now = in_utc(start)
        self._followed: Clock | None = None
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the instant that was set, or the followed clock's, never earlier than one told before."""
        with self._lock:
            if self._followed is not None:
                self._now = max(self._now, self._followed.now() + self._ahead)
            return self._now

    def set(self, instant: datetime) -> datetime:
        """Move forward to `instant` (aware) and return it in UTC; raise ClockMovesForward when it is earlier.

        On a clock that follows another one the difference is kept from then on.
        """
        wanted = in_utc(instant)
        present = self.now()
        with self._lock:
            if wanted < max(present, self._now):
                raise ClockMovesForward
            self._now = wanted
            if self._followed is not None:
                self._ahead = wanted - self._followed.now()
            return wanted

    def follow(self, clock: Clock, *, ahead: timedelta = timedelta(0)) -> None:
        """Jump once to `ahead` of `clock` and follow it; where we are further, stand still until it is there."""
        with self._lock:
            self._followed = clock
            self._ahead = ahead

    @property
    def following(self) -> bool:
        """Tell whether the clock runs along with another one."""
        return self._followed is not None

    def __repr__(self) -> str:
        """Show where the clock stands."""
        return f"ScenarioClock({self._now.isoformat()}, following={self._followed!r})"


class FollowedClock(ScenarioClock):
    """The clock of another process as it was last told here; it moves when that one says so, and never back."""

    def move(self, instant: datetime, *, follows_wall: bool) -> None:
        """Stand where the other clock stands; word of an earlier instant came late and changes nothing."""
        if follows_wall and not self.following:
            self.follow(SystemClock())
        if instant > self.now():
            with contextlib.suppress(ClockMovesForward):
                self.set(instant)


class FakeClock:
    """A clock for tests: it stands still and moves by hand, backwards too."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        """Stand at `start` (aware)."""
        self._now = in_utc(start)

    def now(self) -> datetime:
        """Return the instant the test has set."""
        return self._now

    def set(self, instant: datetime) -> datetime:
        """Stand at `instant` (aware), earlier or later."""
        self._now = in_utc(instant)
        return self._now

    def advance(self, **units: float) -> datetime:
        """Move by the given units of `timedelta` (days, hours, minutes, seconds) and return the new instant."""
        self._now += timedelta(**units)
        return self._now


def in_utc(instant: datetime) -> datetime:
    """Convert an aware instant to UTC; raise ClockWithoutZone when it has no zone."""
    if instant.tzinfo is None:
        raise ClockWithoutZone
    return instant.astimezone(UTC)
