"""Which words tell an approach, by the purposes for which covenants use them.

A word that covenants of one town use for four purposes or more at one time tells no approach there, whatever word it
is: it is what they call any annex. Nor does a word that nearly every town uses for several purposes at one time tell
one anywhere: contradictions are fewer than that.

Only purposes of one day count together, so that a covenant that was renewed for another purpose says nothing of the
word; but what a word is on one day it is on every day, so that no answer hangs on the day that is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from services.law.covenants.meeting_places import EVERYWHERE, Key

PURPOSES_OF_ONE_WORD_MAX: Final = 3
"""So many purposes in one town can be a contradiction about one approach; more are many approaches."""

TOWNS_OF_ANY_WORD_MIN: Final = 8
TOWNS_OF_ANY_WORD_SHARE: Final = 0.75
"""From so many towns, and so large a part of those that use a word, for several purposes it is a word for anything."""

Stretch = tuple[str, date, date]


class WordPurposes:
    """For which purposes covenants use which words where, and from when until when."""

    __slots__ = ("_any_word", "_most", "_stretches")

    def __init__(self) -> None:
        self._stretches: dict[Key, dict[str, set[Stretch]]] = {}
        self._most: dict[tuple[Key, str], int] = {}
        self._any_word: dict[Key, bool] = {}

    def add(self, key: Key, places: Iterable[str], purpose: str, since: date, until: date | None) -> None:
        """A covenant uses a word in these towns (none: everywhere) for a purpose, on these days (None: for good)."""
        stretch = (purpose, since, until or date.max)
        for place in set(places) or {EVERYWHERE}:
            self._stretches.setdefault(key, {}).setdefault(place, set()).add(stretch)

    def tells(self, key: Key, places: Iterable[str]) -> bool:
        """Whether the word tells an approach in one of these towns (none: everywhere); ask when all were added."""
        if self._is_any_word(key):
            return False
        return any(self._most_at(key, place) <= PURPOSES_OF_ONE_WORD_MAX for place in set(places) or {EVERYWHERE})

    def _is_any_word(self, key: Key) -> bool:
        """Whether most towns use the word for several purposes."""
        found = self._any_word.get(key)
        if found is None:
            towns = self._stretches.get(key, {})
            several = sum(_most_at_once(stretches) > 1 for stretches in towns.values())
            found = several >= max(TOWNS_OF_ANY_WORD_MIN, TOWNS_OF_ANY_WORD_SHARE * len(towns))
            self._any_word[key] = found
        return found

    def _most_at(self, key: Key, place: str) -> int:
        """For how many purposes at most the town uses the word at one time; what holds everywhere holds there too."""
        found = self._most.get((key, place))
        if found is None:
            towns = self._stretches.get(key, {})
            everywhere = towns.get(EVERYWHERE, set())
            found = self._most[key, place] = _most_at_once(towns.get(place, set()) | everywhere)
        return found


def _most_at_once(stretches: Iterable[Stretch]) -> int:
    """The number of different purposes on the day that has most; that is one on which a stretch begins."""
    held = list(stretches)
    days = {since for _, since, _ in held}
    return max((len({purpose for purpose, since, until in held if since <= day <= until}) for day in days), default=0)
