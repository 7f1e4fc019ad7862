"""A ledger whose keys end: the verbs on keys over the tables that several processes share."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, cast

from services.law.act import Act, Retention
from services.law.local_time import AMSTERDAM
from services.ledger.application.end_day import EndDays
from services.ledger.application.end_holds import EndHolds
from services.ledger.application.kept_keys import KeptKeys
from services.ledger.application.retention_ports import ErasureRegister, KeptLines
from services.ledger.application.rotate_week import RotateWeek
from services.ledger.contract import topics
from services.ledger.domain.stored import StoredEvent
from services.ledger.storage.erasure_register_memory import MemoryErasureRegister
from services.runtime.ids import SystemIds
from tests.support.kept_lines import ToldLines
from tests.support.processes import Process, Tables
from tests.support.recording import act


class KeyVerbs:
    """The verbs of one process; what is told of lines and the erasure register are those of the ledger."""

    def __init__(self, process: Process, lines: ToldLines, register: ErasureRegister) -> None:
        """Wire them as in the product."""
        tables = process.tables
        self.process = process
        self.waited: list[tuple[int, int]] = []
        self.kept = KeptKeys(
            keys=process.keys, store=tables.store, reader=tables.reader, vault=tables.vault, ids=SystemIds()
        )
        told = cast(KeptLines, lines)
        self.days = EndDays(
            writer=process.writer,
            lines=told,
            kept=self.kept,
            store=tables.store,
            vault=tables.vault,
            register=register,
            wait_for=self._wait_for,
            clock=tables.clock,
        )
        self.holds = EndHolds(
            lines=told,
            released=lines.released,
            kept=self.kept,
            store=tables.store,
            vault=tables.vault,
            register=register,
            reader=tables.reader,
            wait_for=self._wait_for,
            clock=tables.clock,
        )
        self.weeks = RotateWeek(store=tables.store, vault=tables.vault, register=register, clock=tables.clock)

    def _wait_for(self, lane: int, position: int) -> None:
        """Remember that somebody waited: what a test tells of lines is never behind."""
        self.waited.append((lane, position))

    async def end_due(self) -> list[date]:
        """End every day that is due."""
        days = await self.days.due_days()
        for day in days:
            await self.days.end_day(day)
        return days


class EndingLedger:
    """What all processes of a ledger whose keys end share, and what they can read."""

    def __init__(self, tables: Tables) -> None:
        """Nothing is kept longer yet, and nothing was destroyed."""
        self.tables = tables
        self.lines = ToldLines(tables.reader, tables.lanes)
        self.register = MemoryErasureRegister()

    def join(self, process: Process) -> KeyVerbs:
        """The verbs in one process."""
        return KeyVerbs(process, self.lines, self.register)

    def acts(self) -> list[StoredEvent]:
        """The recorded acts in order."""
        return self.tables.events(topics.PROCESSING_RECORDED)

    def lasting(self, days: int, **fields: Any) -> Act:
        """A sound act of NOW whose record ends so many days later."""
        return act(record_retention=Retention(period=f"P{days}D"), **fields)

    def go_to(self, day: date, at: time = time(12)) -> None:
        """Set the clock to a day in Amsterdam."""
        self.tables.clock.set(datetime.combine(day, at, tzinfo=AMSTERDAM).astimezone(UTC))
