"""Whether two annexes are about the same approach (aanpak), as far as their words tell.

An annex is called after its approach by its id and name; failing those, its consultation and work process tell which
table it is about. A word that would fit any annex ("bijlage-2", "overleg"), the covenant's own id or the long number in
it, and its own town say nothing: two annexes are not the same because nobody gave them a name. Nor are they different
because they are numbered ("zorg-1", "zorg-2"): that tells nothing, save where only the number tells them apart
("aanpak-1", "aanpak-2"). Hyphens, and one word in the plural, make no other name (``spelling``).

What says nothing is read for each covenant by itself, until both call an annex literally alike ("cov-7-jeugd" in the
copy of cov-7 too): then what says nothing of either says nothing of both, so that what is left is one name. Where
nothing is left but the covenant in it is one that is counted ("cov-7-a1"), it is that very annex, unless the tables
differ.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Final

from services.law.covenants.spelling import forms_of, in_one_word
from services.law.covenants.territory import towns_of
from services.law.covenants.words import WORDS_CACHED_MAX, fold
from services.law.governance import Annex, Covenant, Criteria

_WORDS_FOR_ANY_ANNEX: Final = (
    "annex annexe appendix bijlage bijlagen case casus consultation convenant covenant de en een gemeente het meeting"
    " municipality of overleg proces process table tafel the van voor werkproces work working"
)
_SAYS_NOTHING: Final = frozenset(_WORDS_FOR_ANY_ANNEX.split())
_SAYS_APPROACH: Final = frozenset({"aanpak", "approach", "thema", "theme"})
_ORDINAL: Final = re.compile(r"[a-z]?\d*|x{0,3}(?:ix|iv|v?i{0,3})")
"""A number, a letter and a number, or a Roman numeral up to xxxix."""
_NUMBER_BEHIND: Final = re.compile(r"\d+$")
_LONG_NUMBER: Final = re.compile(r"\d{3,}")
"""What a covenant is counted by, not its annexes: three digits or more."""
_DIGIT: Final = re.compile(r"\d")


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

    ``forms``: the names in one word, as they are and in the plural. ``stems``: the names without their numbers.
    ``texts``: its id and name as they stand, by the same in one word. ``literal_id``, ``own_id``: the id in one word,
    and less what is of its covenant. ``words``: under what to look for the same one.
    """

    __slots__ = (
        "_counts",
        "_noise",
        "_own_texts",
        "annex",
        "consultation",
        "forms",
        "literal_id",
        "names",
        "own_id",
        "stems",
        "texts",
        "words",
        "work_process",
    )

    def __init__(self, annex: Annex | None, covenant: Covenant) -> None:
        self.annex = annex
        numbers = _LONG_NUMBER.findall(covenant.id)
        self._counts = (*((covenant.id,) if _DIGIT.search(covenant.id) else ()), *numbers)
        self._noise = (covenant.id, *numbers, *towns_of(covenant))
        told = [telling(text or "", self._noise) for text in _texts_of(annex)]
        called = filter(None, (fold(text or "") for text in _texts_of(annex)[:2]))
        self.texts = {in_one_word(text): text for text in called}
        self._own_texts = {key: _without(text, self._noise) for key, text in self.texts.items()}
        literal_id = "" if annex is None else fold(annex.id)
        self.literal_id = in_one_word(literal_id)
        self.own_id = _without(literal_id, self._noise)
        told_names = [name for name in told[:2] if name]
        self.names = frozenset(map(in_one_word, told_names))
        self.forms = frozenset().union(*map(forms_of, told_names))
        self.stems = _stems_of(told_names)
        self.consultation, self.work_process = told[2:]
        self.words = frozenset(self._words())

    @property
    def id(self) -> str | None:
        """The id of the annex; None for a covenant that has none."""
        return None if self.annex is None else self.annex.id

    def _words(self) -> Iterator[tuple[str, str]]:
        yield from (("name", name) for name in self.names | self.stems)
        yield from (("form", form) for form in self.forms)
        yield from (("literal", text) for text in self.texts)
        if not self.names and self.annex is not None:
            yield "id", in_one_word(self.own_id)
        if self.consultation:
            yield "consultation", self.consultation
        if self.work_process:
            yield "work-process", self.work_process

    def has_id_of(self, other: Approach) -> bool:
        """Whether both annexes have one id, literally or less what is of their covenants."""
        return self.literal_id == other.literal_id or in_one_word(self.own_id) == in_one_word(other.own_id)

    def has_text_of(self, other: Approach) -> bool:
        """Whether both annexes say the same word for word; terms, categories, necessity and numbers of names apart."""
        ours, theirs = self.annex, other.annex
        if ours is None or theirs is None or _said_by(ours) != _said_by(theirs):
            return False
        return self.literal_id == other.literal_id or self._id_text() == other._id_text()

    def _id_text(self) -> str:
        return _stem(self.own_id) if self.stems else self.own_id

    def is_respelling_of(self, other: Approach) -> bool:
        """Whether only the plural makes one name of theirs, so that another annex may be called more alike."""
        return self.names.isdisjoint(other.names) and self._has_form_of(other)

    def compare(self, other: Approach) -> Sameness:
        """Names go before the table; what one of the two does not tell is not compared.

        Untold where neither has a name, or names differ in their number only; what is named is not taken to be the
        same as what is not.
        """
        if self._has_form_of(other):
            return Sameness.NAME
        alike = self._called_alike(other)
        if any(self._both_tell(text, other) for text in alike):
            return Sameness.NAME
        mine, theirs = self._names_without(alike), other._names_without(alike)
        if mine and theirs:
            return Sameness.OTHER if _stems_of(mine).isdisjoint(_stems_of(theirs)) else Sameness.UNTOLD
        untold = Sameness.OTHER if mine or theirs else Sameness.UNTOLD
        return self._compare_tables(other, Sameness.NAME if self._is_counted(other, alike) else None, untold)

    def _has_form_of(self, other: Approach) -> bool:
        """Whether a name of the one is a name of the other, as it is or in the plural."""
        return not self.names.isdisjoint(other.forms) or not self.forms.isdisjoint(other.names)

    def _compare_tables(self, other: Approach, known: Sameness | None, untold: Sameness) -> Sameness:
        """By consultation and work process; ``known`` where these do not differ, ``untold`` where they do not tell."""
        pairs = ((self.consultation, other.consultation), (self.work_process, other.work_process))
        told = [mine == theirs for mine, theirs in pairs if mine and theirs]
        if not all(told):
            return Sameness.OTHER
        return known or (Sameness.TABLE if told else untold)

    def _called_alike(self, other: Approach) -> Collection[str]:
        """The ids and names that both have literally, and of which each covenant reads something else as its own."""
        shared = self.texts.keys() & other.texts.keys()
        return [text for text in shared if self._own_texts[text] != other._own_texts[text]]

    def _both_tell(self, text: str, other: Approach) -> bool:
        """Whether what both are called tells something, less what is of either, as each of them spells it."""
        noise = (*self._noise, *other._noise)
        return all(telling(side.texts[text], noise) for side in (self, other))

    def _names_without(self, silent: Collection[str]) -> list[str]:
        """The names, less those told by texts that say nothing beside the other covenant."""
        told = (telling(self.texts[text], self._noise) for text in self.texts.keys() - silent)
        return [name for name in told if name]

    def _is_counted(self, other: Approach, alike: Collection[str]) -> bool:
        """Whether one of the texts holds what one of the two covenants is counted by: an id with a number, or that."""
        counts = (*self._counts, *other._counts)
        return any(_without(side.texts[key], counts) != side.texts[key] for key in alike for side in (self, other))


