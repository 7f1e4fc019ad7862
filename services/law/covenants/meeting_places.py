"""Where to look for covenants that are about the same: by town and by the words that tell an approach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

Key = tuple[str, str]
EVERYWHERE: Final = ""


class MeetingPlaces:
    """Which covenants use which words where."""

    __slots__ = ("_places_by_id",)

    def __init__(self) -> None:
        self._places_by_id: dict[Key, dict[str, set[str]]] = {}

    def add(self, key: Key, covenant_id: str, places: Iterable[str]) -> None:
        """A covenant uses a word in these towns (none: everywhere)."""
        self._places_by_id.setdefault(key, {}).setdefault(covenant_id, set()).update(set(places) or {EVERYWHERE})

    def pairs(self) -> list[tuple[str, str]]:
        """Every two covenants that share a word and a town, each pair once, in order."""
        return sorted({pair for places_by_id in self._places_by_id.values() for pair in _sharing_ground(places_by_id)})


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
