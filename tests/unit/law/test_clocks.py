"""Every vector of requirements K, and the rules behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.calendar import holiday, holidays_of, is_free, is_surely_free
from services.law.clocks import (
    Deadline,
    aware_clock,
    due_by_regulation,
    due_by_termijnenwet,
    due_in_hours,
    received_clock,
)
from services.law.errors import PeriodInvalidError, PeriodNeedsInstantError
from services.law.local_time import AMSTERDAM
from services.law.periods import Period, parse_period


def _as_json(clock: Deadline) -> Any:
    """What the command prints."""
    return msgspec.json.decode(msgspec.json.encode(clock))


INSTANTS = st.integers(631_152_000, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DAYS = st.dates(date(1971, 7, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("received", "legal_latest", "safe", "three_months", "three_months_safe"),
    [
        ("2024-01-31", "2024-02-29", "2024-02-29", "2024-04-30", "2024-04-29"),
        ("2026-01-31", "2026-03-02", "2026-03-02", "2026-04-30", "2026-04-28"),
        ("2026-02-28", "2026-03-30", "2026-03-30", "2026-05-28", "2026-05-28"),
        ("2026-03-03", "2026-04-07", "2026-04-03", "2026-06-03", "2026-06-03"),
        ("2026-03-05", "2026-04-07", "2026-04-07", "2026-06-05", "2026-06-05"),
        ("2026-03-27", "2026-04-28", "2026-04-28", "2026-06-29", "2026-06-29"),
        ("2026-04-05", "2026-05-06", "2026-05-05", "2026-07-06", "2026-07-06"),
        ("2026-04-25", "2026-05-26", "2026-05-26", "2026-07-27", "2026-07-27"),
        ("2026-08-31", "2026-09-30", "2026-09-30", "2026-11-30", "2026-11-30"),
        ("2026-10-01", "2026-11-02", "2026-11-02", "2027-01-04", "2027-01-04"),
    ],
)
def test_vectors_in_months(
    received: str, legal_latest: str, safe: str, three_months: str, three_months_safe: str
) -> None:
    """K, first table: one month, its safe end, and the extended answer (D2)."""
    day = date.fromisoformat(received)
    one, three = received_clock(day, "P1M"), received_clock(day, "P3M")
    assert [str(end) for end in (one.legal_latest, one.safe)] == [legal_latest, safe]
    assert [str(end) for end in (three.legal_latest, three.safe)] == [three_months, three_months_safe]


@pytest.mark.parametrize(
    ("aware", "strict"),
    [
        ("2026-04-03T17:30+02:00", "2026-04-06T17:30:00+02:00"),
        ("2026-03-28T10:20+01:00", "2026-03-31T11:20:00+02:00"),
        ("2026-03-11T09:00+01:00", "2026-03-14T09:00:00+01:00"),
        ("2026-10-24T10:20+02:00", "2026-10-27T09:20:00+01:00"),
        ("2026-03-28T09:20Z", "2026-03-31T11:20:00+02:00"),
    ],
)
def test_vectors_in_hours(aware: str, strict: str) -> None:
    """K, second table: 72 hours are strict in Amsterdam, through weekend, holiday and clock change."""
    clock = aware_clock(datetime.fromisoformat(aware), "PT72H")
    assert _as_json(clock) == {"legalLatest": strict, "safe": strict, "movedBy": []}


def test_the_days_that_moved_a_term_are_named() -> None:
    """Good Friday to Easter Monday: each day with its norm, and the holiday's name or nothing in a weekend."""
    assert _as_json(received_clock(date(2026, 3, 3), "P1M")) == {
        "legalLatest": "2026-04-07",
        "safe": "2026-04-03",
        "movedBy": [
            {"day": "2026-04-03", "rule": "reg1182-3-4", "holiday": "Good Friday"},
            {"day": "2026-04-04", "rule": "reg1182-3-4", "holiday": None},
            {"day": "2026-04-05", "rule": "reg1182-3-4", "holiday": "Easter Sunday"},
            {"day": "2026-04-06", "rule": "reg1182-3-4", "holiday": "Easter Monday"},
        ],
    }


