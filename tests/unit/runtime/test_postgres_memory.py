"""What an embedded server keeps at hand grows with the machine, within bounds."""

from __future__ import annotations

import pytest

from services.runtime.embedded_postgres import memory_of_machine, shared_buffers_for

GIB = 2**30


@pytest.mark.parametrize(
    ("memory", "buffers"),
    [(GIB, "256MB"), (4 * GIB, "256MB"), (8 * GIB, "512MB"), (24 * GIB, "1536MB"), (256 * GIB, "2048MB")],
)
def test_a_larger_machine_keeps_more_at_hand(memory: int, buffers: str) -> None:
    """A sixteenth of the memory, at least what a small town hall needs and never so much that others starve."""
    assert shared_buffers_for(memory) == buffers


def test_the_memory_of_this_machine_is_known() -> None:
    """Nothing that runs PostgreSQL has less than a quarter of a gibibyte."""
    assert memory_of_machine() > GIB // 4
