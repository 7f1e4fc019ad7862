"""What the desk makes of an order, and that it writes nothing for who may not."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid5

import pytest

from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.notifier.contract.desk import BreachNoticeOrder, ErasureLetterOrder, NoticeOrder
from services.notifier.contract.letters import PersonLetter, Written
from services.notifier.entrypoints.desk import Desk
from tests.support.notifier import (
    CANARY_NAME,
    CAUSE,
    PERSON,
    FakeCommands,
    FakeLedger,
    breach_facts,
    erased_facts,
    notice_facts,
)

COLLEGE = Caller(party="college")
SUBJECT = SubjectIdentifier(id_type="BSN", id="999990019")
ENVELOPE: dict[str, Any] = {"channel": "letter", "address": (CANARY_NAME,), "salutation": CANARY_NAME}


class Outbox:
    """Remembers what was written."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.letters: list[PersonLetter] = []

    async def write(self, letter: PersonLetter) -> Written:
        """Take the letter."""
        self.letters.append(letter)
        return Written(id=UUID(int=1), state="waiting")


@pytest.fixture
def outbox() -> Outbox:
    """An empty one."""
    return Outbox()


@pytest.fixture
def desk(outbox: Outbox) -> Desk:
    """A desk before a ledger that knows one person."""
    return Desk(FakeCommands(FakeLedger()), outbox.write)


def test_an_order_becomes_the_letter_of_its_cause(desk: Desk, outbox: Outbox) -> None:
    """Person and cause come from the ledger, the writer from the token, all else from the order."""
    notice = NoticeOrder(**ENVELOPE, dutch=notice_facts(), kind="notice-to-child", addressee="representative")
    breach = BreachNoticeOrder(**ENVELOPE, subject=SUBJECT, dutch=breach_facts(), english=breach_facts())
    erased = ErasureLetterOrder(**ENVELOPE, subject=SUBJECT, dutch=erased_facts())

    async def order() -> None:
        await desk.write_notice(COLLEGE, "duty", notice)
        await desk.write_breach_notice(COLLEGE, "breach", breach)
        await desk.write_erasure_letter(COLLEGE, "erasure", erased)

    asyncio.run(order())
    letters = outbox.letters
    assert [letter.kind for letter in letters] == ["notice-to-child", "breach-to-person", "erased-to-person"]
    assert [letter.cause for letter in letters] == [uuid5(CAUSE, name) for name in ("duty", "breach", "erasure")]
    assert [letter.obligation for letter in letters] == ["duty", None, None]
    assert {(letter.controller, letter.lane, letter.stream_id) for letter in letters} == {("college", 0, PERSON)}
    assert (letters[0].addressee, letters[0].dutch, letters[1].english) == (
        "representative",
        notice_facts(),
        breach_facts(),
    )
    assert {letter.address for letter in letters} == {(CANARY_NAME,)}


def test_for_whom_there_is_nothing_nothing_is_written(desk: Desk, outbox: Outbox) -> None:
    """The ledger's answer is the desk's."""
    order = NoticeOrder(**ENVELOPE, dutch=notice_facts())
    with pytest.raises(NotFound):
        asyncio.run(desk.write_notice(Caller(party="outsider"), "duty", order))
    assert outbox.letters == []
