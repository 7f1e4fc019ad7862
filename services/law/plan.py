"""Which checks an act meets, told beforehand by its class, covenant, annex and controller, and kept for the day.

Thousands of acts share a plan, so that what cannot find anything costs an act nothing. A plan only leaves out; what is
left decides by itself.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from services.law.catalogue import RULES
from services.law.day_view import DayView
from services.law.operations import OperationClass
from services.law.rules.registry import Check, Condition, Place, Rule, Standing
from services.law.rules.scene import Scene
from services.law.verdict import Finding, Outcome


class Plan(NamedTuple):
    """What is checked of an act of one class under one covenant and annex, by one controller, on one day.

    ``always``: of each such act. ``sometimes``: by the condition that several checks share.
    """

    always: tuple[Check, ...]
    sometimes: tuple[tuple[Condition, tuple[Check, ...]], ...]


PLACES: Final[tuple[Place, ...]] = tuple(dict.fromkeys(rule.under for rule in RULES if rule.under is not None))
"""Every place where a rule can find something that it cannot find elsewhere."""

STANDINGS: Final[tuple[Standing, ...]] = tuple(dict.fromkeys(rule.by for rule in RULES if rule.by is not None))
"""Everything that a controller can be of which a rule finds something."""

Answers = tuple[bool, ...]
PlansOfPlace = dict[tuple[OperationClass, Answers], Plan]


def plan_for(scene: Scene) -> Plan:
    """What is checked of an act of this class, of this controller, under this covenant and annex on this day."""
    return scene.view.made_by(PlansOfDay).of(scene)


class PlansOfDay:
    """The plans of one day. There are no more than its covenants, annexes and parties can tell apart, which is few."""

    __slots__ = ("_by_answers", "_of_nobody", "_places", "_standings")

    def __init__(self, _view: DayView) -> None:
        self._by_answers: dict[Answers, PlansOfPlace] = {}
        self._places: dict[object, PlansOfPlace] = {}
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
    always: list[Check] = []
    by_condition: dict[Condition, list[Check]] = {}
    for rule, check in scene.view.made_by(rules_in_force):
        if _can_find(rule, scene):
            (always if rule.when is None else by_condition.setdefault(rule.when, [])).append(check)
    return Plan(tuple(always), tuple((condition, tuple(found)) for condition, found in by_condition.items()))


def _can_find(rule: Rule, scene: Scene) -> bool:
    if scene.operation_class not in rule.classes or not (rule.under is None or rule.under(scene.covenant, scene.annex)):
        return False
    return rule.by is None or rule.by(scene.controller)


def rules_in_force(view: DayView) -> tuple[tuple[Rule, Check], ...]:
    """The rules of which a norm was in force on a day, as they check then: Wbp to 24 May 2018, AVG since."""
    return tuple((rule, _check_on(rule, view)) for rule in RULES if view.in_force(rule.finding.norms))


def _check_on(rule: Rule, view: DayView) -> Check:
    """The check, made milder when nobody has read the norms that it rests on that day: then it is a gap."""
    if rule.finding.severity is not Outcome.VIOLATION or view.is_checked(rule.finding.norms):
        return rule.check

    def check(scene: Scene) -> Finding | None:
        found = rule.check(scene)
        return None if found is None else Finding(found.code, Outcome.GAP, found.subjects)

    return check
