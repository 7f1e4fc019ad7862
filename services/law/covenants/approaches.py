"""Whether two annexes are about the same approach (aanpak), as far as their words tell.

An annex is called after its approach by its id and name; failing those, its consultation and work process tell which
table it is about. A word that would fit any annex ("bijlage-2", "overleg"), the covenant's own id or the long number in
it, and its own town say nothing: two annexes are not the same because nobody gave them a name. Nor are they different
because they are numbered ("zorg-1", "zorg-2"): that tells nothing, save where only the number tells them apart
("aanpak-1", "aanpak-2").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Final

from services.law.covenants.words import WORDS_CACHED_MAX, fold
from services.law.governance import Annex, Covenant, Criteria

_WORDS_FOR_ANY_ANNEX: Final = (
    "annex annexe appendix bijlage bijlagen case casus consultation convenant covenant de en een gemeente het meeting"
    " municipality of overleg proces process table tafel the van voor werkproces work working"
)
_SAYS_NOTHING: Final = frozenset(_WORDS_FOR_ANY_ANNEX.split())
_SAYS_APPROACH: Final = frozenset({"aanpak", "approach", "thema", "theme"})
_ORDINAL: Final = re.compile(r"[a-z]?\d*")
_LONG_NUMBER: Final = re.compile(r"\d{3,}")
"""What a covenant is counted by, not its annexes: three digits or more."""


class Sameness(Enum):
    """What the words of two annexes tell: the same name, the same table, another approach, or nothing.

    Where they tell nothing, a whole text that is the same word for word (``tables``) is told apart.
    """

    NAME = "name"
    TABLE = "table"
    TEXT = "text"
    OTHER = "other"
    UNTOLD = "untold"


class Approach:
    """The telling words of one annex: its ``names``, and its consultation and work process (empty when silent).

    ``stems``: the names without their numbers. ``own_id``: the id of the annex less what is of its covenant.
    """

    __slots__ = ("annex", "consultation", "names", "own_id", "stems", "work_process")

    def __init__(self, annex: Annex | None, covenant: Covenant) -> None:
        self.annex = annex
        noise = (
            covenant.id,
            *_LONG_NUMBER.findall(covenant.id),
            *covenant.territory,
            *(covenant.municipalities or ()),
        )
        told = [telling(text or "", noise) for text in _texts_of(annex)]
        self.own_id = "" if annex is None else _without(fold(annex.id), noise)
        self.names = frozenset(name for name in told[:2] if name)
        self.stems = frozenset(filter(None, map(_stem, self.names)))
        self.consultation, self.work_process = told[2:]

    @property
    def id(self) -> str | None:
        """The id of the annex; None for a covenant that has none."""
        return None if self.annex is None else self.annex.id

    def telling_words(self) -> Iterator[tuple[str, str]]:
        """Under what to look for another that may be the same."""
        yield from (("name", name) for name in self.names | self.stems)
        if not self.names and self.annex is not None:
            yield "id", self.own_id
        if self.consultation:
            yield "consultation", self.consultation
        if self.work_process:
            yield "work-process", self.work_process

    def has_text_of(self, other: Approach) -> bool:
        """Whether both annexes say the same word for word; terms, categories, necessity and numbers of names apart."""
        ours, theirs = self.annex, other.annex
        return ours is not None and theirs is not None and self._text(ours) == other._text(theirs)

    def _text(self, annex: Annex) -> tuple[str | Criteria | None, ...]:
        id_text = _stem(self.own_id) if self.stems else self.own_id
        return id_text, annex.name, annex.consultation, annex.work_process, annex.agreements, annex.criteria

    def compare(self, other: Approach) -> Sameness:
        """Names go before the table; what one of the two does not tell is not compared.

        Untold where neither has a name, or names differ in their number only; what is named is not taken to be the
        same as what is not.
        """
        if self.names and other.names:
            return self._compare_names(other)
        pairs = ((self.consultation, other.consultation), (self.work_process, other.work_process))
        told = [mine == theirs for mine, theirs in pairs if mine and theirs]
        if not told:
            return Sameness.OTHER if self.names or other.names else Sameness.UNTOLD
        return Sameness.TABLE if all(told) else Sameness.OTHER

    def _compare_names(self, other: Approach) -> Sameness:
        if not self.names.isdisjoint(other.names):
            return Sameness.NAME
        return Sameness.OTHER if self.stems.isdisjoint(other.stems) else Sameness.UNTOLD


def approaches_of(covenant: Covenant) -> tuple[Approach, ...]:
    """The approaches of a covenant; one that tells nothing for a covenant without annexes."""
    return tuple(Approach(annex, covenant) for annex in covenant.annexes) or (Approach(None, covenant),)


@lru_cache(maxsize=WORDS_CACHED_MAX)
def telling(text: str, noise: tuple[str, ...] = ()) -> str:
    """The words of ``text`` that tell something; empty when none do.

    ``noise``: what says nothing besides, such as the covenant's own id, save when the text is nothing else.
    """
    kept = [word for word in _without(fold(text), noise).split("-") if word not in _SAYS_NOTHING]
    named = [word for word in kept if word not in _SAYS_APPROACH]
    if any(not _ORDINAL.fullmatch(word) for word in named):
        return "-".join(named)
    return "-".join(kept) if named and named != kept else ""


def _stem(name: str) -> str:
    """The words of a name without its numbers; empty where only the number tells it apart from others."""
    return "-".join(word for word in name.split("-") if word not in _SAYS_APPROACH and not _ORDINAL.fullmatch(word))


def _without(words: str, noise: tuple[str, ...]) -> str:
    for said_anyway in filter(None, map(fold, noise)):
        if words != said_anyway:
            words = f"-{words}-".replace(f"-{said_anyway}-", "-").strip("-")
    return words


def _texts_of(annex: Annex | None) -> tuple[str | None, ...]:
    if annex is None:
        return (None, None, None, None)
    return annex.id, annex.name, annex.consultation, annex.work_process
