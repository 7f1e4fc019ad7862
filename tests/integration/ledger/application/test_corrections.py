"""What a correction does to the answers: they follow the act as corrected, from when it is known (decision 0024)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import Notice, Recipient, Subject
from services.law.governance import Mandate
from services.ledger.contract.errors import IdempotencyConflict, NotAllowed, NotFound, RecordEnded
from services.ledger.contract.forgetting import HoldBody, ObligationConfirmation, ObligationSearch, RetentionBody
from services.ledger.contract.messages import (
    AccessRequestBody,
    BreachBody,
    Caller,
    ConfidentialityBody,
    CorrectionBody,
    HoldingSearch,
    OperationSearch,
    Requester,
    SubjectIdentifier,
    Submission,
)
from services.runtime.errors import Rejected
from tests.support.forgetting import ALICE, BOB, CAROL, TODAY, Forgetful, Story, caller

Json = dict[str, Any]
COLLEGE = caller("college", purpose="operations")


async def correct(ledger: Forgetful, known_as: str, key: str, *, kind: Any = "correction", **changes: Any) -> Json:
    """Correct an act of the college; the next moment."""
    await ledger.client.set_clock(ledger.ledger.clock.now() + timedelta(minutes=1))
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in changes.items()}
    body = CorrectionBody(reason="typed wrong", kind=kind, changes=raw)
    answer = await ledger.client.correct(caller("college"), known_as, key, body)
    await ledger.ledger.wait_until_applied()
    return dict(answer)


async def held(
    ledger: Forgetful, party: str, subject: SubjectIdentifier = ALICE, known: str | None = None
) -> list[Json]:
    """What is held by a party, as known then."""
    await ledger.ledger.wait_until_applied()
    search = HoldingSearch(party=party, subject=subject, as_known_at=known)
    page = await ledger.client.search_holdings(caller("auditor", "audit", purpose="internal-control"), search)
    return [item for item in page.items if item["status"] != "erased"]


async def operation(ledger: Forgetful, key: str) -> Json:
    """An operation as its controller reads it."""
    return dict(await ledger.client.read_operation(COLLEGE, key))


async def told(ledger: Forgetful, subject: SubjectIdentifier) -> list[str]:
    """The operations that a person finds about himself."""
    await ledger.ledger.wait_until_applied()
    own = Caller(party="college", scopes=frozenset({"subject:access"}), purpose="access-request", subject=subject)
    page = await ledger.client.search_operations(own, OperationSearch())
    return [item["id"] for item in page.items]


async def owed_by(ledger: Forgetful, party: str) -> list[Json]:
    """What a party must erase or had to."""
    await ledger.ledger.wait_until_applied()
    asking = caller(party, purpose="operations")
    page = await ledger.client.search_obligations(asking, ObligationSearch(kind="erase", subject=ALICE))
    return [item for item in page.items if item["party"] == party]


async def to_tell(ledger: Forgetful, party: str) -> list[Json]:
    """Whom a party must tell, or had to."""
    await ledger.ledger.wait_until_applied()
    asking = caller(party, purpose="operations")
    page = await ledger.client.search_obligations(asking, ObligationSearch(kind="inform", subject=ALICE))
    return [item for item in page.items if item["party"] == party]


async def report(ledger: Forgetful, subject: SubjectIdentifier, key: str) -> tuple[Json, Json]:
    """The access request of a person, and its report as the person reads it."""
    body = AccessRequestBody(
        subject=subject,
        received_at=ledger.ledger.clock.now(),
        received_by="college",
        requested_by=Requester(role="subject"),
    )
    opened = await ledger.client.open_access_request(caller("college"), key, body)
    await ledger.ledger.wait_until_applied()
    own = Caller(party="college", scopes=frozenset({"subject:access"}), purpose="access-request", subject=subject)
    return dict(opened), dict(await ledger.client.report_access(own, key))


def test_the_right_person_gets_what_was_decided_since(tell: Callable[[Story], None]) -> None:
    """With the act go a corrected field, a later end of holding and record, and its confidentiality."""

    async def story(ledger: Forgetful) -> None:
        key, later = await ledger.record(ALICE, ends="P3D"), TODAY + timedelta(days=40)
        ends = RetentionBody(reason="the list says so", holding_ends=later, record_ends=later, norm="Archiefwet 3")
        await ledger.client.set_retention(caller("college"), key, "t-1", ends)
        closed = ConfidentialityBody(level="confidential", ground="UAVG 41(1)(d)", review_on=TODAY + timedelta(days=9))
        await ledger.client.set_confidentiality(caller("college"), key, "s-1", closed)
        await correct(ledger, key, "c-1", dataCategories=["contact"])
        subjects = [{"idType": BOB.id_type, "id": BOB.id}]
        await correct(ledger, key, "w-1", kind="wrong-person", subjects=subjects)
        assert await held(ledger, "college") == []
        (item,) = await held(ledger, "college", BOB)
        assert (item["dataCategories"], item["until"]) == (["contact"], later.isoformat())
        assert (await told(ledger, ALICE), await told(ledger, BOB)) == ([], [])
        for days, seen in ((4, True), (40, True), (41, False)):
            await ledger.day(TODAY + timedelta(days=days))
            assert await ledger.sees("w-1") is seen
            assert await told(ledger, BOB) == (["w-1"] if seen and days > 9 else [])

    tell(story)


def test_a_shortened_holding_stays_short_for_the_right_person(tell: Callable[[Story], None]) -> None:
    """The end that was set is the one that the right person's holding has, with the rule that lost to it."""

    async def story(ledger: Forgetful) -> None:
        key, soon = await ledger.record(ALICE), TODAY + timedelta(days=5)
        ends = RetentionBody(reason="no longer needed", holding_ends=soon)
        await ledger.client.set_retention(caller("college"), key, "t-1", ends)
        await correct(ledger, key, "w-1", kind="wrong-person", subjects=[{"idType": BOB.id_type, "id": BOB.id}])
        (item,) = await held(ledger, "college", BOB)
        assert item["until"] == soon.isoformat()
        (subject,) = (await operation(ledger, "w-1"))["subjects"]
        assert subject["recordEnds"] == (await operation(ledger, key))["subjects"][0]["recordEnds"]
        assert (subject["keeping"]["rule"], subject["keeping"]["lost"][0]["rule"]) == ("later-term", "act")

    tell(story)


