"""How a rule is declared: its finding code and the classes of operation that it judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from services.law.findings import CATALOGUE
from services.law.operations import OPERATION_CLASSES, OperationClass
from services.law.rules.scene import Scene
from services.law.verdict import Finding

Check = Callable[[Scene], Finding | None]

EVERY_CLASS: Final[tuple[OperationClass, ...]] = OPERATION_CLASSES
NOT_DELETE: Final[tuple[OperationClass, ...]] = tuple(c for c in OPERATION_CLASSES if c != "delete")


class Rule(msgspec.Struct, frozen=True):
    """A check for one finding code, on acts of the given classes."""

    code: str
    classes: tuple[OperationClass, ...]
    check: Check

    @property
    def norms(self) -> tuple[str, ...]:
        """The ids of the norms that the rule rests on."""
        return CATALOGUE[self.code].norms


def rule(code: str, *classes: OperationClass) -> Callable[[Check], Rule]:
    """Declare the decorated check as the rule for ``code``; it must stand in the catalogue."""
    if code not in CATALOGUE:
        raise KeyError(code)

    def declare(check: Check) -> Rule:
        return Rule(code, classes, check)

    return declare
