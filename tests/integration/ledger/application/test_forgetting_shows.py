"""What was done about the record itself shows where it should: to the person, to an inquiry, in the inbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.law.act import Retention
from services.ledger.application.confirmation_checks import AlreadyAnswered
from services.ledger.contract.forgetting import (
    HoldBody,
    ObligationConfirmation,
    ObligationSearch,
    RetentionBody,
)
from services.ledger.contract.messages import AccessRequestBody, Caller, InquiryBody, Requester, SubjectIdentifier
from tests.support.forgetting import ALICE, TODAY, Forgetful, caller, forgetful

Story = Callable[[Forgetful], Awaitable[None]]
Json = dict[str, Any]
AUDITOR = Caller(party="auditor", scopes=frozenset({"audit", "inquiry"}), purpose="internal-control")


@pytest.fixture
def tell(database: str, tmp_path: Path) -> Callable[[Story], None]:
    """Give a function that tells a story on a running ledger of two lanes."""

    def run(story: Story) -> None:
        async def main() -> None:
            async with forgetful(database, tmp_path, lanes=2) as ledger:
                await story(ledger)

        asyncio.run(main())

    return run


async def report(ledger: Forgetful, subject: SubjectIdentifier, key: str) -> list[Json]:
    """The lines of a person's own report."""
    asking = Caller(party="college", scopes=frozenset({"subject:access"}), subject=subject, purpose="access-request")
    body = AccessRequestBody(
        subject=subject,
        received_at=ledger.ledger.clock.now(),
        received_by="college",
        requested_by=Requester(role="subject"),
    )
    await ledger.client.open_access_request(asking, key, body)
    await ledger.ledger.wait_until_applied()
    return list((await ledger.client.report_access(asking, key))["lines"])


async def replay(ledger: Forgetful, subject: SubjectIdentifier) -> list[Json]:
    """All that an auditor is shown of a person."""
    await ledger.ledger.wait_until_applied()
    body = InquiryBody(subject=subject, reason="control")
    asking = msgspec.structs.replace(AUDITOR, purpose="proceedings")
    await ledger.client.open_inquiry(asking, "inquiry-1", body)
    return list((await ledger.client.replay(asking, "inquiry-1", None, None, None))["events"])


async def inbox(ledger: Forgetful, who: Caller, **search: Any) -> list[Json]:
    """The items of one page of an inbox."""
    await ledger.ledger.wait_until_applied()
    return list((await ledger.client.search_obligations(who, ObligationSearch(**search))).items)


def test_the_person_is_told_of_the_erasure(tell: Callable[[Story], None]) -> None:
    """Who erased how many lines, until when in backups, nothing of what they said; others' lines are still there."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        await ledger.record(ALICE, by="school", name="canary theirs")
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        lines = await report(ledger, ALICE, "r-1")
        (erased,) = [line for line in lines if line["type"] == "erasure"]
        assert (erased["controller"], erased["erased"]) == ("college", 1)
        assert erased["backupsUntil"] == (TODAY + timedelta(days=30)).isoformat()
        assert "heeft college 1 regels over u in dit logboek gewist" in erased["explanation"]
        assert [line["controller"] for line in lines if line["type"] == "operation"] == ["school"]
        assert "canary act" not in json.dumps(lines)

    tell(story)


def test_an_inquiry_sees_terms_and_holds(tell: Callable[[Story], None]) -> None:
    """That a term was set, by whom and to what day, and that the record is held."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        body = RetentionBody(reason="shorter is enough", record_ends=date(2027, 9, 1), holding_ends=date(2027, 9, 1))
        await ledger.client.set_retention(caller("college"), key, "t-1", body)
        await ledger.client.place_hold(caller("college"), "h-1", HoldBody(reason="appeal", kind="court", subject=ALICE))
        events = {event["type"]: event for event in await replay(ledger, ALICE)}
        assert events["retention-set"]["newRecordEnds"] == "2027-09-01"
        assert events["retention-set"]["about"] == key
        assert events["hold-placed"]["holdKind"] == "court"

    tell(story)


