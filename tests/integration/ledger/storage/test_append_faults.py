"""What the writer does when an operation is poison, the database is away, or too much is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from services.ledger.contract.errors import LedgerBusy
from services.ledger.domain.stored import AlreadyClaimed, Appended, PreparedOperation, Unstorable
from services.ledger.storage import writer_batch
from services.ledger.storage.append import Committed, append_operations
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.statements import Connection
from services.ledger.storage.writer import AppendWriter
from services.runtime import limits
from services.runtime.errors import Unavailable
from services.runtime.log import MemoryLog
from services.runtime.log_events import APPEND_RETRIED, BATCH_BISECTED
from services.runtime.metrics import Metrics
from tests.support.operations import identify, prepare, prepare_event, prepare_many
from tests.support.order import assert_order, assert_stored_once

STORY_SECONDS_MAX = 60
POISON = "ledger.poison\x00.1"
"""PostgreSQL stores no NUL in a text."""


@asynccontextmanager
async def started(conninfo: str, **arguments: Any) -> AsyncIterator[AppendWriter]:
    """Run a writer, within a bound of time."""
    writer = AppendWriter(conninfo=conninfo, **arguments)
    async with asyncio.timeout(STORY_SECONDS_MAX):
        await writer.start()
        try:
            yield writer
        finally:
            await writer.stop()


def append_all(conninfo: str, operations: Sequence[PreparedOperation], **arguments: Any) -> list[Any]:
    """Append operations in one call with a writer of their own."""

    async def story() -> list[Any]:
        async with started(conninfo, **arguments) as writer:
            return [*await writer.append(operations)]

    return asyncio.run(story())


def test_poison_fails_alone(database: str) -> None:
    """Operations that the database cannot store fail by themselves; their neighbours in the batch are stored."""
    open_ledger(database, 1, "system")
    operations = prepare_many(100)
    for index in (0, 41, 42, 99):
        operations[index] = prepare(prepare_event(), prepare_event(topic=POISON))
    metrics, log = Metrics(), MemoryLog()
    results = append_all(database, operations, metrics=metrics, log=log)
    assert [index for index, result in enumerate(results) if result == Unstorable(reason="22021")] == [0, 41, 42, 99]
    stored = [each for each, result in zip(operations, results, strict=True) if isinstance(result, Appended)]
    assert assert_order(database)[0] == 96
    assert_stored_once(database, [(each.operation_id, 1) for each in stored])
    assert metrics.value("grootboek_events_appended_total", lane=0) == 96
    assert metrics.value("grootboek_batches_bisected_total") > 0
    assert {event for event, _ in log.written} == {BATCH_BISECTED}


def test_poison_in_one_lane_undoes_the_others(database: str) -> None:
    """An operation over lanes of which one part cannot be stored leaves nothing in any lane, nor its claim."""
    open_ledger(database, 4, "system")
    operation = prepare(prepare_event(0), prepare_event(1), prepare_event(2, topic=POISON), claim_lane=3)
    assert append_all(database, [operation]) == [Unstorable(reason="22021")]
    assert set(assert_order(database).values()) == {0}
    assert_stored_once(database, [])


def test_poison_of_the_wrong_type_fails_alone(database: str) -> None:
    """An operation that cannot even be encoded fails by itself, named by its type only."""
    open_ledger(database, 1, "system")
    wrong: Any = "not bytes"
    results = append_all(database, [prepare(), prepare(body_hash=wrong), prepare()])
    assert [type(result) for result in results] == [Appended, Unstorable, Appended]
    assert results[1] == Unstorable(reason="TypeError")
    assert assert_order(database)[0] == 2


LostAnswer = Callable[[Connection, Sequence[PreparedOperation]], Awaitable[Committed]]


def lose_first_answer(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the connection break right after the first commit, before its answer arrives; return the attempts made."""
    attempts: list[int] = []

    async def commit_and_break(connection: Connection, operations: Sequence[PreparedOperation]) -> Committed:
        attempts.append(len(operations))
        committed = await append_operations(connection, operations)
        if len(attempts) == 1:
            await connection.close()
            raise psycopg.OperationalError("the connection is lost")
        return committed

    monkeypatch.setattr(writer_batch, "append_operations", commit_and_break)
    return attempts


@pytest.mark.parametrize("lanes", [1, 4])
def test_lost_answer_is_found_again(database: str, monkeypatch: pytest.MonkeyPatch, lanes: int) -> None:
    """A batch whose commit was not answered is recognised as stored: Appended, with its true positions, once."""
    open_ledger(database, lanes, "system")
    operations = [prepare(prepare_event(0), prepare_event(lanes - 1), claim_lane=lanes // 2) for _ in range(5)]
    attempts, log = lose_first_answer(monkeypatch), MemoryLog()
    results = append_all(database, operations, log=log)
    assert attempts == [5, 5]
    assert {type(result) for result in results} == {Appended}
    positions = [position for result in results for position in result.positions]
    per_lane = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]][lanes > 1]
    assert positions == per_lane
    assert_order(database)
    assert_stored_once(database, [(each.operation_id, 2) for each in operations])
    assert [event for event, _ in log.written] == [APPEND_RETRIED]


