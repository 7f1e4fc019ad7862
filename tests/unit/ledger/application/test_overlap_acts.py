"""The acts of an overlap before the law: at a table with an annex, under a decision, and without a ground."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Act, CovenantReference, LegalBasis
from services.ledger.application.overlap_acts import asking, handing_in
from services.ledger.application.overlap_ports import Overlap
from services.ledger.contract.overlaps import OverlapBody, OverlapPersons
from services.ledger.domain.identity import operation_id_of
from tests.unit.law.builders import NOW, REASONS, decision, findings

TABLE: dict[str, Any] = {
    "covenant": CovenantReference(id="house", annex="groups"),
    "phase": "signalling",
    "necessity": REASONS,
}
MAYORS_TASK = LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172")
POLICE: dict[str, Any] = {"data_regime": "Wpg-20", "legal_basis": LegalBasis(statute="Wpg 20")}


def asked(**changes: Any) -> Act:
    """The mayor asks police and youth work at the table."""
    given: dict[str, Any] = {"controller": "mayor", "parties": ("police", "youth"), "legal_basis": MAYORS_TASK, **TABLE}
    return asking(OverlapBody(**(given | changes)), NOW)


def handed_in(*parties: str, **changes: Any) -> Act:
    """The police hand in what the mayor asked of them and these parties."""
    overlap = Overlap(
        lane=0,
        id=operation_id_of("mayor", "riddle"),
        key="riddle",
        controller="mayor",
        author="mayor",
        parties=("police", *parties),
        opened_at=NOW,
        closes_at=NOW,
    )
    given = {"pseudonyms": ("0" * 64, "1" * 64, "2" * 64), **TABLE, **POLICE}
    return handing_in(OverlapPersons(**(given | changes)), overlap, "police", NOW)


def test_asking_at_a_table_that_lists_categories_is_in_order() -> None:
    """Pseudonyms are no category that partners could list in an annex, so none of theirs is missed."""
    assert findings(asked()) == {}


@pytest.mark.parametrize("named", [{}, {"covenant": None, "purpose": "count"}])
def test_a_decision_that_fixes_categories_carries_what_the_police_hand_in(named: dict[str, Any]) -> None:
    """Nor are they one that a decision of Wpg 20 could list; all else of the decision binds."""
    found = findings(handed_in("youth", decision_id="umbrella", **named), decision())
    assert "violation" not in found.values()
    assert "recipient-without-ground" not in found


@pytest.mark.parametrize(
    ("parties", "decided", "named"),
    [
        (("youth",), {}, None),
        (("youth", "care"), {}, "umbrella"),
        (("youth",), {"kind": "bulk-review"}, "umbrella"),
        (("youth",), {"partnership": "elsewhere"}, "umbrella"),
    ],
)
def test_police_without_a_ground_towards_a_party_are_refused(
    parties: tuple[str, ...], decided: dict[str, Any], named: str | None
) -> None:
    """No decision, one that leaves a party out, one of another kind, one of another partnership: a violation."""
    found = findings(handed_in(*parties, decision_id=named), decision(**decided))
    assert found == {"recipient-without-ground": "violation"}


def test_without_purpose_ground_or_reason_something_is_found() -> None:
    """Whatever an act of the ledger's own making leaves to its author is asked of him."""
    bare = asked(covenant=None, legal_basis=None, necessity=None)
    assert {"ground-missing", "purpose-missing", "necessity-missing"} <= findings(bare).keys()
