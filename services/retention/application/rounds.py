"""One round of forgetting: everything that is due now, in the order in which one thing makes the next one due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from services.ledger.contract.commands import RetentionCommands
from services.runtime import limits
from services.runtime.log import Log
from services.runtime.log_events import RETENTION_DAY_ENDED, RETENTION_FAILED, RETENTION_SWEPT
from services.runtime.metrics import Metrics
from services.runtime.telemetry import OFF, Telemetry


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """How a round went: whether it did something, whether more is waiting than one may do, and what failed."""

    progressed: bool
    unfinished: bool
    failures: tuple[Exception, ...]


class RoundRunner:
    """Runs rounds. What fails is said and tried again by the next round; it keeps nothing else from being done."""

    def __init__(
        self, *, commands: RetentionCommands, log: Log, metrics: Metrics | None = None, telemetry: Telemetry = OFF
    ) -> None:
        """Do everything by ``commands``, each of which may be repeated; tell ``log`` and ``metrics``."""
        self._commands = commands
        self._log = log
        self._metrics = metrics or Metrics()
        self._telemetry = telemetry
        self._unfinished = False

    async def settle(self) -> None:
        """Wait until all that is recorded by now is seen, for who wants all of it done."""
        await self._commands.settle()

    async def run(self) -> Round:
        """Release, end, keep, erase, sweep, settle, rotate: once each, the sweep as often as a round may."""
        failures: list[Exception] = []
        done: list[bool] = []
        self._unfinished = False
        steps: tuple[tuple[str, Callable[[], Awaitable[bool]]], ...] = (
            ("release-holds", self._release_holds),
            ("end-days", self._end_days),
            ("keep-ahead", self._keep_ahead),
            ("advance-erasures", self._advance_erasures),
            ("sweep", self._sweep),
            ("settle-overlaps", self._settle_overlaps),
            ("rotate-week", self._rotate_week),
        )
        for name, step in steps:
            try:
                done.append(await step())
            except Exception as error:  # noqa: BLE001 - said loudly, and the round goes on with what does not lean on it
                failures.append(error)
                code = getattr(error, "code", None)
                self._metrics.count("grootboek_retention_failures_total", step=name)
                self._log.write(RETENTION_FAILED, step=name, error=type(error).__name__, code=code)
        return Round(progressed=any(done), unfinished=self._unfinished, failures=tuple(failures))

    async def _release_holds(self) -> bool:
        return bool(await self._commands.release_ended_holds())

    async def _end_days(self) -> bool:
        """Every day that has passed, the oldest first; a day that cannot be ended keeps those after it waiting."""
        days = await self._commands.due_days()
        self._metrics.set("grootboek_days_due", len(days))
        for ended, day in enumerate(days, start=1):
            with self._telemetry.span("retention.step", step="end-days"):
                await self._commands.end_day(day)
            self._metrics.set("grootboek_days_due", len(days) - ended)
            self._log.write(RETENTION_DAY_ENDED, day=day.isoformat())
        return bool(days)

    async def _keep_ahead(self) -> bool:
        return bool(await self._commands.keep_ahead())

    async def _advance_erasures(self) -> bool:
        """Every open erasure; one that cannot go on does not stop the others."""
        failed: Exception | None = None
        progressed = False
        erasures = await self._commands.open_erasures()
        self._metrics.set("grootboek_erasures_open", len(erasures))
        for work in erasures:
            try:
                with self._telemetry.span("retention.step", step="advance-erasures"):
                    state = await self._commands.advance_erasure(work.erasure_id)
                progressed = progressed or state != work.state
            except Exception as error:  # noqa: BLE001 - raised below, after the others had their turn
                failed = error
        if failed is not None:
            raise failed
        return progressed

    async def _sweep(self) -> bool:
        """Batch after batch, up to the bound of a round."""
        for number in range(limits.RETENTION_SWEEPS_PER_ROUND_MAX):
            swept = await self._commands.sweep()
            if not swept:
                return number > 0
            self._log.write(RETENTION_SWEPT, events=swept)
        self._unfinished = True
        return True

    async def _settle_overlaps(self) -> bool:
        return bool(await self._commands.settle_overlaps())

    async def _rotate_week(self) -> bool:
        return bool(await self._commands.rotate_week())
