"""Everything the law can find, gathered from where it is declared: the rules on acts, and every finding code."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType, ModuleType
from typing import Final

from services.law.findings import FindingCode
from services.law.register import DayView
from services.law.rules import (
    basis,
    bulk,
    care,
    compatibility,
    consent,
    disclosure,
    files,
    holding,
    informing,
    mandates,
    necessity,
    parties,
    partnership,
    peripheral,
    police,
    police_regime,
    purpose,
    secrecy,
    sensitive,
    shares,
    sources,
    telling,
    threshold,
    triage,
    wgs_supply,
)
from services.law.rules.registry import Rule

MODULES: Final[tuple[ModuleType, ...]] = (
    basis,
    bulk,
    care,
    compatibility,
    consent,
    disclosure,
    files,
    holding,
    informing,
    mandates,
    necessity,
    parties,
    partnership,
    peripheral,
    police,
    police_regime,
    purpose,
    secrecy,
    sensitive,
    shares,
    sources,
    telling,
    threshold,
    triage,
    wgs_supply,
)
"""Where rules and codes are declared."""


def declared_codes() -> Iterator[FindingCode]:
    """Every code as it is declared, so that one declared twice shows."""
    for module in MODULES:
        for name in vars(module).values():
            if isinstance(name, FindingCode):
                yield name
            elif isinstance(name, Rule):
                yield name.finding


RULES: Final[tuple[Rule, ...]] = tuple(
    sorted(
        (declared for module in MODULES for declared in vars(module).values() if isinstance(declared, Rule)),
        key=lambda rule: rule.code,
    )
)
"""The rules on acts, by code."""

CATALOGUE: Final[MappingProxyType[str, FindingCode]] = MappingProxyType(
    {finding.code: finding for finding in sorted(declared_codes(), key=lambda finding: finding.code)}
)
"""Every code, by code."""


def norms_in_force(view: DayView) -> dict[str, tuple[str, ...]]:
    """By code, the norms that it rests on in the law of that day: what a verdict on an act of that day names."""
    return {code: view.in_force(finding.norms) for code, finding in CATALOGUE.items()}


def finding_codes() -> tuple[FindingCode, ...]:
    """Every code in order, as ``GET /v1/finding-codes`` lists them."""
    return tuple(CATALOGUE.values())
