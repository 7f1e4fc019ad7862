"""What dies as soon as it was started is started ever more rarely; what had started well, at once again."""

from __future__ import annotations

from services.runtime.restart_pauses import RestartPauses


def test_pauses_grow_while_it_dies_young_and_begin_again_when_it_did_not() -> None:
    """Doubled up to the longest; after a life beyond the start the next pause is the shortest again."""
    pauses = RestartPauses(shortest_seconds=0.1, longest_seconds=0.5, steady_seconds=5.0)
    assert [pauses.seconds_after(lived) for lived in (0.0, 1.0, 5.0, 1.0)] == [0.1, 0.2, 0.4, 0.5]
    assert [pauses.seconds_after(lived) for lived in (5.1, 1.0, 60.0, 60.0)] == [0.1, 0.2, 0.1, 0.1]
