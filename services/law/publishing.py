"""The publish filter: what in a text for everybody looks like somebody's data.

It turns away what has the form of a number, an address, a date or a name; it cannot know whom a story is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, Literal

import msgspec

from services.law.errors import BsnInvalidError
from services.law.identifiers import Bsn
from services.law.texts import Text

Sort = Literal["citizen-number", "bank-account", "e-mail", "handle", "phone", "date", "address", "number-plate", "name"]

BLIND: Final = Text(
    "Het filter ziet nummers, adressen, datums en namen na een aanspreekvorm. Het ziet geen losse namen, geen "
    "bijnamen, en geen verhaal dat maar op één persoon past. Lees de tekst daarom zelf nog eens.",
    "The filter sees numbers, addresses, dates and names after a form of address. It does not see names by "
    "themselves, nicknames, or a story that fits one person only. So read the text once more yourself.",
)
"""What the filter cannot see, told with everything that it let pass."""

_SEPARATOR: Final = re.compile(r"[ .\-]")
_MONTHS: Final = (
    ("januari", "january"),
    ("februari", "february"),
    ("maart", "march"),
    ("april",),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("augustus", "august"),
    ("september",),
    ("oktober", "october"),
    ("november",),
    ("december",),
)
_NUMBER_BY_MONTH: Final = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_TITLES: Final = (
    r"dhr|mevr|mw|mr|mrs|ms|drs|ing|dr|de heer|mevrouw|meneer|juffrouw|familie|gezin|broers|verdachte|leerling|"
    r"agent|wijkagent|moeder|vader|broer|zus"
)
_INFIXES: Final = r"(?:(?:van|de|den|der|el|al|ten|ter)\s+){0,2}"


class Suspicion(msgspec.Struct, frozen=True):
    """A place in a text that looks like personal data; never the data itself. ``end`` is exclusive."""

    sort: Sort
    start: int
    end: int


def suspicions(text: str, days_of_law: frozenset[date] = frozenset()) -> tuple[Suspicion, ...]:
    """Every place that looks like personal data, in order; empty when the text may go out as far as can be seen.

    ``days_of_law``: days on which a norm begins or ends, which say nothing of anybody.
    """
    found = {(match.start(), match.end()): sort for sort, match in _matches(text, days_of_law)}
    return tuple(Suspicion(sort, start, end) for (start, end), sort in sorted(found.items()))


def _matches(text: str, days_of_law: frozenset[date]) -> Iterator[tuple[Sort, re.Match[str]]]:
    for sort, pattern, holds in _FORMS:
        for match in pattern.finditer(text):
            if holds(match) and not (sort == "date" and _day_of(match) in days_of_law):
                yield sort, match


def _always(_: re.Match[str]) -> bool:
    return True


def _is_citizen_number(match: re.Match[str]) -> bool:
    try:
        Bsn.parse(_SEPARATOR.sub("", match[0]))
    except BsnInvalidError:
        return False
    return True


def _day_of(match: re.Match[str]) -> date | None:
    """The day that is written; None for one that no calendar has."""
    month = match["month"].casefold()
    try:
        return date(int(match["year"]), _NUMBER_BY_MONTH.get(month) or int(month), int(match["day"]))
    except ValueError:
        return None


Form = tuple[Sort, re.Pattern[str], Callable[[re.Match[str]], bool]]
_FORMS: Final[tuple[Form, ...]] = (
    ("citizen-number", re.compile(r"(?<![\w.])\d(?:[ .\-]?\d){7,8}(?!\w|[.,]\d)"), _is_citizen_number),
    ("bank-account", re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z]{4}(?: ?\d){10}\b"), _always),
    ("e-mail", re.compile(r"[\w.+-]+ ?@ ?[\w-]+(?:\.[\w-]+)+"), _always),
    ("handle", re.compile(r"(?<![\w@./ ])@[A-Za-z_][\w.]{2,}|(?<= )@[A-Za-z_][\w.]{2,}"), _always),
    (
        "phone",
        re.compile(r"(?<!\w)(?:\+|00)\d{2}[ \-]?(?:\(0\))?(?:[ \-]?\d){8,11}\b|(?<!\w)0(?:[ \-]?\d){9}\b"),
        _always,
    ),
    (
        "date",
        re.compile(r"(?<!\d)(?P<day>\d{1,2})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<year>(?:\d{2})?\d{2})(?!\d)"),
        _always,
    ),
    ("date", re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)"), _always),
    (
        "date",
        re.compile(
            rf"(?<!\d)(?P<day>\d{{1,2}})\s+(?P<month>{'|'.join(_NUMBER_BY_MONTH)})\s+(?P<year>\d{{4}})\b",
            re.IGNORECASE,
        ),
        _always,
    ),
    ("address", re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b"), _always),
    (
        "address",
        re.compile(r"\b[A-Z]\w+(?:straat|laan|weg|plein|kade|gracht|singel|hof|steeg|dijk|pad|plantsoen) \d+"),
        _always,
    ),
    ("number-plate", re.compile(r"\b(?:[A-Z]{2}|\d{2})-(?:[A-Z]{2,3}|\d{2,3})-(?:[A-Z]{1,2}|\d{1,2})\b"), _always),
    ("name", re.compile(rf"\b(?i:{_TITLES})\b\.? {_INFIXES}[A-Z]\w+"), _always),
    ("name", re.compile(rf"\b(?:[A-Z]\.){{1,4}} ?{_INFIXES}[A-Z][a-zé]+"), _always),
)
