"""Decision tables of the rules on notices and on decisions not to tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import CovenantReference, Exemption, Notice
from services.law.context import Context, PastAct, PastExemption, SubjectFacts
from services.law.findings import FindingCode
from services.law.judgement import judge
from services.law.rules import telling
from tests.unit.law.builders import NOW, covenant, register, subject

HOUSE = CovenantReference(id="house", annex="groups")


def _notice(**changes: Any) -> Notice:
    given: dict[str, Any] = {
        "subjects": (subject(id="1"), subject(id="2")),
        "controller": "college",
        "given_by": "police",
        "given_at": NOW,
        "form": "letter",
        "elements": "all",
        "addressee": "subject",
        "covenant": HOUSE,
    }
    return Notice(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"form": "e-mail"}, []),
        ({"form": "collective"}, []),
        ({"form": "conversation"}, ["oral-notice-unrequested"]),
        ({"form": "meeting"}, ["oral-notice-unrequested"]),
        ({"form": "meeting", "requested_by_subject": True}, []),
        ({"covenant": None}, []),
        ({"covenant": CovenantReference(id="unknown")}, ["register-unknown"]),
        ({"controller": "nobody"}, ["register-unknown"]),
    ],
)
def test_notices(changes: dict[str, Any], codes: list[str]) -> None:
    """An oral notice nobody asked for is a gap for every person told; so is an unknown covenant or controller."""
    verdict = judge(_notice(**changes), Context(register(), None, NOW))
    assert [found.code for found in verdict.findings] == codes
    assert all(found.subjects == (0, 1) for found in verdict.findings)
    assert len(verdict.outcomes) == 2


def born(year: int) -> date:
    """The birthday of a person, on the day of the notice."""
    return date(year, NOW.month, NOW.day)


@pytest.mark.parametrize(
    ("changes", "births", "unfit"),
    [
        ({}, (born(2015), born(2008)), ()),
        ({"addressee": "representative"}, (None, None), ()),
        ({"addressee": "representative"}, (born(2015), born(2011)), ()),
        ({"addressee": "representative"}, (born(2010), born(2011)), (0,)),
        ({"addressee": "representative"}, (date(2010, 6, 2), born(2008)), (1,)),
        ({"addressee": "representative"}, (born(2010), born(1980)), (0, 1)),
        ({"addressee": "representative"}, (born(2010), None), (0,)),
    ],
)
def test_from_sixteen_on_the_person_is_told(
    changes: dict[str, Any], births: tuple[date | None, date | None], unfit: tuple[int, ...]
) -> None:
    """At 11 and 15 a representative may be told, at 16 and 18 not in place of the person; no age, no finding."""
    subjects = tuple(subject(id=str(number), birth_date=birth) for number, birth in enumerate(births))
    verdict = judge(_notice(**changes, subjects=subjects), Context(register(), None, NOW))
    assert [found.subjects for found in verdict.findings if found.code == "notice-addressee-unfit"] == [unfit] * bool(
        unfit
    )


def _exemption(**changes: Any) -> Exemption:
    given: dict[str, Any] = {
        "subject": subject(),
        "controller": "college",
        "norm": "UAVG 41(1)(d)",
        "interest": "investigation of offences",
        "necessity": "telling would warn the group",
        "proportionality": "until the arrests only",
        "decided_by": "college",
        "decided_at": NOW,
        "review_on": date(2026, 7, 1),
        "covenant": HOUSE,
    }
    return Exemption(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, False),
        ({"interest": ""}, True),
        ({"necessity": None}, True),
        ({"proportionality": " "}, True),
        ({"review_on": None}, True),
        ({"review_on": NOW.date()}, False),
        ({"review_on": NOW.date() - timedelta(days=1)}, True),
        ({"decided_at": datetime(2026, 7, 1, 22, 30, tzinfo=UTC)}, True),
    ],
)
def test_an_exemption_weighs_and_ends(*, changes: dict[str, Any], missing: bool) -> None:
    """Interest, necessity, proportionality and a review date are all there; not one before the day in Amsterdam."""
    verdict = judge(_exemption(**changes), Context(register(), None, NOW))
    assert (verdict.codes_of(0) == ("exemption-factors-missing",)) is missing


@pytest.mark.parametrize(
    ("norm", "unknown"),
    [
        ("UAVG 41(1)(d)", False),
        ("UAVG art. 41 lid 1 onder d", False),
        ("UAVG 42", True),
        ("UAVG 41(1)(z)", True),
        ("Gemeentewet 172", True),
        ("Wbp 43", True),
        ("zomaar", True),
        (" ", True),
    ],
)
def test_an_exemption_rests_on_a_provision_that_lets_it(*, norm: str, unknown: bool) -> None:
    """AVG 23(1): only a law that says so sets the duty to tell aside; the gap stands beside no other."""
    verdict = judge(_exemption(norm=norm), Context(register(), None, NOW))
    assert verdict.codes_of(0) == (("exemption-norm-unknown",) if unknown else ())


def test_an_exemption_of_long_ago_rests_on_the_law_of_then() -> None:
    """Until 24 May 2018 Wbp 43, and not the UAVG that was still to come."""
    for norm, unknown in (("Wbp 43", False), ("UAVG 41(1)(d)", True)):
        then = _exemption(norm=norm, decided_at=NOW.replace(year=2017), review_on=date(2017, 7, 1))
        codes = judge(then, Context(register(), None, NOW)).codes_of(0)
        assert ("exemption-norm-unknown" in codes) is unknown


def _facts(days_ago: int, covenant_id: str | None = "house") -> SubjectFacts:
    act = PastAct(
        operation_class="collect",
        occurred_at=NOW - timedelta(days=days_ago),
        controller="mayor",
        covenant=covenant_id,
        annex="groups" if covenant_id else None,
    )
    return SubjectFacts(acts=(act,))


@pytest.mark.parametrize(
    ("changes", "facts", "late"),
    [
        ({}, (_facts(60),), True),
        ({}, (_facts(20),), False),
        ({"covenant": None}, (_facts(60),), True),
        ({"covenant": None, "controller": "mayor"}, (_facts(60, None),), True),
        ({"covenant": CovenantReference(id="house")}, (_facts(60),), True),
        ({"covenant": CovenantReference(id="house", annex="other")}, (_facts(60),), False),
        ({"controller": "mayor"}, (_facts(60),), True),
        ({"controller": "youth"}, (_facts(60),), False),
        ({}, (_facts(60, None),), False),
        ({}, (None,), False),
        ({}, None, False),
    ],
)
def test_an_exemption_comes_before_the_moment_to_tell(
    *, changes: dict[str, Any], facts: tuple[SubjectFacts | None, ...] | None, late: bool
) -> None:
    """Decided after a duty it is about fell due, the exemption is late; without facts nothing is said."""
    verdict = judge(_exemption(**changes), Context(register(), facts, NOW))
    assert ("exemption-late" in verdict.codes_of(0)) is late


@pytest.mark.parametrize(("earlier_days_ago", "late"), [(40, False), (20, True), (None, True)])
def test_a_renewal_is_in_time_while_the_earlier_decision_holds(*, earlier_days_ago: int | None, late: bool) -> None:
    """Long after the moment to tell, a decision is late unless one that was taken in time still stands."""
    facts = _facts(60)
    if earlier_days_ago is not None:
        earlier = PastExemption(
            decided_at=NOW - timedelta(days=earlier_days_ago),
            controller="college",
            norm="UAVG 41",
            covenant="house",
            annex="groups",
            review_on=NOW.date(),
        )
        facts = msgspec.structs.replace(facts, exemptions=(earlier,))
    verdict = judge(_exemption(), Context(register(), (facts,), NOW))
    assert ("exemption-late" in verdict.codes_of(0)) is late


@pytest.mark.parametrize(("named", "unknown"), [(None, False), (HOUSE, False), (CovenantReference(id="x"), True)])
def test_the_covenant_of_an_exemption_is_known(*, named: CovenantReference | None, unknown: bool) -> None:
    """An exemption about a covenant that is not in force that day is a gap."""
    verdict = judge(_exemption(covenant=named), Context(register(covenant()), None, NOW))
    assert ("register-unknown" in verdict.codes_of(0)) is unknown


@pytest.mark.parametrize(("controller", "unknown"), [("college", False), ("nobody", True)])
def test_the_controller_of_an_exemption_is_known(*, controller: str, unknown: bool) -> None:
    """An exemption of a controller that the register does not know that day is a gap."""
    verdict = judge(_exemption(controller=controller), Context(register(), None, NOW))
    assert ("register-unknown" in verdict.codes_of(0)) is unknown


@pytest.mark.parametrize(
    ("finding", "of_today", "of_before", "rows"),
    [
        (telling.ORAL_NOTICE_UNREQUESTED, {"avg-12-1"}, set(), {"S56"}),
        (telling.NOTICE_ADDRESSEE_UNFIT, {"avg-12-1", "uavg-5-4"}, {"wbp-33", "wbp-34"}, {"S57"}),
        (telling.EXEMPTION_FACTORS_MISSING, {"avg-23", "uavg-41-1", "uavg-41-2"}, {"wbp-43"}, {"S55"}),
        (telling.EXEMPTION_NORM_UNKNOWN, {"avg-14-5-b", "avg-23", "uavg-41-1"}, {"wbp-43"}, {"S55"}),
        (telling.EXEMPTION_LATE, {"avg-14-3-a", "avg-14-3-c", "uavg-41-1"}, {"wbp-34", "wbp-43"}, {"S54", "S55"}),
    ],
)
def test_what_is_found_about_telling_rests_on_the_law_of_the_day(
    finding: FindingCode, of_today: set[str], of_before: set[str], rows: set[str]
) -> None:
    """AVG 12, 14 and 23 and UAVG 5 and 41 today, Wbp 33, 34 and 43 until 24 May 2018; each of the pack, none beside."""
    norms = register().norms
    assert {norm for norm in finding.norms if norms[norm].valid_on(date(2026, 6, 1))} == of_today
    assert {norm for norm in finding.norms if norms[norm].valid_on(date(2017, 6, 1))} == of_before
    assert set(finding.requirements) == rows
