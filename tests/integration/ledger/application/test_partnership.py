"""A partnership under the WGS on a real ledger: terms per person, renewals, and what a closed case shields."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.law.act import Act, CovenantReference, LegalBasis, Subject
from services.law.governance import Covenant, Decision
from services.ledger.contract.errors import NotFound
from services.ledger.contract.forgetting import RetentionBody
from services.ledger.contract.messages import (
    AccessRequestBody,
    Caller,
    CorrectionBody,
    InquiryBody,
    LinkBody,
    OperationSearch,
    Receipt,
    Requester,
    SubjectIdentifier,
    Submission,
)
from services.runtime.errors import Rejected
from tests.support.forgetting import ALICE, BOB, TODAY, Forgetful, caller, forgetful, noon

Story = Callable[[Forgetful], Awaitable[None]]
ZVH: dict[str, Any] = {
    "covenant": CovenantReference(id="zvh", annex="geweld"),
    "retention": None,
    "record_retention": None,
    "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="WGS 2.25"),
}
REGISTRAR = Caller(party="registrar", scopes=frozenset({"governance"}))
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def tell(database: str, tmp_path: Path) -> Callable[[Story], None]:
    """Give a function that tells a story on a ledger of two lanes with a partnership."""

    def run(story: Story) -> None:
        async def main() -> None:
            async with forgetful(database, tmp_path, lanes=2) as ledger:
                await ledger.client.register(REGISTRAR, msgspec.convert(TABLE, Covenant))
                await story(ledger)
                await ledger.ledger.wait_until_applied()
                assert ledger.differences() == []

        asyncio.run(main())

    return run


TABLE: dict[str, Any] = {
    "id": "zvh",
    "version": 1,
    "validFrom": "2025-03-01",
    "regime": 2,
    "purpose": "huiselijk geweld",
    "published": "2025-03-01",
    "legalFrame": "wgs-zvh",
    "partners": [{"party": "college"}, {"party": "burgemeester"}, {"party": "politie"}],
    "arrangement": {"contactPoint": "college"},
    "annexes": [{"id": "geweld", "dataCategories": ["name"]}],
}


async def record(ledger: Forgetful, key: str, *subjects: SubjectIdentifier, **fields: Any) -> Receipt:
    """An act of the college at the table about some persons."""
    usual: dict[str, Any] = {
        "operation": "record",
        "occurred_at": ledger.ledger.clock.now(),
        "controller": "college",
        "subjects": tuple(Subject(id_type=each.id_type, id=each.id) for each in subjects),
        "data_categories": ("name",),
    }
    body = Act(**(usual | ZVH | fields))
    submission = Submission(body=body, key=key, canonical=msgspec.json.encode(body))
    (answer,) = await ledger.client.record(caller(body.controller), (submission,))
    assert isinstance(answer, Receipt), answer
    return answer


async def shown(ledger: Forgetful, key: str, purpose: str = "operations") -> Any:
    """The operation as the college sees it."""
    await ledger.ledger.wait_until_applied()
    return await ledger.client.read_operation(caller("college", purpose=purpose), key)


def test_each_person_has_the_term_of_its_own_first_processing(tell: Callable[[Story], None]) -> None:
    """One act on two persons: who was there for a month keeps that month less, on record with the rule that says so."""

    async def story(ledger: Forgetful) -> None:
        await record(ledger, "z-1", ALICE)
        await ledger.client.set_clock(noon(LATER))
        receipt = await record(ledger, "z-2", ALICE, BOB)
        assert [one.holding_ends for one in receipt.subjects] == [date(2031, 9, 10), date(2031, 10, 10)]
        assert [one.record_ends for one in receipt.subjects] == [date(2036, 9, 10), date(2036, 10, 10)]
        first, second = (await shown(ledger, "z-2"))["subjects"]
        assert [one["keeping"]["rule"] for one in (first, second)] == ["wgs-maximum"] * 2
        assert "WGS 1.8" in first["keeping"]["text"]["nl"]
        (held,) = await ledger.holds("college", ALICE)
        assert str(held["until"])[:10] == "2031-09-10"

    tell(story)


def test_beyond_five_years_only_a_decision_carries(tell: Callable[[Story], None]) -> None:
    """A norm alone is not enough; a decision is, for two years; both ends are on record with what lost."""

    async def story(ledger: Forgetful) -> None:
        await record(ledger, "z-1", ALICE)
        renewal = Decision(id="r-1", kind="wgs-renewal", by="college", valid_from=TODAY)
        await ledger.client.register(REGISTRAR, renewal)

        async def prolong(key: str, ends: date, **fields: Any) -> Any:
            body = RetentionBody(reason="relapse", norm="BGS 1.16", holding_ends=ends, **fields)
            return await ledger.client.set_retention(caller("college"), "z-1", key, body)

        with pytest.raises(Rejected) as without:
            await prolong("t-1", date(2031, 9, 11))
        assert [fault.code for fault in without.value.errors] == ["renewal-decision-missing"]
        with pytest.raises(Rejected) as unknown:
            await prolong("t-2", date(2031, 9, 11), decision_id="r-2")
        assert [fault.code for fault in unknown.value.errors] == ["renewal-decision-missing"]
        await ledger.client.set_clock(noon(LATER))
        later = Decision(id="r-3", kind="wgs-renewal", by="college", valid_from=date(2026, 10, 1))
        await ledger.client.register(REGISTRAR, later)
        with pytest.raises(Rejected) as longer:
            await prolong("t-3", date(2031, 9, 11), decision_id="r-3")
        assert [fault.code for fault in longer.value.errors] == ["renewal-too-long"]

    tell(story)


def test_a_shorter_term_may_grow_to_the_five_years_under_a_norm(tell: Callable[[Story], None]) -> None:
    """Until the maximum no decision is needed; the change and what it replaced are told."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, key="z-1", ends="P1Y", **{k: v for k, v in ZVH.items() if "retention" not in k})
        body = RetentionBody(reason="the case runs", norm="WGS 1.8(7)", holding_ends=date(2031, 9, 10))
        await ledger.client.set_retention(caller("college"), "z-1", "t-1", body)
        (subject,) = (await shown(ledger, "z-1"))["subjects"]
        keeping = subject["keeping"]
        assert (str(keeping["until"]), keeping["rule"]) == ("2031-09-10", "later-term")
        assert "WGS 1.8(7)" in keeping["text"]["en"]
        assert [(lost["rule"], str(lost["until"])) for lost in keeping["lost"]] == [
            ("act", "2027-09-10"),
            ("wgs-maximum", "2031-09-10"),
        ]

    tell(story)


