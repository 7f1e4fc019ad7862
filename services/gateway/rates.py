"""A token bucket per party, for calls that cost work and leave no trace."""

from __future__ import annotations

from collections import OrderedDict

from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.errors import GrootboekError, Kind


class TooManyRequests(GrootboekError):
    """Your party asks this more often than is allowed."""

    code = "too-many-requests"
    kind = Kind.TOO_MANY
    remedy = "Ask again after the time in Retry-After."


class Rates:
    """Buckets that fill with real time; the party that was idle longest is forgotten first."""

    def __init__(
        self,
        clock: Clock,
        *,
        per_second: float = limits.ASSESSMENTS_PER_SECOND_MAX,
        burst: float = limits.ASSESSMENTS_BURST_MAX,
        parties_max: int = limits.ASSESSING_PARTIES_MAX,
    ) -> None:
        """Let each party ask `burst` times at once and `per_second` times a second from then on."""
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._parties_max = parties_max
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, party: str) -> None:
        """Take one from the bucket of `party`, or raise TooManyRequests."""
        now = self._clock.now().timestamp()
        level, filled_at = self._buckets.pop(party, (self._burst, now))
        level = min(self._burst, level + max(0.0, now - filled_at) * self._per_second)
        self._buckets[party] = (level - 1 if level >= 1 else level, now)
        if len(self._buckets) > self._parties_max:
            self._buckets.popitem(last=False)
        if level < 1:
            raise TooManyRequests
