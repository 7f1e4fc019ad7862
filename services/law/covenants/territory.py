"""Municipalities over time: a name of any day leads to the municipality of the day that is asked about.

When municipalities merge, rights and duties pass to the new one (Wet arhi 44), so a covenant of the old one is about
the new one from then on, and a person who is still booked under the old name lives in the new one.

Towns are compared by ``town``: "RIETDAM" and " Rietdam" are Rietdam. A hyphen is no space, since there are towns that
only that tells apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from services.law.governance import Covenant, Municipality

MERGERS_MAX: Final = 32
"""How often one municipality can have become part of another; a longer chain is a circle."""


TOWNS_CACHED_MAX: Final = 4_096
"""Spellings of towns that are remembered; the least used one makes room."""


@lru_cache(maxsize=TOWNS_CACHED_MAX)
def town(text: str) -> str:
    """A town as it is compared: in lower case, without spaces around it and with one between its words."""
    return " ".join(text.split()).casefold()


def towns_of(covenant: Covenant) -> tuple[str, ...]:
    """Every town that a covenant says it is about, as it spells it."""
    return (*covenant.territory, *(covenant.municipalities or ()))


class Places:
    """Every name, number and id of a municipality on one day; a text that nobody registered stands for itself.

    Of each municipality the versions that became known last come first. An id means itself as it is written; in other
    capitals only where no municipality is or was called that, since people are booked under names.

    ``key``: what a text is compared by: its ``town``, save for an id that would be taken for the name of another.
    """

    __slots__ = ("_id_by_id", "_id_by_text", "_key_by_id", "_texts_by_id", "key")

    def __init__(self, versions_by_id: Mapping[str, Sequence[Municipality]], day: date) -> None:
        today = {place: _of_day(place, versions_by_id, day) for place in versions_by_id}
        meant = _folded(today) | _named(versions_by_id, today)
        self._id_by_text = {text: min(ids) for text, ids in meant.items() if len(ids) == 1}
        # An id that reads as the name of another, or of nobody, is kept apart: no town begins with a space.
        apart = (place for place, now in today.items() if self._id_by_text.get(town(place)) != now)
        self._key_by_id = {place: f" {place}" for place in apart}
        # Asked for every act under a territory; nearly no register has such an id.
        self.key: Callable[[str], str] = self._key if self._key_by_id else town
        self._id_by_id = today | {key: today[place] for place, key in self._key_by_id.items()}
        self._texts_by_id: dict[str, set[str]] = {}
        for text, now in (*self._id_by_text.items(), *((self.key(place), now) for place, now in today.items())):
            self._texts_by_id.setdefault(now, set()).add(text)

    def of(self, text: str) -> str:
        """The id of the municipality that ``text`` stands for on the day; the text itself when nobody registered it."""
        return self._id_by_id.get(text) or self._id_by_text.get(town(text), text)

    def every_name_of(self, texts: Iterable[str]) -> frozenset[str]:
        """The texts, and whatever else the municipalities of that day are or were called; each as ``key`` has it."""
        found: set[str] = set()
        for text in texts:
            found.add(self.key(text))
            found.update(self._texts_by_id.get(self.of(text), ()))
        return frozenset(found)

    def _key(self, text: str) -> str:
        return self._key_by_id.get(text) or town(text)


def _named(versions_by_id: Mapping[str, Sequence[Municipality]], today: Mapping[str, str]) -> dict[str, set[str]]:
    """Whom each name or number can mean on the day; one that two share means neither."""
    meant: dict[str, set[str]] = {}
    for place, versions in versions_by_id.items():
        for version in versions:
            for text in filter(None, (version.name, version.code)):
                meant.setdefault(town(text), set()).add(today[place])
    return meant


def _folded(today: Mapping[str, str]) -> dict[str, set[str]]:
    """Whom each id can mean on the day when it is written as a town."""
    meant: dict[str, set[str]] = {}
    for place, now in today.items():
        meant.setdefault(town(place), set()).add(now)
    return meant


def _of_day(place: str, versions_by_id: Mapping[str, Sequence[Municipality]], day: date) -> str:
    """The municipality that ``place`` is part of on ``day``; itself while it exists or has no successor."""
    for _ in range(MERGERS_MAX):
        version = _version_on(versions_by_id.get(place, ()), day)
        is_gone = version is not None and version.valid_until is not None and version.valid_until < day
        if version is None or not is_gone or version.merged_into is None:
            return place
        place = version.merged_into
    return place


def _version_on(versions: Sequence[Municipality], day: date) -> Municipality | None:
    """What counts of the versions that began by then: the one known last, or one that began after that had ended."""
    begun = [version for version in versions if version.valid_from is None or version.valid_from <= day]
    if not begun:
        return None
    ended = begun[0].valid_until or date.max
    return max((begun[0], *(v for v in begun if _begins(v) > ended)), key=_begins)


def _begins(version: Municipality) -> date:
    return version.valid_from or date.min
