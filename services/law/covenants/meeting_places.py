"""Where to look for covenants that are about the same: by town and by the words that tell an approach.

A word that covenants of one town use for four purposes or more tells no approach there, whatever word it is: it is what
they call any annex. Nor does a word that nearly every town uses for several purposes tell one anywhere: contradictions
are fewer than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

Key = tuple[str, str]
EVERYWHERE: Final = ""
PURPOSES_OF_ONE_WORD_MAX: Final = 3
"""So many purposes in one town can be a contradiction about one approach; more are many approaches."""


TOWNS_OF_ANY_WORD_MIN: Final = 8
TOWNS_OF_ANY_WORD_SHARE: Final = 0.75
"""From so many towns, and so large a part of those that use a word, for several purposes it is a word for anything."""


class MeetingPlaces:
    """Which covenants use which words where, and for how many purposes."""

    __slots__ = ("_any_words", "_places_by_id", "_purposes")

    def __init__(self) -> None:
        self._places_by_id: dict[Key, dict[str, set[str]]] = {}
        self._purposes: dict[tuple[Key, str], set[str]] = {}
        self._any_words: frozenset[Key] | None = None

    def add(self, key: Key, covenant_id: str, places: Iterable[str], purpose: str) -> None:
        """A covenant uses a word, in these towns (none: everywhere), for a purpose (empty: none stated)."""
        found = set(places) or {EVERYWHERE}
        self._places_by_id.setdefault(key, {}).setdefault(covenant_id, set()).update(found)
        for place in found if purpose else ():
            self._purposes.setdefault((key, place), set()).add(purpose)

    def tells(self, key: Key, places: Iterable[str]) -> bool:
        """Whether the word tells an approach in one of these towns (none: everywhere); ask when all were added."""
        if self._any_words is None:
            self._any_words = frozenset(self._find_any_words())
        return key not in self._any_words and any(
            self._count_purposes(key, place) <= PURPOSES_OF_ONE_WORD_MAX for place in set(places) or {EVERYWHERE}
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Every two covenants that share a word and a town, each pair once, in order."""
        return sorted({pair for places_by_id in self._places_by_id.values() for pair in _sharing_ground(places_by_id)})

    def _find_any_words(self) -> Iterator[Key]:
        """The words that most towns use for several purposes."""
        towns = Counter(key for key, _ in self._purposes)
        several = Counter(key for (key, _), purposes in self._purposes.items() if len(purposes) > 1)
        for key, count in several.items():
            if count >= max(TOWNS_OF_ANY_WORD_MIN, TOWNS_OF_ANY_WORD_SHARE * towns[key]):
                yield key

    def _count_purposes(self, key: Key, place: str) -> int:
        return len(self._purposes.get((key, place), set()) | self._purposes.get((key, EVERYWHERE), set()))


def _sharing_ground(places_by_id: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Pairs that share a town, or of which one is not limited to any."""
    ids_by_place: dict[str, list[str]] = {}
    for covenant_id in sorted(places_by_id):
        for place in places_by_id[covenant_id]:
            ids_by_place.setdefault(place, []).append(covenant_id)
    for ids in ids_by_place.values():
        yield from combinations(ids, 2)
    for anywhere in ids_by_place.get(EVERYWHERE, ()):
        yield from ((min(anywhere, other), max(anywhere, other)) for other in places_by_id if other != anywhere)
