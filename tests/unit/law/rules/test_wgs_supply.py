"""Decision tables of the rules on supplying under the WGS."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import Justification, LegalBasis, Source, Triage
from services.law.governance import Decision, Entry, Partner
from tests.unit.law.builders import NOW, act, annex, change, covenant, findings, to

PARTNERS = (
    *(Partner(party=party) for party in ("mayor", "police", "youth", "care")),
    Partner(party="school", role="incidental"),
)
WGS = covenant(legal_frame="wgs-zvh", partners=PARTNERS, annexes=(annex(data_categories=()),))
AVG = change(WGS, legal_frame="avg-covenant")
BEFORE = NOW.replace(year=2025, month=2)
BANNED = {"source": Source(party="care", conditions="alleen mondeling; geen doorverstrekking")}


def consent(**changes: Any) -> Decision:
    """The care party agrees that the youth work gets its data."""
    return Decision(**({"id": "agreed", "kind": "supplier-consent", "by": "care", "covers": ("youth",)} | changes))


@pytest.mark.parametrize(
    ("changes", "entries", "broken"),
    [
        (BANNED, [WGS], True),
        ({**BANNED, "recipients": to("care", "youth")}, [WGS], True),
        ({**BANNED, "recipients": to("care")}, [WGS], False),
        ({**BANNED, "recipients": to("host", "mayor")}, [WGS], False),
        ({**BANNED, "operation": "consult"}, [WGS], False),
        ({"source": Source(party="care", conditions="alleen mondeling")}, [WGS], False),
        ({"source": Source(party="care")}, [WGS], False),
        ({"source": Source(conditions="no onward disclosure")}, [WGS], False),
        ({"source": Source(party="mayor", conditions="no onward disclosure")}, [WGS], False),
        ({}, [WGS], False),
        (BANNED, [WGS, consent()], False),
        (BANNED, [WGS, consent(covers=("school",))], True),
        (BANNED, [WGS, consent(by="police")], True),
        (BANNED, [WGS, consent(kind="wpg-20")], True),
        (BANNED, [WGS, consent(valid_until=date(2026, 5, 31))], True),
        (BANNED, [AVG], False),
        ({**BANNED, "occurred_at": BEFORE}, [WGS], False),
        ({**BANNED, "covenant": None}, [WGS], False),
    ],
)
def test_the_ban_of_a_supplier_binds(*, changes: dict[str, Any], entries: list[Entry], broken: bool) -> None:
    """WGS 2.29(3): what the supplier wants to stay goes to nobody else, until it agrees."""
    assert findings(act(**changes), *entries).get("supplier-condition-broken") == ("violation" if broken else None)


HEALTH = {"data_categories": ("health",), "recipients": to("guardian")}


@pytest.mark.parametrize(
    ("changes", "entries", "missing"),
    [
        (HEALTH, [WGS], True),
        ({**HEALTH, "data_categories": ("conviction",)}, [WGS], True),
        ({**HEALTH, "data_categories": ("name",)}, [WGS], False),
        ({**HEALTH, "recipients": to("youth", "guardian")}, [WGS], True),
        ({**HEALTH, "recipients": to("youth", "school")}, [WGS], False),
        ({**HEALTH, "recipients": to("host")}, [WGS], False),
        ({**HEALTH, "legal_basis": LegalBasis(gdpr="6(1)(d)")}, [WGS], False),
        ({**HEALTH, "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Wmo 5.2.6")}, [WGS], False),
        (HEALTH, [WGS, consent(covers=("guardian",))], False),
        (HEALTH, [WGS, consent(covers=("guardian",), by="police")], False),
        (HEALTH, [WGS, consent()], True),
        ({**HEALTH, "recipients": to("guardian", "college")}, [WGS, consent(covers=("guardian",))], True),
        (HEALTH, [AVG], False),
        ({**HEALTH, "occurred_at": BEFORE}, [WGS], False),
        ({**HEALTH, "covenant": None}, [WGS], False),
        ({**HEALTH, "operation": "record"}, [WGS], False),
    ],
)
def test_sensitive_data_leave_the_table_with_the_suppliers_consent(
    *, changes: dict[str, Any], entries: list[Entry], missing: bool
) -> None:
    """WGS 1.7(3): special and criminal data go to a third party only when a participant agreed to it."""
    assert findings(act(**changes), *entries).get("supplier-consent-missing") == ("gap" if missing else None)


HELD_BACK: dict[str, Any] = {
    "operation": "use",
    "justification": Justification(triage=Triage(step="weighing", outcome="not-share", reason="he asked")),
}
SERIOUS: dict[str, Any] = {"justification": change(HELD_BACK["justification"], serious_reasons="a witness is at risk")}
BLANK: dict[str, Any] = {"justification": change(HELD_BACK["justification"], serious_reasons=" ")}
POLICE = {"controller": "police", "data_regime": "Wpg-8", "legal_basis": LegalBasis(statute="Wpg 16")}
SUPERVISION = {"legal_basis": LegalBasis(gdpr="6(1)(c)", statute="Jeugdwet 7.3.11(4)"), "recipients": to("guardian")}


@pytest.mark.parametrize(
    ("changes", "entries", "missing"),
    [
        ({}, [WGS], True),
        (BLANK, [WGS], True),
        (SERIOUS, [WGS], False),
        ({"recipients": ()}, [WGS], True),
        ({"recipients": (), "controller": "college"}, [WGS], False),
        ({"recipients": (), "controller": "school"}, [WGS], False),
        ({"recipients": to("guardian")}, [WGS], False),
        ({"recipients": to("school")}, [WGS], False),
        ({"recipients": to("school", "youth")}, [WGS], True),
        ({"recipients": to("mayor", "host")}, [WGS], False),
        ({}, [AVG], False),
        ({"recipients": ()}, [AVG], False),
        ({"recipients": (), "occurred_at": BEFORE}, [WGS], False),
        ({"operation": "erase"}, [WGS], False),
        ({"justification": Justification(triage=Triage(step="w", outcome="share"))}, [WGS], False),
        ({"justification": Justification(triage=Triage(step="w", outcome="share-less"))}, [WGS], False),
        ({"justification": Justification()}, [WGS], False),
        ({**POLICE, "recipients": to("mayor")}, [AVG], True),
        ({**POLICE, "recipients": to("youth")}, [AVG], False),
        (SUPERVISION, [AVG], True),
    ],
)
def test_what_must_be_shared_is_held_back_for_serious_reasons_only(
    *, changes: dict[str, Any], entries: list[Entry], missing: bool
) -> None:
    """WGS 1.5(1), Wpg 16, Jeugdwet 7.3.11(4): not sharing needs its reason where the law obliges to share."""
    assert findings(act(**(HELD_BACK | changes)), *entries).get("serious-reasons-missing") == (
        "gap" if missing else None
    )