def test_days_and_months_run_from_the_amsterdam_day_of_an_instant() -> None:
    """At 22:30 UTC in summer it is the next day in Amsterdam."""
    clock = aware_clock(datetime(2026, 8, 30, 22, 30, tzinfo=UTC), "P1M")
    assert clock.safe == date(2026, 9, 30)


def test_hours_do_not_run_from_a_day() -> None:
    """A period in hours needs the instant at which it began."""
    with pytest.raises(PeriodNeedsInstantError):
        received_clock(date(2026, 3, 3), "PT72H")
    with pytest.raises(PeriodInvalidError):
        due_in_hours(datetime(2026, 3, 3, tzinfo=UTC), Period(days=3))


@pytest.mark.parametrize(
    ("start", "period", "legal_latest", "safe", "rules"),
    [
        ("2026-09-04", "P2D", "2026-09-08", "2026-09-07", ["reg1182-3-4", "reg1182-3-5"]),
        ("2026-09-03", "P1D", "2026-09-04", "2026-09-04", []),
        ("2026-09-07", "P2D", "2026-09-09", "2026-09-09", []),
        ("2026-12-24", "P3D", "2026-12-29", "2026-12-28", ["reg1182-3-4", "reg1182-3-5"]),
        ("2026-09-04", "P1W", "2026-09-11", "2026-09-11", []),
        ("2024-02-29", "P1Y", "2025-02-28", "2025-02-28", []),
        ("2026-01-30", "P1M1W", "2026-03-09", "2026-03-09", ["reg1182-3-4", "reg1182-3-4"]),
    ],
)
def test_the_regulation_in_days_weeks_and_years(
    start: str, period: str, legal_latest: str, safe: str, rules: list[str]
) -> None:
    """Reg. 1182/71 3(5) stretches what the law allows, never what is safe."""
    due = due_by_regulation(date.fromisoformat(start), parse_period(period))
    assert [str(due.legal_latest), str(due.safe)] == [legal_latest, safe]
    assert [move.rule for move in due.moved_by] == rules


@pytest.mark.parametrize(
    ("start", "period", "end", "rules"),
    [
        ("2026-10-01", "P6W", "2026-11-12", []),
        ("2026-02-20", "P6W", "2026-04-07", ["atw-1"] * 4),
        ("2026-03-24", "P6W", "2026-05-06", ["atw-1"]),
        ("2026-09-04", "P3D", "2026-09-08", ["atw-2"]),
        ("2026-09-04", "P2D", "2026-09-07", ["atw-1"]),
        ("2026-02-07", "P12W", "2026-05-04", ["atw-1", "atw-1"]),
        ("2026-02-07", "P13W", "2026-05-09", []),
        ("2026-06-06", "P90D", "2026-09-04", []),
        ("2026-06-07", "P90D", "2026-09-07", ["atw-1", "atw-1"]),
        ("2026-06-06", "P91D", "2026-09-05", []),
        ("2026-06-05", "P3M", "2026-09-07", ["atw-1", "atw-1"]),
        ("2026-06-05", "P4M", "2026-10-05", []),
        ("2026-06-06", "P4M", "2026-10-06", []),
        ("2026-06-03", "P4M", "2026-10-03", []),
        ("2026-09-05", "P1Y", "2027-09-05", []),
    ],
)
def test_the_termijnenwet(start: str, period: str, end: str, rules: list[str]) -> None:
    """Awt 1 to 4: its own certain list of holidays, two working days, and no roll for long terms."""
    due = due_by_termijnenwet(date.fromisoformat(start), parse_period(period))
    assert (str(due.legal_latest), due.safe) == (end, due.legal_latest)
    assert [move.rule for move in due.moved_by] == rules


