"""Overlap without names: only sizes, and none that points at somebody (S39)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.overlap import CELL_MIN, PARTIES_MAX, OverlapCount, Size, count_overlap

PERSONS = [bytes([number]) for number in range(9)]
SETS = st.frozensets(st.sampled_from(PERSONS))


def patterns() -> Iterator[tuple[frozenset[bytes], ...]]:
    """The riddle of the seed: three parties that have three of nine each, in every way that differs in its overlaps."""
    first = frozenset(PERSONS[:3])
    threes = [frozenset(some) for some in combinations(PERSONS, 3)]
    yield from ((first, second, third) for second, third in product(threes, threes))


def test_three_parties_with_three_of_nine_learn_whether_they_mean_the_same_youths() -> None:
    """Over all 7,056 patterns the union is right, from three (the same youths) to nine (three others each)."""
    seen = set()
    for handed_in in patterns():
        found = count_overlap(dict(zip("abc", handed_in, strict=True)))
        together = len(handed_in[0] | handed_in[1] | handed_in[2])
        assert found.union == Size(("a", "b", "c"), together)
        seen.add(together)
    assert seen == {3, 4, 5, 6, 7, 8, 9}


@given(st.lists(SETS, min_size=2, max_size=PARTIES_MAX))
def test_every_size_equals_the_one_counted_by_hand(handed_in: list[frozenset[bytes]]) -> None:
    """Each union and intersection, person by person; what is small is not told, whether it is two, one or none."""
    sets = {f"p{number}": persons for number, persons in enumerate(handed_in)}
    found = count_overlap(sets)
    assert found.union.size == told(sum(any(one in persons for persons in sets.values()) for one in PERSONS))
    expected = [some for number in range(2, len(sets) + 1) for some in combinations(sorted(sets), number)]
    assert [size.parties for size in found.intersections] == expected
    for size in found.intersections:
        assert size.size == told(sum(all(one in sets[party] for party in size.parties) for one in PERSONS))


@given(st.lists(SETS, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_the_parties_does_not_count(handed_in: list[frozenset[bytes]], chance: object) -> None:
    """Whoever hands in first, the answer is one."""
    sets = {f"p{number}": persons for number, persons in enumerate(handed_in)}
    shuffled = list(sets.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert count_overlap(dict(shuffled)) == count_overlap(sets)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4])
def test_a_small_cell_is_told_as_fewer_than_three(size: int) -> None:
    """None, one and two look alike; three is told."""
    shared = frozenset(PERSONS[:size])
    found = count_overlap({"a": shared | {b"x", b"y", b"z"}, "b": shared | {b"u", b"v", b"w"}})
    assert found.intersections == (Size(("a", "b"), size if size >= 3 else None),)
    assert found.fewer_than == CELL_MIN == 3


@pytest.mark.parametrize("parties", [0, 1, PARTIES_MAX + 1])
def test_a_count_is_between_a_few_parties(parties: int) -> None:
    """One party has nothing to compare, and many would learn who is in whose file."""
    with pytest.raises(AssertionError):
        count_overlap({f"p{number}": frozenset(PERSONS) for number in range(parties)})


def test_the_most_parties_still_count() -> None:
    """The bound itself is allowed."""
    found = count_overlap({f"p{number}": frozenset(PERSONS) for number in range(PARTIES_MAX)})
    assert isinstance(found, OverlapCount)
    assert len(found.intersections) == 2**PARTIES_MAX - PARTIES_MAX - 1


def told(size: int) -> int | None:
    """What is told of a size."""
    return size if size >= 3 else None
