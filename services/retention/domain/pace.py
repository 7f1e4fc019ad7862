"""How long to wait before the next round: a moment, never over a midnight, and ever longer while something fails."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.law.local_time import amsterdam_day, end_of_day
from services.runtime import limits


def pause_after(now: datetime, failures: int) -> timedelta:
    """The pause at ``now`` after so many failed rounds in a row; it ends at midnight in Amsterdam at the latest."""
    return min(retry_pause(failures), end_of_day(amsterdam_day(now)) - now)


def retry_pause(failures: int) -> timedelta:
    """The pause after so many failed rounds in a row, doubled by each up to its bound."""
    seconds = limits.RETENTION_POLL_SECONDS * 2.0 ** min(failures, limits.RETENTION_DOUBLINGS_MAX)
    return timedelta(seconds=min(seconds, limits.RETENTION_RETRY_SECONDS_MAX))
