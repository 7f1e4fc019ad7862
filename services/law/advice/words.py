"""Days, lists and parties as words of a sentence: Dutch at level B1 and plain English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.law.local_time import AMSTERDAM
from services.law.months import MONTHS_EN, MONTHS_NL
from services.law.register import DayView
from services.law.texts import Text


def written_day(day: date) -> Text:
    """``3 mei 2026`` and ``3 May 2026``."""
    return Text(f"{day.day} {MONTHS_NL[day.month - 1]} {day.year}", f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}")


def written_instant(instant: datetime) -> Text:
    """The local day and, unless it is 24:00 of that day, the hour."""
    local = instant.astimezone(AMSTERDAM)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        day = written_day((local - timedelta(days=1)).date())
        return Text(f"het einde van {day.nl}", f"the end of {day.en}")
    day, hour = written_day(local.date()), f"{local:%H:%M}"
    return Text(f"{day.nl} om {hour} uur", f"{day.en} at {hour}")


def listed(words: Iterable[Text]) -> Text:
    """``a, b en c`` and ``a, b and c``."""
    found = list(words)
    return Text(_joined([word.nl for word in found], "en"), _joined([word.en for word in found], "and"))


def _joined(words: list[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def party_named(view: DayView, party_id: str) -> str:
    """The name of a party on the day; its id when it has none."""
    found = view.parties[party_id]
    return found.name if found is not None and found.name else party_id


def parties_named(view: DayView, party_ids: Iterable[str]) -> Text:
    """The names of parties as a list in a sentence."""
    return listed(Text(name, name) for name in (party_named(view, party_id) for party_id in party_ids))
