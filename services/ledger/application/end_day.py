"""Ends days: what was recorded until a day is gone when it has passed, save what is kept longer.

The order: the end is announced in every lane, which fences the day there; when the projections have seen that,
they know everything that came in time and is kept; that is wrapped anew; the erasure register is told; the day's
key in the vault is destroyed; then its rows. The vault comes before the rows, because it may fail, as one write
does: whole or not at all. Until then nothing has been destroyed, and the rows that still live say that the day
is still due. What came after the announcement was sealed under nothing, so nobody needs to look for it.

Everything may be repeated, also by two processes at once, and go on wherever it was killed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.kept_keys import KeptKeys
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.ports import Vault
from services.ledger.application.pseudonyms import day_key_id
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister, KeptLines, KeyStore
from services.ledger.contract import topics
from services.ledger.domain.identity import LEDGER, lane_stream
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.errors import GrootboekError, Kind

WaitFor = Callable[[int, int], None]
"""Blocks until the projections have applied a lane up to a position; raises when that takes too long."""


class DayNotOver(GrootboekError):
    """This day has not passed yet; nothing is ever destroyed early."""

    code = "day_not_over"
    remedy = "End the day when it has passed in Amsterdam by the clock of the ledger."
    kind = Kind.CONFLICT


class EndDays:
    """The verbs ``due_days``, ``end_day`` and ``keep_ahead``."""

    def __init__(
        self,
        *,
        writer: OperationWriter,
        lines: KeptLines,
        kept: KeptKeys,
        store: KeyStore,
        vault: Vault,
        register: ErasureRegister,
        wait_for: WaitFor,
        clock: Clock,
    ) -> None:
        """Announce through ``writer``; ask ``lines`` what outlives a day; destroy in ``vault`` and ``store``."""
        self._writer = writer
        self._lines = lines
        self._kept = kept
        self._store = store
        self._vault = vault
        self._register = register
        self._wait_for = wait_for
        self._clock = clock

    async def due_days(self) -> list[date]:
        """The days that have passed and were not ended, or not to the end, ascending."""
        return await run_sync(self._due_days)

    async def end_day(self, day: date) -> None:
        """End a day that has passed; DayNotOver for today or later. What the vault raises leaves the day due."""
        if day >= self._today():
            raise DayNotOver
        key = f"day-ended:{day.isoformat()}"
        drafting = partial(self._draft, day)
        written = await self._writer.write(party=LEDGER, key=key, canonical=key.encode(), draft=drafting)
        for event in written.events:
            await run_sync(self._wait_for, event.lane, event.position)
        await run_sync(self._keep, day)
        at = written.events[0].envelope.recorded_at
        await run_sync(self._destroy, day, key, at)

    async def keep_ahead(self) -> int:
        """Wrap anew what ends today and is kept longer, so that it stays readable over midnight; how many wraps."""
        return await run_sync(self._keep, self._today())

    def _today(self) -> date:
        return amsterdam_day(self._clock.now())

    def _due_days(self) -> list[date]:
        today = self._today()
        days = {*self._lines.days_to_end(today), *self._store.living_days(today)}
        # A key whose rows are gone: left by a process that died while it made the day, or back from an older vault.
        days.update(day for day in map(day_of, self._vault.key_ids("day")) if day < today)
        return sorted(days)

    def _draft(self, day: date, now: datetime) -> list[Draft]:
        """One event per lane, which ends the day there."""
        del now
        fields = {"day": day, "record_ends": None}
        return [
            Draft(
                lane=lane,
                stream_id=lane_stream(lane),
                topic=topics.RETENTION_DAY_ENDED,
                scope=b"",
                fields=fields,
                ends_day=day,
            )
            for lane in self._store.lanes()
        ]

    def _keep(self, day: date) -> int:
        """Wrap what is kept beyond the day, lane by lane and page by page; how many wraps were made."""
        made = 0
        for lane in self._store.lanes():
            after = 0
            while lines := self._lines.kept_beyond(lane, day, after, limits.KEEP_LINES_MAX):
                made += self._kept.keep(lines, day)
                after = lines[-1].position
        return made

    def _destroy(self, day: date, key: str, at: datetime) -> None:
        """The register first, durably; then the vault, which may fail whole; then the rows, which name a due day."""
        key_id = day_key_id(day)
        entry = ErasureEntry(id=key_id, kind="day", at=at, party=LEDGER, key=key, day=day, key_id=key_id)
        self._register.append(entry)
        self._vault.destroy(key_id)
        self._store.drop_kept_keys(key_id)
        # Last: as long as they live the day is due.
        self._store.destroy_day(day, at)


def day_of(key_id: str) -> date:
    """The day of the vault key of a day."""
    return date.fromisoformat(key_id.removeprefix("day:"))