def test_what_only_a_hold_keeps_is_not_drafted_anew(tell: Callable[[Story], None]) -> None:
    """After the end of the record nothing is given to another or corrected: that is said, and nothing is stored."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P3D")
        hold = HoldBody(reason="a complaint", kind="complaint", subject=ALICE)
        await ledger.client.place_hold(caller("college"), "h-1", hold)
        await ledger.day(TODAY + timedelta(days=5))
        with pytest.raises(Rejected) as caught:
            await correct(ledger, key, "w-1", kind="wrong-person", subjects=[{"idType": BOB.id_type, "id": BOB.id}])
        assert [fault.code for fault in caught.value.errors] == ["act-only"]
        with pytest.raises(RecordEnded):
            await correct(ledger, key, "c-1", dataCategories=["contact"])
        for absent in ("w-1", "c-1"):
            with pytest.raises(NotFound):
                await operation(ledger, absent)
        assert (await operation(ledger, key))["subjects"][0]["voided"] is None

    tell(story)


def test_answers_follow_the_act_as_corrected(tell: Callable[[Story], None]) -> None:
    """Who had what, who owes, who answers a request, what a search finds: as corrected; before that, as recorded."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, shared_with=("politie",), data_categories=("name", "health"))
        before = ledger.ledger.clock.now().isoformat()
        await correct(ledger, key, "c-1", recipients=[{"party": "school"}], dataCategories=["name"])
        assert await held(ledger, "politie") == []
        (item,) = await held(ledger, "school")
        assert (item["dataCategories"], item["operationIds"]) == (["name"], ["c-1"])
        assert [item["dataCategories"] for item in await held(ledger, "politie", known=before)] == [["health", "name"]]
        assert await held(ledger, "school", known=before) == []
        found = await ledger.client.search_operations(COLLEGE, OperationSearch(recipient="school"))
        assert [item["id"] for item in found.items] == ["c-1"]
        original, corrected = await operation(ledger, key), await operation(ledger, "c-1")
        assert (original["recipients"], original["corrected"]["dataCategories"]) == ([{"party": "politie"}], ["name"])
        assert original["subjects"][0]["voided"] == "replaced"
        assert original["corrections"][0]["replacedBy"] == corrected["id"]
        assert (corrected["corrects"], corrected["recipients"]) == (key, [{"party": "school"}])
        await ledger.record(ALICE, operation="erase", retention=None, record_retention=None)
        assert [duty["state"] for duty in await owed_by(ledger, "school")] == ["owed"]
        assert await owed_by(ledger, "politie") == []
        opened, shown = await report(ledger, ALICE, "r-1")
        assert {controller["party"] for controller in opened["controllers"]} == {"college", "school"}
        lines = {line["operationId"]: line for line in shown["lines"] if line["type"] == "operation"}
        assert (lines[key]["voided"], lines[key]["dataCategories"]) == ("replaced", ["name", "health"])
        assert (lines["c-1"]["voided"], lines["c-1"]["corrects"]) == (None, key)
        assert lines["c-1"]["explanation"].endswith("Deze regel verbetert een eerdere regel.")

    tell(story)