def test_what_an_erasure_leaves_owed_is_found_by_person_and_by_party(tell: Callable[[Story], None]) -> None:
    """By the recipient with the person, by who erased and by an auditor by pseudonym; before it was asked by nobody."""

    async def story(ledger: Forgetful) -> None:
        before = ledger.ledger.clock.now() - timedelta(seconds=1)
        await ledger.record(ALICE, shared_with=("school",))
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        school, college = caller("school", purpose="operations"), caller("college", purpose="operations")
        (owed,) = await inbox(ledger, school, kind="erase")
        assert (owed["party"], owed["controller"], owed["reason"]) == ("school", "college", "erased")
        for who, named in ((school, ALICE.id), (college, None), (AUDITOR, None)):
            for search in ({}, {"subject": ALICE}):
                (found,) = await inbox(ledger, who, kind="erase", **search)
                assert (found["id"], found["subject"]["id"]) == (owed["id"], named)
                assert found["subject"]["ref"]
        assert await inbox(ledger, school, kind="erase", as_of=before.isoformat()) == []
        assert await inbox(ledger, caller("politie", purpose="operations"), kind="erase") == []

    tell(story)


def test_the_notifier_hears_what_an_erasure_leaves_owed(tell: Callable[[Story], None]) -> None:
    """On the stream of the erasure, with the same id; once answered it stands so until the erasure is done."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, shared_with=("school", "politie"))
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        school = caller("school", purpose="operations")
        (owed,) = await inbox(ledger, school, kind="erase")
        key = ledger.ledger._obligations.read(owed["id"])
        duties = await ledger.ledger.notifier_commands.duties_of(key.lane, key.stream_id)
        assert {(duty.party, duty.state) for duty in duties} == {("school", "owed"), ("politie", "owed")}
        assert all(duty.may_tell_person for duty in duties)
        body = ObligationConfirmation(at=ledger.ledger.clock.now(), outcome="impossible", how="handed on")
        answer = await ledger.client.confirm_obligation(school, owed["id"], None, body)
        assert (answer["state"], answer["subject"]["id"]) == ("impossible", ALICE.id)
        assert await ledger.client.confirm_obligation(school, owed["id"], None, body) == answer

    tell(story)


def test_who_answered_last_may_ask_again(tell: Callable[[Story], None]) -> None:
    """A complete erasure knows nobody any more; the same answer is still the same, another one comes too late."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, shared_with=("school",))
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        school = caller("school", purpose="operations")
        (owed,) = await inbox(ledger, school, kind="erase")
        body = ObligationConfirmation(at=ledger.ledger.clock.now(), outcome="erased", how="removed")
        first = await ledger.client.confirm_obligation(school, owed["id"], None, body)
        await ledger.ledger.wait_until_applied()
        await ledger.retention.catch_up()
        assert (await ledger.erasure("e-1"))["state"] == "complete"
        again = await ledger.client.confirm_obligation(school, owed["id"], None, body)
        assert again == {**first, "subject": {"ref": None, "idType": None, "id": None}}
        other = msgspec.structs.replace(body, outcome="impossible")
        with pytest.raises(AlreadyAnswered):
            await ledger.client.confirm_obligation(school, owed["id"], None, other)

    tell(story)


def test_the_person_reads_the_term_as_it_was_set_last(tell: Callable[[Story], None]) -> None:
    """The day, the sentence and what is said of the rules are one and the same day (AVG 15(1)(d))."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P3M", record_retention=Retention(period="P5Y"))
        for number, ends in enumerate((date(2026, 12, 31), date(2026, 10, 31))):
            body = RetentionBody(reason="the list says so", holding_ends=ends, norm="Archiefwet 3")
            await ledger.client.set_retention(caller("college"), key, f"t-{number}", body)
        (line,) = [line for line in await report(ledger, ALICE, "request-1") if line.get("operationId") == key]
        assert (line["retainedUntil"], line["keeping"]["until"]) == ("2026-10-31", "2026-10-31")
        assert "mogen tot en met 31 oktober 2026 worden bewaard" in line["explanation"]
        assert "may be kept until 2026-10-31" in line["explanationEn"]
        assert "2026-12-10" not in line["explanation"] + line["explanationEn"]

    tell(story)
