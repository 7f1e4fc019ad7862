"""Bounds in time as the contract writes them: an instant with a zone, or a bare date for the end of that day."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from services.runtime import limits


def is_bound(text: str) -> bool:
    """Tell whether a text is an RFC 3339 instant with a zone, or a date."""
    try:
        if len(text) == len("2026-05-03"):
            return is_countable(msgspec.convert(text, date))
        instant = msgspec.convert(text, datetime)
        return instant.tzinfo is not None and is_countable(instant)
    except msgspec.ValidationError:
        return False


def is_day(text: str) -> bool:
    """Tell whether a text is a date."""
    return len(text) == len("2026-05-03") and is_bound(text)


def is_countable(moment: date) -> bool:
    """Tell whether a moment lies in a year from which terms can be counted."""
    return limits.OCCURRED_YEAR_MIN <= moment.year <= limits.YEAR_MAX
