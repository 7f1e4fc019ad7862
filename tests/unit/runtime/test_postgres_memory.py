"""What an embedded server keeps at hand grows with the machine, within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runtime.embedded_postgres import memory_at_hand, shared_buffers_for

GIB = 2**30


@pytest.mark.parametrize(
    ("memory", "buffers"),
    [(GIB, "256MB"), (4 * GIB, "256MB"), (8 * GIB, "512MB"), (24 * GIB, "1536MB"), (256 * GIB, "2048MB")],
)
def test_a_larger_machine_keeps_more_at_hand(memory: int, buffers: str) -> None:
    """A sixteenth of the memory, at least what a small town hall needs and never so much that others starve."""
    assert shared_buffers_for(memory) == buffers


@pytest.mark.parametrize(("said", "bounded"), [("max\n", False), (f"{GIB // 8}\n", True), (f"{2**62}\n", False)])
def test_a_container_has_what_it_was_given(tmp_path: Path, said: str, bounded: bool) -> None:  # noqa: FBT001
    """Its bound counts where it is the smaller one; a container without a bound, or no container, has the machine."""
    machine = memory_at_hand(())
    assert machine > GIB // 4
    bound = tmp_path / "memory.max"
    assert memory_at_hand((bound,)) == machine
    bound.write_text(said, encoding="ascii")
    assert memory_at_hand((bound,)) == (GIB // 8 if bounded else machine)
