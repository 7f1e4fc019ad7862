"""Property: naming a lawful ground, exception, mandate or reason never makes an act worse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Act, Actor, Consent, Justification, LegalBasis, Secrecy, Source, Triage
from services.law.assessment import assess_recipients
from services.law.context import Context, PastAct, SubjectFacts
from services.law.governance import Activity, Decision, Entry, Mandate, Partner, Party
from services.law.judgement import judge
from services.law.verdict import OUTCOMES_BY_SEVERITY, Outcome
from tests.unit.law.builders import NOW, act, annex, change, covenant, decision, register, to

FREE = annex(data_categories=())
TABLE = (*(Partner(party=party) for party in ("mayor", "police", "care")), Partner(party="youth", role="incidental"))
COVENANTS = [
    covenant(annexes=(FREE,)),
    covenant(annexes=(FREE,), regime=1, partners=TABLE),
    covenant(annexes=(FREE,), legal_frame="wgs-zvh", partners=TABLE),
    covenant(annexes=(FREE,), coercive=True, regime=3),
]
PARTIES = (
    Party(id="residents", kind="volunteer-body"),
    Party(id="ggz", kind="private-controller", domains=("care",), secrecy="medical"),
)
OLD = PastAct(operation_class="collect", occurred_at=NOW.replace(year=2019), controller="police", data_regime="Wpg-8")
FACTS = (SubjectFacts(acts=(change(OLD, data_categories=("name",)),)),)
SECRECIES = st.builds(
    Secrecy,
    regime=st.sampled_from(["medical", "youth-care", "social-support", "official", "police", "wgs"]),
    exception=st.sampled_from([None, "none", "good-care", "explicit-consent", "statutory-duty"]),
)
WORKS = (
    Activity(id="work-of-mayor", controller="mayor", legal_basis={"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"}),
    Activity(id="work-of-college", controller="college", legal_basis={"gdpr": "6(1)(e)", "statute": "Jeugdwet 2.3"}),
    Activity(id="work-of-police", controller="police", legal_basis="Wpg 8"),
    Activity(id="work-of-youth", controller="youth", legal_basis="6(1)(f)"),
    Activity(id="work-of-care", controller="care", legal_basis="6(1)(f)"),
)
BY_STATUTE = frozenset({"work-of-mayor", "work-of-college", "work-of-police"})


def _with_own_work(given_act: Act) -> Act:
    if given_act.activity is None:
        return given_act
    changed: Act = change(given_act, activity=f"work-of-{given_act.controller}")
    return changed


ACTS = st.builds(
    act,
    operation=st.sampled_from(["make-available", "record", "consult", "use"]),
    controller=st.sampled_from(["mayor", "college", "police", "youth", "care", "ggz", "nobody"]),
    recipients=st.sampled_from([to("youth"), to("school", "residents"), to("mayor"), to("guardian", "care"), ()]),
    data_categories=st.sampled_from([("name",), ("name", "health"), ("conviction", "religion"), ("police-report",)]),
    data_regime=st.sampled_from(["AVG", "Wpg-8", "Wpg-20"]),
    activity=st.sampled_from([None, "work"]),
    legal_basis=st.one_of(
        st.none(),
        st.builds(
            LegalBasis,
            gdpr=st.sampled_from([None, "6(1)(a)", "6(1)(e)"]),
            statute=st.sampled_from([None, "Gemeentewet 172", "Wpg 7", "convenant"]),
            article9=st.sampled_from([None, "UAVG 25"]),
            article10=st.sampled_from([None, "UAVG 33(4)(a)"]),
        ),
    ),
    justification=st.one_of(
        st.none(),
        st.builds(
            Justification,
            secrecy=st.one_of(st.none(), SECRECIES),
            consent=st.sampled_from([None, Consent(given_at=NOW, withdrawn_at=NOW)]),
            triage=st.sampled_from([None, Triage(step="weighing", outcome="not-share", reason="weighed")]),
        ),
    ),
    actor=st.sampled_from([None, Actor(id="s", role="regisseur", on_behalf_of="mayor")]),
    source=st.sampled_from([None, Source(kind="party", party="care", conditions="no onward disclosure")]),
).map(_with_own_work)
"""Some of them under the activity that their controller has in its register."""


def _basis(given_act: Act, **changes: Any) -> Act:
    changed: Act = change(given_act, legal_basis=change(given_act.legal_basis or LegalBasis(), **changes))
    return changed


def _justified(given_act: Act, **changes: Any) -> Act:
    changed: Act = change(given_act, justification=change(given_act.justification or Justification(), **changes))
    return changed


def _vital_interest(given_act: Act) -> Act:
    if given_act.legal_basis is not None and given_act.legal_basis.gdpr == "6(1)(a)":
        # It would take the place of consent, which needs no reasons; that is no addition.
        return given_act
    return _basis(given_act, gdpr="6(1)(d)")


def _right_to_report(given_act: Act) -> Act:
    if given_act.legal_basis is not None and given_act.legal_basis.statute is not None:
        return given_act
    if given_act.activity in BY_STATUTE:
        # It would take the place of the statute of the activity; that is no addition either.
        return given_act
    return _basis(given_act, statute="Wmo 5.2.6")


def _exceptions(given_act: Act) -> Act:
    return _basis(given_act, article9="9(2)(a)", article10="UAVG 32(a)")


def _lifted(given_act: Act) -> Act:
    secrecy = given_act.justification.secrecy if given_act.justification else None
    if secrecy is None:
        return given_act
    return _justified(
        given_act, secrecy=change(secrecy, exception="statutory-power", provision="Wmo 5.2.6", decision_id=None)
    )


def _consent_in_force(given_act: Act) -> Act:
    return _justified(given_act, consent=Consent(given_at=NOW, given_by="representative"))


def _serious_reasons(given_act: Act) -> Act:
    return _justified(given_act, serious_reasons="a witness is at risk")


ADDITIONS: list[Callable[[Act], Act]] = [
    _vital_interest,
    _right_to_report,
    _exceptions,
    _lifted,
    _consent_in_force,
    _serious_reasons,
]
EVERYONE = ("mayor", "college", "police", "youth", "care", "school", "residents", "guardian", "ggz", "nobody")
REGISTERED: list[Entry] = [
    Mandate(id="m", from_="mayor", to="regisseur"),
    Decision(id="agreed", kind="supplier-consent", by="care", covers=EVERYONE),
    decision(id="opinion", kind="legality-opinion", covers=EVERYONE),
]


def _contexts(*entries: Entry) -> list[Context]:
    return [Context(register(given_covenant, *PARTIES, *WORKS, *entries), FACTS, NOW) for given_covenant in COVENANTS]


CONTEXTS = _contexts()


def _rank(outcome: Outcome) -> int:
    return OUTCOMES_BY_SEVERITY.index(outcome)


@pytest.mark.parametrize("addition", ADDITIONS)
@given(given_act=ACTS, context=st.sampled_from(CONTEXTS))
def test_a_lawful_ground_never_makes_an_act_worse(
    addition: Callable[[Act], Act], given_act: Act, context: Context
) -> None:
    """A vital interest, a right to report, an exception, consent or a reason: the outcome stays or gets milder."""
    before, after = judge(given_act, context), judge(addition(given_act), context)
    violated = {found.code for found in before.findings if found.severity is Outcome.VIOLATION}
    assert _rank(after.outcome) <= _rank(before.outcome)
    assert {found.code for found in after.findings if found.severity is Outcome.VIOLATION} <= violated


@pytest.mark.parametrize("richer", [_contexts(entry) for entry in REGISTERED], ids=[entry.id for entry in REGISTERED])
@given(given_act=ACTS, place=st.integers(0, len(COVENANTS) - 1))
def test_what_is_registered_in_favour_of_an_act_never_adds_a_finding(
    richer: list[Context], given_act: Act, place: int
) -> None:
    """A mandate, a supplier's consent or a legality opinion takes findings away and adds none."""
    before = {found.code for found in judge(given_act, CONTEXTS[place]).findings}
    assert {found.code for found in judge(given_act, richer[place]).findings} <= before


@given(given_act=ACTS, context=st.sampled_from(CONTEXTS))
def test_an_answer_per_recipient_agrees_with_the_verdict(given_act: Act, context: Context) -> None:
    """Somebody is forbidden exactly when a share is a violation, and says what would allow it."""
    answers = assess_recipients(given_act, context)
    violated = judge(given_act, context).outcome is Outcome.VIOLATION
    assert any(answer.answer == "forbidden" for answer in answers) is (violated and bool(answers))
    assert all(bool(answer.would_allow) is (answer.answer == "forbidden") for answer in answers)
    assert all(bool(answer.owed_under) is (answer.answer == "must-share-unless") for answer in answers)
