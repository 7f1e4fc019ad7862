"""The publish filter: what in a text for everybody looks like somebody's data.

It turns away what has the form of a number, an address, a date or a name; it cannot know whom a story is about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
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
    ("januari", "january", "jan"),
    ("februari", "february", "feb"),
    ("maart", "march", "mrt", "mar"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("augustus", "august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_NUMBER_BY_MONTH: Final = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_MONTH: Final = "|".join(sorted(_NUMBER_BY_MONTH, key=len, reverse=True))
_BIRTH: Final = re.compile(
    r"\b(?:geb\.|(?:geboren|geb|geboortedatum|born|birth)\b)(?:(?!\. )[^;!?]){0,20}$", re.IGNORECASE
)
"""What makes a date that of a person, whatever law began on that day."""
BIRTH_CHARACTERS: Final = 40
"""How far before a date it is looked for."""

# Names begin and go on with letters of every language of Europe, not only with those of English.
_LETTERS: Final = [chr(code) for code in range(0x41, 0x530)]
_UPPER: Final = "".join(letter for letter in _LETTERS if letter.isupper())
_LOWER: Final = "".join(letter for letter in _LETTERS if letter.islower())
_TITLES: Final = (
    r"dhr|mevr|mw|mr|mrs|ms|drs|ing|dr|de heer|mevrouw|meneer|juffrouw|juf|familie|gezin|broers|verdachte|leerling|"
    r"agent|wijkagent|moeder|vader|broer|zus|zoon|dochter|oom|tante|opa|oma|neef|nicht|buurman|buurvrouw|"
    r"cliënte?|client|patiënte?|slachtoffer|getuige"
)
_INFIXES: Final = r"(?:(?:van|von|de|den|der|du|la|le|el|al|ten|ter|ben|bin|['\u2019]t)\s+|d['\u2019]\s?){0,3}"


class Suspicion(msgspec.Struct, frozen=True):
    """A place in a text that looks like personal data; never the data itself. ``end`` is exclusive."""

    sort: Sort
    start: int
    end: int


def suspicions(text: str, days_of_law: frozenset[date] = frozenset()) -> tuple[Suspicion, ...]:
    """Every place that looks like personal data, in order; empty when the text may go out as far as can be seen.

    ``days_of_law``: days on which a norm begins or ends, which say nothing of anybody.
    """
    plain = "".join(_plain(character) for character in text)
    found = {span: sort for sort, span in _matches(plain, days_of_law)}
    return tuple(Suspicion(sort, start, end) for (start, end), sort in sorted(found.items()))


def _plain(character: str) -> str:
    """One character as a keyboard has it: digits of other scripts, spaces and dashes of every width, what is unseen."""
    if character.isascii():
        return character
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    return _PLAIN_BY_CATEGORY.get(unicodedata.category(character), character)


_PLAIN_BY_CATEGORY: Final[Mapping[str, str]] = MappingProxyType({"Zs": " ", "Cf": " ", "Pd": "-"})


def _matches(text: str, days_of_law: frozenset[date]) -> Iterator[tuple[Sort, tuple[int, int]]]:
    for sort, pattern, holds in _FORMS:
        for match in pattern.finditer(text):
            if holds(match) and not (sort == "date" and _is_of_law(match, days_of_law)):
                yield sort, match.span(match.lastgroup if match.lastgroup == "number" else 0)


def _always(_: re.Match[str]) -> bool:
    return True


def _is_citizen_number(match: re.Match[str]) -> bool:
    try:
        Bsn.parse(_SEPARATOR.sub("", match["number"]))
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


def _is_of_law(match: re.Match[str], days_of_law: frozenset[date]) -> bool:
    """Whether a date is only that of a law: not of whoever was born on that day."""
    return (
        _day_of(match) in days_of_law
        and _BIRTH.search(match.string, max(0, match.start() - BIRTH_CHARACTERS), match.start()) is None
    )


Form = tuple[Sort, re.Pattern[str], Callable[[re.Match[str]], bool]]
_FORMS: Final[tuple[Form, ...]] = (
    ("citizen-number", re.compile(r"(?<!\d)(?P<number>\d(?:[ .\-]?\d){7,8})(?!\d|\.\d)"), _is_citizen_number),
    # Nine digits once more, also where they begin within what was taken for another number above.
    ("citizen-number", re.compile(r"(?<!\d)(?=(?P<number>\d(?:[ .\-]?\d){8})(?!\d|\.\d))"), _is_citizen_number),
    ("bank-account", re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z]{4}(?: ?\d){10}\b", re.IGNORECASE), _always),
    ("bank-account", re.compile(r"\b[A-Z]{2}\d{2}(?: ?\d{4}){3,6}(?: ?\d{1,4})?\b", re.IGNORECASE), _always),
    ("e-mail", re.compile(r"(?<![\w.+-])[\w.+-]+ ?@ ?[\w-]+(?:\.[\w-]+)+"), _always),
    ("handle", re.compile(r"(?<![\w@./ ])@[A-Za-z_][\w.]{2,}|(?<= )@[A-Za-z_][\w.]{2,}"), _always),
    (
        "phone",
        re.compile(r"(?<!\w)(?:\+|00)\d{2}[ \-]?(?:\(0\))?(?:[ \-.]?\d){8,11}\b|(?<!\w)0(?:[ \-./]?\d){9}\b"),
        _always,
    ),
    ("phone", re.compile(r"(?<!\w)\(0\d{1,3}\)(?:[ \-.]?\d){6,8}\b"), _always),
    (
        "date",
        re.compile(
            r"(?<!\d)(?<!\d[-/.])(?P<day>\d{1,2})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)"
            r"(?P<year>(?:\d{2})?\d{2})(?!\d|[-/.]\d)"
        ),
        _always,
    ),
    (
        "date",
        re.compile(
            r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d|[-/.]\d)"
        ),
        _always,
    ),
    (
        "date",
        re.compile(
            rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|e|de|ste)?\s+(?:of\s+)?(?P<month>{_MONTH})\.?,?\s+"
            r"(?P<year>\d{4})\b",
            re.IGNORECASE,
        ),
        _always,
    ),
    (
        "date",
        re.compile(
            rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE
        ),
        _always,
    ),
    ("address", re.compile(r"\b[1-9]\d{3}(?: ?[A-Z]{2}|[a-z]{2})\b"), _always),
    (
        "address",
        re.compile(r"\b[A-Z]\w+(?:straat|laan|weg|plein|kade|gracht|singel|hof|steeg|dijk|pad|plantsoen) \d+"),
        _always,
    ),
    ("address", re.compile(r"\b[a-z]\w+(?:straat|laan|kade|gracht|singel|steeg|dijk|plantsoen) \d+"), _always),
    ("number-plate", re.compile(r"\b(?:[A-Z]{2}|\d{2})-(?:[A-Z]{2,3}|\d{2,3})-(?:[A-Z]{1,2}|\d{1,2})\b"), _always),
    ("name", re.compile(rf"\b(?i:{_TITLES})\b\.? {_INFIXES}[{_UPPER}](?:['\u2019]?\w)+"), _always),
    ("name", re.compile(rf"\b(?:[{_UPPER}]\.){{1,4}} ?{_INFIXES}[{_UPPER}][{_LOWER}]+"), _always),
)
