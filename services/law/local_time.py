"""The day and the hour in Europe/Amsterdam, where Dutch terms run (requirements K rule 6)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_PER_QUARTER: Final = 900
_QUARTERS_PER_DAY: Final = 96
_WHOLE_QUARTERS_FROM_DAYS: Final = (date(1941, 1, 1) - date(1970, 1, 1)).days


@lru_cache(maxsize=65_536)
def _day_of_quarter(quarter: int) -> date:
    return (_EPOCH + timedelta(seconds=quarter * _SECONDS_PER_QUARTER)).astimezone(AMSTERDAM).date()


def amsterdam_day(instant: datetime) -> date:
    """The calendar day in Amsterdam at an aware ``instant``.

    The zone rules are asked once per quarter of an hour: since 1941 no midnight here falls within one.
    """
    since = instant - _EPOCH
    if since.days < _WHOLE_QUARTERS_FROM_DAYS:
        return instant.astimezone(AMSTERDAM).date()
    return _day_of_quarter(since.days * _QUARTERS_PER_DAY + since.seconds // _SECONDS_PER_QUARTER)


def end_of_day(day: date) -> datetime:
    """24:00 in Amsterdam of ``day``: the first instant that no longer belongs to it."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=AMSTERDAM)
