"""The conditions that rules share and the places where they look: they only spare calls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Actor, Consent, Justification, LegalBasis, Secrecy, Source, Triage
from services.law.catalogue import RULES
from services.law.context import Context
from services.law.governance import Arrangement, Partner, Party
from services.law.in_force import CovenantInForce
from services.law.judgement import judge, verdict_of
from services.law.rules.scene import Scene
from services.law.rules.under import (
    coercive,
    ground_per_party,
    partnership,
    preventive,
    published_criteria,
    some_covenant,
    with_categories,
    with_exclusions,
    with_incidental_partners,
    with_territory,
    without_informer,
)
from services.law.rules.when import justified, on_police_data, on_sensitive_data, with_actor, with_source
from services.law.verdict import Finding
from tests.unit.law.builders import DAY, NOW, act, annex, covenant, decision, register, to

WGS = covenant(legal_frame="wgs-zvh", annexes=(annex(data_categories=()),))
VOLUNTEERS = Party(id="residents", kind="volunteer-body")
CARE = Party(id="care", kind="private-controller", secrecy="youth-care")
SUPPLIER = Party(id="supplier", kind="processor")
REGISTERS = [
    register(decision(), VOLUNTEERS, CARE),
    register(WGS, decision(), VOLUNTEERS, CARE, SUPPLIER),
    register(covenant(regime=1, partners=(Partner(party="youth", role="incidental", ground="Wpg 8"),))),
]


def in_force(**changes: Any) -> CovenantInForce:
    """The covenant of the house as it is that day, changed."""
    found = register(covenant(**changes)).on(DAY).covenants["house"]
    assert found is not None
    return found


HOUSE = in_force()
TABLE = in_force(legal_frame="wgs-zvh", annexes=(annex(data_categories=()),))
BARE = in_force(annexes=(annex(criteria=None, preventive=True),))
CHECKED_BY_ITSELF = (
    some_covenant,
    ground_per_party,
    published_criteria,
    coercive,
    with_incidental_partners,
    with_territory,
    without_informer,
    with_categories,
    with_exclusions,
)
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
    controller=st.sampled_from(["mayor", "police", "youth", "care", "supplier", "nobody"]),
    recipients=st.sampled_from([to("youth"), to("school", "residents"), to("mayor"), ()]),
    data_categories=st.sampled_from([("name",), ("name", "health"), ("conviction",), ("police-report",), ()]),
    data_regime=st.sampled_from(["AVG", "Wpg-8", "Wpg-20"]),
    legal_basis=st.sampled_from([None, LegalBasis(gdpr="6(1)(a)"), LegalBasis(gdpr="6(1)(e)", statute="Wpg 7")]),
    decision_id=st.sampled_from([None, "umbrella"]),
    justification=JUSTIFICATIONS,
    actor=st.sampled_from([None, Actor(role="procesregisseur", on_behalf_of="mayor")]),
    processor=st.sampled_from([None, "police", "supplier"]),
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
        applies = rule.when is None or rule.when(scene) or (rule.or_by is not None and rule.or_by(scene.controller))
        applies = applies and scene.operation_class in rule.classes
        applies = applies and (rule.under is None or rule.under(scene.covenant, scene.annex))
        applies = applies and (rule.by is None or rule.by(scene.controller))
        found = rule.check(scene) if applies and scene.view.in_force(rule.finding.norms) else None
        every += [] if found is None else [found]
    assert judge(given_act, context) == verdict_of(tuple(every), len(given_act.subjects))


@given(ACTS, st.sampled_from(REGISTERS))
def test_where_a_rule_is_not_asked_it_would_find_nothing(given_act: Any, known: Any) -> None:
    """Under a covenant and annex that a rule says nothing about, its check by itself says nothing either."""
    scene = Scene(given_act, Context(known, None, NOW))
    for rule in RULES:
        if rule.under in CHECKED_BY_ITSELF and not rule.under(scene.covenant, scene.annex):
            assert rule.check(scene) is None, rule.code
        if rule.by is not None and not rule.by(scene.controller):
            assert rule.check(scene) is None, rule.code
        if rule.or_by is not None and not (rule.or_by(scene.controller) or rule.when is None or rule.when(scene)):
            assert rule.check(scene) is None, rule.code


@pytest.mark.parametrize(
    ("where", "place", "holds"),
    [
        (some_covenant, (HOUSE, None), True),
        (some_covenant, (None, None), False),
        (partnership, (TABLE, None), True),
        (partnership, (HOUSE, None), False),
        (partnership, (None, None), False),
        (ground_per_party, (in_force(regime=1), None), True),
        (ground_per_party, (HOUSE, None), False),
        (ground_per_party, (None, None), False),
        (published_criteria, (HOUSE, None), True),
        (published_criteria, (in_force(regime=3), None), False),
        (published_criteria, (None, None), False),
        (coercive, (in_force(coercive=True), None), True),
        (coercive, (HOUSE, None), False),
        (coercive, (None, None), False),
        (with_incidental_partners, (in_force(partners=(Partner(party="youth", role="incidental"),)), None), True),
        (with_incidental_partners, (HOUSE, None), False),
        (with_incidental_partners, (None, None), False),
        (with_territory, (HOUSE, None), True),
        (with_territory, (in_force(territory=()), None), False),
        (with_territory, (None, None), False),
        (without_informer, (in_force(arrangement=Arrangement(contact_point="college")), None), True),
        (without_informer, (in_force(arrangement=None), None), False),
        (without_informer, (HOUSE, None), False),
        (without_informer, (None, None), False),
        (with_categories, (HOUSE, HOUSE.annexes["groups"]), True),
        (with_categories, (TABLE, TABLE.annexes["groups"]), False),
        (with_categories, (HOUSE, None), False),
        (with_exclusions, (HOUSE, HOUSE.annexes["groups"]), True),
        (with_exclusions, (BARE, BARE.annexes["groups"]), False),
        (with_exclusions, (HOUSE, None), False),
        (preventive, (BARE, BARE.annexes["groups"]), True),
        (preventive, (HOUSE, HOUSE.annexes["groups"]), False),
        (preventive, (HOUSE, None), False),
    ],
)
def test_where_a_rule_can_find_something(where: Any, place: Any, *, holds: bool) -> None:
    """Told by the covenant and annex alone."""
    assert where(*place) is holds


@pytest.mark.parametrize(
    ("condition", "changes"),
    [
        (justified, {"justification": Justification()}),
        (with_actor, {"actor": Actor()}),
        (with_actor, {"processor": "host"}),
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


def test_who_records_by_mandate_is_known_to_have_acted() -> None:
    """Though the act itself does not say who did it."""
    assert with_actor(Scene(act(), Context(register(), None, NOW, "police"))) is True
