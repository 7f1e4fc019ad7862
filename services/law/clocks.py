"""When a statutory term ends: Regulation 1182/71 for the AVG, the Algemene termijnenwet for Dutch terms.

Every deadline has two ends. ``legal_latest`` is what the law allows at most; ``safe`` does not
lean on anything disputed (Good Friday, 5 May, the two-working-days rule, a clamped extension).
Alarms run on ``safe``. Terms in hours are strict in real time and never roll.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from services.law.calendar import holiday, is_free, is_surely_free
from services.law.errors import PeriodInvalidError, PeriodNeedsInstantError
from services.law.local_time import AMSTERDAM, amsterdam_day
from services.law.periods import Period, add_months, add_period, parse_period

_ONE_DAY: Final = timedelta(days=1)
_EXTENSION: Final = Period(months=3)
_EXTENSION_STEP_MONTHS: Final = 2
_TWO_WORKING_DAYS: Final = 2
_EU_DAYS_MIN: Final = 2
_AWT_DAYS_MIN: Final = 3
_AWT_DAYS_MAX: Final = 90
_AWT_WEEKS_MAX: Final = 12
_AWT_MONTHS_MAX: Final = 3


class Move(msgspec.Struct, frozen=True, rename="camel"):
    """One day over which a term was carried, by which norm, and the holiday's name (None in a weekend)."""

    day: date
    rule: str
    holiday: str | None


class Deadline(msgspec.Struct, frozen=True, rename="camel"):
    """The end of a term: a day (until 24:00 in Amsterdam) or, for hours, an instant."""

    legal_latest: date | datetime
    safe: date | datetime
    moved_by: tuple[Move, ...] = ()


def due_by_regulation(start: date, period: Period) -> Deadline:
    """A European term that began on ``start`` (that day not counted), by Regulation 1182/71 art. 3.

    Three months are the extended answer of AVG 12(3): then ``safe`` also reckons from the clamped first month.
    """
    raw = add_period(start, period)
    latest, moves = _roll(raw, "reg1182-3-4", is_free)
    latest, more = _hold_two_working_days(start, latest, period, _EU_DAYS_MIN, "reg1182-3-5")
    safe, _ = _roll(raw, "reg1182-3-4", is_surely_free)
    if period == _EXTENSION:
        from_first_month = add_months(add_months(start, 1), _EXTENSION_STEP_MONTHS)
        safe = min(safe, _roll(from_first_month, "reg1182-3-4", is_surely_free)[0])
    return Deadline(latest, safe, moves + more)


def carried_by_regulation(latest: date, safe: date) -> Deadline:
    """Two raw ends, of a European term that stood still or was extended, carried to a working day each."""
    rolled, moves = _roll(latest, "reg1182-3-4", is_free)
    return Deadline(rolled, _roll(safe, "reg1182-3-4", is_surely_free)[0], moves)


def carried_by_termijnenwet(raw: date) -> Deadline:
    """The raw end of a Dutch term of at most twelve weeks that stood still or was extended, carried likewise."""
    rolled, moves = _roll(raw, "atw-1", is_free)
    return Deadline(rolled, rolled, moves)


def due_by_termijnenwet(start: date, period: Period) -> Deadline:
    """A Dutch statutory term that began on ``start`` (that day not counted), by Awt 1-4.

    The Dutch list is certain here, so both ends agree. Long terms (Awt 4) do not roll.
    """
    raw = add_period(start, period)
    if not _under_termijnenwet(period):
        return Deadline(raw, raw)
    latest, moves = _roll(raw, "atw-1", is_free)
    latest, more = _hold_two_working_days(start, latest, period, _AWT_DAYS_MIN, "atw-2")
    return Deadline(latest, latest, moves + more)


def due_in_hours(aware: datetime, period: Period) -> Deadline:
    """A term in hours from an instant: strict elapsed time, shown in Amsterdam (AVG 33(1), Reg. 1182/71 3(4))."""
    if not period.in_hours:
        raise PeriodInvalidError
    end = (aware.astimezone(UTC) + timedelta(hours=period.hours)).astimezone(AMSTERDAM)
    return Deadline(end, end)


def received_clock(received: date, period_text: str) -> Deadline:
    """The clock that a receipt on a day starts; raises PeriodInvalidError or PeriodNeedsInstantError."""
    period = parse_period(period_text)
    if period.in_hours:
        raise PeriodNeedsInstantError
    return due_by_regulation(received, period)


def aware_clock(aware: datetime, period_text: str) -> Deadline:
    """The clock that knowledge at an aware instant starts; days and months count from its Amsterdam day."""
    period = parse_period(period_text)
    if period.in_hours:
        return due_in_hours(aware, period)
    return due_by_regulation(amsterdam_day(aware), period)


def _roll(day: date, rule: str, free: Callable[[date], bool]) -> tuple[date, tuple[Move, ...]]:
    moves: list[Move] = []
    while free(day):
        moves.append(_move(day, rule))
        day += _ONE_DAY
    return day, tuple(moves)


def _hold_two_working_days(
    start: date, end: date, period: Period, days_min: int, rule: str
) -> tuple[date, tuple[Move, ...]]:
    """Carry ``end`` on until two working days lie in the term; terms shorter than ``days_min`` are left alone."""
    if (add_period(start, period) - start).days < days_min:
        return end, ()
    moves: list[Move] = []
    while _working_days(start, end) < _TWO_WORKING_DAYS:
        moves.append(_move(end, rule))
        end += _ONE_DAY
    return end, tuple(moves)


def _working_days(start: date, end: date) -> int:
    """Working days after ``start`` up to and including ``end``, counted no further than two."""
    found, day = 0, start
    while day < end and found < _TWO_WORKING_DAYS:
        day += _ONE_DAY
        found += not is_free(day)
    return found


def _move(day: date, rule: str) -> Move:
    named = holiday(day)
    return Move(day, rule, named.name if named else None)


def _under_termijnenwet(period: Period) -> bool:
    return (
        period.years == 0
        and period.months <= _AWT_MONTHS_MAX
        and period.weeks <= _AWT_WEEKS_MAX
        and period.days <= _AWT_DAYS_MAX
    )
