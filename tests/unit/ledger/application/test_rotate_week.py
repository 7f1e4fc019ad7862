"""The rotation of week keys: living dossiers open before and after, copies of dead ones open nothing in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace

import pytest

from services.ledger.application.keys import dossier_place
from services.ledger.application.pseudonyms import week_key_id
from services.ledger.application.vault_errors import KeyDestroyed
from services.ledger.contract.messages import Receipt
from services.ledger.domain.stored import AppendResult, PreparedOperation, WrappedDossierSecret
from services.runtime import limits
from services.runtime.crypto import KEY_BYTES
from tests.support.ending_keys import EndingLedger, KeyVerbs
from tests.support.interruptions import Killed, Steps, mortal
from tests.support.processes import Process, dossier_of, memory_world
from tests.support.recording import BSNS, NOW, act, person

WEEK = week_key_id(NOW.date())
NEXT_MONDAY = NOW.date() + timedelta(days=7 - NOW.date().weekday())

Story = Callable[[EndingLedger, Process, KeyVerbs], Awaitable[None]]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page hold two secrets, so that a rotation has several."""
    monkeypatch.setattr(limits, "REWRAP_SECRETS_MAX", 2)


def run(story: Story) -> None:
    """Tell a story of a ledger with five dossiers that were made in one week."""

    async def told() -> None:
        async with memory_world(2) as world, world.process() as process:
            ledger = EndingLedger(world.tables)
            await process.record("a", *(act(subjects=(person(bsn),)) for bsn in BSNS))
            await story(ledger, process, ledger.join(process))

    asyncio.run(told())


def secrets_of(ledger: EndingLedger) -> list[WrappedDossierSecret]:
    """The dossier secrets under all acts as they stand in the tables now: what a dump would hold."""
    places = [dossier_of(event) for event in ledger.acts()]
    found = ledger.tables.identities.find_generations(places)
    return [row for place in places if (row := found[place].row) is not None]


def opens(ledger: EndingLedger, row: WrappedDossierSecret) -> bool:
    """Whether a wrap, from a dump or from the tables, opens with what the vault holds."""
    place = dossier_place(row.lane, row.stream_id, row.scope, row.generation)
    try:
        return len(ledger.tables.vault.unwrap(row.wrap_key_id, row.wrapped, place)) == KEY_BYTES
    except KeyDestroyed:
        return False


def test_an_old_wrap_opens_nothing_once_no_dump_may_need_it() -> None:
    """A destroyed dossier's wrap in a dump is dead with its week's key; living ones open all the while.

    The key goes only when dumps from before the rotation are no longer kept, and is told to the register first.
    """

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        dump = secrets_of(ledger)
        ledger.tables.store.destroy_dossiers([dossier_of(ledger.acts()[0])], NOW)
        assert await verbs.weeks.rotate_week() == 0
        ledger.go_to(NEXT_MONDAY)
        assert await verbs.weeks.rotate_week() == 4
        assert process.opened() == [False, True, True, True, True]
        assert {row.wrap_key_id for row in secrets_of(ledger)} == {week_key_id(NEXT_MONDAY)}
        for day in range(1, limits.BACKUP_DAYS_MAX + 1):
            ledger.go_to(NEXT_MONDAY + timedelta(days=day))
            await verbs.weeks.rotate_week()
            assert all(opens(ledger, row) for row in dump), "a dump that is still kept must open after a restore"
        ledger.go_to(NEXT_MONDAY + timedelta(days=limits.BACKUP_DAYS_MAX + 1))
        await verbs.weeks.rotate_week()
        assert not any(opens(ledger, row) for row in dump)
        assert process.opened() == [False, True, True, True, True]
        assert [(entry.kind, entry.key_id) for entry in ledger.register.entries()] == [("week", WEEK)]

    run(story)


def test_a_rotation_that_comes_late_waits_as_long() -> None:
    """The time for which dumps are kept runs from the rotation, not from the end of the week: dumps lean on it."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        late = NEXT_MONDAY + timedelta(days=60)
        ledger.go_to(late)
        dump = secrets_of(ledger)
        await verbs.weeks.rotate_week()
        ledger.go_to(late + timedelta(days=limits.BACKUP_DAYS_MAX))
        await verbs.weeks.rotate_week()
        assert all(opens(ledger, row) for row in dump)
        ledger.go_to(late + timedelta(days=limits.BACKUP_DAYS_MAX + 1))
        await verbs.weeks.rotate_week()
        assert not any(opens(ledger, row) for row in dump)

    run(story)


def test_a_rotation_looks_once_a_week() -> None:
    """In the same week a second call reads nothing; the next process that is started looks for itself."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        ledger.go_to(NEXT_MONDAY)
        assert await verbs.weeks.rotate_week() == 5
        steps = Steps()
        dying = mortal(process, steps)
        counted = ledger.join(dying).weeks
        assert [await counted.rotate_week() for _ in range(3)] == [0, 0, 0]
        assert steps.names == ["unused_week_keys"]
        await dying.recorder.stop()

    run(story)


