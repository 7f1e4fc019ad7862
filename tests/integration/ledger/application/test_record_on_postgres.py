"""Recording over the real append: many callers, new persons at once, retries, and every content opens again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Self, TypeVar

import msgspec
import pytest

from services.ledger.application.directory import LinkedDirectory
from services.ledger.application.facts import FactReader
from services.ledger.application.keys import Keys
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.opener import ContentOpener
from services.ledger.application.people import People
from services.ledger.application.prepare import Preparer
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.record import Recorder
from services.ledger.contract.errors import IdempotencyConflict
from services.ledger.contract.messages import Receipt, SubjectIdentifier
from services.ledger.domain.identity import operation_id_of
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.identity import PostgresIdentityStore
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.vault_memory import MemoryVault
from services.ledger.storage.writer import AppendWriter
from services.runtime.clock import FakeClock
from services.runtime.ids import SystemIds
from services.runtime.postgres import SyncPool, sync_pool
from tests.support.recording import BSNS, NOW, FixedRegister, act, caller, person, submission

T = TypeVar("T")


class Process:
    """One process of a ledger: its own caches and writer, the shared database and vault."""

    def __init__(self, database: str, pool: SyncPool, vault: MemoryVault, lanes: int) -> None:
        """Wire the write path."""
        clock, ids = FakeClock(NOW), SystemIds()
        self.reader = PostgresEventReader(pool=pool)
        identities = PostgresIdentityStore(pool)
        pseudonyms = Pseudonyms(vault=vault, lanes=lanes)
        keys = Keys(vault=vault, identities=identities, ids=ids, clock=clock)
        self.opener = ContentOpener(keys=keys)
        self.directory = LinkedDirectory(identities=identities, pseudonyms=pseudonyms)
        people = People(identities=identities, pseudonyms=pseudonyms, ids=ids)
        self.writer = AppendWriter(conninfo=database)
        preparer = Preparer(
            register=FixedRegister(),
            people=people,
            facts=FactReader(reader=self.reader, opener=self.opener, links=self.directory),
            keys=keys,
            pseudonyms=pseudonyms,
            ids=ids,
            clock=clock,
        )
        self.recorder = Recorder(
            preparer=preparer,
            appender=self.writer,
            reader=self.reader,
            people=people,
            keys=keys,
            pseudonyms=pseudonyms,
            obligations=ObligationIds(vault),
        )

    async def __aenter__(self) -> Self:
        await self.writer.start()
        await self.recorder.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.recorder.stop()
        await self.writer.stop()

    async def record(self, *bodies: Any, key: str = "k") -> list[Any]:
        """Record the bodies in one call under keys counted from one."""
        submissions = [submission(body, f"{key}{number}") for number, body in enumerate(bodies, 1)]
        return list(await self.recorder.record(caller(), submissions))


Start = Callable[[], Process]


@pytest.fixture(params=[1, 4])
def start(request: pytest.FixtureRequest, database: str) -> Iterator[Start]:
    """Give a function that starts one more process on a ledger of one or four lanes."""
    open_ledger(database, request.param, "system")
    vault = MemoryVault()
    with sync_pool(database, name="test", size_max=4) as pool:
        yield lambda: Process(database, pool, vault, request.param)


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run to the end in a loop of its own."""

    async def main() -> T:
        return await work()

    return asyncio.run(main())


def all_events(process: Process) -> list[Any]:
    """Everything stored in subject lanes."""
    heads = process.reader.heads()
    return [event for lane in sorted(heads) if lane < 9999 for event in process.reader.events_after(lane, 0, 10_000)]


def test_two_processes_meet_new_persons_at_once(start: Start) -> None:
    """Both give a new person a stream; one of them wins, the other prepares again, nobody gets two streams."""

    async def story() -> list[Any]:
        async with start() as first, start() as second:
            calls = [
                process.record(*(act(subjects=(person(bsn),)) for bsn in BSNS), key=f"{name}-{n}-")
                for n in range(10)
                for name, process in (("first", first), ("second", second))
            ]
            answers = [answer for answers in await asyncio.gather(*calls) for answer in answers]
            events = all_events(first)
            contents = second.opener.open(events)
            assert len(events) == len(answers) == 100
            assert len({event.stream_id for event in events}) == len(BSNS)
            assert all(content is not None and content.subject is not None for content in contents)
            return answers

    answers = run(story)
    assert all(isinstance(answer, Receipt) for answer in answers)


def test_a_retry_in_another_process_gets_the_same_receipt(start: Start) -> None:
    """Byte for byte, with several persons over several lanes; another body under the key conflicts."""

    async def story() -> None:
        body = act(subjects=tuple(person(bsn) for bsn in BSNS), operation="make-available")
        async with start() as first:
            (receipt,) = await first.record(body)
        async with start() as second:
            (again,) = await second.record(body)
            (other,) = await second.record(act())
            assert msgspec.json.encode(receipt) == msgspec.json.encode(again)
            assert isinstance(other, IdempotencyConflict)
            assert len(all_events(second)) == len(BSNS)
            stored = second.reader.events_of_operation([operation_id_of("burgemeester", "k1")])
            assert sorted(e.leaf_hash.hex() for e in stored) == sorted(s.leaf_hash for s in receipt.subjects)

    run(story)


def test_the_same_key_at_the_same_time(start: Start) -> None:
    """Twenty equal requests at once are one operation with one receipt."""

    async def story() -> None:
        async with start() as process:
            answers = await asyncio.gather(*(process.record(act()) for _ in range(20)))
            assert len({msgspec.json.encode(answer) for answer in answers}) == 1
            assert len(all_events(process)) == 1

    run(story)


def test_acts_and_deletes_of_one_person_in_one_call(start: Start) -> None:
    """Every delete is judged on what precedes it, whatever batch it ended in."""

    async def story() -> None:
        async with start() as process:
            bodies = [act(operation="erase" if n % 3 == 2 else "record") for n in range(30)]
            answers = await process.record(*bodies)
            assert all(isinstance(answer, Receipt) for answer in answers)
            envelopes = [event.read_envelope() for event in all_events(process)]
            assert [envelope.key for envelope in envelopes] == [f"k{n}" for n in range(1, 31)]
            deletes = [(n, e) for n, e in enumerate(envelopes) if e.operation == "erase"]
            assert [envelope.facts_position for _, envelope in deletes] == [n for n, _ in deletes]

    run(story)


def test_a_person_is_found_by_number_only_through_the_vault(start: Start) -> None:
    """The directory finds the stream again in another process; another number finds nobody."""

    async def story() -> None:
        async with start() as process:
            await process.record(act())
            (event,) = all_events(process)
        async with start() as other:
            found = other.directory.streams_of(SubjectIdentifier(id_type="BSN", id=BSNS[0]))
            assert found == ((event.lane, event.stream_id),)
            assert other.directory.streams_of(SubjectIdentifier(id_type="BSN", id=BSNS[1])) == ()

    run(story)