def test_a_breach_that_names_the_original_is_about_what_stands(tell: Callable[[Story], None]) -> None:
    """The recipient that had the data leaked, and whoever reads its impact is told of the categories as corrected."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, shared_with=("school",), data_categories=("name", "health"))
        now = ledger.ledger.clock.now()
        window: Json = {"occurred_from": now, "occurred_until": now, "aware_at": now}
        body = BreachBody(party="school", description="lost", operation_ids=(key,), **window)
        await ledger.client.report_breach(caller("school"), "b-1", body)
        await correct(ledger, key, "c-1", dataCategories=["name"])
        reading = caller("school", purpose="breach")
        (item,) = (await ledger.client.impact(reading, "b-1", None, None))["items"]
        assert (item["exposed"], item["dataCategories"], item["operationIds"]) == (True, ["name"], ["c-1"])

    tell(story)


def test_corrections_in_a_row(tell: Callable[[Story], None]) -> None:
    """Each is about what stands then, by whichever id; an annulment by the first one leaves nothing standing."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        for number, (known_as, names) in enumerate([(key, ["a"]), (key, ["b"]), ("c-1", ["c"]), ("c-0", ["d"])]):
            await correct(ledger, known_as, f"c-{number}", dataCategories=names)
            (item,) = await held(ledger, "college")
            assert (item["dataCategories"], item["operationIds"]) == (names, [f"c-{number}"])
        await correct(ledger, key, "c-4", purpose="zorg")
        (item,) = await held(ledger, "college")
        assert item["dataCategories"] == ["d"], "what was corrected before stays corrected"
        original = await operation(ledger, key)
        assert [one["replacedBy"] for one in original["corrections"]] == [f"c-{number}" for number in range(5)]
        assert original["corrected"]["dataCategories"] == ["d"]
        await correct(ledger, key, "undone", kind="annulled")
        assert await held(ledger, "college") == []
        for version in (key, "c-0", "c-4"):
            assert (await operation(ledger, version))["subjects"][0]["voided"] == "annulled"
        await correct(ledger, key, "c-5", dataCategories=["e"])
        assert await held(ledger, "college") == [], "what never happened is not corrected into having happened"

    tell(story)