def test_who_writes_meanwhile_is_not_hindered() -> None:
    """Acts before, during and after a rotation are stored under secrets that open, whatever their writer remembers."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        ledger.go_to(NEXT_MONDAY)
        other = Process(ledger.tables, process.appender)
        answers = await other.record("b", *(act(subjects=(person(bsn),), case_id="z") for bsn in BSNS))
        _, meanwhile = await asyncio.gather(verbs.weeks.rotate_week(), process.record("c"))
        answers += meanwhile + await other.record("d")
        assert [type(answer) for answer in answers] == [Receipt] * 7
        assert all(process.opened())
        assert all(other.opened())
        await other.recorder.stop()

    run(story)


def test_what_hangs_on_a_destroyed_key_is_left() -> None:
    """A secret whose week key is gone cannot be wrapped anew; the others are, and the rotation comes to its end."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        lost = dossier_of(ledger.acts()[2])
        key = (lost[0], lost[1].bytes, *lost[2:])
        rows = ledger.tables.reader.rows  # type: ignore[attr-defined]
        rows[key] = ("week:2026-W01", *rows[key][1:])
        ledger.tables.vault.destroy("week:2026-W01")
        ledger.go_to(NEXT_MONDAY)
        assert await verbs.weeks.rotate_week() == 4

    run(story)


async def die_while_rotating(step: int, *, after: bool) -> bool:
    """Kill a rotation at one step, look, rotate in another process, look; whether there was such a step."""
    killed = False

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        nonlocal killed
        ledger.go_to(NEXT_MONDAY)
        steps = Steps()
        dying = mortal(process, steps)
        with steps.killing(step, after=after):
            try:
                await ledger.join(dying).weeks.rotate_week()
            except Killed:
                killed = True
        await dying.recorder.stop()
        assert all(process.opened())
        await verbs.weeks.rotate_week()
        assert {row.wrap_key_id for row in secrets_of(ledger)} == {week_key_id(NEXT_MONDAY)}
        fresh = Process(ledger.tables, process.appender)
        assert all(fresh.opened())
        await fresh.recorder.stop()

    async with memory_world(2) as world, world.process() as process:
        ledger = EndingLedger(world.tables)
        await process.record("a", *(act(subjects=(person(bsn),)) for bsn in BSNS))
        await story(ledger, process, ledger.join(process))
    return killed


def test_a_rotation_that_was_killed_at_any_step_is_ended_by_the_next_process() -> None:
    """Between any two pages every dossier opens, and the next process wraps what is left."""
    for after in (False, True):
        step = 0
        while asyncio.run(die_while_rotating(step, after=after)):
            step += 1
        assert step >= 4


def test_a_secret_that_was_destroyed_meanwhile_stays_destroyed() -> None:
    """Whoever destroys a dossier between the reading of a page and its wrapping has the last word."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        store, place = ledger.tables.store, dossier_of(ledger.acts()[0])
        rewrap = store.rewrap_dossiers

        def destroy_first(pairs: object) -> int:
            store.destroy_dossiers([place], NOW)
            return rewrap(pairs)  # type: ignore[arg-type]

        store.rewrap_dossiers = destroy_first  # type: ignore[method-assign]
        ledger.go_to(NEXT_MONDAY)
        assert await verbs.weeks.rotate_week() == 4
        assert process.opened() == [False, True, True, True, True]
        assert ledger.tables.identities.find_generations([place])[place].row is None

    run(story)


def test_what_was_sealed_in_a_week_is_not_stored_when_its_key_is_gone() -> None:
    """An act under a new secret that was on its way while the key of its week went is sealed anew, and opens."""

    async def story(ledger: EndingLedger, process: Process, verbs: KeyVerbs) -> None:
        append = process.appender.append
        held_back: list[Sequence[PreparedOperation]] = []

        async def after_weeks(operations: Sequence[PreparedOperation]) -> list[AppendResult]:
            held_back.append(operations)
            process.recorder._appender = process.appender
            for days in (0, limits.BACKUP_DAYS_MAX + 1):
                ledger.go_to(NEXT_MONDAY + timedelta(days=days))
                await verbs.weeks.rotate_week()
            return await append(operations)

        process.recorder._appender = SimpleNamespace(append=after_weeks)
        (answer,) = await process.record("late", act(subjects=(person(BSNS[0]),), case_id="new"))
        assert isinstance(answer, Receipt)
        assert [row.wrap_key_id for row in held_back[0][0].secrets] == [WEEK]
        assert WEEK not in ledger.tables.vault.key_ids("week")
        fresh = Process(ledger.tables, process.appender)
        assert fresh.opened() == [True] * 6
        await fresh.recorder.stop()

    run(story)
