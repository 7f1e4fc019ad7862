from __future__ import annotations

import os

import pytest

from services.runtime import limits
from services.workers.fleet import WorkersInvalid, count_workers


def test_without_a_wish_there_is_one_worker_per_processor_and_at_most_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of one processor gets one, a larger one gets two."""
    for processors, workers in ((1, 1), (2, 2), (64, 2), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda processors=processors: processors)
        assert count_workers(None) == workers
        assert count_workers("") == workers


def test_a_wish_within_the_bounds_is_granted() -> None:
    """GROOTBOEK_WORKERS counts from one to the bound."""
    assert [count_workers(str(wish)) for wish in (1, 3, limits.WORKERS_MAX)] == [1, 3, limits.WORKERS_MAX]


@pytest.mark.parametrize("wish", ["0", "-1", "two", "1.5", str(limits.WORKERS_MAX + 1), "1000", "0080", "²"])
def test_another_wish_is_refused(wish: str) -> None:
    """Anything else stops the start with what it may be."""
    with pytest.raises(WorkersInvalid) as refused:
        count_workers(wish)
    assert str(limits.WORKERS_MAX) in refused.value.remedy
