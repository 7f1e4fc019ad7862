"""What every Appender promises about fences, with the secrets that processes remember: PostgreSQL and memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest

from services.ledger.application.operation_writer import Draft
from services.ledger.contract import topics
from services.ledger.contract.errors import LedgerBusy
from services.ledger.contract.events import ErasedDossier
from services.ledger.contract.messages import Receipt
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import (
    AlreadyClaimed,
    Appended,
    DossierGeneration,
    Stale,
    StoredEvent,
    Unstorable,
    WrappedDaySecret,
)
from services.runtime import limits
from tests.support.operations import prepare, prepare_event, wrap
from tests.support.processes import Process, World, dossier_of, erased, memory_world, postgres_world
from tests.support.recording import BSNS, act, person

DAY = date(2031, 9, 10)
Open = Callable[..., AbstractAsyncContextManager[World]]
Story = Callable[[World], Awaitable[None]]


@pytest.fixture(params=["memory", "postgres"])
def run(request: pytest.FixtureRequest) -> Callable[[Story, int], None]:
    """Give a function that tells a story of a ledger with so many lanes."""
    database: str | None = request.getfixturevalue("database") if request.param == "postgres" else None

    def tell(story: Story, lanes: int = 1) -> None:
        async def told() -> None:
            async with asyncio.timeout(60):
                world = memory_world(lanes) if database is None else postgres_world(database, lanes)
                async with world as opened:
                    await story(opened)

        asyncio.run(told())

    return tell


def place_of(stream_id: UUID, lane: int = 0) -> DossierGeneration:
    """The place of the secret that ``wrap`` makes."""
    return lane, stream_id, b"scope", 1


def test_a_fence_sends_back_who_remembered(run: Callable[[Story], None]) -> None:
    """An operation that leans on the epoch before a fence is stale, and says in which lane; a newer one is stored."""

    async def story(world: World) -> None:
        async with world.process() as process:
            append, stream = process.appender.append, uuid4()
            await append([prepare(prepare_event(0, stream), secrets=(wrap(stream),), epochs=((0, 0),))])
            await append([prepare(fences=(place_of(stream),))])
            assert world.tables.identities.fence_epochs([0]) == {0: 1}
            late, newer = prepare(epochs=((0, 0),)), prepare(epochs=((0, 1),))
            results = await append([late, newer, prepare()])
            assert results[0] == Stale(fenced=(0,))
            assert [type(result) for result in results[1:]] == [Appended, Appended]
            assert world.tables.store.dossiers_of(0, stream) == [(b"scope", 1, "fenced")]

    run(story)


def test_a_fence_holds_for_what_stands_behind_it_in_one_call(run: Callable[[Story], None]) -> None:
    """In one call what stands before a fence is stored before it, and what leans on it from behind is stale."""

    async def story(world: World) -> None:
        async with world.process() as process:
            stream = uuid4()
            before = prepare(prepare_event(0, stream), secrets=(wrap(stream),), epochs=((0, 0),))
            fence = prepare(prepare_event(0), fences=(place_of(stream),), epochs=((0, 0),))
            behind = prepare(prepare_event(0, stream), epochs=((0, 0),))
            listing = prepare(prepare_event(0, stream), secrets=(wrap(stream),))
            results = await process.appender.append([before, fence, behind, listing])
            assert [type(result) for result in results] == [Appended, Appended, Stale, Stale]
            assert [event.operation_id for event in world.tables.events()] == [before.operation_id, fence.operation_id]

    run(story)


def test_a_fence_commits_with_its_event_or_not_at_all(run: Callable[[Story], None]) -> None:
    """An operation that is refused, repeated or stale fences nothing."""

    async def story(world: World) -> None:
        async with world.process() as process:
            append, stream = process.appender.append, uuid4()
            first = prepare(prepare_event(0, stream), secrets=(wrap(stream),))
            await append([first])
            fences = (place_of(stream),)
            event = prepare_event(0)
            twice, again = prepare(event, event, fences=fences), prepare(operation_id=first.operation_id, fences=fences)
            nowhere, stale = prepare(prepare_event(77), fences=fences), prepare(fences=fences, epochs=((0, 5),))
            results = [(await append([each]))[0] for each in (twice, again, nowhere, stale)]
            assert [type(result) for result in results] == [Unstorable, AlreadyClaimed, Unstorable, Stale]
            assert world.tables.store.dossiers_of(0, stream) == [(b"scope", 1, "active")]
            assert world.tables.identities.fence_epochs([0]) == {0: 0}

    run(story)


def test_the_same_fence_twice_changes_nothing(run: Callable[[Story], None]) -> None:
    """A generation that is fenced, destroyed or was never there raises no epoch: nobody need read again."""

    async def story(world: World) -> None:
        async with world.process() as process:
            append, stream = process.appender.append, uuid4()
            await append([prepare(prepare_event(0, stream), secrets=(wrap(stream),))])
            fences = (place_of(stream), place_of(uuid4()))
            await append([prepare(fences=fences)])
            results = await append([prepare(fences=fences), prepare(fences=fences, epochs=((0, 1),))])
            assert isinstance(results[0], Appended)
            assert world.tables.identities.fence_epochs([0]) == {0: 1}
            world.tables.store.destroy_dossiers(fences, world.tables.clock.now())
            await append([prepare(fences=fences)])
            assert world.tables.identities.fence_epochs([0]) == {0: 1}
            assert world.tables.store.dossiers_of(0, stream) == [(b"scope", 1, "destroyed")]

    run(story)


def test_fences_over_lanes_stand_together(run: Callable[[Story, int], None]) -> None:
    """One operation fences in every lane it names, also where it has no event, and nowhere else."""

    async def story(world: World) -> None:
        async with world.process() as process:
            append, low, high = process.appender.append, uuid4(), uuid4()
            await append([prepare(prepare_event(1, low), secrets=(wrap(low, lane=1),))])
            await append([prepare(prepare_event(3, high), secrets=(wrap(high, lane=3),))])
            fences = (place_of(high, 3), place_of(low, 1))
            await append([prepare(prepare_event(0), prepare_event(1), fences=fences)])
            assert world.tables.identities.fence_epochs(range(5)) == {0: 0, 1: 1, 2: 0, 3: 1}
            leaning = prepare(prepare_event(0), prepare_event(3), epochs=((0, 0), (3, 0)))
            assert await append([leaning]) == [Stale(fenced=(3,))]

    run(story, 4)


def test_a_day_ends_with_its_event(run: Callable[[Story, int], None]) -> None:
    """A day that ended has no secret to seal under any more, also in a lane that had none; its material is kept apart.

    Ending it once more raises no epoch.
    """

    async def story(world: World) -> None:
        async with world.process() as process:
            tables = world.tables
            row = WrappedDaySecret(lane=0, day=DAY, wrap_key_id=f"day:{DAY}", wrapped=b"w" * 60)
            tables.identities.create_day_secrets([row])
            ending = [prepare(prepare_event(0), prepare_event(1), days=((0, DAY), (1, DAY))) for _ in range(2)]
            for operation in ending:
                assert isinstance((await process.appender.append([operation]))[0], Appended)
            tables.identities.create_day_secrets([WrappedDaySecret(lane=1, day=DAY, wrap_key_id="x", wrapped=b"x")])
            assert tables.identities.day_secrets([(0, DAY), (1, DAY)]) == {(0, DAY): None, (1, DAY): None}
            assert tables.identities.fence_epochs([0, 1]) == {0: 1, 1: 1}
            assert tables.store.ending_secrets(DAY) == [row]

    run(story, 2)


def sealed_acts(world: World) -> list[StoredEvent]:
    """The recorded acts in order."""
    return world.tables.events(topics.PROCESSING_RECORDED)


def test_a_fenced_generation_is_never_written_to_again(run: Callable[[Story], None]) -> None:
    """A process that remembers a dossier which another one fenced opens its next generation instead."""

    async def story(world: World) -> None:
        async with world.process() as first, world.process() as second:
            assert isinstance((await first.record("a"))[0], Receipt)
            assert isinstance((await second.record("b"))[0], Receipt)
            fenced = dossier_of(sealed_acts(world)[0])
            await second.fence([fenced])
            for process, key in ((first, "c"), (second, "d")):
                assert isinstance((await process.record(key))[0], Receipt)
            generations = [event.read_envelope().generation for event in sealed_acts(world)]
            assert generations == [1, 1, 2, 2]
            assert first.opened() == second.opened() == [False, False, True, True]

    run(story)


def test_a_fence_is_seen_at_once_by_who_reads(run: Callable[[Story], None]) -> None:
    """What a process opened a moment ago does not open after a fence, nor after a destruction, in another one."""

    async def story(world: World) -> None:
        async with world.process() as first, world.process() as second:
            await first.record("a", act(), act(subjects=(person(BSNS[1]),)))
            assert first.opened() == second.opened() == [True, True]
            one, other = (dossier_of(event) for event in sealed_acts(world))
            await second.fence([one])
            assert first.opened() == second.opened() == [False, True]
            world.tables.store.destroy_dossiers([other], world.tables.clock.now())
            assert first.opened() == second.opened() == [False, False]
            await first.record("b", act(), act(subjects=(person(BSNS[1]),)))
            assert second.opened() == [False, False, True, True]

    run(story)


def test_what_was_decided_before_a_fence_is_decided_again(run: Callable[[Story], None]) -> None:
    """A draft that was made before something in its lane ended is made anew, so what it decided on still holds."""

    async def story(world: World) -> None:
        async with world.process() as first, world.process() as second:
            await first.record("a")
            (event,) = sealed_acts(world)
            seen: list[bool] = []

            def draft(_: datetime) -> list[Draft]:
                seen.append(first.opener.open([event])[0] is not None)
                if seen == [True]:
                    asyncio.run_coroutine_threadsafe(second.fence([dossier_of(event)]), loop).result()
                fields = {"criteria": f"readable: {seen[-1]}"}
                return [Draft(lane=0, stream_id=event.stream_id, topic=topics.DATA_READ, scope=b"", fields=fields)]

            loop = asyncio.get_running_loop()
            written = await first.writer.write(party="college", key="decide", canonical=b"decide", draft=draft)
            assert seen == [True, False]
            assert written.events[0].envelope.criteria == "readable: False"

    run(story)


def test_a_repeated_request_is_answered_as_the_first(run: Callable[[Story], None]) -> None:
    """A request for erasure that was stored is found again under its key and fences nothing that came later."""

    async def story(world: World) -> None:
        async with world.process() as first, world.process() as second:
            await first.record("a")
            fenced = dossier_of(sealed_acts(world)[0])
            written = await first.fence([fenced])
            await first.record("b")
            again = await second.fence([(*fenced[:3], 2)])
            assert (written.existing, again.existing) == (False, True)
            assert [event.position for event in again.events] == [event.position for event in written.events]
            assert first.opened() == [False, True]

    run(story)


def test_writers_and_fences_at_once(run: Callable[[Story, int], None]) -> None:
    """While dossiers are fenced, every act of three writers is stored, none of them behind the fence of its dossier."""

    async def story(world: World) -> None:
        async with world.process() as first, world.process() as second, world.process() as third:
            await first.record("begin", *(act(subjects=(person(bsn),)) for bsn in BSNS))
            people = sealed_acts(world)

            async def write(process: Process, name: str) -> list[object]:
                answers: list[object] = []
                for number in range(12):
                    answers += await process.record(f"{name}{number}", *(act(subjects=(person(bsn),)) for bsn in BSNS))
                return answers

            async def fence(process: Process) -> None:
                for number, event in enumerate(people * 3):
                    lane, stream_id, scope, _ = dossier_of(event)
                    dossiers = await asyncio.to_thread(world.tables.store.dossiers_of, lane, stream_id)
                    active = [(lane, stream_id, s, g) for s, g, state in dossiers if (s, state) == (scope, "active")]
                    await process.fence(active, f"fence{number}")

            parts = await asyncio.gather(write(first, "x"), write(second, "y"), fence(third), fence(second))
            answers = [answer for part in parts if part is not None for answer in part]
            assert len(answers) == 120
            assert all(isinstance(answer, Receipt) for answer in answers), answers
            assert_nothing_behind_a_fence(world)
            assert first.opened() == second.opened() == third.opened()

    run(story, 2)


def assert_nothing_behind_a_fence(world: World) -> None:
    """No act stands behind the fence of its own generation in the order of the lane."""
    fenced: dict[ErasedDossier, int] = {}
    for event in world.tables.events(topics.ERASURE_REQUESTED):
        for dossier in event.read_envelope().erased_dossiers:
            if dossier.lane == event.lane:
                fenced.setdefault(dossier, event.position)
    assert len(fenced) > 5
    for event in sealed_acts(world):
        assert event.position < fenced.get(erased(dossier_of(event)), event.position + 1)


def test_who_is_sent_back_for_ever_hears_that_the_ledger_is_busy(
    run: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fences without end do not keep a caller for ever: after the bound he is told, and nothing was stored."""
    monkeypatch.setattr(limits, "PREPARE_FENCED_MAX", 3)

    async def story(world: World) -> None:
        async with world.process() as process:
            append = process.appender.append

            async def fence_first(operations: list[object]) -> list[object]:
                stream = uuid4()
                await append([prepare(prepare_event(0, stream), secrets=(wrap(stream),))])
                await append([prepare(fences=(place_of(stream),))])
                return list(await append(operations))  # type: ignore[arg-type]

            monkeypatch.setattr(process.recorder._appender, "append", fence_first)
            answers = await process.record("a")
            assert isinstance(answers[0], LedgerBusy)
            monkeypatch.setattr(process.recorder._appender, "append", append)
            assert world.tables.reader.events_of_operation([operation_id_of("burgemeester", "a-1")]) == []

    run(story)
