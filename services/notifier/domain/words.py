"""Days, moments and the elements of a notice in plain Dutch and English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from services.law.local_time import AMSTERDAM
from services.law.months import MONTHS_EN, MONTHS_NL
from services.notifier.domain.kinds import Language

_MONTHS: Final[dict[Language, tuple[str, ...]]] = {"nl": MONTHS_NL, "en": MONTHS_EN}
_ELEMENTS: Final[dict[Language, dict[str, str]]] = {
    "nl": {
        "controller": "wie u bent en hoe men u bereikt",
        "purpose": "waarom u de gegevens gebruikt",
        "basis": "op welke wet dat steunt",
        "categories": "om welke soorten gegevens het gaat",
        "recipients": "aan wie u de gegevens geeft",
        "retention": "hoe lang u de gegevens bewaart",
        "rights": "welke rechten de persoon heeft",
        "source": "van wie u de gegevens heeft gekregen",
        "complaint": "waar de persoon een klacht kan indienen",
    },
    "en": {
        "controller": "who you are and how to reach you",
        "purpose": "why you use the data",
        "basis": "which law allows it",
        "categories": "which kinds of data",
        "recipients": "who you give the data to",
        "retention": "how long you keep the data",
        "rights": "which rights the person has",
        "source": "who gave you the data",
        "complaint": "where the person can complain",
    },
}


def say_day(day: date, language: Language) -> str:
    """A day as people write it: ``3 mei 2026``."""
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def say_deadline(due: datetime, language: Language) -> str:
    """A deadline: the day when it ends at midnight, else the day and the minute in Amsterdam."""
    local = due.astimezone(AMSTERDAM)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return say_day(local.date() - timedelta(days=1), language)
    if language == "nl":
        return f"{say_day(local.date(), language)} om {local.hour}.{local.minute:02} uur"
    return f"{say_day(local.date(), language)}, {local.hour}:{local.minute:02}"


def say_elements(elements: Iterable[str], language: Language) -> tuple[str, ...]:
    """The elements of a notice in words; one that this version does not know is named as it is."""
    return tuple(_ELEMENTS[language].get(element, element) for element in elements)
