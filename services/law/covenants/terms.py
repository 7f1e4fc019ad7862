"""A term as a covenant writes it ("P12M", "1 jaar", "drie maanden") to one spelling, so that equal terms are equal."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from services.law.covenants.words import fold
from services.law.errors import PeriodInvalidError
from services.law.periods import Period, parse_period

_MONTHS_PER_YEAR: Final = 12
_DAYS_PER_WEEK: Final = 7
_UNITS: Final = {
    "Y": ("jaar", "jaren", "year", "years", "jr"),
    "M": ("maand", "maanden", "month", "months", "mnd"),
    "W": ("week", "weken", "weeks"),
    "D": ("dag", "dagen", "day", "days"),
}
_UNIT_BY_WORD: Final = {word: unit for unit, words in _UNITS.items() for word in words}
_NUMBERS: Final = (
    ("een", "one", "a"),
    ("twee", "two"),
    ("drie", "three"),
    ("vier", "four"),
    ("vijf", "five"),
    ("zes", "six"),
    ("zeven", "seven"),
    ("acht", "eight"),
    ("negen", "nine"),
    ("tien", "ten"),
    ("elf", "eleven"),
    ("twaalf", "twelve"),
)
_NUMBER_BY_WORD: Final = {word: n for n, words in enumerate(_NUMBERS, start=1) for word in words}
_IN_WORDS: Final = re.compile(r"(?P<number>[a-z]+|\d{1,4})-?(?P<unit>[a-z]+)")


@lru_cache(maxsize=4096)
def canonical_term(text: str) -> str:
    """The term as ISO 8601 with the largest units that keep its meaning; a text that is no term comes back folded.

    Months and days are never changed into one another: 90 days are not three months.
    """
    try:
        return _spell(parse_period(_from_words(text) or text.strip().upper()))
    except PeriodInvalidError:
        return fold(text)


def _from_words(text: str) -> str | None:
    match = _IN_WORDS.fullmatch(fold(text))
    if match is None or match["unit"] not in _UNIT_BY_WORD:
        return None
    number = _NUMBER_BY_WORD.get(match["number"], match["number"])
    return f"P{number}{_UNIT_BY_WORD[match['unit']]}"


def _spell(period: Period) -> str:
    if period.in_hours:
        return f"PT{period.hours}H"
    years, months = divmod(period.years * _MONTHS_PER_YEAR + period.months, _MONTHS_PER_YEAR)
    days = period.weeks * _DAYS_PER_WEEK + period.days
    weeks, days = divmod(days, _DAYS_PER_WEEK) if days % _DAYS_PER_WEEK == 0 else (0, days)
    parts = ((years, "Y"), (months, "M"), (weeks, "W"), (days, "D"))
    return "P" + "".join(f"{count}{unit}" for count, unit in parts if count)