@pytest.mark.parametrize(
    ("day", "name", "doubtful"),
    [
        ("2026-01-01", "New Year's Day", False),
        ("2026-04-03", "Good Friday", True),
        ("2026-04-06", "Easter Monday", False),
        ("2026-04-27", "King's Day", False),
        ("2025-04-26", "King's Day", False),
        ("2013-04-30", "Queen's Day", False),
        ("2026-05-05", "Liberation Day", True),
        ("2025-05-05", "Liberation Day", True),
        ("2026-05-14", "Ascension Day", False),
        ("2026-05-25", "Pentecost Monday", False),
        ("2026-12-26", "Second Day of Christmas", False),
    ],
)
def test_the_dutch_holidays(*, day: str, name: str, doubtful: bool) -> None:
    """Algemene termijnenwet 3, as it was in the year asked; two of them are doubtful for Europe."""
    found = holiday(date.fromisoformat(day))
    assert found is not None
    assert (found.name, found.doubtful) == (name, doubtful)
    assert is_free(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "free", "surely"),
    [("2026-04-03", True, False), ("2026-04-04", True, True), ("2026-04-06", True, True), ("2026-04-07", False, False)],
)
def test_doubtful_days_are_free_but_not_surely(*, day: str, free: bool, surely: bool) -> None:
    """Good Friday is free in Dutch law only; a Saturday and Easter Monday are free in both."""
    assert (is_free(date.fromisoformat(day)), is_surely_free(date.fromisoformat(day))) == (free, surely)


def _easter(year: int) -> date:
    """Easter Sunday by Gauss, as Meeus and Butcher wrote it: an oracle apart from the package."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@given(st.integers(2014, 2090))
def test_holidays_equal_their_definition(year: int) -> None:
    """From King's day on, the list is what the act says, with Easter reckoned by hand."""
    easter = _easter(year)
    kings_day = date(year, 4, 27)
    expected = {date(year, 1, 1), date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
    expected.add(kings_day - timedelta(days=kings_day.weekday() == 6))
    expected.update(easter + timedelta(days=offset) for offset in (-2, 0, 1, 39, 49, 50))
    assert set(holidays_of(year)) == expected


@given(DAYS, st.integers(1, 60))
def test_months_equal_a_walk_through_the_calendar(start: date, months: int) -> None:
    """The raw end, then day by day to the first working day: what a clerk with a calendar would find."""
    due = due_by_regulation(start, Period(months=months))
    raw = start.replace(day=1)
    for _ in range(months):
        raw = (raw + timedelta(days=31)).replace(day=1)
    last_day = ((raw + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day
    raw = raw.replace(day=min(start.day, last_day))
    assert due.legal_latest == _walk(raw)
    assert [move.day for move in due.moved_by] == _between(raw, due)
    assert isinstance(due.safe, date)
    assert due.safe <= due.legal_latest
    assert not is_surely_free(due.safe)


def _walk(day: date) -> date:
    while day.weekday() >= 5 or day in holidays_of(day.year):
        day += timedelta(days=1)
    return day


def _between(raw: date, due: Deadline) -> list[date]:
    assert isinstance(due.legal_latest, date)
    return [raw + timedelta(days=n) for n in range((due.legal_latest - raw).days)]


@given(DAYS, st.integers(2, 12))
def test_short_terms_hold_two_working_days(start: date, days: int) -> None:
    """Reg. 1182/71 3(5): the legal end is the first working day with two working days behind it."""
    due = due_by_regulation(start, Period(days=days))
    end = start + timedelta(days=days)
    while not (_walk(end) == end and _working_days(start, end) >= 2):
        end += timedelta(days=1)
    assert due.legal_latest == end


def _working_days(start: date, end: date) -> int:
    return sum(_walk(start + timedelta(days=n)) == start + timedelta(days=n) for n in range(1, (end - start).days + 1))


@given(INSTANTS, st.integers(1, 200))
def test_hours_are_elapsed_time(aware: datetime, hours: int) -> None:
    """No clock change and no weekend alters how long the term lasts, and it is shown in Amsterdam."""
    due = due_in_hours(aware, Period(hours=hours))
    assert isinstance(due.legal_latest, datetime)
    assert due.legal_latest.astimezone(UTC) - aware == timedelta(hours=hours)
    assert due.legal_latest.tzinfo is AMSTERDAM
    assert due.safe == due.legal_latest
