"""A term as words: Dutch and English."""

from __future__ import annotations

from typing import Final

from services.law.errors import LawError
from services.law.periods import parse_period
from services.law.texts import Text

_UNITS: Final = {
    "years": (("jaar", "jaar"), ("year", "years")),
    "months": (("maand", "maanden"), ("month", "months")),
    "weeks": (("week", "weken"), ("week", "weeks")),
    "days": (("dag", "dagen"), ("day", "days")),
    "hours": (("uur", "uur"), ("hour", "hours")),
}


def written_period(text: str) -> Text:
    """``3 maanden`` and ``3 months``; what is no period stands as it is."""
    try:
        period = parse_period(text)
    except LawError:
        return Text(text, text)
    parts = [_part(getattr(period, unit), nl, en) for unit, (nl, en) in _UNITS.items() if getattr(period, unit)]
    return Text(" en ".join(part.nl for part in parts), " and ".join(part.en for part in parts))


def _part(count: int, nl: tuple[str, str], en: tuple[str, str]) -> Text:
    many = count != 1
    return Text(f"{count} {nl[many]}", f"{count} {en[many]}")
