"""A bounded cache of what lies in lanes, of which a whole lane is forgotten at once, however much there is of it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from services.ledger.application.bounded_cache import BoundedCache

K = TypeVar("K", bound=tuple[Any, ...])
V = TypeVar("V")


class LaneCache(Generic[K, V]):
    """For keys that begin with their lane. Lanes share the room alike, since persons are spread over them alike."""

    __slots__ = ("_lanes", "_size_max")

    def __init__(self, size_max: int) -> None:
        """Hold at most ``size_max`` entries, of all lanes together."""
        self._lanes: dict[int, BoundedCache[K, V]] = {}
        self._size_max = size_max

    def get(self, key: K) -> V | None:
        """The value, now the most recently used of its lane; None when it is not here."""
        lane = self._lanes.get(key[0])
        return None if lane is None else lane.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep the value; the oldest entry of its lane leaves when there are too many."""
        lane = self._lanes.get(key[0])
        if lane is None:
            lane = self._open(key[0])
        lane.put(key, value)

    def drop(self, key: K) -> None:
        """Forget the value."""
        lane = self._lanes.get(key[0])
        if lane is not None:
            lane.drop(key)

    def drop_lane(self, lane: int) -> None:
        """Forget every value of this lane."""
        self._lanes.pop(lane, None)

    def _open(self, lane: int) -> BoundedCache[K, V]:
        """Make room for one lane more: the others keep what they used last."""
        opened: BoundedCache[K, V] = BoundedCache(self._size_max)
        lanes = {**self._lanes, lane: opened}
        for each in lanes.values():
            each.resize(max(self._size_max // len(lanes), 1))
        self._lanes[lane] = opened
        return opened

    def __len__(self) -> int:
        return sum(map(len, tuple(self._lanes.values())))
