"""How the use of data of the daily police task narrows until they are destroyed (Wpg 8 and 14).

One year from the first processing they may be used freely; then only compared with other data, and combined when that
finds something (8(1)-(3)); five years after the first processing they are removed (8(6)), and stand apart for five more
for complaints and accountability, out of which nothing is supplied any more (14(1)-(2)); then they are destroyed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from services.law.periods import Period, add_period
from services.law.texts import Text

StageName = Literal["free", "compare-only", "shielded"]

_LENGTHS: Final[tuple[tuple[StageName, Period, str, Text], ...]] = (
    (
        "free",
        Period(years=1),
        "wpg-8-1",
        Text(
            "Vrij te verwerken voor de dagelijkse politietaak (Wpg 8 lid 1).",
            "Free to process for the daily police task (Wpg 8(1)).",
        ),
    ),
    (
        "compare-only",
        Period(years=5),
        "wpg-8-1",
        Text(
            "Alleen nog te vergelijken en bij een treffer te combineren (Wpg 8 lid 1 tot en met 3).",
            "Only to be compared, and combined when that finds something (Wpg 8(1)-(3)).",
        ),
    ),
    (
        "shielded",
        Period(years=10),
        "wpg-14",
        Text(
            "Verwijderd: alleen nog voor klachten en verantwoording; niet meer te verstrekken (Wpg 14).",
            "Removed: only for complaints and accountability; no more to be supplied (Wpg 14).",
        ),
    ),
)


class Stage(msgspec.Struct, frozen=True, rename="camel"):
    """One stretch of days, both inclusive, with what may be done in it and by which norm."""

    name: StageName
    since: date
    until: date
    norm: str
    text: Text


def daily_stages(first: date) -> tuple[Stage, ...]:
    """The three stages of data that were first processed on ``first``; after the last they are destroyed."""
    found: list[Stage] = []
    since = first
    for name, length, norm, text in _LENGTHS:
        until = add_period(first, length)
        found.append(Stage(name, since, until, norm, text))
        since = until + timedelta(days=1)
    return tuple(found)
