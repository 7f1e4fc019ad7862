"""What every Appender with its EventReader promises: PostgreSQL and the one in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import anyio
import msgspec
import pytest

from services.ledger.application.ports import Appender, EventReader
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.stored import (
    AlreadyClaimed,
    AlreadyConfirmed,
    Appended,
    PreparedOperation,
    Stale,
    Unstorable,
)
from services.ledger.storage.events import EventMissing, PostgresEventReader
from services.ledger.storage.memory import MemoryLedger
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.writer import AppendWriter
from services.runtime.postgres import sync_pool
from tests.support.operations import identify, prepare, prepare_event, prepare_many, wrap

LANES = 4
Pair = tuple[Appender, EventReader]
Open = Callable[[], AbstractAsyncContextManager[Pair]]


@pytest.fixture(params=["memory", "postgres"])
def opened(request: pytest.FixtureRequest) -> Open:
    """Give a function that opens an empty ledger of four lanes."""
    if request.param == "memory":
        return open_memory
    database: str = request.getfixturevalue("database")
    return lambda: open_postgres(database)


@asynccontextmanager
async def open_memory() -> AsyncIterator[Pair]:
    """Open a ledger in memory."""
    ledger = MemoryLedger(LANES)
    yield ledger, ledger


@asynccontextmanager
async def open_postgres(conninfo: str) -> AsyncIterator[Pair]:
    """Open a ledger on PostgreSQL."""
    open_ledger(conninfo, LANES, "system")
    writer = AppendWriter(conninfo=conninfo)
    await writer.start()
    try:
        with sync_pool(conninfo, name="test", size_max=2) as pool:
            yield writer, PostgresEventReader(pool=pool)
    finally:
        await writer.stop()


def run(opened: Open, story: Callable[[Appender, EventReader], Awaitable[None]]) -> None:
    """Run a story on a ledger."""

    async def tell() -> None:
        async with opened() as (appender, reader):
            await story(appender, reader)

    anyio.run(tell)


async def append_one(appender: Appender, operation: PreparedOperation) -> Appended:
    """Append an operation that must succeed."""
    (result,) = await appender.append([operation])
    assert isinstance(result, Appended)
    return result


def test_positions_versions_and_leaves(opened: Open) -> None:
    """Positions run from 1 per lane, versions from 1 per stream, and leaves are those of Python."""

    async def story(appender: Appender, reader: EventReader) -> None:
        person = uuid4()
        first = prepare(prepare_event(0, person), prepare_event(0), prepare_event(0, person, topic="ledger.other.1"))
        second = prepare(prepare_event(0, person))
        results = await appender.append([first, second])
        assert [(each.positions, each.versions) for each in results if isinstance(each, Appended)] == [
            ((1, 2, 3), (1, 1, 2)),
            ((4,), (3,)),
        ]
        stored = reader.events_after(0, 0, 10)
        assert [event.leaf_hash for event in stored] == [
            leaf_hash((0, event.position), event.stream_id, event.topic, event.envelope, event.state)
            for event in stored
        ]
        assert [(event.envelope, event.state) for event in stored] == [
            (event.envelope, event.state) for operation in (first, second) for event in operation.events
        ]

    run(opened, story)


def test_repeated_operation_stores_nothing(opened: Open) -> None:
    """An operation id that was claimed gives the body hash of the first and stores nothing."""

    async def story(appender: Appender, reader: EventReader) -> None:
        operation = prepare()
        other_body = prepare(operation_id=operation.operation_id)
        await append_one(appender, operation)
        results = await appender.append([operation, other_body, prepare()])
        assert results[:2] == [AlreadyClaimed(body_hash=operation.body_hash)] * 2
        assert isinstance(results[2], Appended)
        assert reader.heads()[0] == 2

    run(opened, story)


def test_repeated_operation_in_one_call(opened: Open) -> None:
    """Of equal operation ids in one call the first is stored and the others meet its claim."""

    async def story(appender: Appender, reader: EventReader) -> None:
        operation = prepare()
        results = await appender.append([operation, prepare(), operation, operation])
        assert [type(result) for result in results] == [Appended, Appended, AlreadyClaimed, AlreadyClaimed]
        assert reader.heads()[0] == 2

    run(opened, story)


def test_claim_in_another_lane(opened: Open) -> None:
    """A claim may live in a lane where the operation has no events, and is met there."""

    async def story(appender: Appender, reader: EventReader) -> None:
        operation = prepare(prepare_event(1), claim_lane=3)
        await append_one(appender, operation)
        again = prepare(prepare_event(2), operation_id=operation.operation_id, claim_lane=3)
        assert await appender.append([again]) == [AlreadyClaimed(body_hash=operation.body_hash)]
        assert reader.heads() == {0: 0, 1: 1, 2: 0, 3: 0, REGISTER_LANE: 0}

    run(opened, story)


def test_operation_over_several_lanes(opened: Open) -> None:
    """An operation over lanes gets its positions in the order of its events, each from its own lane."""

    async def story(appender: Appender, reader: EventReader) -> None:
        await append_one(appender, prepare(prepare_event(2)))
        operation = prepare(prepare_event(2), prepare_event(REGISTER_LANE), prepare_event(0), prepare_event(2))
        result = await append_one(appender, operation)
        assert result.positions == (2, 1, 1, 3)
        stored = reader.events_of_operation([operation.operation_id])
        assert [(event.lane, event.position) for event in stored] == [(0, 1), (2, 2), (2, 3), (REGISTER_LANE, 1)]
        assert [event.state for event in reader.events_at([(2, 2), (REGISTER_LANE, 1), (0, 1), (2, 3)])] == [
            event.state for event in operation.events
        ]

    run(opened, story)


def test_mixed_call_keeps_its_order(opened: Open) -> None:
    """Results come in the order of the call, whatever lanes its operations went to."""

    async def story(appender: Appender, reader: EventReader) -> None:
        operations = [prepare(*(prepare_event(lane) for lane in lanes)) for lanes in [(3,), (0, 1), (3,), (1,), (2, 3)]]
        results = await appender.append(operations)
        for operation, result in zip(operations, results, strict=True):
            assert isinstance(result, Appended)
            places = [
                (event.lane, position) for event, position in zip(operation.events, result.positions, strict=True)
            ]
            assert [event.operation_id for event in reader.events_at(places)] == [operation.operation_id] * len(places)

    run(opened, story)


def test_unknown_lane_fails_alone(opened: Open) -> None:
    """An event in a lane that does not exist fails its own operation only."""

    async def story(appender: Appender, reader: EventReader) -> None:
        results = await appender.append([prepare(), prepare(prepare_event(77)), prepare()])
        assert [type(result) for result in results] == [Appended, Unstorable, Appended]
        assert results[1] == Unstorable(reason="lane_unknown")
        assert reader.heads()[0] == 2

    run(opened, story)


def test_same_person_twice_fails_alone(opened: Open) -> None:
    """An operation with two events of one topic on one stream is refused; its neighbours are stored."""

    async def story(appender: Appender, reader: EventReader) -> None:
        event = prepare_event()
        results = await appender.append([prepare(), prepare(event, prepare_event(), event), prepare()])
        assert [type(result) for result in results] == [Appended, Unstorable, Appended]
        assert results[1] == Unstorable(reason="event_repeated")
        assert reader.heads()[0] == 2

    run(opened, story)


@pytest.mark.parametrize("kind", ["identifier", "secret"])
def test_contradicted_rows_are_stale(opened: Open, kind: str) -> None:
    """An operation that leans on a row that stands otherwise is stale; equal rows are shared."""

    async def story(appender: Appender, reader: EventReader) -> None:
        person, twin = uuid4(), uuid4()
        rows, others = (
            ({"identifiers": (identify(person),)}, {"identifiers": (identify(twin),)})
            if kind == "identifier"
            else ({"secrets": (wrap(person),)}, {"secrets": (wrap(person, b"other"),)})
        )
        results = await appender.append([prepare(**rows), prepare(**others), prepare(**rows)])
        assert [type(result) for result in results] == [Appended, Stale, Appended]
        results = await appender.append([prepare(**others), prepare(**rows), prepare()])
        assert [type(result) for result in results] == [Stale, Appended, Appended]
        assert reader.heads()[0] == 4

    run(opened, story)


def test_stale_operation_leaves_no_claim(opened: Open) -> None:
    """A stale operation may be prepared again under the same id."""

    async def story(appender: Appender, reader: EventReader) -> None:
        person = uuid4()
        await append_one(appender, prepare(identifiers=(identify(person),)))
        stale = prepare(identifiers=(identify(uuid4()),))
        assert await appender.append([stale]) == [Stale()]
        await append_one(appender, prepare(operation_id=stale.operation_id, identifiers=(identify(person),)))

    run(opened, story)


def test_repeated_operation_creates_no_person(opened: Open) -> None:
    """The rows of an operation whose claim stood already are not inserted: the lookup stays free."""

    async def story(appender: Appender, reader: EventReader) -> None:
        operation = prepare()
        await append_one(appender, operation)
        again = prepare(operation_id=operation.operation_id, identifiers=(identify(uuid4()),))
        assert await appender.append([again]) == [AlreadyClaimed(body_hash=operation.body_hash)]
        await append_one(appender, prepare(identifiers=(identify(uuid4()),)))

    run(opened, story)


def test_reads_of_a_stream(opened: Open) -> None:
    """A stream reads in order of version, up to a position when one is given."""

    async def story(appender: Appender, reader: EventReader) -> None:
        person = uuid4()
        await appender.append(prepare_many(6, 1, [person, uuid4()]))
        stream = reader.events_of_stream(1, person)
        assert [(event.version, event.position) for event in stream] == [(1, 1), (2, 3), (3, 5)]
        assert reader.events_of_stream(1, person, 3) == stream[:2]
        assert reader.events_of_stream(0, person) == []

    run(opened, story)


def test_reads_of_several_streams(opened: Open) -> None:
    """What stands in clear on streams of several lanes is read together, each event once, in order of place."""

    async def story(appender: Appender, reader: EventReader) -> None:
        first, second, other = uuid4(), uuid4(), uuid4()
        await appender.append([*prepare_many(6, 1, [first, other, second]), *prepare_many(3, 2, [second])])
        asked = [(2, second), (1, second), (1, first), (3, first), (1, uuid4()), (1, first)]
        found = reader.clear_of_streams(asked)
        places = [(1, 1), (1, 3), (1, 4), (1, 6), (2, 1), (2, 2), (2, 3)]
        assert [(event.lane, event.position) for event in found] == places
        whole = reader.events_at(places)
        assert [(e.stream_id, e.topic, e.envelope) for e in found] == [
            (e.stream_id, e.topic, e.envelope) for e in whole
        ]
        assert reader.lengths_of_streams(asked) == {(1, first): 2, (1, second): 2, (2, second): 3}
        assert reader.clear_of_streams([]) == []
        assert reader.lengths_of_streams([]) == {}

    run(opened, story)


def test_reads_of_the_log(opened: Open) -> None:
    """The log of a lane reads after a position, at most so many; a place that was never given raises."""

    async def story(appender: Appender, reader: EventReader) -> None:
        await appender.append(prepare_many(5))
        assert [event.position for event in reader.events_after(0, 2, 2)] == [3, 4]
        assert reader.events_after(0, 5, 2) == []
        with pytest.raises(EventMissing):
            reader.events_at([(0, 1), (0, 6)])

    run(opened, story)


def test_large_call_is_cut_and_put_together(opened: Open) -> None:
    """A call larger than a batch gives all its results in order."""

    async def story(appender: Appender, reader: EventReader) -> None:
        results = await appender.append(prepare_many(2_500))
        positions = [position for each in results if isinstance(each, Appended) for position in each.positions]
        assert positions == list(range(1, 2_501))
        assert await appender.append([]) == []

    run(opened, story)


def test_what_must_not_have_happened_meanwhile(opened: Open) -> None:
    """An operation is stale once an event of the kind it names stands in its lane, or its stream has grown."""

    async def story(appender: Appender, reader: EventReader) -> None:
        person = uuid4()
        await append_one(appender, prepare(prepare_event(0, person)))
        kind = "ledger.hold-placed.1"
        unless = prepare(prepare_event(0), unless=((0, 1, kind), (1, 0, kind)))
        untouched = prepare(prepare_event(0), untouched=((0, person, 1), (0, uuid4(), 0)))
        await append_one(appender, prepare(prepare_event(0)))
        await append_one(appender, msgspec.structs.replace(unless, operation_id=uuid4()))
        await append_one(appender, msgspec.structs.replace(untouched, operation_id=uuid4()))
        await append_one(appender, prepare(prepare_event(0, topic=kind)))
        await append_one(appender, prepare(prepare_event(0, person)))
        assert await appender.append([unless]) == [Stale()]
        assert await appender.append([untouched]) == [Stale()]
        later = msgspec.structs.replace(unless, unless=((0, reader.heads()[0], kind),))
        await append_one(appender, later)

    run(opened, story)


def test_conditions_hold_within_a_batch_too(opened: Open) -> None:
    """What stands before an operation in one batch disturbs it as well, what comes after it does not."""

    async def story(appender: Appender, reader: EventReader) -> None:
        person, kind = uuid4(), "ledger.hold-placed.1"
        await append_one(appender, prepare(prepare_event(0, person)))
        first = prepare(prepare_event(0, person, topic=kind))
        unless = prepare(prepare_event(0), unless=((0, 1, kind),))
        untouched = prepare(prepare_event(0), untouched=((0, person, 1),))
        results = await appender.append([first, unless, untouched])
        assert [type(result) for result in results] == [Appended, Stale, Stale]
        assert reader.heads()[0] == 2
        several = [prepare(prepare_event(0, person), untouched=((0, person, 2),)) for _ in range(3)]
        results = await appender.append(several)
        assert [type(result) for result in results] == [Appended, Stale, Stale]

    run(opened, story)


@pytest.mark.parametrize("lane", [0, 2])
def test_an_intent_becomes_one_operation(opened: Open, lane: int) -> None:
    """Who comes second with another id is told so, in whatever lane his events are; a repetition meets its claim."""

    async def story(appender: Appender, reader: EventReader) -> None:
        intent = (lane, uuid4())
        first = prepare(prepare_event(0), confirms=intent)
        await append_one(appender, prepare())
        await append_one(appender, first)
        second = prepare(prepare_event(1), confirms=intent)
        assert await appender.append([second]) == [AlreadyConfirmed()]
        assert await appender.append([first]) == [AlreadyClaimed(body_hash=first.body_hash)]
        assert await appender.append([prepare(operation_id=first.operation_id, confirms=intent)]) == [
            AlreadyClaimed(body_hash=first.body_hash)
        ]
        await append_one(appender, prepare(prepare_event(1), confirms=(lane, uuid4())))
        assert (reader.heads()[0], reader.heads()[1]) == (2, 1)

    run(opened, story)


def test_an_intent_becomes_one_operation_within_a_batch_too(opened: Open) -> None:
    """Of two in one call one is stored, beside those that confirm nothing; the other hears of it at its next try."""

    async def story(appender: Appender, reader: EventReader) -> None:
        intent = (0, uuid4())
        first, second = prepare(confirms=intent), prepare(confirms=intent)
        results = await appender.append([first, second, prepare()])
        assert [type(results[0]), type(results[2])] == [Appended, Appended]
        assert isinstance(results[1], AlreadyConfirmed | Stale)
        assert await appender.append([second]) == [AlreadyConfirmed()]
        assert reader.heads()[0] == 2

    run(opened, story)


def test_what_could_not_be_stored_has_confirmed_nothing(opened: Open) -> None:
    """An operation whose key was used before, or that leans on another row, leaves the intent to the next one."""

    async def story(appender: Appender, reader: EventReader) -> None:
        intent, used, person = (0, uuid4()), prepare(), uuid4()
        await append_one(appender, used)
        await append_one(appender, prepare(prepare_event(0, person), identifiers=(identify(person),)))
        claimed = prepare(operation_id=used.operation_id, confirms=intent)
        assert await appender.append([claimed]) == [AlreadyClaimed(body_hash=used.body_hash)]
        stale = prepare(identifiers=(identify(uuid4()),), confirms=intent)
        assert await appender.append([stale]) == [Stale()]
        await append_one(appender, prepare(confirms=intent))
        assert reader.heads()[0] == 3

    run(opened, story)
