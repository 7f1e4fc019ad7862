"""The services that live beside a ledger in one process: retention and notifier, each through its commands."""

from __future__ import annotations

from pathlib import Path

from services.ledger.main import LedgerProcess
from services.notifier.contract.desk import LetterDesk
from services.notifier.main import NotifierProcess
from services.retention.main import RetentionProcess
from services.runtime.errors import GrootboekError, Kind
from services.runtime.log import Log
from services.runtime.metrics import Metrics
from services.runtime.telemetry import OFF, Telemetry


class NotifierStopped(GrootboekError):
    """Notifier has stopped for good: nobody is reminded, and no letter leaves."""

    code = "notifier-stopped"
    kind = Kind.UNAVAILABLE
    remedy = "The log says what stopped it; start the ledger again when that is repaired."


class RetentionStopped(GrootboekError):
    """Retention has stopped for good: nothing that ended is destroyed."""

    code = "retention-stopped"
    kind = Kind.UNAVAILABLE
    remedy = "The log says what stopped it; start the ledger again when that is repaired."


class Companions:
    """Retention and notifier of one ledger; they run in one process of several, the first, and take orders in all."""

    def __init__(
        self,
        *,
        ledger: LedgerProcess,
        conninfo: str,
        home: Path,
        metrics: Metrics,
        log: Log,
        telemetry: Telemetry = OFF,
    ) -> None:
        """Act through the commands of ``ledger``, which runs; notifier keeps its things in ``home``/notifier."""
        self._ledger = ledger
        self._retention = RetentionProcess(
            commands=ledger.retention_commands, clock=ledger.clock, log=log, metrics=metrics, telemetry=telemetry
        )
        self._notifier = NotifierProcess(
            conninfo=conninfo,
            commands=ledger.notifier_commands,
            letters=ledger.letter_commands,
            make_feed=ledger.make_feed,
            has_seen=ledger.has_seen,
            folder=home / "notifier",
            clock=ledger.clock,
            log=log,
            metrics=metrics,
            status=ledger.ports().status,
            telemetry=telemetry,
        )

    @property
    def desk(self) -> LetterDesk:
        """Where letters to persons are ordered."""
        return self._notifier.desk

    async def open_desk(self) -> None:
        """Take orders for letters, which the process sends in which the companions run."""
        await self._notifier.open_desk()

    async def start(self) -> None:
        """Begin, and open the desk; on a scenario clock all that became due is done before a move of it is answered."""
        await self._notifier.start()
        await self._retention.start()
        self._ledger.follow_commits(self._notifier.wake)
        self._ledger.client.follow_clock(self._retention.catch_up)
        self._ledger.client.follow_clock(self._notifier.catch_up)
        self._ledger.client.watch(self.check)

    def check(self) -> None:
        """Raise NotifierStopped or RetentionStopped when one of them works no more; never what it was doing."""
        if self._notifier.failure is not None:
            raise NotifierStopped from self._notifier.failure
        if self._retention.failure is not None:
            raise RetentionStopped from self._retention.failure

    async def stop(self) -> None:
        """Finish what is under way; before the ledger stops, whose commands they use."""
        await self._retention.stop()
        await self._notifier.stop()
