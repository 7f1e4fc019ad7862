"""A cache that never grows beyond its bound: what was used longest ago leaves first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Generic, TypeVar, cast

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
        while len(self._entries) > self._size_max:
            try:
                self._entries.popitem(last=False)
            except KeyError:
                return

    def drop(self, key: K) -> None:
        """Forget the value."""
        self._entries.pop(key, None)

    def drop_lane(self, lane: int) -> None:
        """Forget every value whose key begins with this lane; for keys that Python code does not hash."""
        # Copied in one step: another thread may add an entry meanwhile.
        for key in tuple(self._entries):
            if cast(tuple[Any, ...], key)[0] == lane:
                self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
