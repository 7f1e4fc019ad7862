"""The judgement: one pure function from an act and what was known to a verdict.

``judge`` reads no clock and no storage and writes nothing, so a dry run, the real thing and a
replay with the same context give the same verdict, whatever the order of recipients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Final

from services.law.act import Act, Exemption, Judged, Notice
from services.law.catalogue import RULES
from services.law.context import Context
from services.law.local_time import amsterdam_day
from services.law.operations import OperationClass, operation_class
from services.law.register import DayView
from services.law.rules.compatibility import COMPATIBILITY_CLASSES, asks_for_compatibility
from services.law.rules.registry import Check, Condition, Place, Rule, TellingRule, ToldT
from services.law.rules.scene import POLICE_REGIMES, Scene
from services.law.rules.telling import EXEMPTION_RULES, NOTICE_RULES
from services.law.verdict import OUTCOMES_BY_SEVERITY, Finding, Outcome, Verdict, everyone

RULE_SET_VERSION: Final = "2026.3"
"""Raised whenever a rule changes what it finds; stored with every verdict."""

Plan = tuple[tuple[Condition | None, tuple[Check, ...]], ...]
"""What is checked of an act of one class, under one covenant and annex, on one day: by the condition that is shared."""

PLACES: Final[tuple[Place, ...]] = tuple(dict.fromkeys(rule.under for rule in RULES if rule.under is not None))
"""Every place where a rule can find something that it cannot find elsewhere."""

Answers = tuple[bool, ...]
"""What each of ``PLACES`` says of a covenant and annex; few differ, so that plans are few."""

PlanKey = tuple[OperationClass, Answers]

_RANK_BY_OUTCOME: Final = {outcome: rank for rank, outcome in enumerate(OUTCOMES_BY_SEVERITY)}
_code_of: Final = attrgetter("code")


def judge(judged: Judged, context: Context) -> Verdict:
    """The verdict on an act, a notice or an exemption; raises LawError for a verb outside the table."""
    if isinstance(judged, Act):
        return _judge_act(judged, context)
    if isinstance(judged, Notice):
        return verdict_of(tuple(_found_on(judged, judged.given_at, NOTICE_RULES, context)), len(judged.subjects))
    return verdict_of(tuple(_found_on(judged, judged.decided_at, EXEMPTION_RULES, context)), 1)


def _found_on(told: ToldT, at: datetime, rules: Iterable[TellingRule[ToldT]], context: Context) -> Iterator[Finding]:
    view = context.register.on(amsterdam_day(at))
    for rule in rules:
        if view.in_force(rule.finding.norms) and (found := rule.check(told, context)) is not None:
            yield found


def needs_facts(judged: Judged) -> bool:
    """Whether the verdict can depend on what the ledger knows of the persons: else no facts need be read."""
    if not isinstance(judged, Act):
        return isinstance(judged, Exemption)
    found = operation_class(judged.operation, judged.operation_class)
    if found == "share":
        return judged.data_regime in POLICE_REGIMES or _leaves_out_a_town(judged)
    return found == "delete" or (found in COMPATIBILITY_CLASSES and asks_for_compatibility(judged))


def _leaves_out_a_town(act: Act) -> bool:
    return act.covenant is not None and any(subject.municipality is None for subject in act.subjects)


def _judge_act(act: Act, context: Context) -> Verdict:
    scene = Scene(act, context)
    findings = [
        found
        for condition, checks in plan_for(scene)
        if condition is None or condition(scene)
        for check in checks
        if (found := check(scene)) is not None
    ]
    return verdict_of(tuple(findings), len(act.subjects)) if findings else _compliant(len(act.subjects))


def plan_for(scene: Scene) -> Plan:
    """What is checked of an act of this class under this covenant and annex on this day."""
    plans, places = scene.view.made_by(_plans_of_day)
    covenant, annex = scene.covenant, scene.annex
    named = (
        None if covenant is None else covenant.covenant.id,
        None if annex is None else annex.annex.id,
    )
    place = places.get(named)
    if place is None:
        place = places[named] = tuple(under(covenant, annex) for under in PLACES)
    key = (scene.operation_class, place)
    plan = plans.get(key)
    if plan is None:
        plan = plans[key] = _plan(scene)
    return plan


def _plans_of_day(_view: DayView) -> tuple[dict[PlanKey, Plan], dict[tuple[str | None, str | None], Answers]]:
    """Plans, and what every place says, by covenant and annex in force: there are no more than those."""
    return {}, {}


def _plan(scene: Scene) -> Plan:
    """The checks by the condition that they share, so that it is asked once."""
    by_condition: dict[Condition | None, list[Check]] = {}
    for rule, check in scene.view.made_by(rules_in_force):
        if scene.operation_class in rule.classes and (rule.under is None or rule.under(scene.covenant, scene.annex)):
            by_condition.setdefault(rule.when, []).append(check)
    return tuple((condition, tuple(found)) for condition, found in by_condition.items())


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


@lru_cache(maxsize=256)
def _compliant(subject_count: int) -> Verdict:
    return Verdict(Outcome.COMPLIANT, (Outcome.COMPLIANT,) * subject_count, ())


def verdict_of(findings: tuple[Finding, ...], subject_count: int) -> Verdict:
    """The verdict that findings make: sorted by code, an outcome per subject, the worst of all."""
    all_of_them = everyone(subject_count)
    shared = worst_rank = 0
    others: list[Finding] = []
    for found in findings:
        rank = _RANK_BY_OUTCOME[found.severity]
        worst_rank = max(worst_rank, rank)
        if found.subjects == all_of_them:
            shared = max(shared, rank)
        else:
            others.append(found)
    ranks = [shared] * subject_count
    for found in others:
        rank = _RANK_BY_OUTCOME[found.severity]
        for index in found.subjects:
            ranks[index] = max(ranks[index], rank)
    return Verdict(
        OUTCOMES_BY_SEVERITY[worst_rank],
        tuple([OUTCOMES_BY_SEVERITY[rank] for rank in ranks]),
        findings if len(findings) < 2 else tuple(sorted(findings, key=_code_of)),
    )
