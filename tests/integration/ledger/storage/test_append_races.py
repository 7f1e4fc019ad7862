"""The append under overlap: several writers, aborts, both write paths, killed backends."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent as LibraryEvent
from eventsourcing.utils import Environment

from services.ledger.application.ports import Appender
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.stored import AlreadyClaimed, AlreadyConfirmed, Appended, AppendResult, PreparedOperation
from services.ledger.storage.append import append_operations
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.recorder import RegisterFactory, RegisterRecorder, register_environment
from services.ledger.storage.writer import AppendWriter
from services.ledger.storage.writer_connections import connect
from services.runtime.errors import Unavailable
from tests.support.operations import identify, prepare, prepare_event, wrap
from tests.support.order import assert_order, assert_stored_once

STORY_SECONDS_MAX = 60
KILL: LiteralString = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'grootboek-append' AND datname = current_database()"
)


def tell(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story within a bound of time."""

    async def bounded() -> None:
        async with asyncio.timeout(STORY_SECONDS_MAX):
            await story()

    asyncio.run(bounded())


async def start_writers(stack: AsyncExitStack, conninfo: str, count: int) -> list[AppendWriter]:
    """Start writers that are stopped with the stack."""
    writers = [AppendWriter(conninfo=conninfo) for _ in range(count)]
    for writer in writers:
        await writer.start()
        stack.push_async_callback(writer.stop)
    return writers


def random_operation(source: random.Random, lanes: int, persons: Sequence[UUID]) -> PreparedOperation:
    """An operation of one to four persons in one or more lanes, some with a claim elsewhere."""
    chosen = source.sample(persons, source.randint(1, 4))
    spread = source.random() < 0.3
    lane = source.randrange(lanes)
    events = [prepare_event(source.randrange(lanes) if spread else lane, person) for person in chosen]
    return prepare(*events, claim_lane=source.randrange(lanes))


async def insist(writer: Appender, operation: PreparedOperation) -> AppendResult:
    """Append until the database has taken it, as a client with a key would."""
    while True:
        try:
            (result,) = await writer.append([operation])
        except Unavailable:
            continue
        return result


@pytest.mark.parametrize("lanes", [1, 4])
def test_overlapping_writers(database: str, lanes: int) -> None:
    """Four writers on shared persons leave one order per lane, and every operation once and whole."""
    open_ledger(database, lanes, "system")
    persons = [uuid4() for _ in range(20)]
    operations = [random_operation(random.Random(seed), lanes, persons) for seed in range(800)]

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 4)
            parts = [operations[start : start + 10] for start in range(0, len(operations), 10)]
            calls = [writers[index % 4].append(part) for index, part in enumerate(parts)]
            results = [result for part in await asyncio.gather(*calls) for result in part]
            assert all(isinstance(result, Appended) for result in results)

    tell(story)
    assert_order(database)
    assert_stored_once(database, [(each.operation_id, len(each.events)) for each in operations])


@pytest.mark.parametrize("lanes", [1, 4])
def test_one_operation_from_all_sides(database: str, lanes: int) -> None:
    """The same operations sent by three writers at once are stored by exactly one of them."""
    open_ledger(database, lanes, "system")
    persons = [uuid4() for _ in range(50)]
    operations = [random_operation(random.Random(seed), lanes, persons) for seed in range(200)]

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 3)
            orders = [operations, operations[::-1], sorted(operations, key=lambda each: each.operation_id)]
            answers = await asyncio.gather(
                *(writer.append(order) for writer, order in zip(writers, orders, strict=True))
            )
        kinds: dict[UUID, list[type]] = {}
        for order, results in zip(orders, answers, strict=True):
            for operation, result in zip(order, results, strict=True):
                kinds.setdefault(operation.operation_id, []).append(type(result))
        for kind in kinds.values():
            assert sorted(each.__name__ for each in kind) == ["AlreadyClaimed", "AlreadyClaimed", "Appended"]

    tell(story)
    assert_order(database)
    assert_stored_once(database, [(each.operation_id, len(each.events)) for each in operations])


