"""Names of annexes as different hands spell them: in one word or in several, in the singular or in the plural.

"jeugd-overlast" is "jeugdoverlast", and "jeugdgroep" is "jeugdgroepen"; no other names are taken to be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from services.law.covenants.words import WORDS_CACHED_MAX

_HYPHEN: Final = re.compile(r"(?<!\d)-|-(?!\d)")
"""Not between two numbers: "zorg-1-2" is not "zorg-12"."""

_SINGULAR_LETTERS_MIN: Final = 3
_LETTERS_BEFORE_S_MIN: Final = 4
"""Shorter words have their plural in -en: "kans" is not more than one "kan"."""

_IRREGULAR: Final = (("kind", "kinderen"), ("lid", "leden"), ("stad", "steden"), ("goed", "goederen"))
_VOWEL: Final = re.compile(r".*[aiouy]")
_UNSTRESSED: Final = re.compile(r".*[aeiouy].*[^aeiouy]e[lmnr]")
"""A last syllable as in "ouder": the plural is "ouders", and "ouderen" are others."""
_LONG: Final = re.compile(r"(?P<head>.*)(?P<vowel>[aeou])(?P=vowel)(?P<last>[^aeiouy])")
_SHORT: Final = re.compile(r"(?:.*[^aeiouy])?[aeiou][^aeiouyw]")
_VOICED: Final = {"f": "v", "s": "z"}


@lru_cache(maxsize=WORDS_CACHED_MAX)
def in_one_word(name: str) -> str:
    """A folded name without the hyphens between its words."""
    return _HYPHEN.sub("", name)


@lru_cache(maxsize=WORDS_CACHED_MAX)
def forms_of(name: str) -> frozenset[str]:
    """A folded name in one word, as it is and with any one of its words in the plural."""
    words = name.split("-")
    plurals = (
        "-".join((*words[:place], plural, *words[place + 1 :]))
        for place, word in enumerate(words)
        for plural in _plurals(word)
    )
    return frozenset(map(in_one_word, (name, *plurals)))


def _plurals(word: str) -> Iterator[str]:
    """The plurals that a Dutch word could have, right ones among them; what nobody writes does no harm."""
    if len(word) < _SINGULAR_LETTERS_MIN or not word.isalpha():
        return
    yield from (word.removesuffix(one) + more for one, more in _IRREGULAR if word.endswith(one))
    if len(word) >= _LETTERS_BEFORE_S_MIN and not word.endswith("s"):
        yield f"{word}s"
    if word.endswith("e"):
        yield f"{word}n"
    elif not _VOWEL.fullmatch(word) and not _UNSTRESSED.fullmatch(word):
        yield from _plurals_in_en(word)


def _plurals_in_en(word: str) -> Iterator[str]:
    """As in "groepen", "scholen" (one vowel less), "gezinnen" (one consonant more) and "bedrijven"."""
    long = _LONG.fullmatch(word)
    stem = word if long is None else f"{long['head']}{long['vowel']}{long['last']}"
    yield f"{stem}en"
    if stem[-1] in _VOICED:
        yield f"{stem[:-1]}{_VOICED[stem[-1]]}en"
    if _SHORT.fullmatch(word):
        yield f"{word}{word[-1]}en"
