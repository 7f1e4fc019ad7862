"""A day as a covenant writes it ("1 januari 2026", "31-12-2027") to that of the contract ("2026-01-01")."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from services.law.months import MONTHS_NL

_SHORT_MONTHS: Final = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_MONTH_BY_WORD: Final = {
    word: number for words in (MONTHS_NL, _SHORT_MONTHS) for number, word in enumerate(words, start=1)
} | {"sept": 9}
_DAY: Final = re.compile(r"(?P<day>\d{1,2})(?:e|ste|de)? (?P<month>[a-z]+)\.? (?P<year>\d{4})")
_NUMBERS: Final = re.compile(r"(?P<day>\d{1,2})(?P<between>[-/.])(?P<month>\d{1,2})(?P=between)(?P<year>\d{4})")


def canonical_day(text: str) -> str:
    """The day as ISO 8601, from day, month and year in that order; a text that is no day of the calendar comes back."""
    words = " ".join(text.casefold().split())
    match = _DAY.fullmatch(words) or _NUMBERS.fullmatch(words)
    if match is None:
        return text
    month = match["month"]
    try:
        return date(int(match["year"]), _MONTH_BY_WORD.get(month) or int(month), int(match["day"])).isoformat()
    except ValueError:
        return text
