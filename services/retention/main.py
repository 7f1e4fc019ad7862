"""Wires retention: the ledger's commands in, a task that runs rounds out."""

from __future__ import annotations

from services.ledger.contract.commands import RetentionCommands
from services.retention.application.rounds import RoundRunner
from services.retention.entrypoints.run import RetentionLoop
from services.runtime.clock import Clock
from services.runtime.log import Log
from services.runtime.metrics import Metrics
from services.runtime.telemetry import OFF, Telemetry


class RetentionProcess:
    """Retention of one ledger; of several processes of a ledger one is enough, and more do no harm."""

    def __init__(
        self,
        *,
        commands: RetentionCommands,
        clock: Clock,
        log: Log,
        metrics: Metrics | None = None,
        telemetry: Telemetry = OFF,
    ) -> None:
        """Act through ``commands`` on the time of ``clock``, which must be the ledger's own."""
        rounds = RoundRunner(commands=commands, log=log, metrics=metrics, telemetry=telemetry)
        self._loop = RetentionLoop(rounds=rounds, clock=clock)

    async def start(self) -> None:
        """Run rounds from now on, in the event loop of the caller."""
        self._loop.start()

    async def stop(self) -> None:
        """Finish the round at hand."""
        await self._loop.stop()

    async def catch_up(self) -> None:
        """Do all that is due at the present instant before it returns; raises what could not be done."""
        await self._loop.catch_up()

    @property
    def failure(self) -> BaseException | None:
        """What stopped retention for good, for the answer to whether the ledger is ready."""
        return self._loop.failure
