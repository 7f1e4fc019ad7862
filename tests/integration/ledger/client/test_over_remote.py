"""A real ledger asked from here and from another process: one truth, in the same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.law.governance import Party
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.errors import IdempotencyConflict, NotFound, say_as_ours
from services.ledger.contract.forgetting import HoldBody, ObligationSearch
from services.ledger.contract.messages import HoldingSearch, OperationSearch, Receipt, SubjectIdentifier, Submission
from services.ledger.contract.remote import LEDGER, LETTERS, NOTIFIER, RETENTION, STATUS
from services.runtime.errors import GrootboekError, Rejected
from services.runtime.remote.raised import describe
from tests.support.forgetting import Forgetful, caller, forgetful
from tests.support.recording import act
from tests.support.remote import over_remote

Ask = Callable[[LedgerClient], Awaitable[object]]
PERSON = SubjectIdentifier(id_type="BSN", id="999990019")


async def read_everything(ledger: LedgerClient, key: str) -> list[Any]:
    """Ask all sorts of things that do not change by asking."""
    reader = caller("college", "processing:read", "audit", purpose="operations")
    return [
        await ledger.read_operation(reader, key),
        await ledger.search_operations(reader, OperationSearch(subject=PERSON)),
        await ledger.search_holdings(reader, HoldingSearch(subject=PERSON)),
        await ledger.search_obligations(reader, ObligationSearch(subject=PERSON)),
        await ledger.list_register(reader, "parties", None),
        await ledger.list_clocks(reader),
    ]


def submission_of(one: Forgetful, key: str, **fields: Any) -> Submission:
    """An act of the college now."""
    body = act(controller="college", occurred_at=one.ledger.clock.now(), **fields)
    return Submission(body=body, key=key, canonical=msgspec.json.encode(body))


def test_every_answer_is_the_same_from_here_and_there(database: str, tmp_path: Path) -> None:
    """Receipts, refusals and reads of a ledger that works are equal in bytes over the road between processes."""

    async def main() -> None:
        async with forgetful(database, tmp_path) as one:
            here = one.client
            there = over_remote(LEDGER, here, say_as_ours)
            writer = caller("college")
            batch = [submission_of(one, "a"), submission_of(one, "b", tense="intent"), submission_of(one, "c")]
            first = await there.record(writer, batch)
            again = await here.record(writer, batch)
            assert [told(each) for each in first] == [told(each) for each in again]
            assert sum(isinstance(each, Receipt) for each in first) >= 2
            (conflict,) = await there.record(writer, [submission_of(one, "a", description="otherwise")])
            assert isinstance(conflict, IdempotencyConflict)
            await one.ledger.wait_until_applied()
            answers = [msgspec.json.encode(await read_everything(ledger, "a")) for ledger in (here, there)]
            assert answers[0] == answers[1]
            assert PERSON.id.encode() in answers[1]

    asyncio.run(main())


def told(answer: Receipt | GrootboekError) -> object:
    """All that an answer says."""
    return describe(answer) if isinstance(answer, GrootboekError) else answer


def test_every_error_is_the_same_from_here_and_there(database: str, tmp_path: Path) -> None:
    """What the ledger turns away is turned away alike, in class, words and faults."""

    async def main() -> None:
        async with forgetful(database, tmp_path) as one:
            here, there = one.client, over_remote(LEDGER, one.client, say_as_ours)
            reader = caller("college", purpose="operations")
            malformed = SubjectIdentifier(id_type="BSN", id="123")
            calls: tuple[tuple[type[GrootboekError], Ask], ...] = (
                (NotFound, lambda port: port.read_operation(reader, "nothing")),
                (GrootboekError, lambda port: port.register(caller("college"), Party(id="x", kind="police"))),
                (Rejected, lambda port: port.search_operations(reader, OperationSearch())),
                (Rejected, lambda port: port.search_holdings(reader, HoldingSearch(subject=malformed))),
                (Rejected, lambda port: port.list_register(reader, "parties", "yesterday")),
                (Rejected, lambda port: port.place_hold(reader, "h", HoldBody(reason="r", kind="court"))),
            )
            for expected, call in calls:
                raised = []
                for port in (here, there):
                    with pytest.raises(expected) as caught:
                        await call(port)
                    raised.append(caught.value)
                assert type(raised[0]) is type(raised[1])
                assert describe(raised[0]) == describe(raised[1])

    asyncio.run(main())


def test_the_commands_of_other_services_work_from_there(database: str, tmp_path: Path) -> None:
    """Retention, notifier and the desk get from another process what they would get in this one."""

    async def main() -> None:
        async with forgetful(database, tmp_path) as one:
            await one.record(PERSON, key="a", shared_with=("politie",))
            retention = over_remote(RETENTION, one.ledger.retention_commands, say_as_ours)
            await retention.settle()
            assert await retention.due_days() == await one.ledger.retention_commands.due_days()
            assert (await retention.open_erasures(), await retention.sweep()) == ([], 0)
            lane, position = await one.place("a")
            (event,) = await over_remote(STATUS, one.ledger.status).events_after(lane, position - 1, 1)
            stream = event.stream_id
            here, there = one.ledger.notifier_commands, over_remote(NOTIFIER, one.ledger.notifier_commands)
            duties = await there.duties_of(lane, stream)
            assert list(duties) == list(await here.duties_of(lane, stream))
            assert await there.may_tell_person(lane, stream)
            letters = over_remote(LETTERS, one.ledger.letter_commands, say_as_ours)
            with pytest.raises(NotFound):
                await letters.notice_target(caller("college", "notice"), "nothing")

    asyncio.run(main())
