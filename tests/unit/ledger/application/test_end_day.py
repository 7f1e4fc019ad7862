"""The end of a day: what has ended is gone, what is kept is readable, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, time, timedelta
from types import SimpleNamespace
from uuid import UUID

import msgspec
import pytest

from services.ledger.application.end_day import DayNotOver
from services.ledger.application.vault_errors import VaultNotWritten
from services.ledger.contract import topics
from services.ledger.contract.messages import Receipt
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits
from tests.support.ending_keys import EndingLedger, KeyVerbs
from tests.support.interruptions import Killed, Steps, mortal
from tests.support.processes import Process, dossier_of, memory_world
from tests.support.recording import BSNS, NOW, act, person

TODAY = NOW.date()
DAY = TODAY + timedelta(days=3)
AFTER, LATER = DAY + timedelta(days=1), DAY + timedelta(days=10)
HOLD = UUID(int=7)
JUST_AFTER_MIDNIGHT = time(0, 1)

Story = Callable[[EndingLedger, Process, KeyVerbs], Awaitable[None]]


def run(story: Story, lanes: int = 1) -> None:
    """Tell a story of a ledger in memory with one process."""

    async def told() -> None:
        async with memory_world(lanes) as world, world.process() as process:
            ledger = EndingLedger(world.tables)
            await story(ledger, process, ledger.join(process))

    asyncio.run(told())


def places(*events: StoredEvent) -> list[tuple[int, int]]:
    """Where these events stand."""
    return [(event.lane, event.position) for event in events]


async def prolong(ledger: EndingLedger, verbs: KeyVerbs, event: StoredEvent, until: date) -> None:
    """Give a record a later end."""
    await asyncio.to_thread(verbs.kept.prolong, [event], until)
    ledger.lines.set_end((event.lane, event.position), until)


async def record_four(ledger: EndingLedger, process: Process) -> list[StoredEvent]:
    """Record four acts on four persons: three until DAY, the last one until LATER."""
    bodies = [ledger.lasting(3, subjects=(person(bsn),)) for bsn in BSNS[:3]]
    answers = await process.record("four", *bodies, ledger.lasting(13, subjects=(person(BSNS[3]),)))
    assert all(isinstance(answer, Receipt) for answer in answers)
    return sorted(ledger.acts(), key=lambda event: event.read_envelope().key)


def opened(process: Process, events: list[StoredEvent]) -> list[bool]:
    """Which of the events open."""
    return [content is not None for content in process.opener.open(events)]


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_day_ends_whole(lanes: int) -> None:
    """What ended is gone for good and its end stands in every lane; held, prolonged and later records still open."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        ended, held, prolonged, _ = events = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(held))
        await prolong(ledger, verbs, prolonged, LATER)
        ledger.go_to(AFTER, JUST_AFTER_MIDNIGHT)
        assert await verbs.days.due_days() == [DAY]
        await verbs.days.end_day(DAY)
        assert await verbs.days.due_days() == []
        assert opened(process, events) == [False, True, True, True]
        told = ledger.tables.events(topics.RETENTION_DAY_ENDED)
        assert [(event.lane, event.read_envelope().day) for event in told] == [(lane, DAY) for lane in range(lanes)]
        assert all(event.read_envelope().record_ends is None for event in told)
        assert sorted(verbs.waited) == places(*told)
        (entry,) = ledger.register.entries()
        assert (entry.kind, entry.day, entry.key_id, entry.key) == ("day", DAY, f"day:{DAY}", f"day-ended:{DAY}")
        assert entry.at == told[0].read_envelope().recorded_at
        assert ledger.tables.store.living_days(LATER) == []
        assert f"day:{DAY}" not in ledger.tables.vault.key_ids("day")
        ledger.go_to(TODAY)
        assert opened(process, [ended]) == [False]

    run(story, lanes)


