"""The end of a hold: what only it kept is gone, what something else keeps as well is not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from services.ledger.domain.stored import StoredEvent
from tests.support.ending_keys import EndingLedger
from tests.support.interruptions import Killed, Steps, mortal
from tests.support.processes import Process, memory_world
from tests.support.recording import BSNS, NOW, person

DAY = NOW.date() + timedelta(days=3)
AFTER = DAY + timedelta(days=1)
HOLD, BRIDGE, FREE = UUID(int=7), UUID(int=8), UUID(int=9)


async def hold_all(ledger: EndingLedger, process: Process) -> list[StoredEvent]:
    """Three records until DAY, all held beyond it; the second one by a second hold as well, placed after the day."""
    await process.record("a", *(ledger.lasting(3, subjects=(person(bsn),)) for bsn in BSNS[:3]))
    events = ledger.acts()
    places = [(event.lane, event.position) for event in events]
    ledger.lines.hold(HOLD, *places)
    ledger.lines.hold(FREE, places[2])
    ledger.go_to(AFTER)
    await ledger.join(process).end_due()
    ledger.lines.hold(BRIDGE, places[1])
    # Placed while another hold kept the line: it came in time.
    ledger.lines._holds[BRIDGE].heads = dict.fromkeys(ledger.lines._holds[BRIDGE].heads, 0)
    return events


def opened(process: Process, events: list[StoredEvent]) -> list[bool]:
    """Which of the events open."""
    return [content is not None for content in process.opener.open(events)]


def test_a_released_hold_takes_along_what_only_it_kept() -> None:
    """Another hold on a line is given the key before the first one goes; nothing is destroyed before a release."""

    async def told() -> None:
        async with memory_world(2) as world, world.process() as process:
            ledger = EndingLedger(world.tables)
            events = await hold_all(ledger, process)
            verbs = ledger.join(process)
            assert await verbs.holds.destroy_released() == 0
            assert opened(process, events) == [True, True, True]
            ledger.lines.release(HOLD)
            assert await verbs.holds.destroy_released() == 1
            assert await verbs.holds.destroy_released() == 0
            assert opened(process, events) == [False, True, True]
            assert ledger.tables.vault.key_ids("hold") == [f"hold:{BRIDGE}", f"hold:{FREE}"]
            assert ledger.tables.store.living_holds() == [BRIDGE, FREE]
            assert [entry.kind for entry in ledger.register.entries()] == ["day", "hold"]
            ledger.lines.release(BRIDGE)
            ledger.lines.release(FREE)
            assert await verbs.holds.destroy_released() == 2
            assert opened(process, events) == [False, False, False]

    asyncio.run(told())


async def die_while_releasing(step: int, *, after: bool) -> bool:
    """Kill the end of a hold at one step, look, end it in another process, look; whether there was such a step."""
    async with memory_world(2) as world, world.process() as process:
        ledger = EndingLedger(world.tables)
        events = await hold_all(ledger, process)
        ledger.lines.release(HOLD)
        steps, killed = Steps(), False
        dying = mortal(process, steps)
        with steps.killing(step, after=after):
            try:
                await ledger.join(dying).holds.destroy_released()
            except Killed:
                killed = True
        assert opened(process, events)[1:] == [True, True]
        if f"hold:{HOLD}" not in ledger.tables.vault.key_ids("hold"):
            assert ledger.register.find(f"hold:{HOLD}") is not None
        await ledger.join(process).holds.destroy_released()
        assert opened(process, events) == [False, True, True]
        assert ledger.tables.vault.key_ids("hold") == [f"hold:{BRIDGE}", f"hold:{FREE}"]
        assert ledger.tables.store.living_holds() == [BRIDGE, FREE]
        return killed


def test_a_release_that_was_killed_at_any_step_is_ended_by_the_next_process() -> None:
    """Whichever step was the last, taken or not, what another hold keeps opens, and the rest goes in the end."""
    for after in (False, True):
        step = 0
        while asyncio.run(die_while_releasing(step, after=after)):
            step += 1
        assert step >= 6
