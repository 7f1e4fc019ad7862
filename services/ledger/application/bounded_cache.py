"""A cache that never grows beyond its bound: what was used longest ago leaves first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Least recently used out; safe between threads because a lost race costs a look-up, never a wrong value."""

    __slots__ = ("_entries", "_size_max")

    def __init__(self, size_max: int) -> None:
        """Hold at most ``size_max`` entries."""
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._size_max = size_max

    def get(self, key: K) -> V | None:
        """The value, now the most recently used; None when it is not here."""
        entry = self._entries.get(key)
        if entry is not None:
            try:
                self._entries.move_to_end(key)
            except KeyError:
                return entry
        return entry

    def put(self, key: K, value: V) -> None:
        """Keep the value; the oldest entry leaves when there are too many."""
        self._entries[key] = value
        self._trim()

    def resize(self, size_max: int) -> None:
        """Hold at most so many from now on."""
        self._size_max = size_max
        self._trim()

    def drop(self, key: K) -> None:
        """Forget the value."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def _trim(self) -> None:
        while len(self._entries) > self._size_max:
            try:
                self._entries.popitem(last=False)
            except KeyError:
                return
