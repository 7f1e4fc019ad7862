"""Periods as ISO 8601 writes them, and where they end in the calendar, before any weekend or holiday."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from services.law.errors import PeriodInvalidError

_PATTERN: Final = re.compile(
    r"P(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?P<hours>\d{1,6})H)?",
    re.ASCII,
)
_MONTHS_PER_YEAR: Final = 12


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A length of time in calendar units, or in whole hours; never both."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0

    @property
    def in_hours(self) -> bool:
        """Whether the period runs in hours: those never roll over a weekend (Reg. 1182/71 art. 3(4))."""
        return self.hours > 0


@lru_cache(maxsize=4096)
def parse_period(text: str) -> Period:
    """The period that ``text`` says; raises PeriodInvalidError, also for an empty or a mixed one."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise PeriodInvalidError
    units = {unit: int(value) for unit, value in match.groupdict(default="0").items()}
    hours = units["hours"]
    calendar_units = sum(units.values()) - hours
    if (hours > 0) == (calendar_units > 0):
        raise PeriodInvalidError
    return Period(**units)


@lru_cache(maxsize=65_536)
def add_period(day: date, period: Period) -> date:
    """The day on which a calendar period that began on ``day`` ends: the same day number, or the month's last.

    Raises PeriodInvalidError for hours, and for an end beyond the calendar.
    """
    if period.in_hours:
        raise PeriodInvalidError
    try:
        landed = add_months(day, period.years * _MONTHS_PER_YEAR + period.months)
        return landed + timedelta(days=period.weeks * 7 + period.days)
    except (OverflowError, ValueError) as error:
        raise PeriodInvalidError from error


def add_months(day: date, months: int) -> date:
    """``day`` moved by whole months, clamped to the month's end (Reg. 1182/71 art. 3(2)(c))."""
    index = day.year * _MONTHS_PER_YEAR + day.month - 1 + months
    year, month = divmod(index, _MONTHS_PER_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)
def is_calendar_period(text: str | None) -> bool:
    """Whether ``text`` is a term in days, weeks, months or years; never an error."""
    if text is None:
        return False
    try:
        return not parse_period(text).in_hours
    except PeriodInvalidError:
        return False
