"""How long to wait after a failed attempt: twice as long each time, within bounds."""

from __future__ import annotations

from datetime import timedelta

from services.runtime import limits


def message_backoff(attempts: int) -> timedelta:
    """The wait after the given number of failed attempts to send."""
    return _doubled(attempts, limits.MESSAGE_BACKOFF_SECONDS_MIN, limits.MESSAGE_BACKOFF_SECONDS_MAX)


def person_backoff(attempts: int) -> timedelta:
    """The wait after the given number of failed attempts to read a person's duties."""
    return _doubled(attempts, limits.NOTIFIER_PERSON_RETRY_SECONDS_MIN, limits.NOTIFIER_PERSON_RETRY_SECONDS_MAX)


def _doubled(attempts: int, seconds_min: int, seconds_max: int) -> timedelta:
    assert attempts >= 1
    # Beyond thirty doublings any bound is passed; the shift itself stays small.
    return timedelta(seconds=min(seconds_max, seconds_min << min(attempts - 1, 30)))
