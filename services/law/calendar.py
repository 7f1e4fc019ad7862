"""Dutch public holidays per year, and whether European law surely sees them as such.

Algemene termijnenwet 3 names the days (the Crown may equate more); Regulation 1182/71 2(1)
follows what a Member State designates. Good Friday and 5 May stand in the Dutch list, but it
is doubtful whether they count for European periods: on those days a term is safe only unrolled.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

import holidays
import msgspec

_SATURDAY: Final = 5
_DOUBTFUL_NAMES: Final = frozenset({"Good Friday", "Liberation Day"})


class Holiday(msgspec.Struct, frozen=True):
    """A holiday by its English name; ``doubtful`` when European periods may not roll over it."""

    name: str
    doubtful: bool


@lru_cache(maxsize=512)
def holidays_of(year: int) -> dict[date, Holiday]:
    """Every holiday of the Algemene termijnenwet in ``year`` (King's or Queen's day as it was that year)."""
    found = holidays.country_holidays("NL", years=year, categories=("public", "optional"), language="en_US")
    return {day: Holiday(name, doubtful=name in _DOUBTFUL_NAMES) for day, name in found.items() if day.year == year}


def holiday(day: date) -> Holiday | None:
    """The holiday on ``day``, or None."""
    return holidays_of(day.year).get(day)


def is_free(day: date) -> bool:
    """Saturday, Sunday or a Dutch holiday, doubtful ones too."""
    return day.weekday() >= _SATURDAY or holiday(day) is not None


def is_surely_free(day: date) -> bool:
    """Saturday, Sunday or a holiday that nobody disputes."""
    if day.weekday() >= _SATURDAY:
        return True
    found = holiday(day)
    return found is not None and not found.doubtful
