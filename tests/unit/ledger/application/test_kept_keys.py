"""Content keys that outlive their day: whom they open for, and what they never do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from uuid import UUID

import msgspec
import pytest

from services.ledger.application.retention_ports import KeptLine
from services.ledger.contract.errors import RecordEnded
from services.ledger.domain.stored import KeptKey, StoredEvent
from services.runtime.crypto import SealBroken
from tests.support.ending_keys import EndingLedger, KeyVerbs
from tests.support.processes import Process, dossier_of, memory_world
from tests.support.recording import BSNS, NOW, person

DAY = NOW.date() + timedelta(days=3)
AFTER, LATER = DAY + timedelta(days=1), DAY + timedelta(days=10)
HOLD, OTHER = UUID(int=7), UUID(int=8)

Story = Callable[[EndingLedger, Process, KeyVerbs, StoredEvent, StoredEvent], Awaitable[None]]


def run(story: Story) -> None:
    """Tell a story of a ledger with two records until DAY, of two persons."""

    async def told() -> None:
        async with memory_world() as world, world.process() as process:
            ledger = EndingLedger(world.tables)
            await process.record("a", *(ledger.lasting(3, subjects=(person(bsn),)) for bsn in BSNS[:2]))
            first, second = ledger.acts()
            await story(ledger, process, ledger.join(process), first, second)

    asyncio.run(told())


def line(event: StoredEvent, *holds: UUID) -> KeptLine:
    """A line that is kept by these holds, or else until LATER."""
    return KeptLine(event.lane, event.position, None if holds else LATER, holds)


def place(event: StoredEvent) -> tuple[int, int]:
    """Where it stands."""
    return event.lane, event.position


def wraps_of(ledger: EndingLedger, event: StoredEvent) -> tuple[KeptKey, ...]:
    """The wraps of an event."""
    return ledger.tables.identities.kept_keys([place(event)]).get(place(event), ())


@pytest.mark.parametrize("days_late", [1, 2, 40])
def test_a_record_that_has_ended_is_not_prolonged(days_late: int) -> None:
    """After its last day a record gets no other, ended by the ledger or not yet, and none beside it does either."""

    async def story(
        ledger: EndingLedger, process: Process, verbs: KeyVerbs, first: StoredEvent, second: StoredEvent
    ) -> None:
        verbs.kept.prolong([second], LATER + timedelta(days=90))
        ledger.go_to(DAY + timedelta(days=days_late), time(0, 0))
        for _ in range(2):
            with pytest.raises(RecordEnded):
                verbs.kept.prolong([second, first], LATER + timedelta(days=100))
            await verbs.end_due()
        assert wraps_of(ledger, first) == ()
        assert len(wraps_of(ledger, second)) == 1
        assert [content is not None for content in process.opener.open([first, second])] == [False, True]

    run(story)


def test_until_its_last_minute_a_record_is_prolonged() -> None:
    """On its last day a record may get a later one; given one it may get another, also after its first one passed."""

    async def story(
        ledger: EndingLedger, process: Process, verbs: KeyVerbs, first: StoredEvent, second: StoredEvent
    ) -> None:
        ledger.go_to(DAY, time(23, 59, 59))
        verbs.kept.prolong([first], LATER)
        ledger.go_to(LATER, time(23, 59, 59))
        await verbs.end_due()
        verbs.kept.prolong([first], LATER + timedelta(days=1))
        with pytest.raises(RecordEnded):
            verbs.kept.prolong([second], LATER)
        ledger.go_to(LATER + timedelta(days=1))
        await verbs.end_due()
        assert process.opener.open([first])[0] is not None

    run(story)


def test_a_record_that_only_a_hold_keeps_is_not_prolonged() -> None:
    """What has ended and is still there for a proceeding gets no later end: the hold keeps it, not a term."""

    async def story(
        ledger: EndingLedger, process: Process, verbs: KeyVerbs, first: StoredEvent, second: StoredEvent
    ) -> None:
        ledger.lines.hold(HOLD, place(first))
        ledger.go_to(AFTER)
        await verbs.end_due()
        assert process.opener.open([first])[0] is not None
        with pytest.raises(RecordEnded):
            verbs.kept.prolong([first], LATER)

    run(story)


def test_what_needs_no_wrap_gets_none() -> None:
    """An earlier end, an erased record, a skeleton and a swept event are left as they are; wrapping twice is once."""

    async def story(
        ledger: EndingLedger, process: Process, verbs: KeyVerbs, first: StoredEvent, second: StoredEvent
    ) -> None:
        verbs.kept.prolong([first], DAY)
        verbs.kept.prolong([first], DAY - timedelta(days=1))
        empty = [msgspec.structs.replace(first, state=b""), msgspec.structs.replace(first, envelope=None, state=None)]
        verbs.kept.prolong(empty, LATER)
        await process.fence([dossier_of(second)])
        verbs.kept.prolong([second], LATER)
        assert verbs.kept.keep([line(second, HOLD)]) == 0
        assert verbs.kept.keep([]) == 0
        assert wraps_of(ledger, first) == wraps_of(ledger, second) == ()
        assert [verbs.kept.keep([line(first, HOLD), line(first)]) for _ in range(2)] == [2, 0]

    run(story)


def test_a_wrap_opens_its_own_event_only() -> None:
    """A wrap that is moved to another event, or under another keeper's name, is broken and opens nothing."""

    async def story(
        ledger: EndingLedger, process: Process, verbs: KeyVerbs, first: StoredEvent, second: StoredEvent
    ) -> None:
        verbs.kept.keep([line(first, HOLD), line(second, OTHER)])
        ledger.go_to(AFTER)
        (own,), (other,) = wraps_of(ledger, first), wraps_of(ledger, second)
        kept = ledger.tables.identities.kept  # type: ignore[attr-defined]
        for wrapped, keeper in ((other.wrapped, own.keeper), (own.wrapped, other.keeper)):
            kept[place(first)] = {keeper: KeptKey(*place(first), keeper, wrapped)}
            with pytest.raises(SealBroken):
                process.opener.open([first])
        kept[place(first)] = {own.keeper: own}
        assert process.opener.open([first])[0] is not None

    run(story)


