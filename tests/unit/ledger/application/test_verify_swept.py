from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.application.verify_swept import SweptPositions

ranges = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda two: (two[0], two[0] + two[1])))


def envelope(*swept: tuple[int, int]) -> bytes:
    """What a sweep says."""
    return msgspec.json.encode({"operationId": "x", "swept": swept})


@given(st.lists(ranges, max_size=4))
def test_exactly_what_any_sweep_names_is_swept(sweeps: list[list[tuple[int, int]]]) -> None:
    """However the ranges of several sweeps lie to one another, a position is in when one of them holds it."""
    swept = SweptPositions()
    for named in sweeps:
        assert swept.add(100, envelope(*named))
    expected = {place for named in sweeps for low, high in named for place in range(low, high + 1)}
    assert {place for place in range(101) if place in swept} == expected


@pytest.mark.parametrize("named", [((3, 2),), ((0, 1),), ((5, 10),), ((1, 2), (9, 11))])
def test_a_sweep_that_cannot_be_names_nothing(named: tuple[tuple[int, int], ...]) -> None:
    """A range that is reversed, lies below the first position or reaches the sweep itself counts for nothing."""
    swept = SweptPositions()
    assert not swept.add(10, envelope(*named))
    assert not any(place in swept for place in range(20))


@pytest.mark.parametrize("broken", [None, b"", b"{", b'{"swept": [[1]]}', b'{"swept": "all"}'])
def test_a_sweep_that_cannot_be_read_names_nothing(broken: bytes | None) -> None:
    """An envelope that is gone or no envelope is told to the caller."""
    assert not SweptPositions().add(10, broken)
