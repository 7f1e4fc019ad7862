"""The judgement: one pure function from an act and what was known to a verdict.

``judge`` reads no clock and no storage and writes nothing, so a dry run, the real thing and a
replay with the same context give the same verdict, whatever the order of recipients.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from services.law.act import Act, Exemption, Judged, Notice
from services.law.context import Context
from services.law.operations import OPERATION_CLASSES, OperationClass, operation_class
from services.law.rules import basis, care, disclosure, necessity, purpose
from services.law.rules.registry import Check, Rule
from services.law.rules.scene import Scene
from services.law.rules.telling import EXEMPTION_RULES, NOTICE_RULES
from services.law.verdict import OUTCOMES_BY_SEVERITY, Finding, Outcome, Verdict

RULE_SET_VERSION: Final = "2026.2"
"""Raised whenever a rule changes what it finds; stored with every verdict."""

RULES: Final[tuple[Rule, ...]] = tuple(
    sorted(
        (
            declared
            for module in (purpose, basis, necessity, disclosure, care)
            for declared in vars(module).values()
            if isinstance(declared, Rule)
        ),
        key=lambda rule: rule.code,
    )
)

_CHECKS_BY_CLASS: Final[MappingProxyType[OperationClass, tuple[Check, ...]]] = MappingProxyType(
    {c: tuple(rule.check for rule in RULES if c in rule.classes) for c in OPERATION_CLASSES}
)

_RANK_BY_OUTCOME: Final = {outcome: rank for rank, outcome in enumerate(OUTCOMES_BY_SEVERITY)}
_code_of: Final = attrgetter("code")


def judge(judged: Judged, context: Context) -> Verdict:
    """The verdict on an act, a notice or an exemption; raises LawError for a verb outside the table."""
    if isinstance(judged, Act):
        return _judge_act(judged, context)
    if isinstance(judged, Notice):
        return verdict_of(tuple(f for rule in NOTICE_RULES if (f := rule(judged, context))), len(judged.subjects))
    return verdict_of(tuple(f for rule in EXEMPTION_RULES if (f := rule(judged, context))), 1)


def needs_facts(judged: Judged) -> bool:
    """Whether the verdict can depend on what the ledger knows of the persons: else no facts need be read."""
    if not isinstance(judged, Act):
        return isinstance(judged, Exemption)
    found = operation_class(judged.operation, judged.operation_class)
    if found == "delete":
        return True
    return found == "share" and judged.covenant is not None and any(s.municipality is None for s in judged.subjects)


def _judge_act(act: Act, context: Context) -> Verdict:
    scene = Scene(act, context)
    findings = [found for check in _CHECKS_BY_CLASS[scene.operation_class] if (found := check(scene)) is not None]
    return verdict_of(tuple(findings), len(act.subjects)) if findings else _compliant(len(act.subjects))


@lru_cache(maxsize=256)
def _compliant(subject_count: int) -> Verdict:
    return Verdict(Outcome.COMPLIANT, (Outcome.COMPLIANT,) * subject_count, ())


def verdict_of(findings: tuple[Finding, ...], subject_count: int) -> Verdict:
    """The verdict that findings make: sorted by code, an outcome per subject, the worst of all."""
    ranks = [0] * subject_count
    worst_rank = 0
    for found in findings:
        rank = _RANK_BY_OUTCOME[found.severity]
        worst_rank = max(worst_rank, rank)
        for index in found.subjects:
            ranks[index] = max(ranks[index], rank)
    return Verdict(
        OUTCOMES_BY_SEVERITY[worst_rank],
        tuple([OUTCOMES_BY_SEVERITY[rank] for rank in ranks]),
        tuple(sorted(findings, key=_code_of)),
    )
