"""Everything the law can find, gathered from where it is declared: the rules on acts, and every finding code."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType, ModuleType
from typing import Final

from services.law.findings import FindingCode
from services.law.rules import basis, care, disclosure, holding, necessity, purpose, telling
from services.law.rules.registry import Rule

MODULES: Final[tuple[ModuleType, ...]] = (purpose, basis, necessity, disclosure, care, telling, holding)
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


def finding_codes() -> tuple[FindingCode, ...]:
    """Every code in order, as ``GET /v1/finding-codes`` lists them."""
    return tuple(CATALOGUE.values())
