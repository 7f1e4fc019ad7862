"""Ports of a ledger that several processes serve: before every call we know what any of them had acknowledged by then.

The processes share nothing but the database. Persons, secrets and fences are compared with the tables where they are
used; the register is folded in memory, so whoever judges must first look whether its lane has moved. One cheap
statement serves all calls that come in while the one before it is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, cast

from anyio.to_thread import run_sync

Port = TypeVar("Port")
UNCHANGED: Final = frozenset({"ready"})
"""Whether we are ready is asked of us, not of the register."""


class Looks:
    """Calls ``look`` for whoever waits: never one that began before he came, and one for all who came since."""

    def __init__(self, look: Callable[[], None]) -> None:
        """``look`` blocks; it runs in a thread."""
        self._look = look
        self._under_way: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Wait for a look that begins after this; raises what it raised."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._under_way), name="look")
            self._next.add_done_callback(note_failure)
        await asyncio.shield(self._next)

    async def _after(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._under_way, self._next = self._next, None
        await run_sync(self._look)


def note_failure(task: asyncio.Task[None]) -> None:
    """Take note of what failed, also when everybody who waited for it has gone."""
    if not task.cancelled():
        task.exception()


def freshen(port: Port, looks: Callable[[], Awaitable[None]]) -> Port:
    """The same port; every call of it first waits for a look."""
    return cast(Port, _Fresh(port, looks))


class _Fresh:
    """Stands before a port whose methods are coroutines."""

    def __init__(self, port: object, looks: Callable[[], Awaitable[None]]) -> None:
        self._port = port
        self._looks = looks

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        if name in UNCHANGED:
            return call

        async def ask(*arguments: Any, **named: Any) -> Any:
            await self._looks()
            return await call(*arguments, **named)

        return ask
