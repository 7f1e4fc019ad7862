"""Looks before calls: never an old one, one for all who came meanwhile, and no failure is kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from services.ledger.client.fresh import Looks, freshen


class Look:
    """A look that takes as long as the test says."""

    def __init__(self) -> None:
        """Nobody has looked yet."""
        self.begun = 0
        self.may_end = threading.Semaphore(0)
        self.has_begun = threading.Semaphore(0)
        self.error: Exception | None = None

    def __call__(self) -> None:
        """Look, in a thread."""
        self.begun += 1
        self.has_begun.release()
        assert self.may_end.acquire(timeout=10)
        if self.error is not None:
            raise self.error


def play(story: Callable[[Look, Looks], Coroutine[Any, Any, None]]) -> Look:
    """Run a story with a look of its own."""
    look = Look()

    async def run() -> None:
        async with asyncio.timeout(10):
            await story(look, Looks(look))

    asyncio.run(run())
    return look


async def begun(look: Look) -> None:
    """Wait until the next look has begun."""
    await asyncio.to_thread(look.has_begun.acquire)


def test_who_comes_during_a_look_waits_for_the_next() -> None:
    """A look under way may have seen what was before him; all who came since share the one that follows."""

    async def story(look: Look, looks: Looks) -> None:
        first = asyncio.create_task(looks())
        await begun(look)
        later = [asyncio.create_task(looks()) for _ in range(20)]
        look.may_end.release()
        await first
        await begun(look)
        assert not any(task.done() for task in later)
        look.may_end.release()
        await asyncio.gather(*later)

    assert play(story).begun == 2


def test_a_look_that_fails_is_told_to_those_who_waited_for_it_only() -> None:
    """Whoever comes later gets a look of his own, and one who went away breaks nothing."""

    async def story(look: Look, looks: Looks) -> None:
        look.error = ValueError("away")
        impatient, patient = asyncio.create_task(looks()), asyncio.create_task(looks())
        await begun(look)
        impatient.cancel()
        look.may_end.release()
        with pytest.raises(ValueError, match="away"):
            await patient
        look.error = None
        look.may_end.release()
        await looks()

    assert play(story).begun == 2


class Port:
    """A port that says what it was asked."""

    async def ask(self, word: str, *, times: int = 1) -> str:
        """Say it."""
        return word * times

    async def ready(self) -> str:
        """Say so."""
        return "ready"


def test_every_call_but_readiness_looks_first() -> None:
    """Arguments and answer pass as they are; whether we are ready is asked of us alone."""

    async def story(look: Look, looks: Looks) -> None:
        port = freshen(Port(), looks)
        assert await port.ready() == "ready"
        assert look.begun == 0
        look.may_end.release()
        assert await port.ask("ha", times=2) == "haha"

    assert play(story).begun == 1
