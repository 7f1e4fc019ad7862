"""A world for the tests of notifier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.notifier_world import World, world_over


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    """The verbs of notifier over an empty database, without any routes."""
    with world_over(database, tmp_path) as made:
        yield made