def test_abort_storm_leaves_no_gap(database: str) -> None:
    """While transactions abort between the writers' commits, a reader of the tail never meets a gap."""
    open_ledger(database, 1, "system")
    operations = [prepare() for _ in range(400)]
    done = asyncio.Event()

    async def abort() -> None:
        connection = await connect(database)
        async with connection:
            while not done.is_set():
                async with connection.transaction(force_rollback=True):
                    await append_operations(connection, [prepare(), prepare(secrets=(wrap(uuid4()),))])

    async def follow() -> int:
        seen = 0
        connection = await connect(database)
        async with connection:
            while seen < len(operations):
                cursor = await connection.execute(
                    "SELECT notification_id FROM stored_events WHERE lane = 0 AND notification_id > %s"
                    " ORDER BY notification_id",
                    (seen,),
                )
                positions = [position for (position,) in await cursor.fetchall()]
                assert positions == list(range(seen + 1, seen + 1 + len(positions)))
                seen += len(positions)
        return seen

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 2)
            storm = [asyncio.create_task(abort()) for _ in range(2)]
            tail = asyncio.create_task(follow())
            for start in range(0, 400, 20):
                writer = writers[start // 20 % 2]
                await asyncio.gather(*(writer.append([each]) for each in operations[start : start + 20]))
            assert await tail == len(operations)
            done.set()
            await asyncio.gather(*storm)

    tell(story)
    assert assert_order(database)[0] == len(operations)


def test_both_write_paths_interleave(database: str) -> None:
    """Aggregates of the library and operations of the writer share lane and streams without a gap or a clash."""
    open_ledger(database, 1, "system")
    shared, rounds = uuid4(), 40

    def write_aggregate(recorder: RegisterRecorder) -> None:
        stream = uuid4()
        for version in range(1, rounds + 1):
            recorder.insert_events([LibraryEvent(stream, version, "ledger.test.1", b"{}")])

    async def write_operations(writer: AppendWriter) -> None:
        for _ in range(rounds):
            await writer.append([prepare(prepare_event(REGISTER_LANE, shared))])

    async def story() -> None:
        factory = RegisterFactory(Environment(name="Governance", env=register_environment(database)))
        async with AsyncExitStack() as stack:
            stack.callback(factory.close)
            recorder = factory.application_recorder()
            assert isinstance(recorder, RegisterRecorder)
            (writer,) = await start_writers(stack, database, 1)
            await asyncio.gather(
                *(asyncio.to_thread(write_aggregate, recorder) for _ in range(3)),
                *(write_operations(writer) for _ in range(3)),
            )
            version = 3 * rounds + 1
            (position,) = recorder.insert_events([LibraryEvent(shared, version, "ledger.test.1", b"{}")]) or ()
            assert position == 6 * rounds + 1
            assert [each.id for each in recorder.select_notifications(position, 10)] == [position]
            (result,) = await writer.append([prepare(prepare_event(REGISTER_LANE, shared))])
            assert isinstance(result, Appended)
            assert result.versions == (version + 1,)

    tell(story)
    assert assert_order(database)[REGISTER_LANE] == 6 * 40 + 2


@pytest.mark.parametrize("lanes", [1, 4])
def test_killed_backends(database: str, lanes: int) -> None:
    """Backends terminated in the midst of batches cost no acknowledged operation and store none twice."""
    open_ledger(database, lanes, "system")
    persons = [uuid4() for _ in range(30)]
    operations = [random_operation(random.Random(seed), lanes, persons) for seed in range(600)]
    kills = 20

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 2)
            killer = await stack.enter_async_context(await psycopg.AsyncConnection.connect(database, autocommit=True))
            waiting = itertools.cycle(writers)
            results: list[AppendResult] = []
            killed = 0
            for start in range(0, len(operations), len(operations) // kills):
                part = operations[start : start + len(operations) // kills]
                calls = [asyncio.create_task(insist(next(waiting), operation)) for operation in part]
                killed += (await killer.execute(KILL)).rowcount
                results += await asyncio.gather(*calls)
            assert {type(result) for result in results} == {Appended}
            assert killed >= kills

    tell(story)
    assert_order(database)
    assert_stored_once(database, [(each.operation_id, len(each.events)) for each in operations])


def test_lanes_are_locked_in_one_order(database: str) -> None:
    """Operations that name lanes and claims in opposite orders do not deadlock."""
    open_ledger(database, 4, "system")
    with psycopg.connect(database, autocommit=True) as connection:
        before = deadlocks(connection)

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 3)
            for _ in range(30):
                first, second = uuid4(), uuid4()
                crossed = [
                    [in_lane(0, first, 1), in_lane(0, second, 0)],
                    [in_lane(1, second, 0), in_lane(1, first, 1)],
                    [prepare(*(prepare_event(lane) for lane in (3, 2, 1, 0)))],
                ]
                await asyncio.gather(*(writer.append(each) for writer, each in zip(writers, crossed, strict=True)))

    tell(story)
    assert_order(database)
    with psycopg.connect(database, autocommit=True) as connection:
        assert deadlocks(connection) == before


def in_lane(lane: int, operation_id: UUID, claim_lane: int) -> PreparedOperation:
    """An operation of one event with a given id and claim."""
    return prepare(prepare_event(lane), operation_id=operation_id, claim_lane=claim_lane)


def deadlocks(connection: psycopg.Connection[Any]) -> int:
    """Return how many deadlocks PostgreSQL has counted in this database."""
    row = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return int(row[0])


def test_two_writers_meet_the_same_new_person(database: str) -> None:
    """Of two writers that each invented a stream for one lookup, one wins and the other is told to prepare again."""
    open_ledger(database, 1, "system")

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 2)
            for number in range(30):
                lookup = number.to_bytes(32, "big")
                persons = [uuid4(), uuid4()]
                rivals = [prepare(prepare_event(0, each), identifiers=(identify(each, lookup),)) for each in persons]
                answers = await asyncio.gather(
                    *(writer.append([rival]) for writer, rival in zip(writers, rivals, strict=True))
                )
                assert sorted(type(result).__name__ for (result,) in answers) == ["Appended", "Stale"]

    tell(story)
    assert assert_order(database)[0] == 30