def test_any_keeper_that_lives_is_enough() -> None:
    """An event with several wraps opens as long as one of their keepers lives."""

    async def story(
        ledger: EndingLedger, process: Process, verbs: KeyVerbs, first: StoredEvent, second: StoredEvent
    ) -> None:
        verbs.kept.keep([line(first, HOLD, OTHER), line(first)])
        ledger.go_to(AFTER)
        await verbs.end_due()
        seen = []
        for key_id in (f"hold:{OTHER}", f"day:{LATER}", f"hold:{HOLD}"):
            seen.append(process.opener.open([first])[0] is not None)
            ledger.tables.vault.destroy(key_id)
            ledger.tables.clock.advance(seconds=1)
            process = Process(ledger.tables, process.appender)
        seen.append(process.opener.open([first])[0] is not None)
        assert seen == [True, True, True, False]

    run(story)


def test_nothing_is_kept_by_what_is_gone() -> None:
    """A hold that was released and a day that has passed get no secret any more, so nothing is wrapped under them."""

    async def story(
        ledger: EndingLedger, process: Process, verbs: KeyVerbs, first: StoredEvent, second: StoredEvent
    ) -> None:
        ledger.tables.store.destroy_hold(HOLD, NOW)
        ledger.tables.vault.destroy(f"hold:{OTHER}")
        passed = KeptLine(*place(first), NOW.date() - timedelta(days=1), (HOLD, OTHER))
        assert verbs.kept.keep([passed]) == 0
        assert wraps_of(ledger, first) == ()

    run(story)
