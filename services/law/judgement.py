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
from services.law.context import Context
from services.law.local_time import amsterdam_day
from services.law.operations import operation_class
from services.law.plan import plan_for
from services.law.rules.compatibility import COMPATIBILITY_CLASSES, asks_for_compatibility
from services.law.rules.registry import TellingRule, ToldT
from services.law.rules.scene import POLICE_REGIMES, Scene
from services.law.rules.telling import EXEMPTION_RULES, NOTICE_RULES
from services.law.verdict import OUTCOMES_BY_SEVERITY, Finding, Outcome, Verdict, everyone

RULE_SET_VERSION: Final = "2026.5"
"""Raised whenever a rule changes what it finds; stored with every verdict."""

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
    findings = plan_for(scene)(scene)
    return verdict_of(tuple(findings), len(act.subjects)) if findings else _compliant(len(act.subjects))


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
