"""Shielding in a Zorg- en Veiligheidshuis: after a case is closed its data stand apart until they go (WGS 2.31(8)).

A case is closed for a person by an act ``restrict`` under the covenant of the partnership, or under one annex of it.
What had been processed there by then is shielded, save what its controller did in another case than the one it names.
What happens later is not: a case that is taken up again by a decision makes data available anew (BGS 1.16(2)).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from services.law.context import PastAct
from services.law.local_time import amsterdam_day
from services.law.operations import OperationClass
from services.law.register import Register
from services.law.wgs_terms import is_under_wgs

RESTRICT: OperationClass = "restrict"


class UnderCovenant(Protocol):
    """What shielding hangs on; a past act and an envelope have it."""

    @property
    def operation_class(self) -> str | None:
        """The class of the verb."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""
        ...

    @property
    def controller(self) -> str | None:
        """Who did it."""
        ...

    @property
    def case_index(self) -> str | None:
        """In which case of the controller."""
        ...

    @property
    def covenant(self) -> str | None:
        """The covenant it was done under."""
        ...

    @property
    def annex(self) -> str | None:
        """The annex of it."""
        ...


def shields(closing: UnderCovenant, line: UnderCovenant, register: Register) -> bool:
    """Whether ``closing`` closed the case that ``line`` belongs to, of the same person."""
    return (
        closing.operation_class == RESTRICT
        and closing.covenant is not None
        and closing.covenant == line.covenant
        and closing.annex in (None, line.annex)
        and line.operation_class != RESTRICT
        and line.occurred_at <= closing.occurred_at
        and not _is_another_case(closing, line)
        and is_under_wgs(register.covenant(closing.covenant, amsterdam_day(closing.occurred_at)))
    )


def _is_another_case(closing: UnderCovenant, line: UnderCovenant) -> bool:
    """Cases are numbered per controller: of another's line nobody can say which case it belongs to."""
    if closing.case_index is None or line.case_index is None or closing.controller != line.controller:
        return False
    return closing.case_index != line.case_index


def is_shielded(line: UnderCovenant, acts: Iterable[UnderCovenant], register: Register) -> bool:
    """Whether one of the person's acts closed the case that ``line`` belongs to."""
    return line.covenant is not None and any(shields(act, line, register) for act in acts)


def are_all_shielded(acts: Iterable[PastAct], closings: Iterable[PastAct], register: Register) -> bool:
    """Whether there are any such acts, and each of them is shielded: what one of them still carries is not."""
    closed, found = tuple(closings), tuple(acts)
    return bool(found) and all(is_shielded(act, closed, register) for act in found)
