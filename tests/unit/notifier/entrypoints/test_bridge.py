"""The ledger's commands from a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest

from services.ledger.contract.commands import DutyAt
from services.notifier.entrypoints.bridge import LedgerBridge
from services.runtime import limits
from services.runtime.errors import Unavailable
from tests.support.notifier import PERSON, FakeCommands, FakeLedger, LoopThread, duty_at


class StuckCommands(FakeCommands):
    """Never answers."""

    async def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """Wait for ever."""
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    """A loop that runs."""
    running = LoopThread()
    yield running
    running.close()


def test_commands_are_run_in_the_loop_of_the_ledger(thread: LoopThread) -> None:
    """Their answers and their errors come back to the thread that asked."""
    ledger = FakeLedger()
    ledger.owe(duty_at())
    bridge = LedgerBridge(FakeCommands(ledger), thread.loop, ledger.has_seen)
    assert list(bridge.duties_of(0, PERSON)) == [duty_at()]
    assert bridge.may_tell_person(0, PERSON)
    ledger.failing = KeyError()
    with pytest.raises(KeyError):
        bridge.duties_of(0, PERSON)


def test_how_far_the_projections_are_is_asked_without_the_loop(thread: LoopThread) -> None:
    """It is a comparison of two numbers."""
    ledger = FakeLedger()
    ledger.seen = 7
    bridge = LedgerBridge(FakeCommands(ledger), thread.loop, ledger.has_seen)
    assert [bridge.has_seen(0, 7), bridge.has_seen(0, 8)] == [True, False]


def test_a_command_that_does_not_end_is_given_up(thread: LoopThread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread goes on after a bounded time, with an error that may be tried again."""
    monkeypatch.setattr(limits, "NOTIFIER_COMMAND_SECONDS_MAX", 0.05)
    ledger = FakeLedger()
    with pytest.raises(Unavailable):
        LedgerBridge(StuckCommands(ledger), thread.loop, ledger.has_seen).duties_of(0, PERSON)


def test_a_ledger_that_is_closed_is_unavailable() -> None:
    """A loop that is no more gives an error of ours, and no complaint about a command nobody awaited."""
    running = LoopThread()
    running.close()
    ledger = FakeLedger()
    with pytest.raises(Unavailable):
        LedgerBridge(FakeCommands(ledger), running.loop, ledger.has_seen).duties_of(0, PERSON)
