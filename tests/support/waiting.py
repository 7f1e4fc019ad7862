"""Waiting for what another thread or process does: asked again until it is so, and no longer than allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeVar

PAUSE_SECONDS: Final = 0.02
SECONDS_MAX: Final = 60.0
T = TypeVar("T")


def wait_until(
    condition: Callable[[], T | None], seconds: float = SECONDS_MAX, what: str = "it did not come about"
) -> T:
    """Ask again until the answer is true, and return it; fails after so many seconds, and says what is missing."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(PAUSE_SECONDS)
    return found


async def until(condition: Callable[[], T | None], seconds: float = SECONDS_MAX) -> T:
    """The same within an event loop, which goes on meanwhile; the condition is asked in another thread."""
    deadline = time.monotonic() + seconds
    while not (found := await asyncio.to_thread(condition)):
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(PAUSE_SECONDS)
    return found
