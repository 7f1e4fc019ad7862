"""What a round of forgetting does, in which order, and what it does when something fails."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.ledger.application.vault_errors import VaultDamaged
from services.ledger.contract.commands import ErasureWork
from services.retention.application.rounds import RoundRunner
from services.retention.domain.pace import pause_after
from services.retention.main import RetentionProcess
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.log import MemoryLog
from services.runtime.log_events import RETENTION_DAY_ENDED, RETENTION_FAILED, RETENTION_SWEPT
from services.runtime.metrics import Metrics

DAYS = (date(2026, 9, 8), date(2026, 9, 9))
ERASURES = (UUID(int=1), UUID(int=2))


class Commands:
    """Retention commands that note what was asked; what stands in ``failing`` fails."""

    def __init__(self) -> None:
        """Two days and two erasures are waiting, and three batches to sweep."""
        self.asked: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.days = list(DAYS)
        self.batches = 3
        self.rounds = 0
        self.settled = 0
        self.states = dict.fromkeys(ERASURES, "fenced")
        self.round_over = asyncio.Event()
        self.all_swept = asyncio.Event()

    def note(self, name: str) -> None:
        """Remember a call, or fail."""
        self.asked.append(name)
        if name in self.failing:
            raise self.failing[name]

    async def settle(self) -> None:
        """Be settled."""
        self.settled += 1

    async def due_days(self) -> list[date]:
        """The days that wait."""
        return list(self.days)

    async def end_day(self, day: date) -> None:
        """End one."""
        self.note(f"end {day}")
        self.days.remove(day)

    async def keep_ahead(self) -> int:
        """Keep nothing."""
        self.note("keep")
        return 0

    async def sweep(self) -> int:
        """Sweep a batch."""
        self.note("sweep")
        self.batches -= 1
        if self.batches < 0:
            self.all_swept.set()
        return 10 if self.batches >= 0 else 0

    async def open_erasures(self) -> list[ErasureWork]:
        """The erasures that wait."""
        return [ErasureWork(erasure_id=each, state=state) for each, state in self.states.items() if state != "complete"]

    async def advance_erasure(self, erasure_id: UUID) -> str:
        """Advance one."""
        self.note(f"erase {erasure_id.int}")
        self.states[erasure_id] = "complete"
        return "complete"

    async def release_ended_holds(self) -> int:
        """Release nothing."""
        self.note("release")
        return 0

    async def settle_overlaps(self) -> int:
        """Settle none."""
        self.note("settle")
        return 0

    async def rotate_week(self) -> int:
        """Rotate nothing; the round is over."""
        self.note("rotate")
        self.rounds += 1
        self.round_over.set()
        return 0


def run_round(commands: Commands, log: MemoryLog | None = None) -> tuple[bool, list[str]]:
    """Run one round; whether it was unfinished, and the types of what failed."""
    done = asyncio.run(RoundRunner(commands=commands, log=log or MemoryLog()).run())
    return done.unfinished, [type(error).__name__ for error in done.failures]


def test_a_round_does_everything_in_order() -> None:
    """Holds are released before days end, days before erasures go on, and all of it before the sweep."""
    commands, log = Commands(), MemoryLog()
    assert run_round(commands, log) == (False, [])
    days = [f"end {day}" for day in DAYS]
    assert commands.asked == ["release", *days, "keep", "erase 1", "erase 2", *["sweep"] * 4, "settle", "rotate"]
    assert [event for event, _ in log.written] == [RETENTION_DAY_ENDED] * 2 + [RETENTION_SWEPT] * 3


def test_a_failing_vault_is_said_and_leaves_the_day_waiting() -> None:
    """A day that cannot be ended keeps later days waiting and nothing else; the log says loudly which step failed."""
    commands, log = Commands(), MemoryLog()
    commands.failing[f"end {DAYS[0]}"] = VaultDamaged()
    assert run_round(commands, log) == (False, ["VaultDamaged"])
    assert commands.days == list(DAYS)
    assert "sweep" in commands.asked
    assert (RETENTION_FAILED, {"step": "end-days", "error": "VaultDamaged", "code": "vault_damaged"}) in log.written
    commands.failing.clear()
    assert run_round(commands) == (False, [])
    assert commands.days == []


def test_an_erasure_that_cannot_go_on_stops_no_other() -> None:
    """Every open erasure has its turn, whatever became of the one before it."""
    commands = Commands()
    commands.failing["erase 1"] = OSError()
    assert run_round(commands) == (False, ["OSError"])
    assert "erase 2" in commands.asked


def test_a_round_sweeps_up_to_its_bound() -> None:
    """More to sweep than a round may do makes the round unfinished."""
    commands = Commands()
    commands.batches = 10**6
    assert run_round(commands) == (True, [])
    assert commands.asked.count("sweep") == limits.RETENTION_SWEEPS_PER_ROUND_MAX


def test_catching_up_does_all_that_is_due() -> None:
    """Who waits for retention gets rounds until one finds nothing to do, and hears what failed."""

    async def catch_up(commands: Commands) -> None:
        await RetentionProcess(commands=commands, clock=FakeClock(), log=MemoryLog()).catch_up()

    commands = Commands()
    commands.batches = limits.RETENTION_SWEEPS_PER_ROUND_MAX + 5
    asyncio.run(catch_up(commands))
    assert commands.batches < 0
    assert (commands.rounds, commands.settled) == (3, 3)
    commands.failing["keep"] = VaultDamaged()
    with pytest.raises(VaultDamaged):
        asyncio.run(catch_up(commands))


def test_the_process_runs_rounds_until_it_is_stopped() -> None:
    """A started retention does its first round at once, goes on after a failure, and ends when asked."""

    async def live() -> Commands:
        commands = Commands()
        commands.failing["keep"] = OSError()
        process = RetentionProcess(commands=commands, clock=FakeClock(), log=MemoryLog())
        await process.start()
        await commands.round_over.wait()
        await process.stop()
        return commands

    commands = asyncio.run(live())
    assert commands.rounds == 1
    assert commands.days == []


def test_an_unfinished_round_is_followed_at_once() -> None:
    """While a round leaves something to sweep the next one begins without a pause."""

    async def live() -> int:
        commands = Commands()
        commands.batches = 3 * limits.RETENTION_SWEEPS_PER_ROUND_MAX
        process = RetentionProcess(commands=commands, clock=FakeClock(), log=MemoryLog())
        await process.start()
        await commands.all_swept.wait()
        await process.stop()
        return commands.rounds

    assert asyncio.run(live()) >= 3


def test_a_round_that_does_not_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping does not wait for ever: every step can be cut short, since every step can be repeated."""
    monkeypatch.setattr(limits, "SHUTDOWN_SECONDS_MAX", 0.01)

    async def live() -> None:
        commands = Commands()

        async def hang() -> int:
            commands.round_over.set()
            await asyncio.Event().wait()
            return 0

        commands.keep_ahead = hang  # type: ignore[method-assign]
        process = RetentionProcess(commands=commands, clock=FakeClock(), log=MemoryLog())
        await process.start()
        await commands.round_over.wait()
        await process.stop()

    asyncio.run(live())


