"""A case file becomes the calls of the public contract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.cli.case.bodies import calls_of, governance_calls
from services.cli.case.model import Case, CaseAct, read_case, zoned
from services.law.act import Act, Exemption, Notice

CASE = Path(__file__).parents[2] / "cases" / "vechtpartijen.yaml"


@pytest.fixture(scope="module")
def case() -> Case:
    """The case of the seed."""
    return read_case(CASE)


def test_acts_come_in_the_order_in_which_they_were_recorded(case: Case) -> None:
    """Act 9 happened on the 12th but is entered on the 20th, after act 18 and before act 19."""
    numbers = [act.number for act in case.acts]
    assert numbers.index(18) + 1 == numbers.index(9)
    assert numbers.index(9) + 1 == numbers.index(19)


def test_every_operation_is_a_body_of_the_contract(case: Case) -> None:
    """Each operation decodes strictly as an Act, each notice as a Notice, each exemption as an Exemption."""
    shapes = {"operation": Act, "notice": Notice, "exemption": Exemption}
    for act in case.acts:
        if act.kind in shapes:
            for call in calls_of(case, act):
                msgspec.convert(call.body, shapes[act.kind])


def test_a_processor_acts_for_its_controller(case: Case) -> None:
    """Where a controller is named, the one who acts is the processor and posts it."""
    [call] = calls_of(case, case.act(9))
    assert call.party == "beveiliger"
    assert call.body["controller"] == "college-middelstad"
    assert call.body["processor"] == "beveiliger"


def test_an_exemption_is_one_call_per_person(case: Case) -> None:
    """UAVG 41 is decided person by person, each under an id of its own."""
    calls = calls_of(case, case.act(16))
    assert [call.body["subject"]["id"] for call in calls] == ["999990019"]
    assert calls[0].key in case.numbers_by_key()


def test_ids_are_the_same_in_every_run(case: Case) -> None:
    """A second run posts the same keys, so the ledger recognises them."""
    again = read_case(CASE)
    assert case.numbers_by_key() == again.numbers_by_key()


def test_a_statement_that_there_is_no_contract_is_kept(case: Case) -> None:
    """``contract: null`` is something else than no word about a contract."""
    guard = next(call.body for call in governance_calls(case) if call.body["id"] == "beveiliger")
    assert "contract" in guard
    assert guard["contract"] is None


def test_local_times_get_the_offset_of_amsterdam() -> None:
    """Summer time and winter time each with their own offset; other text is left alone."""
    body = zoned({"a": ["2026-07-01T10:00", "2026-12-01T10:00"], "b": "2026-07-01"})
    assert body == {"a": ["2026-07-01T10:00:00+02:00", "2026-12-01T10:00:00+01:00"], "b": "2026-07-01"}
    assert datetime.fromisoformat(body["a"][0]).utcoffset() is not None


def body_of(**fields: Any) -> Any:
    """The body of act 1 with these fields, of a case of one person."""
    at = datetime(2026, 9, 16, 8, tzinfo=UTC)
    act = CaseAct(number=1, at=at, recorded=at, fields={"n": 1, "at": at, "by": "college"} | fields)
    case = Case(name="c", raw={"subjects": {"y1": {"BSN": "999990019"}}}, acts=(act,))
    (call,) = calls_of(case, act)
    return call.body


def test_an_act_may_be_about_nobody() -> None:
    """With no subject, with one that is no list, and with one recipient that is none."""
    assert body_of(operation="collect")["subjects"] == []
    one = body_of(operation="make-available", subjects="y1", to="politie")
    assert [person["id"] for person in one["subjects"]] == ["999990019"]
    assert one["recipients"] == [{"party": "politie"}]
    several = body_of(operation="make-available", to=[{"party": "om", "caseId": "Z-1"}, "politie"])
    assert several["recipients"] == [{"party": "om", "caseId": "Z-1"}, {"party": "politie"}]


def test_a_status_is_of_the_persons_or_of_the_act() -> None:
    """By label it is about a person; alone it says how the operation went."""
    assert body_of(operation="collect", subjects=["y1"], status={"y1": "bystander"})["subjects"][0]["status"] == (
        "bystander"
    )
    went = body_of(operation="collect", subjects=["y1"], status="ok")
    assert (went["status"], "status" in went["subjects"][0]) == ("ok", False)


def test_acts_are_named_by_their_number() -> None:
    """What confirms another, and what was intended before, is named by the id under which that was posted."""
    case = Case(name="c", raw={}, acts=())
    body = body_of(operation="erase", confirms=12, intentId=7)
    assert (body["confirms"], body["intentId"]) == (case.key(12), case.key(7))
    assert body_of(operation="erase", intentId="0198f0c1-7c1e")["intentId"] == "0198f0c1-7c1e"


def test_a_notice_is_given_for_the_controller_that_is_named() -> None:
    """By ``for``, or by ``controller`` as on any act; else for oneself."""
    notice = {"form": "letter", "elements": "all", "addressee": "subject"}
    told = [
        body_of(notice=notice, subjects=["y1"], **who)["controller"] for who in ({"for": "om"}, {"controller": "om"})
    ]
    assert told == ["om", "om"]
    assert body_of(notice=notice, subjects=["y1"])["controller"] == "college"


def test_who_acts_is_where_it_leaked_and_where_it_was_asked() -> None:
    """When a breach or a request names no party; a request may spell out its role, and say more."""
    assert body_of(breach={"description": "lost"})["party"] == "college"
    body = body_of(
        access_request={"subject": "y1", "requestedBy": {"role": "proxy"}, "receivedAt": "2026-09-15T09:00"},
    )
    assert (body["receivedBy"], body["requestedBy"]) == ("college", {"role": "proxy"})
    assert body["receivedAt"] == "2026-09-15T09:00:00+02:00"
