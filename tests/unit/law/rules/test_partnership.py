"""Decision tables of the rules on a partnership under the WGS."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.law.act import CovenantReference, LegalBasis, Source
from services.law.context import Context, PastAct, SubjectFacts
from services.law.governance import Decision, Entry
from services.law.judgement import judge
from tests.unit.law.builders import NOW, act, covenant, findings, register, subject, to

WGS = covenant(legal_frame="wgs-zvh")
USE: dict[str, Any] = {"operation": "use", "recipients": ()}


def past(when: str = "2026-01-05", operation_class: str = "share", **changes: Any) -> PastAct:
    """The police told the mayor the name at the table."""
    fields: dict[str, Any] = {
        "occurred_at": datetime.fromisoformat(f"{when}T12:00:00+00:00"),
        "controller": "police",
        "recipients": ("mayor",),
        "covenant": "house",
        "annex": "groups",
        "data_categories": ("name",),
    }
    return PastAct(operation_class=operation_class, **(fields | changes))


def closed(**changes: Any) -> PastAct:
    """The case was closed on 1 March."""
    return past("2026-03-01", "restrict", **({"controller": "mayor", "recipients": ()} | changes))


def decided(kind: str = "wgs-renewal", **changes: Any) -> Decision:
    """A decision of the college of 1 May, agreed with the police."""
    given: dict[str, Any] = {"id": "d-1", "by": "college", "agreed_with": ("police",), "valid_from": date(2026, 5, 1)}
    return Decision(kind=kind, **(given | changes))


def severity(code: str, changes: dict[str, Any], entries: list[Entry], acts: tuple[PastAct, ...] = ()) -> str | None:
    """How severe the finding of that code is; None when it is not found."""
    return findings(act(**changes), *entries, facts=(SubjectFacts(acts=acts),)).get(code)


@pytest.mark.parametrize(
    ("changes", "entries", "acts", "expected"),
    [
        ({"source": Source(party="police")}, [WGS, decided()], (), None),
        ({"source": Source(party="college")}, [WGS, decided()], (), None),
        ({"source": Source(party="mayor")}, [WGS, decided()], (), None),
        ({"source": Source(party="youth")}, [WGS, decided()], (), "gap"),
        ({"source": Source(party="youth")}, [WGS, decided(agreed_with=("police", "youth"))], (), None),
        ({"source": Source(party="youth")}, [decided()], (), None),
        ({"source": Source(party="youth")}, [WGS, decided("legality-opinion")], (), None),
        ({"source": Source(party="youth"), "decision_id": None}, [WGS, decided()], (), None),
        ({"source": Source(party="youth"), "decision_id": "d-2"}, [WGS, decided()], (), None),
        ({"source": Source(kind="own-observation")}, [WGS, decided()], (past(controller="youth"),), "gap"),
        ({}, [WGS, decided()], (past(),), None),
        ({}, [WGS, decided(agreed_with=())], (past(),), "gap"),
        ({}, [WGS, decided()], (past(controller="youth"),), "gap"),
        ({}, [WGS, decided()], (past(controller="youth", recipients=("college",)),), None),
        ({}, [WGS, decided()], (past(controller="youth", covenant="other"),), None),
        ({}, [WGS, decided()], (past(controller="youth", data_categories=("image",)),), None),
        ({}, [WGS, decided()], (past(controller="youth", operation_class="use"),), None),
        ({"operation": "erase"}, [WGS, decided(agreed_with=())], (past(),), None),
    ],
)
def test_a_renewal_needs_its_suppliers(
    changes: dict[str, Any], entries: list[Entry], acts: tuple[PastAct, ...], expected: str | None
) -> None:
    """Whoever is named as the source, or gave the controller these data at the table, must have agreed."""
    assert severity("renewal-not-agreed", USE | {"decision_id": "d-1"} | changes, entries, acts) == expected


@pytest.mark.parametrize(
    ("changes", "entries", "acts", "expected"),
    [
        ({}, [WGS], (past(), closed()), "gap"),
        ({"operation": "consult"}, [WGS], (past(), closed()), "gap"),
        ({"operation": "make-available", "recipients": to("youth")}, [WGS], (past(), closed()), "gap"),
        ({"operation": "record"}, [WGS], (past(), closed()), "gap"),
        ({"operation": "collect"}, [WGS], (past(), closed()), None),
        ({"operation": "erase"}, [WGS], (past(), closed()), None),
        ({"operation": "restrict"}, [WGS], (past(), closed()), None),
        ({}, [WGS], (past(),), None),
        ({}, [WGS], (closed(),), None),
        ({}, [WGS], (past(), closed(), past("2026-04-01")), None),
        ({}, [WGS], (past(), closed(), past("2026-04-01", recipients=("youth",))), "gap"),
        ({}, [WGS], (past(), closed(), past("2026-04-01", "consult", controller="mayor")), "gap"),
        ({}, [WGS], (past(), closed(), past("2026-04-01", data_categories=("image",))), "gap"),
        ({}, [WGS], (past("2026-01-05", "consult", controller="mayor"), closed()), None),
        ({}, [WGS], (past(), closed(), past("2026-06-02")), "gap"),
        ({}, [], (past(), closed()), None),
        ({}, [WGS], (past(), closed(annex=None)), "gap"),
        ({}, [WGS], (past(), closed(annex="other")), None),
        ({"covenant": CovenantReference(id="house")}, [WGS], (past(), closed()), "gap"),
        ({"covenant": CovenantReference(id="house", annex="other")}, [WGS], (past(), closed()), None),
        ({"covenant": None}, [WGS], (past(), closed()), None),
        ({"data_categories": ("image",)}, [WGS], (past(), closed()), None),
        ({"controller": "college"}, [WGS], (past(), closed()), None),
        ({}, [WGS], (past(), closed(occurred_at=datetime(2026, 6, 2, tzinfo=UTC))), None),
        ({"decision_id": "d-1"}, [WGS, decided()], (past(), closed()), None),
        ({"decision_id": "d-1"}, [WGS, decided("legality-opinion")], (past(), closed()), "gap"),
    ],
)
def test_what_is_shielded_is_left(
    changes: dict[str, Any], entries: list[Entry], acts: tuple[PastAct, ...], expected: str | None
) -> None:
    """Used, changed or told after the case closed by who had it, without a decision that takes it up again."""
    assert severity("shielded-data-used", USE | changes, entries, acts) == expected


def test_without_facts_nothing_is_shielded_and_nobody_supplied() -> None:
    """What is not known is not guessed."""
    given = findings(act(**USE, decision_id="d-1"), WGS, decided(agreed_with=()))
    assert {"shielded-data-used", "renewal-not-agreed"}.isdisjoint(given)
    assert "shielded-data-used" not in findings(act(**USE), WGS)


def test_only_the_person_whose_case_was_closed_is_named() -> None:
    """The finding is about the second of two persons."""
    both = act(**USE, subjects=(subject(), subject(id="999990020")))
    facts = (SubjectFacts(acts=(past(),)), SubjectFacts(acts=(past(), closed())))
    found = judge(both, Context(register(WGS), facts, NOW)).findings
    assert [finding.subjects for finding in found if finding.code == "shielded-data-used"] == [(1,)]


@pytest.mark.parametrize(
    ("changes", "entries", "expected"),
    [
        ({"recipients": to("school")}, [WGS], "gap"),
        ({"recipients": to("youth")}, [WGS], None),
        ({"recipients": to("youth", "school")}, [WGS], "gap"),
        ({"recipients": to("school")}, [], None),
        ({"recipients": to("school"), "covenant": None}, [WGS], None),
        (
            {"recipients": to("school"), "decision_id": "d-1"},
            [WGS, decided("legality-opinion", covers=("school",))],
            None,
        ),
        ({"recipients": to("school"), "decision_id": "d-1"}, [WGS, decided("other", covers=("school",))], None),
        ({"recipients": to("school"), "decision_id": "d-1"}, [WGS, decided("other")], "gap"),
        ({"recipients": to("host")}, [WGS], None),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(d)")}, [WGS], None),
    ],
)
def test_a_third_party_gets_a_result_on_an_opinion(
    changes: dict[str, Any], entries: list[Entry], expected: str | None
) -> None:
    """Who is no participant, on no other law: with an opinion of the commission, else a gap (WGS 1.7(2), 1.2(2))."""
    assert severity("legality-opinion-missing", changes, entries) == expected


def test_an_opinion_that_covers_nobody_leaves_the_recipient_without_ground() -> None:
    """There is an opinion, so that is not what is missing; that it does not cover this recipient is found elsewhere."""
    opinion = decided("legality-opinion", covers=("other",))
    found = findings(act(recipients=to("school"), decision_id="d-1"), WGS, opinion)
    assert "legality-opinion-missing" not in found
    assert found["recipient-without-ground"] == "gap"