def test_failures_make_rounds_rarer_up_to_a_bound() -> None:
    """The pause doubles with every failed round and has a bound; the first good one makes it short again."""
    noon = datetime(2026, 9, 10, 10, tzinfo=UTC)
    seconds = [pause_after(noon, failures).total_seconds() for failures in (0, 1, 2, 3, 20, 10**6)]
    assert seconds == [1, 2, 4, 8, 60, 60]


def test_no_pause_lasts_over_midnight() -> None:
    """Whatever failed before, the first round of a day is at its first moment in Amsterdam."""
    midnight = datetime(2026, 9, 10, 22, tzinfo=UTC)
    assert pause_after(midnight - timedelta(seconds=20), 20) == timedelta(seconds=20)
    assert pause_after(midnight - timedelta(milliseconds=1), 0) == timedelta(milliseconds=1)
    assert pause_after(midnight, 20) == timedelta(seconds=60)


def test_the_metrics_say_what_waits_and_what_failed() -> None:
    """A day that cannot be ended stays due, an erasure that cannot go on stays open, and both failures are counted."""
    commands, metrics = Commands(), Metrics()
    commands.failing = {f"end {DAYS[1]}": VaultDamaged(), "erase 1": OSError()}
    asyncio.run(RoundRunner(commands=commands, log=MemoryLog(), metrics=metrics).run())
    assert metrics.value("grootboek_days_due") == 1
    assert metrics.value("grootboek_erasures_open") == 2
    assert metrics.value("grootboek_retention_failures_total", step="end-days") == 1
    assert metrics.value("grootboek_retention_failures_total", step="advance-erasures") == 1
    commands.failing.clear()
    commands.states[ERASURES[0]] = "fenced"
    for _ in range(2):
        asyncio.run(RoundRunner(commands=commands, log=MemoryLog(), metrics=metrics).run())
    assert metrics.value("grootboek_days_due") == 0
    assert metrics.value("grootboek_erasures_open") == 0