def test_lost_answer_does_not_claim_what_others_stored(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a lost answer a claim of another caller stays a claim, also when its body is the same."""
    open_ledger(database, 1, "system")
    theirs, ours = prepare(), prepare()
    same_body = prepare(operation_id=theirs.operation_id, body_hash=theirs.body_hash)
    append_all(database, [theirs])
    lose_first_answer(monkeypatch)
    results = append_all(database, [same_body, ours])
    assert results[0] == AlreadyClaimed(body_hash=theirs.body_hash)
    assert isinstance(results[1], Appended)
    assert assert_order(database)[0] == 2


def test_no_database_is_unavailable() -> None:
    """A database that cannot be reached answers Unavailable after bounded attempts, and nobody waits for ever."""
    with pytest.raises(Unavailable):
        append_all("host=/nonexistent dbname=none user=none", [prepare()])


def test_read_only_database_is_unavailable(database: str) -> None:
    """A server that has become read-only takes nothing and loses nothing; afterwards the same call succeeds."""
    open_ledger(database, 1, "system")
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    setting = psycopg.sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
    operation = prepare()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(setting.format(psycopg.sql.Identifier(str(name)), psycopg.sql.Literal("on")))
        with pytest.raises(Unavailable):
            append_all(database, [operation])
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(setting.format(psycopg.sql.Identifier(str(name)), psycopg.sql.Literal("off")))
    assert isinstance(append_all(database, [operation])[0], Appended)
    assert_order(database)


def test_full_queue_is_busy(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call beyond the queue's bound is refused whole and at once; what waited before it is committed."""
    open_ledger(database, 1, "system")
    monkeypatch.setattr(limits, "QUEUE_EVENTS_MAX", 10)
    accepted = prepare_many(8)

    async def story() -> None:
        async with started(database) as writer:
            with psycopg.connect(database) as blocker:
                blocker.execute("SELECT 1 FROM lane_head WHERE lane = 0 FOR UPDATE")
                call = asyncio.create_task(writer.append(accepted))
                await asyncio.sleep(0)
                with pytest.raises(LedgerBusy):
                    await writer.append(prepare_many(3))
            assert {type(result) for result in await call} == {Appended}

    asyncio.run(story())
    assert_stored_once(database, [(each.operation_id, 1) for each in accepted])


def test_stop_drains(database: str) -> None:
    """Stopping commits what waits, then refuses: no accepted operation is dropped."""
    open_ledger(database, 1, "system")
    operations = prepare_many(1_500)

    async def story() -> None:
        writer = AppendWriter(conninfo=database)
        with pytest.raises(LedgerBusy):
            await writer.append([prepare()])
        await writer.start()
        calls = [asyncio.create_task(writer.append([operation])) for operation in operations]
        await asyncio.sleep(0)
        await writer.stop()
        assert {type((await call)[0]) for call in calls} == {Appended}
        with pytest.raises(LedgerBusy):
            await writer.append([prepare()])

    asyncio.run(story())
    assert assert_order(database)[0] == 1_500


def test_caller_that_leaves_disturbs_nobody(database: str) -> None:
    """A caller that is cancelled while its batch is under way takes nobody along; its operation may be stored."""
    open_ledger(database, 1, "system")

    async def story() -> None:
        async with started(database) as writer:
            with psycopg.connect(database) as blocker:
                blocker.execute("SELECT 1 FROM lane_head WHERE lane = 0 FOR UPDATE")
                leaving = asyncio.create_task(writer.append([prepare()]))
                staying = asyncio.create_task(writer.append([prepare()]))
                await asyncio.sleep(0)
                leaving.cancel()
            assert isinstance((await staying)[0], Appended)

    asyncio.run(story())
    assert assert_order(database)[0] == 2


def test_commit_hook_hears_of_every_head(database: str) -> None:
    """The hook gets the last position per lane after each commit, and a hook that raises breaks nothing."""
    open_ledger(database, 4, "system")
    heard: dict[int, int] = {}

    def hear(heads: Any) -> None:
        heard.update(heads)
        raise RuntimeError

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, __: None)
        async with started(database, on_committed=hear) as writer:
            await writer.append([prepare(prepare_event(2), prepare_event(0)), *prepare_many(3, 1)])

    asyncio.run(story())
    assert heard == {0: 1, 1: 3, 2: 1}


def test_concurrent_callers_share_batches(database: str) -> None:
    """Calls that arrive together commit together: far fewer transactions than calls."""
    open_ledger(database, 1, "system")
    batches: list[int] = []

    async def story() -> None:
        async with started(database, on_committed=lambda heads: batches.append(heads[0])) as writer:
            await asyncio.gather(*(writer.append([prepare()]) for _ in range(300)))

    asyncio.run(story())
    assert batches[-1] == 300
    assert len(batches) < 10


def test_person_is_stored_with_its_events(database: str) -> None:
    """Identifiers and secrets stand in their tables exactly when the events of their operation do."""
    open_ledger(database, 1, "system")
    person = uuid4()
    good = prepare(prepare_event(0, person), identifiers=(identify(person, b"good"),))
    poison = prepare(prepare_event(topic=POISON), identifiers=(identify(uuid4(), b"poison"),))
    append_all(database, [good, poison])
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT lookup, stream_id FROM subject_identifier").fetchall() == [(b"good", person)]


def test_silent_database_is_unavailable(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer is given up after a bound; the same call succeeds once it answers again."""
    open_ledger(database, 1, "system")
    monkeypatch.setattr(limits, "APPEND_SECONDS_MAX", 0.2)
    monkeypatch.setattr(limits, "APPEND_ATTEMPTS_MAX", 2)
    operation = prepare()
    with psycopg.connect(database) as blocker:
        blocker.execute("SELECT 1 FROM lane_head WHERE lane = 0 FOR UPDATE")
        with pytest.raises(Unavailable):
            append_all(database, [operation])
    monkeypatch.undo()
    assert isinstance(append_all(database, [operation])[0], Appended)
    assert assert_order(database)[0] == 1
