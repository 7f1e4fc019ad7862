"""The task that runs a round about once a second, at every midnight at once, and ever less often while rounds fail."""

from __future__ import annotations

import asyncio
import contextlib

from services.retention.application.rounds import Round, RoundRunner
from services.retention.domain.pace import pause_after
from services.runtime import limits
from services.runtime.clock import Clock


class RetentionLoop:
    """Rounds in the event loop of the ledger, one at a time; who waits for one gets a whole one."""

    def __init__(self, *, rounds: RoundRunner, clock: Clock) -> None:
        """Run ``rounds``; ``clock`` says how far the next midnight is."""
        self._rounds = rounds
        self._clock = clock
        self._turn = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    def start(self) -> None:
        """Begin; once."""
        assert self._task is None, "started twice"
        self._task = asyncio.get_running_loop().create_task(self._work(), name="retention")

    async def stop(self) -> None:
        """Finish the round at hand and end; one that takes too long is broken off, which every step survives."""
        self._stopping.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=limits.SHUTDOWN_SECONDS_MAX)
            if not done:
                self._task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._task

    @property
    def failure(self) -> BaseException | None:
        """What ended the task although nobody told it to; what fails within a round does not."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        return self._task.exception()

    async def catch_up(self) -> None:
        """Do everything that is due now, and what becomes due by it; raises what failed."""
        for _ in range(limits.RETENTION_ROUNDS_MAX):
            await self._rounds.settle()
            done = await self._round()
            if done.failures:
                raise done.failures[0]
            if not done.progressed:
                return

    async def _work(self) -> None:
        while not self._stopping.is_set():
            done = await self._round()
            if done.unfinished and not done.failures:
                continue
            pause = pause_after(self._clock.now(), self._failures)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause.total_seconds())

    async def _round(self) -> Round:
        async with self._turn:
            done = await self._rounds.run()
            self._failures = self._failures + 1 if done.failures else 0
            return done
