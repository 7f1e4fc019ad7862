"""Periods as text, where they end, and the day in Amsterdam."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.errors import PeriodInvalidError
from services.law.local_time import AMSTERDAM, amsterdam_day, end_of_day
from services.law.periods import Period, add_months, add_period, is_calendar_period, parse_period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P1M", Period(months=1)),
        ("P6W", Period(weeks=6)),
        ("P2Y", Period(years=2)),
        ("P90D", Period(days=90)),
        ("P1Y6M2W3D", Period(years=1, months=6, weeks=2, days=3)),
        ("PT72H", Period(hours=72)),
    ],
)
def test_periods_are_read(text: str, period: Period) -> None:
    """Years, months, weeks, days, or hours alone."""
    assert parse_period(text) == period
    assert is_calendar_period(text) is not period.in_hours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P0D",
        "PT0H",
        "P1",
        "1M",
        "P1MT72H",
        "P-1M",
        "p1m",
        "P1.5M",
        "PT30M",
        "P1M ",
        "P٣M",
        "P99999Y",
        "P1D1M",
    ],
)
def test_malformed_periods_are_refused(text: str) -> None:
    """Empty, mixed, negative, fractional, lower case or in other digits: an error without the text in it."""
    with pytest.raises(PeriodInvalidError) as caught:
        parse_period(text)
    assert not text or text not in str(caught.value)
    assert not is_calendar_period(text)


def test_no_period_is_no_calendar_period() -> None:
    """None is no term, and no error either."""
    assert not is_calendar_period(None)


@pytest.mark.parametrize("period", [Period(hours=1), Period(years=999, months=9999, weeks=99999)])
def test_ends_outside_the_calendar_are_refused(period: Period) -> None:
    """Hours do not land on a day, and the calendar ends at the year 9999."""
    with pytest.raises(PeriodInvalidError):
        add_period(date(9000, 1, 1), period)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(0, 2400))
def test_months_keep_the_day_number_or_take_the_last(day: date, months: int) -> None:
    """Walking month by month from the first finds the same month; the day is kept or clamped."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    landed = add_months(day, months)
    assert (landed.year, landed.month) == (year, month)
    assert landed.day == min(day.day, monthrange(year, month)[1])


@given(st.integers(-2_208_988_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_the_amsterdam_day_is_what_the_zone_says(instant: datetime) -> None:
    """The cached day equals the zone's own answer, also before 1941 when offsets were odd."""
    assert amsterdam_day(instant) == instant.astimezone(AMSTERDAM).date()


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    """One second before its end it is still that day; at its end it no longer is."""
    end = end_of_day(day).astimezone(UTC)
    assert amsterdam_day(end - timedelta(seconds=1)) == day
    assert amsterdam_day(end) == day + timedelta(days=1)
