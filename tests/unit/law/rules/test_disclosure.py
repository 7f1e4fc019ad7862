"""Decision tables of the rule on recipients, and the answer per recipient."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import CovenantReference, LegalBasis
from services.law.assessment import assess_recipients
from services.law.context import Context
from services.law.governance import Entry, Partner
from tests.unit.law.builders import NOW, act, covenant, decision, findings, register, subject, to

POLICE: dict[str, Any] = {
    "controller": "police",
    "data_regime": "Wpg-20",
    "legal_basis": LegalBasis(statute="Wpg 20"),
    "decision_id": "umbrella",
}
ON_18: dict[str, Any] = {"decision_id": None, "legal_basis": LegalBasis(statute="Wpg 18")}
ONWARD: dict[str, Any] = {"controller": "mayor", "legal_basis": LegalBasis(statute="Wpg 7(2)"), "decision_id": None}
WGS = covenant(legal_frame="wgs-zvh", partners=(Partner(party="police"), Partner(party="school")))
NAMED = CovenantReference(id="house", annex="other")


@pytest.mark.parametrize(
    ("changes", "entries", "severity"),
    [
        ({"recipients": to("youth")}, [decision()], None),
        ({"recipients": to("school")}, [decision()], "violation"),
        ({"recipients": to("youth", "school")}, [decision()], "violation"),
        ({"recipients": to("school")}, [decision(kind="wpg-19", covers=("school",), partnership=None)], None),
        ({"recipients": to("youth")}, [decision(kind="legality-opinion")], "violation"),
        ({"recipients": to("youth")}, [decision(valid_until=date(2026, 5, 31))], "violation"),
        ({"recipients": to("youth")}, [decision(by="other-force")], "violation"),
        ({"recipients": to("youth"), "data_categories": ("name", "image")}, [decision()], "violation"),
        ({"recipients": to("youth"), "data_categories": ("name",)}, [decision(data_categories=None)], None),
        ({"recipients": to("youth"), "covenant": NAMED}, [decision()], "violation"),
        ({"recipients": to("youth"), "covenant": NAMED}, [decision(partnership="house")], None),
        ({"recipients": to("youth"), "covenant": None}, [decision()], None),
        ({"recipients": to("youth"), "decision_id": None}, [decision()], "violation"),
        ({"recipients": to("nobody")}, [decision()], "gap"),
        ({"recipients": to("nobody", "school")}, [decision()], "violation"),
        ({"recipients": to("mayor", "prosecutor", "police"), "decision_id": None}, [], None),
        ({"recipients": to("college"), **ON_18}, [], None),
        ({"recipients": to("college"), **ON_18, "legal_basis": LegalBasis(statute="Bpg 4:2")}, [], None),
        ({"recipients": to("school"), **ON_18}, [], "violation"),
        ({"recipients": to("college"), "decision_id": None}, [], "violation"),
        ({"recipients": to("college"), "decision_id": None, "legal_basis": None}, [], "violation"),
        ({"recipients": to("school"), "decision_id": None}, [WGS], None),
        (
            {"recipients": to("school"), "decision_id": None, "occurred_at": NOW.replace(year=2025, month=2)},
            [WGS],
            "violation",
        ),
        ({"recipients": to("care"), "decision_id": None}, [WGS], "violation"),
        ({**ONWARD, "recipients": to("school")}, [], None),
        ({**ONWARD, "recipients": to("school"), "decision_id": "umbrella"}, [decision()], "violation"),
        ({**ONWARD, "recipients": to("school"), "decision_id": "umbrella"}, [decision(conditions=())], None),
        ({**ONWARD, "recipients": to("youth"), "decision_id": "umbrella"}, [decision()], None),
        ({**ONWARD, "recipients": to("school"), "legal_basis": LegalBasis(statute="Wpg 20")}, [], "violation"),
        ({**ONWARD, "recipients": to("host"), "legal_basis": None}, [], None),
        ({**ONWARD, "recipients": to("prosecutor"), "legal_basis": None}, [], "violation"),
        ({**POLICE, "recipients": to("school"), "legal_basis": LegalBasis(statute="Wpg 7")}, [decision()], "violation"),
        ({"recipients": to("school"), "operation": "consult"}, [decision()], None),
    ],
)
def test_police_data_need_a_ground_per_recipient(
    changes: dict[str, Any], entries: list[Entry], severity: str | None
) -> None:
    """Grounds combine as OR; only a recipient who is known and has none makes a violation."""
    assert findings(act(**(POLICE | changes)), *entries).get("recipient-without-ground") == severity


@pytest.mark.parametrize(
    ("changes", "entries", "outside"),
    [
        ({}, [], False),
        ({"recipients": to("school")}, [], True),
        ({"recipients": to("school"), "covenant": None}, [], False),
        ({"recipients": to("mayor", "host")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(d)")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Wmo 5.2.6")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(d)", statute="Wmo 5.2.6")}, [], False),
        ({"recipients": to("school"), "legal_basis": None}, [], True),
        ({"recipients": to("school"), "decision_id": "umbrella"}, [decision(covers=("school",))], False),
        ({"recipients": to("school"), "decision_id": "umbrella"}, [decision()], True),
        ({}, [covenant(partners=(Partner(party="youth", until=date(2026, 5, 31)),))], True),
        ({}, [covenant(partners=(Partner(party="youth", from_=date(2026, 6, 1)),))], False),
    ],
)
def test_being_outside_the_covenant_is_at_most_a_gap(
    *, changes: dict[str, Any], entries: list[Entry], outside: bool
) -> None:
    """Under the AVG a recipient who is no partner that day is a gap, unless the law opens the door itself."""
    assert findings(act(**changes), *entries).get("recipient-without-ground") == ("gap" if outside else None)


@pytest.mark.parametrize(
    ("changes", "entries", "answers"),
    [
        ({}, [], [("youth", "allowed", ())]),
        ({"operation": "record"}, [], []),
        ({"subjects": (subject(status="bystander"),)}, [], [("youth", "forbidden", ("bystander-excluded",))]),
        (
            {**POLICE, "recipients": to("mayor", "youth", "school", "nobody")},
            [decision()],
            [
                ("mayor", "must-share-unless", ()),
                ("youth", "allowed", ()),
                ("school", "forbidden", ("wpg-18-1", "wpg-19", "wpg-20-1")),
                ("nobody", "allowed", ()),
            ],
        ),
        ({"recipients": to("school")}, [WGS], [("school", "must-share-unless", ())]),
        ({"recipients": to("care")}, [WGS], [("care", "allowed", ())]),
        (
            {
                "recipients": to("guardian", "care"),
                "legal_basis": LegalBasis(gdpr="6(1)(c)", statute="Jeugdwet 7.3.11(4)"),
            },
            [],
            [("guardian", "must-share-unless", ()), ("care", "allowed", ())],
        ),
        (
            {"recipients": to("nobody"), "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11")},
            [],
            [("nobody", "allowed", ())],
        ),
        ({"legal_basis": None}, [], [("youth", "allowed", ())]),
    ],
)
def test_each_recipient_gets_its_own_answer(
    changes: dict[str, Any], entries: list[Entry], answers: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """Allowed, forbidden, or must share unless; what was forbidden says what would allow it."""
    found = assess_recipients(act(**changes), Context(register(*entries), None, NOW))
    assert [(answer.party, answer.answer, answer.would_allow) for answer in found] == answers
