"""A plan leaves out what cannot find anything, and is kept for all acts that it holds for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.law.act import CovenantReference, Justification, Threshold
from services.law.catalogue import RULES
from services.law.context import Context
from services.law.governance import Party
from services.law.judgement import judge
from services.law.plan import PlansOfDay, plan_for
from services.law.rules.registry import Rule
from services.law.rules.scene import Scene
from tests.unit.law.builders import DAY, NOW, act, annex, covenant, register

PROCESSOR = Party(id="supplier", kind="processor")
COLLEGE = Party(id="college", kind="public-body", organ="college")
KNOWN = register(covenant(annexes=(annex(), annex(id="others"))), PROCESSOR, COLLEGE)


def scene(**changes: object) -> Scene:
    """An act as the rules see it."""
    return Scene(act(**changes), Context(KNOWN, None, NOW))


def test_acts_of_one_kind_share_a_plan() -> None:
    """Another annex with the same terms, or another party of the same standing, meets the same checks."""
    first = plan_for(scene(controller="mayor"))
    assert plan_for(scene(controller="college")) is first
    assert plan_for(scene(covenant=CovenantReference(id="house", annex="others"))) is first


def test_another_standing_has_another_plan() -> None:
    """A processor that names itself controller meets a check that an authority does not."""
    found = judge(act(controller="supplier"), Context(KNOWN, None, NOW)).codes_of(0)
    assert "controller-kind-unfit" in found
    assert plan_for(scene(controller="supplier")) is not plan_for(scene(controller="college"))


def test_what_is_asked_of_one_controller_always_is_asked_of_others_by_its_condition() -> None:
    """Of what the police tell the regime is asked whatever it is; of others only when its name is of the police."""
    told: dict[str, dict[str, object]] = {"plain": {}, "named": {"data_categories": ("name", "mutatie")}}
    asked = {
        (controller, name)
        for controller in ("police", "mayor")
        for name, changes in told.items()
        for found in plan_for(scene(controller=controller, **changes))(scene(controller=controller, **changes))
        if found.code == "police-regime-unstated"
    }
    assert asked == {("police", "plain"), ("police", "named"), ("mayor", "named")}


def test_names_that_the_register_does_not_know_leave_nothing_behind() -> None:
    """Whoever makes up thousands of controllers and covenants fills no memory."""
    plans = KNOWN.on(DAY).made_by(PlansOfDay)
    plan_for(scene(controller="nobody-0"))
    before = len(plans)
    for number in range(1, 50):
        plan_for(scene(controller=f"nobody-{number}"))
    assert len(plans) == before > 0


def test_days_of_the_same_law_share_plans() -> None:
    """The plans of a day serve the next one; those of the days of the Wbp are others."""
    first, next_day, before = (
        plan_for(scene(covenant=None, occurred_at=NOW + timedelta(days=days))) for days in (0, 1, -3650)
    )
    assert next_day is first
    assert before is not first


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.under is not None and not rule.under(None, None)])
def test_what_is_left_out_where_no_covenant_is_named_finds_nothing_there(rule: Rule) -> None:
    """A place only saves time: asked all the same, the check has nothing to say."""
    late = Threshold(facts="f", source="s", decided_by="mayor", decided_on=DAY + timedelta(days=1))
    for justification in (None, Justification(threshold=late)):
        assert rule.check(scene(covenant=None, justification=justification)) is None
