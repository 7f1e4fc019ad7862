"""The conditions that rules share, and that they only spare calls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Actor, Consent, Justification, LegalBasis, Secrecy, Source, Triage
from services.law.catalogue import RULES
from services.law.context import Context
from services.law.governance import Partner, Party
from services.law.judgement import judge, verdict_of
from services.law.rules.scene import Scene
from services.law.rules.when import justified, on_police_data, on_sensitive_data, with_actor, with_source
from services.law.verdict import Finding
from tests.unit.law.builders import NOW, act, annex, covenant, decision, register, to

WGS = covenant(legal_frame="wgs-zvh", annexes=(annex(data_categories=()),))
VOLUNTEERS = Party(id="residents", kind="volunteer-body")
REGISTERS = [
    register(decision(), VOLUNTEERS),
    register(WGS, decision(), VOLUNTEERS),
    register(covenant(regime=1, partners=(Partner(party="youth", role="incidental", ground="Wpg 8"),))),
]
JUSTIFICATIONS = st.one_of(
    st.none(),
    st.builds(
        Justification,
        secrecy=st.one_of(
            st.none(),
            st.builds(
                Secrecy,
                regime=st.sampled_from(["medical", "youth-care", "social-support", "official", "police", "wgs"]),
                exception=st.sampled_from([None, "none", "good-care", "explicit-consent", "statutory-power"]),
            ),
        ),
        consent=st.sampled_from([None, Consent(given_at=NOW), Consent(given_at=NOW.replace(year=2027))]),
        triage=st.sampled_from([None, Triage(step="weighing", outcome="not-share")]),
    ),
)
ACTS = st.builds(
    act,
    operation=st.sampled_from(["make-available", "record", "consult", "erase"]),
    controller=st.sampled_from(["mayor", "police", "youth", "nobody"]),
    recipients=st.sampled_from([to("youth"), to("school", "residents"), to("mayor"), ()]),
    data_categories=st.sampled_from([("name",), ("name", "health"), ("conviction",), ("police-report",), ()]),
    data_regime=st.sampled_from(["AVG", "Wpg-8", "Wpg-20"]),
    legal_basis=st.sampled_from([None, LegalBasis(gdpr="6(1)(a)"), LegalBasis(gdpr="6(1)(e)", statute="Wpg 7")]),
    decision_id=st.sampled_from([None, "umbrella"]),
    justification=JUSTIFICATIONS,
    actor=st.sampled_from([None, Actor(role="procesregisseur", on_behalf_of="mayor")]),
    case_id=st.sampled_from([None, "c-1"]),
    source=st.sampled_from([None, Source(party="care", conditions="no onward disclosure"), Source(kind="open-source")]),
)


@given(ACTS, st.sampled_from(REGISTERS))
def test_conditions_are_asked_as_if_by_each_rule(given_act: Any, known: Any) -> None:
    """Brute force: asking every rule of the class, one by one, gives the verdict that asking by condition gives."""
    context = Context(known, None, NOW)
    scene = Scene(given_act, context)
    every: list[Finding] = []
    for rule in RULES:
        applies = scene.operation_class in rule.classes and (rule.when is None or rule.when(scene))
        found = rule.check(scene) if applies and scene.view.in_force(rule.finding.norms) else None
        every += [] if found is None else [found]
    assert judge(given_act, context) == verdict_of(tuple(every), len(given_act.subjects))


@pytest.mark.parametrize(
    ("condition", "changes"),
    [
        (justified, {"justification": Justification()}),
        (with_actor, {"actor": Actor()}),
        (with_source, {"source": Source()}),
        (on_police_data, {"data_regime": "Wpg-13"}),
        (on_sensitive_data, {"data_categories": ("name", "health")}),
        (on_sensitive_data, {"data_categories": ("police-report",)}),
    ],
)
def test_a_condition_holds_when_the_act_states_what_it_is_about(condition: Any, changes: dict[str, Any]) -> None:
    """What the act does not state, no rule of that condition looks at."""
    context = Context(register(), None, NOW)
    assert condition(Scene(act(**changes), context)) is True
    assert condition(Scene(act(), context)) is False