def test_claim_of_an_open_transaction_is_waited_for(database: str) -> None:
    """An operation whose claim another transaction holds waits, and is stored when that transaction aborts."""
    open_ledger(database, 4, "system")
    operation = prepare(prepare_event(1), claim_lane=3)

    async def story() -> None:
        async with AsyncExitStack() as stack:
            (writer,) = await start_writers(stack, database, 1)
            rival = await stack.enter_async_context(await connect(database))
            async with rival.transaction(force_rollback=True):
                other = prepare(prepare_event(2), claim_lane=3, operation_id=operation.operation_id)
                await append_operations(rival, [other])
                call = asyncio.create_task(writer.append([operation]))
                await until_waiting(rival, 1)
                assert not call.done()
            assert isinstance((await call)[0], Appended)
            assert isinstance((await writer.append([operation]))[0], AlreadyClaimed)

    tell(story)
    assert_order(database)


async def until_waiting(connection: psycopg.AsyncConnection[Any], count: int) -> None:
    """Return when so many backends of this database wait for a lock."""
    while True:
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        if await cursor.fetchone() == (count,):
            return
        await connection.execute("SELECT pg_stat_clear_snapshot()")


def test_claims_are_made_in_one_order(database: str) -> None:
    """Two batches that name the same claims in opposite orders wait for each other instead of deadlocking.

    The claim between the two is held by a third transaction, so that both batches stand half-way when it ends.
    """
    open_ledger(database, 4, "system")
    low, high, held = UUID(int=1), UUID(int=2), UUID(int=3)

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 2)
            rival = await stack.enter_async_context(await connect(database))
            orders = [[high, held, low], [low, held, high]]
            async with rival.transaction(force_rollback=True):
                await append_operations(rival, [in_lane(2, held, 3)])
                calls = [
                    asyncio.create_task(writer.append([in_lane(lane, each, 3) for each in order]))
                    for lane, (writer, order) in enumerate(zip(writers, orders, strict=True))
                ]
                await until_waiting(rival, 2)
            results = [result for call in calls for result in await call]
            assert sorted(type(result).__name__ for result in results) == ["AlreadyClaimed"] * 3 + ["Appended"] * 3

    tell(story)
    with psycopg.connect(database, autocommit=True) as connection:
        assert deadlocks(connection) == 0
    assert_stored_once(database, [(low, 1), (high, 1), (held, 1)])


def test_one_of_several_writers_confirms_an_intent(database: str) -> None:
    """Four writers at once, each with a key and a lane of its own: every intent becomes one operation, whole."""
    open_ledger(database, 4, "system")
    intents = [(number % 4, uuid4()) for number in range(20)]
    operations = [prepare(prepare_event(lane), confirms=intent) for intent in intents for lane in range(4)]

    async def story() -> None:
        async with AsyncExitStack() as stack:
            writers = await start_writers(stack, database, 4)
            pairs = zip(itertools.cycle(writers), operations, strict=False)
            results = await asyncio.gather(*(insist(writer, operation) for writer, operation in pairs))
        stored = {each.confirms: each for each, got in zip(operations, results, strict=True) if type(got) is Appended}
        assert stored.keys() == set(intents)
        assert sum(type(result) is AlreadyConfirmed for result in results) == 60
        assert_stored_once(database, [(each.operation_id, 1) for each in stored.values()])

    tell(story)
    assert_order(database)