def test_what_is_kept_lives_as_long_as_what_keeps_it() -> None:
    """A prolonged record ends on its later day, by that day's key; a held one opens until it is released."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        _, held, prolonged, later = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(held, prolonged))
        await prolong(ledger, verbs, prolonged, LATER)
        ledger.go_to(AFTER)
        assert await verbs.end_due() == [DAY]
        kept = ledger.tables.identities.kept_keys(places(held, prolonged))
        assert [[wrap.keeper for wrap in wraps] for wraps in kept.values()] == [
            [f"hold:{HOLD}"],
            [f"day:{LATER}", f"hold:{HOLD}"],
        ]
        ledger.go_to(LATER + timedelta(days=1))
        assert await verbs.end_due() == [LATER]
        assert opened(process, [held, prolonged, later]) == [True, True, False]
        assert ledger.tables.store.kept_by(0, f"day:{LATER}", 0, 9) == []
        ledger.lines.release(HOLD)
        assert await verbs.holds.destroy_released() == 1
        assert opened(process, [held, prolonged]) == [False, False]
        assert ledger.tables.identities.kept_keys(places(held, prolonged)) == {}

    run(story)


def test_a_chain_of_prolongations() -> None:
    """A record that is given one later day after the other is readable throughout, and gone after the last."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        _, _, event, _ = await record_four(ledger, process)
        for days in (3, 6, 9):
            ledger.go_to(TODAY + timedelta(days=days))
            await prolong(ledger, verbs, event, TODAY + timedelta(days=days + 3))
            ledger.go_to(TODAY + timedelta(days=days + 1))
            await verbs.end_due()
            assert opened(process, [event]) == [True]
        ledger.go_to(TODAY + timedelta(days=13))
        assert await verbs.end_due() == [TODAY + timedelta(days=12)]
        assert opened(process, [event]) == [False]

    run(story)


def test_what_ends_tonight_and_is_kept_stays_readable_over_midnight() -> None:
    """What was wrapped ahead opens in the first minute of the next day, before the day was ended; nothing else does."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(events[1]))
        ledger.go_to(DAY, time(23, 59))
        assert await verbs.days.keep_ahead() == 1
        assert await verbs.days.keep_ahead() == 0
        assert opened(process, events) == [True, True, True, True]
        ledger.go_to(AFTER, time(0, 0))
        assert opened(process, events) == [False, True, False, True]
        assert await verbs.end_due() == [DAY]
        assert opened(process, events) == [False, True, False, True]

    run(story)


@pytest.mark.parametrize("ahead_days", [0, 1, 400])
def test_a_day_that_is_not_over_is_not_ended(ahead_days: int) -> None:
    """Today and later days are refused at any time of the day, and nothing was announced or destroyed."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        ledger.go_to(DAY, time(23, 59, 59))
        with pytest.raises(DayNotOver):
            await verbs.days.end_day(DAY + timedelta(days=ahead_days))
        assert await verbs.days.due_days() == []
        assert opened(process, events) == [True, True, True, True]
        assert ledger.tables.events(topics.RETENTION_DAY_ENDED) == []
        assert ledger.register.entries() == []

    run(story)


def test_a_clock_that_steps_back_over_midnight_revives_nothing() -> None:
    """Back on a day that was ended it is not due, its records stay gone, and a new one until then is an envelope only.

    That holds for a process that remembers the day's secret from before as well.
    """

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        other = Process(ledger.tables, process.appender)
        ledger.go_to(DAY, time(23, 58))
        await other.record("remembers", ledger.lasting(3))
        ledger.go_to(AFTER, JUST_AFTER_MIDNIGHT)
        await verbs.end_due()
        ledger.go_to(DAY, time(23, 59))
        for number, writing in enumerate((process, other)):
            answers = await writing.record(f"again{number}", ledger.lasting(3, subjects=(person(BSNS[4]),)))
            assert isinstance(answers[0], Receipt)
            assert ledger.acts()[-1].state == b""
            assert opened(writing, events) == [False, False, False, True]
        assert await verbs.days.due_days() == []
        with pytest.raises(DayNotOver):
            await verbs.days.end_day(DAY)
        ledger.go_to(AFTER)
        assert await verbs.days.due_days() == []
        await other.recorder.stop()

    run(story)


