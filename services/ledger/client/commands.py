"""The commands of retention inside one process: each goes straight to its verb."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.end_day import EndDays
from services.ledger.application.end_holds import EndHolds
from services.ledger.application.ended_holds import EndedHolds
from services.ledger.application.erasure_steps import ErasureSteps
from services.ledger.application.overlaps import Overlaps
from services.ledger.application.rotate_week import RotateWeek
from services.ledger.application.sweep import Sweep
from services.ledger.contract.commands import ErasureWork


class InProcessRetention(msgspec.Struct, frozen=True, kw_only=True):
    """Implements RetentionCommands; ``wait_until_seen`` blocks until the projections have seen all that is recorded."""

    wait_until_seen: Callable[[], None]
    days: EndDays
    ended_holds: EndedHolds
    hold_keys: EndHolds
    erasures: ErasureSteps
    sweeps: Sweep
    weeks: RotateWeek
    overlaps: Overlaps

    async def settle(self) -> None:
        """See RetentionCommands."""
        await run_sync(self.wait_until_seen)

    async def due_days(self) -> list[date]:
        """See RetentionCommands."""
        return await self.days.due_days()

    async def end_day(self, day: date) -> None:
        """See RetentionCommands."""
        await self.days.end_day(day)

    async def keep_ahead(self) -> int:
        """See RetentionCommands."""
        return await self.days.keep_ahead()

    async def sweep(self) -> int:
        """See RetentionCommands."""
        return await self.sweeps.sweep()

    async def open_erasures(self) -> list[ErasureWork]:
        """See RetentionCommands."""
        return await self.erasures.open()

    async def advance_erasure(self, erasure_id: UUID) -> str:
        """See RetentionCommands."""
        return await self.erasures.advance(erasure_id)

    async def release_ended_holds(self) -> int:
        """See RetentionCommands; the keys of whatever was released go with it."""
        released = await self.ended_holds.release_ended()
        await self.hold_keys.destroy_released()
        return released

    async def settle_overlaps(self) -> int:
        """See RetentionCommands."""
        return await self.overlaps.settle()

    async def rotate_week(self) -> int:
        """See RetentionCommands."""
        return await self.weeks.rotate_week()