def test_corrections_at_once_leave_one_act(tell: Callable[[Story], None]) -> None:
    """Whichever comes second is about what the first one left, also beside confidentiality and terms."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        bodies = [
            CorrectionBody(reason="r", changes={"dataCategories": msgspec.Raw(msgspec.json.encode([name]))})
            for name in ("a", "b", "c")
        ]
        closed = ConfidentialityBody(level="confidential")
        ends = RetentionBody(reason="r", holding_ends=TODAY + timedelta(days=5))
        await asyncio.gather(
            *(ledger.client.correct(caller("college"), key, f"c-{number}", body) for number, body in enumerate(bodies)),
            ledger.client.set_confidentiality(caller("college"), key, "s-1", closed),
            ledger.client.set_retention(caller("college"), key, "t-1", ends),
        )
        (item,) = await held(ledger, "college")
        assert len(item["dataCategories"]) == len(item["operationIds"]) == 1
        assert item["until"] == (TODAY + timedelta(days=5)).isoformat()
        assert await told(ledger, ALICE) == []

    tell(story)


def test_the_same_correction_again(tell: Callable[[Story], None]) -> None:
    """The same call gives the same answer, whatever was corrected since; another body is a conflict."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        first = await correct(ledger, key, "c-0", dataCategories=["a"])
        await correct(ledger, key, "c-1", dataCategories=["b"])
        assert await correct(ledger, key, "c-0", dataCategories=["a"]) == first
        with pytest.raises(IdempotencyConflict):
            await correct(ledger, key, "c-0", dataCategories=["z"])
        (item,) = await held(ledger, "college")
        assert item["dataCategories"] == ["b"]

    tell(story)


def test_one_person_of_several(tell: Callable[[Story], None]) -> None:
    """What is corrected for one stays for the others; the operation's later corrections find each where he stands."""

    async def story(ledger: Forgetful) -> None:
        both = tuple(Subject(id_type=person.id_type, id=person.id) for person in (ALICE, BOB))
        key = await ledger.record(ALICE, subjects=both)
        refs = {subject["id"]: subject["ref"] for subject in (await operation(ledger, key))["subjects"]}
        raw = {"dataCategories": msgspec.Raw(b'["contact"]')}
        body = CorrectionBody(reason="r", changes=raw, subjects=(refs[ALICE.id],))
        answer = await ledger.client.correct(caller("college"), key, "c-0", body)
        assert [item["ref"] for item in answer["items"]] == [refs[ALICE.id]]
        assert [(await held(ledger, "college", one))[0]["dataCategories"] for one in (ALICE, BOB)] == [
            ["contact"],
            ["name"],
        ]
        answer = await correct(ledger, key, "c-1", purpose="zorg")
        assert [item["ref"] for item in answer["items"]] == [refs[ALICE.id], refs[BOB.id]]
        assert [(await held(ledger, "college", one))[0]["dataCategories"] for one in (ALICE, BOB)] == [
            ["contact"],
            ["name"],
        ]
        assert {item["id"] for item in (await operation(ledger, "c-1"))["subjects"]} == {ALICE.id, BOB.id}

    tell(story)


def test_an_answer_given_stands_when_its_cause_is_corrected(tell: Callable[[Story], None]) -> None:
    """An obligation to erase keeps its id and what was answered to it, and is answered by that id afterwards."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, shared_with=("school", "politie"))
        erased = await ledger.record(ALICE, operation="erase", retention=None, record_retention=None)
        (before,) = await owed_by(ledger, "school")
        kept = ObligationConfirmation(
            at=ledger.ledger.clock.now(), outcome="kept", how="archive", norm="Archiefwet 3", until=date(2027, 1, 1)
        )
        await ledger.client.confirm_obligation(caller("school"), before["id"], None, kept)
        (unanswered,) = await owed_by(ledger, "politie")
        for number in range(2):
            await correct(ledger, erased, f"c-{number}", legalBasis={"statute": "Wpg 8"}, status="ok")
            (after,) = await owed_by(ledger, "school")
            assert (after["id"], after["state"]) == (before["id"], "kept")
        gone = ObligationConfirmation(at=ledger.ledger.clock.now(), outcome="erased", how="removed")
        answer = await ledger.client.confirm_obligation(caller("politie"), unanswered["id"], None, gone)
        assert (answer["id"], answer["state"]) == (unanswered["id"], "confirmed")

    tell(story)


def test_who_was_told_is_not_told_again(tell: Callable[[Story], None]) -> None:
    """A duty to inform that was met stays met when the act that brought it is corrected; a new recipient owes anew."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, shared_with=("school",))
        notice = Notice(
            subjects=(Subject(id_type=ALICE.id_type, id=ALICE.id),),
            controller="school",
            given_by="school",
            given_at=ledger.ledger.clock.now(),
            form="letter",
            elements="all",
            addressee="subject",
        )
        submission = Submission(body=notice, key="n-1", canonical=b"n-1")
        await ledger.client.record(caller("school"), (submission,))
        (before,) = await to_tell(ledger, "school")
        await correct(ledger, key, "c-0", dataCategories=["contact"])
        (after,) = await to_tell(ledger, "school")
        assert (after["id"], after["state"]) == (before["id"], before["state"])
        assert after["state"].startswith("done")
        await correct(ledger, key, "c-1", recipients=[{"party": "burgemeester"}])
        assert await to_tell(ledger, "school") == []
        assert [duty["state"] for duty in await to_tell(ledger, "burgemeester")] == ["open"]

    tell(story)


