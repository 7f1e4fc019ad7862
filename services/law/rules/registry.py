"""How a rule is declared: its finding code, the classes of operation that it judges, and everything it says.

A rule stands in one place: the decorated check, with its code, norms, texts and the requirements it serves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from services.law.act import Exemption, Notice
from services.law.context import Context
from services.law.findings import GAP, FindingCode
from services.law.governance import Party
from services.law.in_force import AnnexInForce, CovenantInForce
from services.law.operations import OPERATION_CLASSES, OperationClass
from services.law.rules.scene import Scene
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

Check = Callable[[Scene], Finding | None]
Condition = Callable[[Scene], bool]
Place = Callable[[CovenantInForce | None, AnnexInForce | None], bool]
"""Whether a rule can find anything under a covenant and annex as they are on a day; None: none is named or known."""
Standing = Callable[[Party | None], bool]
"""Whether a rule can find anything of a controller that is this party on a day; None: the register does not know it."""
ToldT = TypeVar("ToldT", Notice, Exemption)

EVERY_CLASS: Final[tuple[OperationClass, ...]] = OPERATION_CLASSES
NOT_DELETE: Final[tuple[OperationClass, ...]] = tuple(c for c in OPERATION_CLASSES if c != "delete")


class Rule(msgspec.Struct, frozen=True):
    """A check for one finding code, on acts of the given classes.

    ``when``: the condition without which it finds nothing, shared with other rules and asked once per act (``when``).
    ``under``: where alone it can find something, asked once per day, covenant and annex.
    ``by``: of which controllers alone it can find something, asked once per day and party.
    ``or_by``: of which controllers it can find something also without ``when``. All four only save time.
    """

    finding: FindingCode
    classes: tuple[OperationClass, ...]
    check: Check
    when: Condition | None = None
    under: Place | None = None
    by: Standing | None = None
    or_by: Standing | None = None

    @property
    def code(self) -> str:
        """The code of what it finds."""
        return self.finding.code


class TellingRule(msgspec.Struct, Generic[ToldT], frozen=True):
    """A check for one finding code on a notice or on a decision not to tell."""

    finding: FindingCode
    check: Callable[[ToldT, Context], Finding | None]


def rule(
    code: str,
    *classes: OperationClass,
    block: Block,
    norms: tuple[str, ...],
    requirements: tuple[str, ...],
    message: Text,
    remedy: Text,
    severities: tuple[Outcome, ...] = GAP,
    when: Condition | None = None,
    under: Place | None = None,
    by: Standing | None = None,
    or_by: Standing | None = None,
) -> Callable[[Check], Rule]:
    """Declare the decorated check as the rule for ``code``, and the code itself."""
    finding = FindingCode(
        code=code,
        block=block,
        severities=severities,
        norms=norms,
        requirements=requirements,
        message=message,
        remedy=remedy,
    )

    def declare(check: Check) -> Rule:
        return Rule(finding, classes, check, when, under, by, or_by)

    return declare
