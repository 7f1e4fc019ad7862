"""Which law judges: that of the day of the act, the Wbp until 24 May 2018 and the AVG since."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.law.act import Act, LegalBasis, Notice
from services.law.catalogue import CATALOGUE, norms_in_force
from services.law.context import Context
from services.law.judgement import judge
from services.law.register import Register
from services.law.verdict import Outcome, Verdict
from tests.unit.law.builders import act, change, covenant, register, subject

BEFORE_THE_WBP = date(2001, 8, 31)
UNDER_THE_WBP = date(2017, 6, 1)
LAST_OF_THE_WBP = date(2018, 5, 24)
FIRST_OF_THE_AVG = date(2018, 5, 25)
TODAY = date(2026, 11, 26)
BARE = Act(operation="make-available", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), controller="mayor")
OLDER_THAN_THE_WBP = ("aw-", "ab-", "awb-", "gemw-", "bw7-", "big-")
"""Archiefwet, Awb, Gemeentewet and the secrecy of the caring professions."""


def noon(day: date) -> datetime:
    """Noon of the day, in UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def ancient() -> Register:
    """The builders' world, with a covenant that has been in force since 1999."""
    return register(covenant(valid_from=date(1999, 1, 1), published=date(1999, 1, 1)))


def judged_on(day: date, given: Act) -> Verdict:
    """The judgement of the act, done on the day and recorded at once."""
    return judge(change(given, occurred_at=noon(day)), Context(ancient(), None, noon(day)))


def found_on(day: date, given: Act) -> dict[str, Outcome]:
    """The codes found, each with its severity."""
    return {found.code: found.severity for found in judged_on(day, given).findings}


VIOLATIONS: dict[str, dict[str, Any]] = {
    "bystander-excluded": {"subjects": (subject(status="bystander"),)},
    "category-outside-annex": {"data_categories": ("name", "health")},
    "covenant-not-a-ground": {"legal_basis": LegalBasis(gdpr="6(1)(e)", statute="convenant")},
    "processor-contract-missing": {"controller": "college", "processor": "guard"},
}


@pytest.mark.parametrize("code", VIOLATIONS)
def test_the_same_act_is_a_gap_under_the_wbp_and_a_violation_under_the_avg(code: str) -> None:
    """Nobody read the Wbp for this ledger, so what it forbade until 24 May 2018 is a gap; from the 25th the AVG is."""
    given = act(**VIOLATIONS[code])
    assert found_on(UNDER_THE_WBP, given)[code] is Outcome.GAP
    assert found_on(LAST_OF_THE_WBP, given)[code] is Outcome.GAP
    assert found_on(FIRST_OF_THE_AVG, given)[code] is Outcome.VIOLATION


def test_the_boundary_is_midnight_in_amsterdam() -> None:
    """At 23:59:59 of 24 May 2018 in Amsterdam the Wbp judges, one second later the AVG."""
    given = act(**VIOLATIONS["bystander-excluded"])
    last, first = datetime(2018, 5, 24, 21, 59, 59, tzinfo=UTC), datetime(2018, 5, 24, 22, tzinfo=UTC)
    outcomes = [judge(change(given, occurred_at=at), Context(ancient(), None, at)).outcome for at in (last, first)]
    assert outcomes == [Outcome.GAP, Outcome.VIOLATION]


@pytest.mark.parametrize(
    ("day", "owed"), [(LAST_OF_THE_WBP, False), (FIRST_OF_THE_AVG, True), (TODAY, True), (UNDER_THE_WBP, False)]
)
def test_what_the_wbp_did_not_ask_is_not_asked_of_its_time(*, day: date, owed: bool) -> None:
    """A talk was form-free, and an authority could weigh interests, until the AVG."""
    talk = Notice(
        subjects=(subject(),),
        controller="mayor",
        given_by="mayor",
        given_at=noon(day),
        form="conversation",
        elements="all",
        addressee="subject",
    )
    told = judge(talk, Context(ancient(), None, noon(day)))
    assert [found.code for found in told.findings] == ["oral-notice-unrequested"] * owed
    weighed = found_on(day, act(legal_basis=LegalBasis(gdpr="6(1)(f)")))
    assert ("legitimate-interest-of-authority" in weighed) is owed


def test_an_act_in_order_is_in_order_under_either_law() -> None:
    """The demands differ, the lawful act does not."""
    assert [judged_on(day, act()).outcome for day in (UNDER_THE_WBP, TODAY)] == [Outcome.COMPLIANT] * 2


def test_before_the_wbp_no_law_on_personal_data_judges() -> None:
    """Of what an empty act of 2017 lacks, nothing is found in the same act of before 1 September 2001."""
    assert set(found_on(UNDER_THE_WBP, BARE)) >= {"ground-missing", "necessity-missing", "purpose-missing"}
    assert found_on(BEFORE_THE_WBP, BARE) == {}
    known = norms_in_force(ancient().on(BEFORE_THE_WBP))
    assert all(norm.startswith(OLDER_THAN_THE_WBP) for norms in known.values() for norm in norms)


@pytest.mark.parametrize(("day", "absent"), [(UNDER_THE_WBP, ("avg-", "uavg-")), (TODAY, ("wbp-",))])
def test_a_verdict_names_only_the_law_of_its_day(day: date, absent: tuple[str, ...]) -> None:
    """No code of 2017 rests on the AVG, none of today on the Wbp; and a rule that judges rests on something."""
    by_code = norms_in_force(ancient().on(day))
    assert set(by_code) == set(CATALOGUE)
    assert not [norm for norms in by_code.values() for norm in norms if norm.startswith(absent)]
    assert all(by_code[code] for code in found_on(day, BARE))


def test_without_norms_every_rule_counts_as_in_force() -> None:
    """A register that was given no law, as in a test of a single rule, names all norms of a code."""
    by_code = norms_in_force(Register().on(TODAY))
    assert by_code["retention-unknown"] == CATALOGUE["retention-unknown"].norms


def test_the_law_goes_along_with_whatever_is_known() -> None:
    """An earlier register and one in which a covenant is read otherwise judge by the same norms."""
    now = ancient()
    derived = (
        now.known_at(noon(TODAY)),
        now.known_until(now.position),
        now.rereading("house", 3),
    )
    assert all(register.norms is now.norms and register.norms for register in derived)