def test_what_was_prepared_before_the_end_is_not_sealed_after_it() -> None:
    """An act that was sealed before midnight and comes to the append behind the end of the day is an envelope only."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        await record_four(ledger, process)
        append = process.appender.append

        async def late(operations: list[object]) -> list[object]:
            process.recorder._appender = process.appender
            ledger.go_to(AFTER, JUST_AFTER_MIDNIGHT)
            await verbs.end_due()
            return list(await append(operations))  # type: ignore[arg-type]

        ledger.go_to(DAY, time(23, 59))
        process.recorder._appender = SimpleNamespace(append=late)
        answers = await process.record("late", ledger.lasting(3, subjects=(person(BSNS[4]),)))
        assert isinstance(answers[0], Receipt)
        (ended,) = ledger.tables.events(topics.RETENTION_DAY_ENDED)
        assert (ledger.acts()[-1].position, ledger.acts()[-1].state) == (ended.position + 1, b"")

    run(story)


def test_a_hold_that_comes_behind_the_end_keeps_nothing() -> None:
    """The order of the lane decides: what was held after the end of its day was announced is not wrapped."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        ledger.go_to(AFTER)
        wait = verbs._wait_for

        def hold_then_wait(lane: int, position: int) -> None:
            ledger.lines.hold(HOLD, *places(events[0]))
            wait(lane, position)

        verbs.days._wait_for = hold_then_wait
        await verbs.end_due()
        assert opened(process, events) == [False, False, False, True]
        assert ledger.tables.vault.key_ids("hold") == []

    run(story)


def test_an_erased_record_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrap leans on the dossier too: what was erased before or after it was wrapped opens by no hold and no day."""
    monkeypatch.setattr(limits, "KEEP_LINES_MAX", 1)

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(*events[:3]))
        dossiers = [dossier_of(event) for event in events]
        await process.fence([dossiers[0]])
        ledger.go_to(AFTER)
        await verbs.end_due()
        assert opened(process, events) == [False, True, True, True]
        ledger.tables.store.destroy_dossiers([dossiers[1]], ledger.tables.clock.now())
        assert opened(process, events) == [False, False, True, True]

    run(story)


def test_what_is_about_a_record_is_kept_with_it_and_what_is_empty_is_passed_over() -> None:
    """Later events about a held record open with it; skeletons and swept events among the held ones hinder nobody."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        event, *_ = await record_four(ledger, process)
        await process.correct(event, "correction")
        (about,) = ledger.tables.events(topics.PROCESSING_CORRECTED)
        past = act(occurred_at=NOW - timedelta(days=9), record_retention=ledger.lasting(3).record_retention)
        await process.record("skeleton", past)
        skeleton = ledger.acts()[-1]
        ledger.lines.hold(HOLD, *places(event, about, skeleton))
        ledger.go_to(AFTER)
        await verbs.end_due()
        assert opened(process, [event, about, skeleton]) == [True, True, False]
        swept = [msgspec.structs.replace(each, envelope=None, state=None) for each in (event, about)]
        assert opened(process, swept) == [False, False]

    run(story)


