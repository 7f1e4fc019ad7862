"""Statutes by short name, JCI and label, and whose task a provision is.

"Gemeentewet 172", "art. 172 Gemeentewet" and "jci1.3:c:BWBR0005416&artikel=172" are one
provision. Unknown text is kept as it is and says nothing about whose it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from services.law.governance import Party
from services.law.statute_owners import OWNERS, Owner

STATUTES_CACHED_MAX: Final = 8192

_NUMBER_BY_NAME: Final[dict[str, str]] = {
    "Gemeentewet": "BWBR0005416",
    "Wpg": "BWBR0022463",
    "Bpg": "BWBR0023086",
    "UAVG": "BWBR0040940",
    "WGS": "BWBR0049962",
    "BGS": "BWBR0050665",
    "Wgpa": "BWBR0050740",
    "Jeugdwet": "BWBR0034925",
    "Wmo 2015": "BWBR0035362",
    "Archiefwet": "BWBR0007376",
    "Archiefbesluit": "BWBR0007748",
    "Awb": "BWBR0005537",
    "Algemene termijnenwet": "BWBR0002448",
    "Sv": "BWBR0001903",
    "Wet BIG": "BWBR0006251",
    "Wabb": "BWBR0022428",
    "Wjsg": "BWBR0014194",
    "Wpbr": "BWBR0008973",
    "Leerplichtwet": "BWBR0002628",
    "Wvggz": "BWBR0040635",
    "Wbp": "BWBR0011468",
    "WPO": "BWBR0003420",
    "WEC": "BWBR0003549",
    "WVO 2020": "BWBR0044212",
}
_NUMBER_BY_OTHER_NAME: Final[dict[str, str]] = {
    "Wmo": "BWBR0035362",
    "Archiefwet 1995": "BWBR0007376",
    "Archiefbesluit 1995": "BWBR0007748",
    "Leerplichtwet 1969": "BWBR0002628",
    "Wet bescherming persoonsgegevens": "BWBR0011468",
    "Wet op het primair onderwijs": "BWBR0003420",
    "Wet op de expertisecentra": "BWBR0003549",
    "Wet voortgezet onderwijs 2020": "BWBR0044212",
    "Wet verplichte geestelijke gezondheidszorg": "BWBR0040635",
    "Wetboek van Strafvordering": "BWBR0001903",
    "Wet politiegegevens": "BWBR0022463",
    "Besluit politiegegevens": "BWBR0023086",
    "Algemene wet bestuursrecht": "BWBR0005537",
    "Uitvoeringswet AVG": "BWBR0040940",
    "Wet gegevensverwerking door samenwerkingsverbanden": "BWBR0049962",
    "Besluit gegevensverwerking door samenwerkingsverbanden": "BWBR0050665",
}
_BOOK_BY_NAME: Final[dict[str, tuple[str, str]]] = {"BW 1": ("BWBR0002656", "1"), "BW 7": ("BWBR0005290", "7")}
_NAME_BY_NUMBER: Final[dict[str, str]] = {number: name for name, number in _NUMBER_BY_NAME.items()} | {
    number: "BW" for number, _ in _BOOK_BY_NAME.values()
}
_NUMBER_BY_FOLDED_NAME: Final[dict[str, str]] = {
    name.lower(): number for name, number in (_NUMBER_BY_NAME | _NUMBER_BY_OTHER_NAME).items()
}

_JCI: Final = re.compile(r"jci1\.\d{1,2}:[cv]:(?P<number>BWBR\d{7})(?P<rest>(?:&[a-z]+=[^&\s]+)*)", re.ASCII)
_ARTICLE: Final = (
    r"(?P<article>\d+[a-z]{0,3}(?:[:.]\d+[a-z]{0,2}){0,3})"
    r"(?:\s*(?:\((?P<paragraph>\d+[a-z]?)\)|,?\s+lid\s+(?P<lid>\d+[a-z]?)))?"
    r"(?:\s*(?:\((?P<part>[a-z])\)|,?\s+(?:onder|onderdeel|sub)\s+(?P<sub>[a-z])))?"
)
_WORD_FOR_ARTICLE: Final = r"(?:(?:art\.?|artikel|article)\s*)"
_NAME_FIRST: Final = re.compile(rf"(?P<name>.+?),?\s+{_WORD_FOR_ARTICLE}?{_ARTICLE}", re.ASCII | re.IGNORECASE)
_ARTICLE_FIRST: Final = re.compile(
    rf"{_WORD_FOR_ARTICLE}?{_ARTICLE},?\s+(?:(?:van\s+)?(?:de|het)\s+)?(?P<name>[A-Za-z].*)", re.ASCII | re.IGNORECASE
)


class Statute(msgspec.Struct, frozen=True):
    """One provision: ``reference`` (JCI, or the text as given), its label, act number, article, paragraph and part."""

    reference: str
    label: str
    number: str | None = None
    article: str | None = None
    owner: Owner | None = None
    paragraph: str | None = None
    part: str | None = None

    @property
    def key(self) -> tuple[str | None, str | None]:
        """Act number and article, by which tables are asked."""
        return (self.number, self.article)

    def belongs_to(self, party: Party) -> bool:
        """Whether ``party`` may lean on this provision; always so when nothing is known of whose it is."""
        return self.owner is None or self.owner.includes(party)


@lru_cache(maxsize=STATUTES_CACHED_MAX)
def statute(text: str) -> Statute:
    """The provision that ``text`` names as JCI, short name or label; unknown text as it is."""
    return _from_jci(text) or _from_name(text) or Statute(text, text)


def normalise_statute(text: str) -> str:
    """The JCI of ``text``, or the text itself when the statute is unknown."""
    return statute(text).reference


def statute_label(reference: str) -> str:
    """What a reader sees: "Gemeentewet 172" for its JCI; unknown references as they are."""
    return statute(reference).label


def _from_jci(text: str) -> Statute | None:
    match = _JCI.fullmatch(text.strip())
    if match is None:
        return None
    number = match["number"]
    places = dict(part.split("=", 1) for part in match["rest"].split("&") if part)
    if number not in _NAME_BY_NUMBER or "artikel" not in places:
        return Statute(text, text, number, places.get("artikel"))
    return _statute(number, places["artikel"], places.get("lid"), places.get("o"))


def _from_name(text: str) -> Statute | None:
    """The year that closes a name ("artikel 5.2.6 Wmo 2015") looks like an article: the name decides which it is."""
    spaced = " ".join(text.split())
    matches = (_NAME_FIRST.fullmatch(spaced), _ARTICLE_FIRST.fullmatch(spaced))
    found = (_named_by(match) for match in matches if match is not None)
    return next((provision for provision in found if provision is not None), None)


def _named_by(match: re.Match[str]) -> Statute | None:
    name, article = match["name"].lower(), match["article"].lower()
    number = _NUMBER_BY_FOLDED_NAME.get(name)
    if name == "bw" and ":" in article:
        number = _BOOK_BY_NAME.get(f"BW {article.split(':', 1)[0]}", (None, ""))[0]
        article = article.split(":", 1)[1]
    if number is None:
        return None
    return _statute(number, article, match["paragraph"] or match["lid"], match["part"] or match["sub"])


def _statute(number: str, article: str, paragraph: str | None, part: str | None) -> Statute:
    book = next((book for known, book in _BOOK_BY_NAME.values() if known == number), None)
    reference = f"jci1.3:c:{number}{f'&boek={book}' if book else ''}&artikel={article}"
    reference += f"&lid={paragraph}" if paragraph else ""
    reference += f"&o={part.lower()}" if part else ""
    place = f"{book}:{article}" if book else article
    place += f"({paragraph})" if paragraph else ""
    place += f"({part.lower()})" if part else ""
    label = f"{_NAME_BY_NUMBER[number]} {place}"
    return Statute(reference, label, number, article, owner_of(number, article), paragraph, part and part.lower())


def owner_of(number: str, article: str) -> Owner | None:
    """Whose provision it is: by article when known, else by the whole act, else None (anyone's)."""
    by_article = OWNERS.get(number, {})
    chapter = article.split(".", 1)[0] + "."
    for key in (article, chapter, "*"):
        if key in by_article:
            return by_article[key]
    return None
