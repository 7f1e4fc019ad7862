"""Statutes by short name, JCI, address and label, and whose task a provision is.

"Gemeentewet 172", "art. 172 Gemeentewet", "jci1.3:c:BWBR0005416&artikel=172" and its address at wetten.overheid.nl are
one provision. Unknown text is kept as it is and says nothing about whose it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import msgspec

from services.law.governance import Party
from services.law.statute_names import (
    AVG,
    BARE_NAMES,
    BOOK_BY_NAME,
    BOOK_BY_NUMBER,
    NAME_BY_NUMBER,
    NAMES_OF_AVG,
    NAMES_OF_BW,
    NUMBER_BY_FOLDED_NAME,
    SHARED_NAMES,
)
from services.law.statute_owners import OWNERS, Owner

STATUTES_CACHED_MAX: Final = 8192

_JCI: Final = re.compile(r"jci1\.\d{1,2}:[cv]:(?P<number>BWBR\d{7})(?P<rest>(?:&[a-z]+=[^&\s]+)*)", re.ASCII)
_SITE: Final = re.compile(r"https?://(?:www\.)?wetten\.overheid\.nl/(?P<path>\S+)", re.ASCII | re.IGNORECASE)
_PATH: Final = re.compile(r"(?P<number>BWBR\d{7})(?:/[\d-]*)*(?:#(?P<place>\S*))?", re.ASCII)
_PLACE_OF_ARTICLE: Final = re.compile(
    r"(?:[^_]+_)*Artikel(?P<article>\d+[a-z]{0,3}(?:[:.]\d+[a-z]{0,2}){0,3})(?:_Lid(?P<lid>\d+[a-z]?))?",
    re.ASCII | re.IGNORECASE,
)

_ORDINALS: Final = (
    *("eerste", "tweede", "derde", "vierde", "vijfde", "zesde"),
    *("zevende", "achtste", "negende", "tiende", "elfde", "twaalfde"),
)
_NUMBER_BY_ORDINAL: Final = {word: str(number) for number, word in enumerate(_ORDINALS, start=1)}
_WORD_FOR_ARTICLE: Final = r"(?:(?:art\.?|artikel|article)\s*)"
_ARTICLE: Final = r"(?P<article>\d+[a-z]{0,3}(?:[:.]\d+[a-z]{0,2}){0,3})"
_PARAGRAPH: Final = (
    r"(?:\s*\((?P<paragraph>\d+[a-z]?)\)|,?\s+lid\s+(?P<lid>\d+[a-z]?)"
    rf"|,?\s+(?:(?P<nth>\d+)(?:e|de|ste)|(?P<ordinal>{'|'.join(_ORDINALS)}))\s+lid)?"
)
_PART: Final = (
    r"(?:\s*\((?P<part>[a-z])\)"
    r"|,?\s+(?:aanhef,?\s+en\s+)?(?:onder|onderdeel|sub|letter)\s+(?P<sub>[a-z]))?"
)
_OF: Final = r"(?:(?:van\s+)?(?:de|het)\s+)?"
_BEFORE_NAME: Final = re.compile(r"^(?:van )?(?:(?:de|het) )?")
_WORD_OF_NAME: Final = re.compile(r"\b(?!(?:art|artikel|article|lid|onder|sub)\b)[^\W\d_]{2,}", re.IGNORECASE)
_SPELLINGS: Final = tuple(
    re.compile(spelling, re.ASCII | re.IGNORECASE)
    for spelling in (
        rf"{_OF}(?P<name>.+?),?\s+{_WORD_FOR_ARTICLE}?{_ARTICLE}{_PARAGRAPH}{_PART}",
        rf"{_WORD_FOR_ARTICLE}?{_ARTICLE}{_PARAGRAPH}{_PART},?\s+{_OF}(?P<name>[A-Za-z].*)",
        rf"{_WORD_FOR_ARTICLE}?{_ARTICLE},?\s+{_OF}(?P<name>[A-Za-z].*?){_PARAGRAPH}{_PART}",
    )
)


class Statute(msgspec.Struct, frozen=True):
    """One provision: ``reference`` (JCI or ELI, or the text as given), its label, act number, article and the rest.

    ``regulation``: the ELI of the AVG, which has no act number since it gives nobody a task of its own (AVG 6(3)).
    ``shares_name``: whether the name given is also that of an earlier act.
    """

    reference: str
    label: str
    number: str | None = None
    article: str | None = None
    owner: Owner | None = None
    paragraph: str | None = None
    part: str | None = None
    regulation: str | None = None
    shares_name: bool = False

    @property
    def key(self) -> tuple[str | None, str | None]:
        """Act number and article, by which tables are asked."""
        return (self.number, self.article)

    @property
    def law(self) -> str | None:
        """The act number, or the ELI of the AVG; None of unknown text."""
        return self.number or self.regulation

    @property
    def names_provision(self) -> bool:
        """Whether it can name a provision at all: of a law by itself, or of words without a number, nobody knows which.

        Nor of a number without a law ("art. 172"). A named law that is not in our tables ("Opiumwet 13b") does, and so
        does an address whose article is written otherwise than we can read.
        """
        if self.law is not None:
            return self.article is not None or "artikel" in self.reference.lower()
        if not any(map(str.isdigit, self.reference)) or _is_bare(self.reference):
            return False
        return _WORD_OF_NAME.search(self.reference) is not None

    def belongs_to(self, party: Party) -> bool:
        """Whether ``party`` may lean on this provision; always so when nothing is known of whose it is."""
        return self.owner is None or self.owner.includes(party)


@lru_cache(maxsize=STATUTES_CACHED_MAX)
def statute(text: str) -> Statute:
    """The provision that ``text`` names as JCI, address, short name or label; unknown text as it is."""
    return _from_jci(text, text.strip()) or _from_site(text) or _from_name(text) or Statute(text, text)


@lru_cache(maxsize=STATUTES_CACHED_MAX)
def normalise_statute(text: str, out_of_force: frozenset[str] = frozenset()) -> str:
    """The JCI of ``text`` on a day on which these laws do not hold, or the text itself when the statute is unknown.

    So too where its name was that of an earlier act then ("Wmo 4" in 2014): the JCI would be of the later one.
    """
    provision = statute(text)
    return text if provision.shares_name and provision.law in out_of_force else provision.reference


def statute_label(reference: str) -> str:
    """What a reader sees: "Gemeentewet 172" for its JCI; unknown references as they are."""
    return statute(reference).label


def stored_statute(reference: str) -> Statute:
    """The provision of a reference as stored; a name that was stored as given is that of an earlier act."""
    provision = statute(reference)
    return Statute(reference, reference) if provision.shares_name else provision


def _from_jci(text: str, jci: str) -> Statute | None:
    match = _JCI.fullmatch(jci)
    if match is None:
        return None
    places = dict(part.split("=", 1) for part in match["rest"].split("&") if part)
    return _numbered(text, match["number"], places.get("artikel"), places.get("lid"), places.get("o"))


def _from_site(text: str) -> Statute | None:
    """From the address of a provision at wetten.overheid.nl, in either of the forms that the site gives."""
    site = _SITE.fullmatch(text.strip())
    if site is None:
        return None
    path = unquote(site["path"])
    match = _PATH.fullmatch(path)
    if match is None:
        return _from_jci(text, path)
    place = _PLACE_OF_ARTICLE.fullmatch(match["place"] or "")
    return _numbered(text, match["number"], place and place["article"].lower(), place and place["lid"], None)


def _numbered(text: str, number: str, article: str | None, paragraph: str | None, part: str | None) -> Statute:
    """A provision of the act of that number; the text as it is when we do not know the act, or it is all of it."""
    if number not in NAME_BY_NUMBER or article is None:
        return Statute(text, text, number, article)
    return _statute(number, article, paragraph, part)


def _from_name(text: str) -> Statute | None:
    """The year that closes a name ("artikel 5.2.6 Wmo 2015") looks like an article: the name decides which it is."""
    if _is_bare(text):
        return None
    spaced = " ".join(text.split()).rstrip(".")
    matches = (spelling.fullmatch(spaced) for spelling in _SPELLINGS)
    found = (_named_by(match) for match in matches if match is not None)
    return next((provision for provision in found if provision is not None), None)


def _is_bare(text: str) -> bool:
    """Whether it says which law and nothing more, with an article or a full stop beside it or without."""
    name = _BEFORE_NAME.sub("", " ".join(text.lower().split()).rstrip(". "))
    return name in BARE_NAMES or name.upper() in NAME_BY_NUMBER


def _named_by(match: re.Match[str]) -> Statute | None:
    name, article = match["name"].lower(), match["article"].lower()
    paragraph = match["paragraph"] or match["lid"] or match["nth"]
    if match["ordinal"]:
        paragraph = _NUMBER_BY_ORDINAL[match["ordinal"].lower()]
    part = match["part"] or match["sub"]
    if name in NAMES_OF_AVG:
        return _of_avg(article, paragraph, part)
    number = NUMBER_BY_FOLDED_NAME.get(name)
    if name in NAMES_OF_BW and ":" in article:
        number = BOOK_BY_NAME.get(f"BW {article.split(':', 1)[0]}", (None, ""))[0]
        article = article.split(":", 1)[1]
    if number is None:
        return None
    return _statute(number, article, paragraph, part, shares_name=name in SHARED_NAMES)


def _of_avg(article: str, paragraph: str | None, part: str | None) -> Statute:
    place = _place(article, paragraph, part)
    return Statute(
        reference=f"{AVG} art. {place}",
        label=f"AVG {place}",
        article=article,
        paragraph=paragraph,
        part=part and part.lower(),
        regulation=AVG,
    )


def _statute(
    number: str, article: str, paragraph: str | None, part: str | None, *, shares_name: bool = False
) -> Statute:
    book = BOOK_BY_NUMBER.get(number)
    reference = f"jci1.3:c:{number}{f'&boek={book}' if book else ''}&artikel={article}"
    reference += f"&lid={paragraph}" if paragraph else ""
    reference += f"&o={part.lower()}" if part else ""
    place = f"{f'{book}:' if book else ''}{_place(article, paragraph, part)}"
    return Statute(
        reference=reference,
        label=f"{NAME_BY_NUMBER[number]} {place}",
        number=number,
        article=article,
        owner=owner_of(number, article),
        paragraph=paragraph,
        part=part and part.lower(),
        shares_name=shares_name,
    )


def _place(article: str, paragraph: str | None, part: str | None) -> str:
    return f"{article}{f'({paragraph})' if paragraph else ''}{f'({part.lower()})' if part else ''}"


def owner_of(number: str, article: str) -> Owner | None:
    """Whose provision it is: by article when known, else by the whole act, else None (anyone's)."""
    by_article = OWNERS.get(number, {})
    chapter = article.split(".", 1)[0] + "."
    for key in (article, chapter, "*"):
        if key in by_article:
            return by_article[key]
    return None
