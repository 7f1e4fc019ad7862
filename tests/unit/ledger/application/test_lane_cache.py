"""What is remembered of lanes is bounded over all of them, and one lane is forgotten without looking at the others."""

from __future__ import annotations

from services.ledger.application.lane_cache import LaneCache


def test_a_lane_is_forgotten_whole_and_alone() -> None:
    """What stands in another lane is still there, also under the same second part of the key."""
    cache: LaneCache[tuple[int, str], int] = LaneCache(10)
    for lane in (1, 2):
        for name in ("a", "b"):
            cache.put((lane, name), lane)
    cache.drop_lane(1)
    cache.drop_lane(3)
    assert [cache.get((lane, name)) for lane in (1, 2) for name in ("a", "b")] == [None, None, 2, 2]
    assert len(cache) == 2


def test_all_lanes_together_are_bounded() -> None:
    """A lane that comes later has its share at once; the others keep what they used last."""
    cache: LaneCache[tuple[int, int], int] = LaneCache(4)
    for number in range(4):
        cache.put((1, number), number)
    assert cache.get((1, 0)) == 0
    for number in range(9):
        cache.put((2, number), number)
        assert len(cache) <= 4
    assert [number for number in range(4) if cache.get((1, number)) is not None] == [0, 3]
    assert [number for number in range(9) if cache.get((2, number)) is not None] == [7, 8]


def test_more_lanes_than_room_keep_one_entry_each() -> None:
    """A cache that is smaller than the number of lanes still serves each with what it used last."""
    cache: LaneCache[tuple[int, int], int] = LaneCache(1)
    for lane in (1, 2):
        for number in (1, 2):
            cache.put((lane, number), number)
    assert [cache.get((lane, 2)) for lane in (1, 2)] == [2, 2]
    assert [cache.get((lane, 1)) for lane in (1, 2)] == [None, None]


def test_what_is_not_there_is_dropped_in_silence() -> None:
    """A value of a lane that nobody opened, and one that leaves alone."""
    cache: LaneCache[tuple[int, int], int] = LaneCache(4)
    cache.drop((1, 1))
    assert cache.get((1, 1)) is None
    cache.put((1, 1), 1)
    cache.put((1, 2), 2)
    cache.drop((1, 1))
    assert (cache.get((1, 1)), cache.get((1, 2)), len(cache)) == (None, 2, 1)