def test_a_closed_case_is_shielded(tell: Callable[[Story], None]) -> None:
    """Not for daily work any more; for control and for the person it is; a closing taken back shields nothing."""

    async def story(ledger: Forgetful) -> None:
        await record(ledger, "z-1", ALICE)
        await record(ledger, "z-2", BOB)
        await ledger.record(ALICE, key="elsewhere")
        await ledger.client.set_clock(noon(LATER))
        await record(ledger, "closing", ALICE, operation="restrict", data_categories=())
        await record(ledger, "z-3", BOB)
        with pytest.raises(NotFound):
            await shown(ledger, "z-1")
        for key, purpose in (("z-1", "internal-control"), ("z-1", "access-request"), ("z-2", "operations")):
            assert (await shown(ledger, key, purpose))["id"] == key
        assert (await shown(ledger, "elsewhere"))["id"] == "elsewhere"
        search = OperationSearch(party="college", limit=100)
        found = await ledger.client.search_operations(caller("college", purpose="operations"), search)
        assert {"z-1"}.isdisjoint({item["id"] for item in found.items})
        assert {"closing", "z-2", "z-3", "elsewhere"} <= {item["id"] for item in found.items}
        assert await replayed(ledger, "inquiry") == {"elsewhere", "closing"}
        assert await replayed(ledger, "proceedings") == {"z-1", "elsewhere", "closing"}
        pair = LinkBody(first=ALICE, second=BOB, reason="one person")
        assert (await shown(ledger, "z-2"))["id"] == "z-2"
        await ledger.client.link_subjects(caller("college"), "l-1", pair)
        with pytest.raises(NotFound):
            await shown(ledger, "z-2")
        await ledger.client.unlink_subjects(caller("college"), "l-2", pair)
        assert (await shown(ledger, "z-2"))["id"] == "z-2"
        annulled = CorrectionBody(reason="the case runs on", kind="annulled")
        await ledger.client.correct(caller("college"), "closing", "c-1", annulled)
        assert (await shown(ledger, "z-1"))["id"] == "z-1"

    tell(story)


async def replayed(ledger: Forgetful, purpose: Any) -> set[str]:
    """What a replay of Alice shows the college for that purpose."""
    asker = Caller(party="college", scopes=frozenset({"inquiry"}), purpose=purpose)
    body = InquiryBody(subject=ALICE, reason="what happened")
    inquiry = await ledger.client.open_inquiry(asker, f"i-{purpose}", body)
    page = await ledger.client.replay(asker, inquiry["id"], as_of=None, as_known_at=None, cursor=None)
    return {event["operationId"] for event in page["events"]}


def test_using_what_is_shielded_is_found(tell: Callable[[Story], None]) -> None:
    """The facts of the person reach the judgement: a use after the closing is a gap, under a renewal it is none."""

    async def story(ledger: Forgetful) -> None:
        await record(ledger, "z-1", ALICE)
        await record(ledger, "closing", ALICE, operation="restrict")
        renewal = Decision(id="r-1", kind="wgs-renewal", by="college", valid_from=TODAY)
        await ledger.client.register(REGISTRAR, renewal)
        use = await record(ledger, "z-2", ALICE, operation="use")
        renewed = await record(ledger, "z-3", ALICE, operation="use", decision_id="r-1")
        codes = [{finding.code for finding in receipt.verdict.findings} for receipt in (use, renewed)]
        assert ["shielded-data-used" in found for found in codes] == [True, False]
        assert [one.holding_ends for one in renewed.subjects] == [date(2028, 9, 10)]

    tell(story)


def test_the_report_says_what_its_lines_may_be_used_for(tell: Callable[[Story], None]) -> None:
    """The person sees the line of the partnership with the limit on its log; a party is told which logs stay closed."""

    async def story(ledger: Forgetful) -> None:
        await record(ledger, "z-1", ALICE)
        await ledger.record(ALICE, key="elsewhere")
        body = AccessRequestBody(
            subject=ALICE,
            received_at=ledger.ledger.clock.now(),
            received_by="college",
            requested_by=Requester(role="subject"),
        )
        await ledger.client.open_access_request(caller("college"), "a-1", body)
        await ledger.ledger.wait_until_applied()
        person = Caller(party="college", scopes=frozenset({"subject:access"}), subject=ALICE, purpose="access-request")
        report = await ledger.client.report_access(person, "a-1")
        limits = {line["operationId"]: line.get("logUse") for line in report["lines"] if line["type"] == "operation"}
        assert limits["elsewhere"] is None
        assert limits["z-1"]["norm"] == "wgs-1-8-4"
        assert report["closedLogs"] == []
        seen = await ledger.client.report_access(caller("college", purpose="access-request"), "a-1")
        assert [closed["norm"] for closed in seen["closedLogs"]] == ["wgs-1-8-4", "wpg-32a"]

    tell(story)