def test_who_may_correct_into_what(tell: Callable[[Story], None]) -> None:
    """Whoever acts in the name of another corrects an act into none that it could not have recorded."""

    async def story(ledger: Forgetful) -> None:
        mandate: Json = {"id": "m-1", "from": "college", "to": "school", "acts": ["record"], "validFrom": "2026-01-01"}
        registrar = Caller(party="registrar", scopes=frozenset({"governance"}))
        await ledger.client.register(registrar, msgspec.convert(mandate, Mandate))
        key = await ledger.record(ALICE)
        for number, (operation, stored) in enumerate([("collect", False), ("record", True)]):
            changes = {"operation": msgspec.Raw(msgspec.json.encode(operation)), "purpose": msgspec.Raw(b'"zorg"')}
            correcting = ledger.client.correct(
                caller("school"), key, f"c-{number}", CorrectionBody(reason="r", changes=changes)
            )
            if stored:
                await correcting
            else:
                with pytest.raises(NotAllowed):
                    await correcting
        (item,) = await held(ledger, "college")
        assert item["operationIds"] == ["c-1"]

    tell(story)


def test_terms_follow_what_was_corrected(tell: Callable[[Story], None]) -> None:
    """A corrected term moves the holding, not an end that was set later; the record goes no earlier than it would."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P1Y")
        record_ends = (await operation(ledger, key))["subjects"][0]["recordEnds"]
        short = {"period": "P1M", "anchor": "occurredAt"}
        await correct(ledger, key, "c-0", retention=short, recordRetention=short)
        (item,) = await held(ledger, "college")
        assert item["until"] == "2026-10-10"
        assert (await operation(ledger, "c-0"))["subjects"][0]["recordEnds"] == record_ends
        ends = RetentionBody(reason="r", holding_ends=TODAY + timedelta(days=5))
        await ledger.client.set_retention(caller("college"), key, "t-1", ends)
        await correct(ledger, key, "c-1", retention={"period": "P2Y", "anchor": "occurredAt"})
        (item,) = await held(ledger, "college")
        assert item["until"] == "2026-09-15"
        schedule = await ledger.client.read_schedule(caller("college"), None, TODAY, date(2030, 1, 1))
        ends_on = [(item["day"], item["lines"]) for item in schedule.items if item["ends"] == "holding"]
        assert ends_on == [("2026-09-15", 1)]

    tell(story)


def test_another_moment_and_another_operation(tell: Callable[[Story], None]) -> None:
    """An act that happened on another day, or was another one, begins and ends holdings then, and so."""

    async def story(ledger: Forgetful) -> None:
        moment = ledger.ledger.clock.now()
        key = await ledger.record(ALICE)
        earlier = (moment - timedelta(days=3)).isoformat()
        await correct(ledger, key, "c-0", occurredAt=earlier)
        (item,) = await held(ledger, "college")
        assert item["since"][:10] == "2026-09-07"
        shown = await operation(ledger, "c-0")
        assert [found["code"] for found in shown["verdict"]["findings"]].count("late-entry") == 0
        await correct(ledger, key, "c-1", operation="consult")
        assert await held(ledger, "college") == []

    tell(story)


def test_what_is_closed_or_let_go_later_is_so_for_every_version(tell: Callable[[Story], None]) -> None:
    """By whichever id: a person reads no version of what is confidential, and none outlasts the end that was set."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        await correct(ledger, key, "c-0", dataCategories=["contact"])
        assert sorted(await told(ledger, ALICE)) == sorted([key, "c-0"])
        closed = ConfidentialityBody(level="confidential")
        for number, known_as in enumerate((key, "c-0")):
            await ledger.client.set_confidentiality(caller("college"), known_as, f"s-{number}", closed)
            assert await told(ledger, ALICE) == []
            opened = ConfidentialityBody(level="lifted")
            await ledger.client.set_confidentiality(caller("college"), known_as, f"o-{number}", opened)
            assert len(await told(ledger, ALICE)) == 2
        ends = RetentionBody(reason="r", holding_ends=TODAY, record_ends=TODAY)
        answer = await ledger.client.set_retention(caller("college"), key, "t-1", ends)
        assert [item["recordEnds"] for item in answer["items"]] == [TODAY]
        await ledger.day(TODAY + timedelta(days=1))
        assert [await ledger.sees(each) for each in (key, "c-0")] == [False, False]

    tell(story)