def test_two_processes_end_the_same_days() -> None:
    """Two processes at once end every day once, and what is kept is readable in both."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(events[1], events[3]))
        other = Process(ledger.tables, process.appender)
        ledger.go_to(LATER + timedelta(days=1))
        ended, theirs = await asyncio.gather(verbs.end_due(), ledger.join(other).end_due())
        assert ended == theirs == [DAY, LATER]
        assert len(ledger.tables.events(topics.RETENTION_DAY_ENDED)) == 2
        assert [entry.day for entry in ledger.register.entries()] == [DAY, LATER]
        assert opened(process, events) == opened(other, events) == [False, True, False, True]
        await other.recorder.stop()

    run(story)


def test_a_key_that_came_back_is_destroyed_again() -> None:
    """A day whose key lives although its rows are gone, as after an older vault was put back, is due once more."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(events[1]))
        older = dict(ledger.tables.vault._contents.keys)  # type: ignore[attr-defined]
        ledger.go_to(AFTER)
        await verbs.end_due()
        ledger.tables.vault._contents.keys[f"day:{DAY}"] = older[f"day:{DAY}"]  # type: ignore[attr-defined]
        assert await verbs.end_due() == [DAY]
        assert await verbs.end_due() == []
        assert opened(process, events) == [False, True, False, True]
        assert len(ledger.register.entries()) == 1

    run(story)


def test_a_vault_that_fails_leaves_the_day_due_and_nothing_destroyed() -> None:
    """While the vault cannot be written the day stays due and its rows whole; when it can, the day ends."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        events = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(events[1]))
        ledger.go_to(AFTER)
        vault = ledger.tables.vault
        destroy = vault.destroy_all

        def fail(key_ids: Sequence[str]) -> None:
            raise VaultNotWritten

        vault.destroy_all = fail  # type: ignore[method-assign]
        for _ in range(3):
            with pytest.raises(VaultNotWritten):
                await verbs.end_due()
            assert await verbs.days.due_days() == [DAY]
            assert len(ledger.tables.store.ending_secrets(DAY)) == 1
            assert vault.key_ids("day")[0] == f"day:{DAY}"
        vault.destroy_all = destroy  # type: ignore[method-assign]
        assert await verbs.end_due() == [DAY]
        assert opened(process, events) == [False, True, False, True]
        assert len(ledger.register.entries()) == 1

    run(story)


@asynccontextmanager
async def ending(lanes: int) -> AsyncIterator[tuple[EndingLedger, Process, list[StoredEvent]]]:
    """A ledger on the morning after a day on which one record ended, one was held and one was prolonged."""
    async with memory_world(lanes) as world, world.process() as process:
        ledger = EndingLedger(world.tables)
        events = await record_four(ledger, process)
        ledger.lines.hold(HOLD, *places(events[1]))
        await prolong(ledger, ledger.join(process), events[2], LATER)
        ledger.go_to(AFTER)
        yield ledger, process, events


async def die_while_ending(lanes: int, step: int, *, after: bool) -> bool:
    """Kill the end of a day at one step, look, end it in another process, look; whether there was such a step."""
    async with ending(lanes) as (ledger, process, events):
        steps = Steps()
        dying = mortal(process, steps)
        killed = False
        with steps.killing(step, after=after):
            try:
                await ledger.join(dying).end_due()
            except Killed:
                killed = True
        await dying.recorder.stop()
        told = {entry.key_id for entry in ledger.register.entries()}
        if f"day:{DAY}" not in ledger.tables.vault.key_ids("day"):
            assert f"day:{DAY}" in told, "nothing is destroyed that the register does not know of"
            assert opened(process, events[1:]) == [True, True, True]
        verbs = ledger.join(process)
        await verbs.end_due()
        assert await verbs.days.due_days() == []
        assert opened(process, events) == [False, True, True, True]
        assert len(ledger.tables.events(topics.RETENTION_DAY_ENDED)) == lanes
        assert len(ledger.register.entries()) == 1
        assert ledger.tables.store.living_days(AFTER) == []
        return killed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_day_that_was_killed_at_any_step_is_ended_by_the_next_process(lanes: int, after: bool) -> None:  # noqa: FBT001
    """Whichever step was the last, taken or not: kept records open, and the next process ends the day as if new."""
    step = 0
    while asyncio.run(die_while_ending(lanes, step, after=after)):
        step += 1
    assert step >= 7
