"""What is rejected before any judgement: every fault at once, each with its place, never with its value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from services.law.act import Exemption, Notice, Recipient, Retention, Subject
from services.law.governance import Party
from services.ledger.domain.validation import validate
from tests.support.recording import BSNS, NOW, FixedRegister, act, person

REGISTER = FixedRegister().current()


def codes(body: Any) -> list[tuple[str, str]]:
    """The faults of a body as (pointer, code)."""
    return [(fault.pointer, fault.code) for fault in validate(body, REGISTER, NOW)]


@pytest.mark.parametrize(
    ("subjects", "persons", "expected"),
    [
        ((person(BSNS[0]),), [b"one"], []),
        ((person(BSNS[0]), person(BSNS[0])), [b"one", b"one"], [("/subjects/1", "subject-repeated")]),
        ((Subject(id_type="bsn", id="1"),), [b"one"], [("/subjects/0/idType", "id-type-spelling")]),
    ],
)
def test_persons_that_were_found_sound_are_still_compared(
    subjects: tuple[Subject, ...], persons: list[bytes], expected: list[tuple[str, str]]
) -> None:
    """Whose numbers were found sound before may still stand there twice, or under another spelling of the kind."""
    faults = validate(act(subjects=subjects), REGISTER, NOW, persons)
    assert [(fault.pointer, fault.code) for fault in faults] == expected


def test_a_sound_act_has_no_fault() -> None:
    """The usual act passes, with one person, none, or two hundred."""
    many = tuple(Subject(id_type="pasnummer", id=str(number)) for number in range(200))
    assert [codes(act()), codes(act(subjects=())), codes(act(subjects=many))] == [[], [], []]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"operation": "sniff"}, ("/operation", "operation-unknown")),
        ({"operation": "other"}, ("/description", "other-without-description")),
        ({"operation": "collect", "operation_class": "delete"}, ("/operation", "operation-class-contradicts")),
        ({"occurred_at": NOW + timedelta(minutes=5, seconds=1)}, ("/occurredAt", "ahead-of-clock")),
        ({"occurred_at": datetime(1899, 12, 31, 23, 59, tzinfo=UTC)}, ("/occurredAt", "too-early")),
        (
            {"tense": "intent", "occurred_at": NOW + timedelta(days=31, seconds=1)},
            ("/occurredAt", "intent-too-far-ahead"),
        ),
        ({"ended_at": NOW - timedelta(seconds=1)}, ("/endedAt", "ends-before-it-begins")),
        ({"controller": "nobody"}, ("/controller", "controller-unknown")),
        ({"retention": Retention(period="2 jaar")}, ("/retention/period", "period-invalid")),
        ({"retention": Retention(period="PT48H")}, ("/retention/period", "period-invalid")),
        ({"record_retention": Retention(period="P151Y")}, ("/recordRetention/period", "period-too-long")),
        ({"trace_id": "abc"}, ("/traceId", "trace-id-invalid")),
        ({"span_id": "g" * 16}, ("/spanId", "span-id-invalid")),
        ({"parent_span_id": "0" * 17}, ("/parentSpanId", "span-id-invalid")),
        ({"recipients": (Recipient(party="politie"),) * 201}, ("/recipients", "items-too-many")),
        ({"data_categories": ("name",) * 201}, ("/dataCategories", "items-too-many")),
        ({"subjects": (person(BSNS[0]), person(BSNS[1])) * 101}, ("/subjects", "items-too-many")),
        ({"subjects": (person(BSNS[0]), person(BSNS[0]))}, ("/subjects/1", "subject-repeated")),
        ({"subjects": (person("99999001"), person("099999001"))}, ("/subjects/0/id", "bsn-invalid")),
        ({"subjects": (person("999990018"),)}, ("/subjects/0/id", "bsn-invalid")),
        ({"subjects": (Subject(id_type="bsn", id="1"),)}, ("/subjects/0/idType", "id-type-spelling")),
    ],
)
def test_each_fault_is_found(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    """One fault in an otherwise sound act is told with its place and code."""
    assert codes(act(**fields))[0] == expected


def test_the_edges_are_in() -> None:
    """Five minutes, thirty-one days and the first instant of 1900 are still taken."""
    assert codes(act(occurred_at=NOW + timedelta(minutes=5))) == []
    assert codes(act(tense="intent", occurred_at=NOW + timedelta(days=31))) == []
    assert codes(act(occurred_at=datetime(1900, 1, 1, tzinfo=UTC))) == []
    assert codes(act(retention=Retention(period="P150Y"))) == []


@pytest.mark.parametrize("year", [1, 9999])
def test_the_edges_of_the_calendar_do_not_break(year: int) -> None:
    """An instant whose Amsterdam day does not exist is a fault like any other."""
    far = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 12, tzinfo=timezone(timedelta(hours=14)))
    assert [pointer for pointer, _ in codes(act(occurred_at=far))] == ["/occurredAt"]


@pytest.mark.parametrize("year", [1, 9999])
def test_where_there_is_no_day_whoever_was_ever_known_will_do(year: int) -> None:
    """An instant with no day in Amsterdam hides nothing but the days of the register."""
    zone = timezone(timedelta(hours=23 if year == 1 else -23))
    far = datetime(1, 1, 1, tzinfo=zone) if year == 1 else datetime(9999, 12, 31, 23, tzinfo=zone)
    assert [pointer for pointer, _ in codes(act(occurred_at=far, controller="nobody"))] == [
        "/occurredAt",
        "/controller",
    ]
    assert [pointer for pointer, _ in codes(act(occurred_at=far))] == ["/occurredAt"]
    assert [pointer for pointer, _ in codes(act(occurred_at=far, tense="intent"))] == ["/occurredAt"]


ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("window", "tense", "expected"),
    [
        ({"valid_until": NOW.date()}, "intent", []),
        ({"valid_from": NOW.date()}, "intent", []),
        ({"valid_until": NOW.date() - ONE_DAY}, "intent", [("/controller", "controller-unknown")]),
        ({"valid_from": NOW.date() + ONE_DAY}, "intent", [("/controller", "controller-unknown")]),
        ({"valid_until": NOW.date() - ONE_DAY}, "fact", []),
        ({"valid_from": NOW.date() + ONE_DAY}, "fact", []),
    ],
)
def test_a_fact_is_not_refused_for_the_days_of_its_controller(
    window: dict[str, Any], tense: str, expected: list[tuple[str, str]]
) -> None:
    """Who was registered, but is not valid that day, did what it did; what is about to happen is turned away."""
    known = FixedRegister((Party(id="was", kind="public-body", **window),)).current()
    faults = validate(act(controller="was", tense=tense), known, NOW)
    assert [(fault.pointer, fault.code) for fault in faults] == expected


def test_a_notice_and_an_exemption_are_facts_too() -> None:
    """Both are taken in the name of a controller that is not valid on their day any more."""
    known = FixedRegister((Party(id="was", kind="public-body", valid_until=NOW.date() - ONE_DAY),)).current()
    notice = Notice(
        subjects=(person(BSNS[0]),),
        controller="was",
        given_by="was",
        given_at=NOW,
        form="letter",
        elements="all",
        addressee="subject",
    )
    exemption = Exemption(
        subject=person(BSNS[0]), controller="was", norm="n", interest="i", decided_by="was", decided_at=NOW
    )
    assert [validate(body, known, NOW) for body in (notice, exemption)] == [(), ()]


def test_a_fact_ahead_of_the_clock_hides_nothing() -> None:
    """The moment, the controller of that day, the verb and the person are told together."""
    body = act(
        operation="sniff",
        occurred_at=NOW + timedelta(days=1),
        controller="nobody",
        subjects=(Subject(id_type="bsn", id="1"), person("1")),
    )
    assert codes(body) == [
        ("/operation", "operation-unknown"),
        ("/occurredAt", "ahead-of-clock"),
        ("/controller", "controller-unknown"),
        ("/subjects/0/idType", "id-type-spelling"),
        ("/subjects/1/id", "bsn-invalid"),
    ]


def test_all_faults_at_once_and_no_value() -> None:
    """Several faults are told together, and none of them repeats what was sent."""
    body = act(operation="sniff-canary", controller="canary", subjects=(person("canary123"),), trace_id="canary")
    faults = validate(body, REGISTER, NOW)
    assert [fault.pointer for fault in faults] == ["/operation", "/traceId", "/controller", "/subjects/0/id"]
    assert b"canary" not in msgspec.json.encode(faults)


def test_notices_and_exemptions_are_checked_too() -> None:
    """Their own moment, controller and person are named by their own places."""
    notice = Notice(
        subjects=(),
        controller="nobody",
        given_by="college",
        given_at=NOW + timedelta(hours=1),
        form="letter",
        elements="all",
        addressee="subject",
    )
    assert codes(notice) == [
        ("/givenAt", "ahead-of-clock"),
        ("/subjects", "items-too-few"),
        ("/controller", "controller-unknown"),
    ]
    exemption = Exemption(
        subject=person("1"),
        controller="nobody",
        norm="UAVG 41(1)(d)",
        interest="investigation",
        decided_by="college",
        decided_at=NOW,
    )
    assert codes(exemption) == [("/controller", "controller-unknown"), ("/subject/id", "bsn-invalid")]


def test_a_decision_not_to_tell_is_a_fact_however_poor() -> None:
    """A blank norm and a review before the decision are for the verdict, so that sending it again gives its receipt."""
    poor = Exemption(
        subject=person("999990019"),
        controller="college",
        norm=" ",
        interest="",
        decided_by="college",
        decided_at=NOW,
        review_on=NOW.date() - ONE_DAY,
    )
    assert codes(poor) == []
