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
_AND: Final = re.compile(r"-(?:en|and)-")
_WORDS_BY_TERM: Final = {
    "P6M": "half-jaar een-half-jaar halfjaar een-halfjaar half-a-year half-year a-half-year",
    "P18M": "anderhalf-jaar a-year-and-a-half one-year-and-a-half",
}
_TERM_BY_WORDS: Final = {words: term for term, said in _WORDS_BY_TERM.items() for words in said.split()}
_AND_A_HALF: Final = re.compile(r"(?P<number>[a-z]+?|\d{1,3})-?(?:en-?(?:een-?)?half|and-a-half)-(?:jaar|jaren|years?)")
_POINT_FIVE: Final = re.compile(r"\s*(?P<number>\d{1,3})[.,]50?\s*(?:jaar|jaren|jr|years?)\s*")


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
    words = fold(text)
    if words in _TERM_BY_WORDS:
        return _TERM_BY_WORDS[words]
    halves = _AND_A_HALF.fullmatch(words) or _POINT_FIVE.fullmatch(text.casefold())
    if halves is not None and (years := _number(halves["number"])).isdecimal():
        return f"P{years}Y6M"
    units = [_unit(part) for part in _AND.split(words)]
    return None if None in units else "P" + "".join(filter(None, units))


def _unit(words: str) -> str | None:
    """One number and unit ("drie-maanden") as a period has it ("3M"); None for anything else."""
    match = _IN_WORDS.fullmatch(words)
    if match is None or match["unit"] not in _UNIT_BY_WORD:
        return None
    return f"{_number(match['number'])}{_UNIT_BY_WORD[match['unit']]}"


def _number(word: str) -> str:
    """In digits; a word for none comes back."""
    return str(_NUMBER_BY_WORD.get(word, word))


def _spell(period: Period) -> str:
    if period.in_hours:
        return f"PT{period.hours}H"
    years, months = divmod(period.years * _MONTHS_PER_YEAR + period.months, _MONTHS_PER_YEAR)
    days = period.weeks * _DAYS_PER_WEEK + period.days
    weeks, days = divmod(days, _DAYS_PER_WEEK) if days % _DAYS_PER_WEEK == 0 else (0, days)
    parts = ((years, "Y"), (months, "M"), (weeks, "W"), (days, "D"))
    return "P" + "".join(f"{count}{unit}" for count, unit in parts if count)
