"""Which checks an act meets, told beforehand by its class, covenant, annex and controller, and kept for the day.

Thousands of acts share a plan, so that what cannot find anything costs an act nothing. A plan only leaves out; what is
left decides by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final, cast

from services.law.catalogue import RULES
from services.law.day_view import DayView
from services.law.operations import OperationClass
from services.law.rules.registry import Check, Condition, Place, Rule, Standing
from services.law.rules.scene import Scene
from services.law.verdict import Finding, Outcome

Plan = Callable[[Scene], list[Finding]]
"""What the checks find of an act of one class under one covenant and annex, by one controller, on one day."""

PLACES: Final[tuple[Place, ...]] = tuple(dict.fromkeys(rule.under for rule in RULES if rule.under is not None))
"""Every place where a rule can find something that it cannot find elsewhere."""

STANDINGS: Final[tuple[Standing, ...]] = tuple(
    dict.fromkeys(by for rule in RULES for by in (rule.by, rule.or_by) if by is not None)
)
"""Everything that a controller can be of which a rule finds something."""

Answers = tuple[bool, ...]
PlansOfPlace = dict[tuple[OperationClass, Answers], Plan]


def plan_for(scene: Scene) -> Plan:
    """What is checked of an act of this class, of this controller, under this covenant and annex on this day."""
    return scene.view.made_by(PlansOfDay).of(scene)


class PlansOfDay:
    """The plans of one day. There are no more than its covenants, annexes and parties can tell apart, which is few.

    Days of the same law share them.
    """

    __slots__ = ("_by_answers", "_of_nobody", "_places", "_standings")

    def __init__(self, view: DayView) -> None:
        law = view.made_by(rules_in_force)
        self._by_answers: dict[Answers, PlansOfPlace] = view.shared_by(("plans by answers", law), dict)
        self._places: dict[object, PlansOfPlace] = view.shared_by(("plans by place", law), dict)
        self._standings: dict[str, Answers] = {}
        self._of_nobody: Answers = tuple(by(None) for by in STANDINGS)

    def __len__(self) -> int:
        """How many places and controllers are remembered."""
        return len(self._places) + len(self._standings)

    def of(self, scene: Scene) -> Plan:
        """The plan of an act."""
        # An annex in force belongs to one covenant in force, so it is the whole place.
        plans = self._places.get(scene.annex or scene.covenant)
        if plans is None:
            plans = self._open_place(scene)
        key = (scene.operation_class, self._standings.get(scene.act.controller) or self._stand(scene))
        plan = plans.get(key)
        if plan is None:
            plan = plans[key] = _plan(scene)
        return plan

    def _open_place(self, scene: Scene) -> PlansOfPlace:
        answers = tuple(under(scene.covenant, scene.annex) for under in PLACES)
        plans = self._places[scene.annex or scene.covenant] = self._by_answers.setdefault(answers, {})
        return plans

    def _stand(self, scene: Scene) -> Answers:
        """What the controller is; nothing is kept of one that the register does not know, of which there is no end."""
        if scene.controller is None:
            return self._of_nobody
        answers = self._standings[scene.act.controller] = tuple(by(scene.controller) for by in STANDINGS)
        return answers


def _plan(scene: Scene) -> Plan:
    """The checks by the condition that they share, so that it is asked once."""
    by_condition: dict[Condition | None, list[Check]] = {}
    for rule, check in scene.view.made_by(rules_in_force):
        if _can_find(rule, scene):
            by_condition.setdefault(_condition_of(rule, scene), []).append(check)
    return _written_out(by_condition)


def _written_out(by_condition: Mapping[Condition | None, Sequence[Check]]) -> Plan:
    """A function with a line per check: called at a place of its own each costs less, a tenth of an act in all.

    What is written is made of numbers only; checks and conditions are given to it by name.
    """
    names: dict[str, object] = {}
    lines = ["def find(scene):", "    findings = []"]
    for place, (condition, checks) in enumerate(by_condition.items()):
        if condition is not None:
            names[f"condition_{place}"] = condition
            lines.append(f"    if condition_{place}(scene):")
        for number, check in enumerate(checks):
            name = f"check_{place}_{number}"
            names[name] = check
            line = f"    if (found := {name}(scene)) is not None: findings.append(found)"
            lines.append(line if condition is None else f"    {line}")
    exec("\n".join([*lines, "    return findings"]), names)  # noqa: S102 - nothing that anyone wrote goes into it
    return cast(Plan, names["find"])


def _can_find(rule: Rule, scene: Scene) -> bool:
    if scene.operation_class not in rule.classes or not (rule.under is None or rule.under(scene.covenant, scene.annex)):
        return False
    return rule.by is None or rule.by(scene.controller)


def _condition_of(rule: Rule, scene: Scene) -> Condition | None:
    """Without what it finds nothing of this controller; None: it is asked of every act."""
    return None if rule.or_by is not None and rule.or_by(scene.controller) else rule.when


def rules_in_force(view: DayView) -> tuple[tuple[Rule, Check], ...]:
    """The rules of which a norm was in force on a day, as they check then: Wbp to 24 May 2018, AVG since."""
    return tuple((rule, _check_on(rule, view)) for rule in RULES if view.in_force(rule.finding.norms))


def _check_on(rule: Rule, view: DayView) -> Check:
    """The check, made milder when nobody has read the norms that it rests on that day: then it is a gap."""
    if rule.finding.severity is not Outcome.VIOLATION or view.is_checked(rule.finding.norms):
        return rule.check
    return _made_milder(rule.check)


@cache
def _made_milder(strict: Check) -> Check:
    def check(scene: Scene) -> Finding | None:
        found = strict(scene)
        return None if found is None else Finding(found.code, Outcome.GAP, found.subjects)

    return check