def test_a_correction_can_close_a_line(tell: Callable[[Story], None]) -> None:
    """A confidentiality that was left out is put right for both versions at once."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        await correct(ledger, key, "c-0", confidentiality={"level": "confidential", "ground": "UAVG 41(1)(d)"})
        assert await told(ledger, ALICE) == []
        assert (await operation(ledger, key))["subjects"][0]["confidentiality"]["ground"] == "UAVG 41(1)(d)"

    tell(story)


def test_a_corrected_act_stands_in_the_dossier_of_what_it_says(tell: Callable[[Story], None]) -> None:
    """A hold on the case it was corrected to keeps it; an erasure of the person takes every version."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P3D", case_id="Z-1")
        await correct(ledger, key, "c-0", caseId="Z-2")
        found = await ledger.client.search_operations(COLLEGE, OperationSearch(case_id="Z-2"))
        assert [item["id"] for item in found.items] == ["c-0"]
        hold = HoldBody(reason="a complaint", kind="complaint", case_id="Z-2")
        assert (await ledger.client.place_hold(caller("college"), "h-1", hold))["covered"] == 1
        await ledger.day(TODAY + timedelta(days=5))
        assert [await ledger.sees(each) for each in (key, "c-0")] == [False, True]
        await ledger.client.release_hold(caller("college"), "h-1")
        other = await ledger.record(CAROL, case_id="Z-1")
        await correct(ledger, other, "c-1", caseId="Z-2")
        await ledger.erase("e-1", CAROL)
        assert [await ledger.sees(each) for each in (other, "c-1")] == [False, False]

    tell(story)


def test_words_beside_an_act_leave_it_standing(tell: Callable[[Story], None]) -> None:
    """A better description, and any correction of an intent, is shown of the line; no second act comes of it."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        await correct(ledger, key, "c-0", description="better", reference="urn:x")
        (item,) = await held(ledger, "college")
        assert item["operationIds"] == [key]
        shown = await operation(ledger, key)
        assert (shown["subjects"][0]["voided"], shown["corrected"]["description"]) == (None, "better")
        meant = await ledger.record(BOB, tense="intent", recipients=(Recipient(party="school"),))
        await correct(ledger, meant, "c-1", dataCategories=["contact"])
        assert (await operation(ledger, meant))["corrected"]["dataCategories"] == ["contact"]
        for absent in ("c-0", "c-1"):
            with pytest.raises(NotFound):
                await operation(ledger, absent)

    tell(story)
