from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from services.runtime.siblings import APPLIED, COMMITTED, SharedPositions, Siblings, make_shared_memory

PAIR = tuple[Siblings, Siblings]


@pytest.fixture
def pair() -> Iterator[PAIR]:
    """Two workers, each with a mapping of its own of the same memory."""
    memory, pipes = make_shared_memory(2), [os.pipe(), os.pipe()]
    for end in (*pipes[0], *pipes[1]):
        os.set_blocking(end, False)
    yield (
        Siblings(number=0, positions=SharedPositions(memory, 2), ears=pipes[0][0], mouths=[pipes[1][1]]),
        Siblings(number=1, positions=SharedPositions(memory, 2), ears=pipes[1][0], mouths=[pipes[0][1]]),
    )
    for descriptor in (memory, *pipes[0], *pipes[1]):
        os.close(descriptor)


def test_the_farthest_announcement_stands(pair: PAIR) -> None:
    """Both see what either announced; one that lags behind takes nothing back."""
    assert [each.newest_position() for each in pair] == [0, 0]
    pair[1].announce(2**40)
    pair[0].announce(7)
    assert [each.newest_position() for each in pair] == [2**40, 2**40]


def test_a_nudge_is_heard_once_and_by_the_others_only(pair: PAIR) -> None:
    """However often it was said, it is heard as one; silence is nothing."""
    pair[0].nudge(COMMITTED)
    pair[0].nudge(COMMITTED)
    pair[0].nudge(APPLIED)
    assert pair[0].hear() == frozenset()
    assert pair[1].hear() == {COMMITTED, APPLIED}
    assert pair[1].hear() == frozenset()


def test_nobody_waits_for_one_who_does_not_listen(pair: PAIR) -> None:
    """Far more nudges than a pipe holds do not block."""
    for _ in range(200_000):
        pair[0].nudge(COMMITTED)
    assert pair[1].hear() == {COMMITTED}