def approaches_of(covenant: Covenant) -> tuple[Approach, ...]:
    """The approaches of a covenant; one that tells nothing for a covenant without annexes."""
    return tuple(Approach(annex, covenant) for annex in covenant.annexes) or (Approach(None, covenant),)


@lru_cache(maxsize=WORDS_CACHED_MAX)
def telling(text: str, noise: tuple[str, ...] = ()) -> str:
    """The words of ``text`` that tell something; empty when none do.

    ``noise``: what says nothing besides, such as the covenant's own id, save when the text is nothing else.
    """
    words = _without(fold(text), noise).split("-")
    kept = [word for word in words if _NUMBER_BEHIND.sub("", word) not in _SAYS_NOTHING]
    named = [word for word in kept if word not in _SAYS_APPROACH]
    if any(not _ORDINAL.fullmatch(word) for word in named):
        return "-".join(named)
    return "-".join(kept) if named and named != kept else ""


def name_within(text: str) -> str:
    """What tells an annex from the others of its covenant: all words of its id or name but "aanpak", or nothing."""
    if not telling(text):
        return ""
    words = [word for word in fold(text).split("-") if word not in _SAYS_APPROACH]
    return "-".join(words) if any(not _ORDINAL.fullmatch(word) for word in words) else fold(text)


def _stems_of(names: Iterable[str]) -> frozenset[str]:
    return frozenset(in_one_word(stem) for stem in map(_stem, names) if stem)


@lru_cache(maxsize=WORDS_CACHED_MAX)
def _stem(name: str) -> str:
    """The words of a name without its numbers; empty where only the number tells it apart from others."""
    return "-".join(word for word in name.split("-") if word not in _SAYS_APPROACH and not _ORDINAL.fullmatch(word))


def _without(words: str, noise: tuple[str, ...]) -> str:
    for said_anyway in filter(None, map(fold, noise)):
        if words != said_anyway:
            words = f"-{words}-".replace(f"-{said_anyway}-", "-").strip("-")
    return words


def _said_by(annex: Annex) -> tuple[str | Criteria | None, ...]:
    return annex.name, annex.consultation, annex.work_process, annex.agreements, annex.criteria


def _texts_of(annex: Annex | None) -> tuple[str | None, ...]:
    if annex is None:
        return (None, None, None, None)
    return annex.id, annex.name, annex.consultation, annex.work_process
