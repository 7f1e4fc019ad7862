"""On which day data were first processed, where the law counts from there (WGS 1.8(7), Wpg 8(6)).

Data are told apart by category, for the ledger knows no more of them. What an act collects is new, and its five years
begin there; whoever uses, changes or passes on data carries on what it had there itself, as controller or as recipient:
nobody carries on what it never had. In a partnership recording carries on too, since what is recorded at the table was
brought to it; the police record what is new (Wpg 8(1)), and Wpg 8(6) binds them, not who receives from them. After the
end of the term, or after whoever acts destroyed the data itself, they begin anew: what had to be gone is not carried
on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from services.law.act import Act
from services.law.context import PastAct, SubjectFacts
from services.law.governance import Covenant
from services.law.local_time import amsterdam_day
from services.law.operations import HOLDING_CLASSES, operation_class
from services.law.register import DayView, Register
from services.law.wgs_terms import RENEWAL, is_under_wgs, maximum_end

WPG_DAILY: Final = "Wpg-8"
REGISTERS_CACHED_MAX: Final = 4
"""Registers of which it is remembered which covenants are partnerships: the newest, and those of a replay."""

_CARRIES_ON: Final = frozenset({"use", "share", "alter"})
_CARRIES_ON_FOR_POLICE: Final = frozenset({"use"})
NEW_TO_POLICE: Final = HOLDING_CLASSES - _CARRIES_ON_FOR_POLICE
"""Classes by which the police book something new (Wpg 8(1)); a use carries on what is there."""


def may_lean_on_history(act: Act, register: Register) -> bool:
    """Whether ``leans_on_history`` can hold on any day; asked of every act, so it looks at no day."""
    if act.data_regime == WPG_DAILY:
        return True
    return act.covenant is not None and act.covenant.id in _partnerships(register)


@lru_cache(maxsize=REGISTERS_CACHED_MAX)
def _partnerships(register: Register) -> frozenset[str]:
    """The covenants that were ever known as a partnership, or may take that from their umbrella."""
    covenants = (known.entry for known in register.history if isinstance(known.entry, Covenant))
    return frozenset(each.id for each in covenants if is_under_wgs(each) or isinstance(each.umbrella, str))


def leans_on_history(act: Act, view: DayView) -> bool:
    """Whether the term or the verdict of the act hangs on what was done with the person's data before.

    So it is for acts under a WGS partnership and for data of the daily police task.
    """
    if act.data_regime == WPG_DAILY:
        return True
    covenant = None if act.covenant is None else view.covenants[act.covenant.id]
    return covenant is not None and is_under_wgs(covenant.covenant)


def first_processed(act: Act, facts: SubjectFacts | None, view: DayView) -> date | None:
    """The day on which the data that the act carries on were first processed; None when that is with this act.

    Of several categories the one that is there longest counts: the act has one term. An act that leans on a renewal
    is bounded by that, not by the first processing.
    """
    if facts is None or not _carries_on(act, view):
        return None
    first: date | None = None
    for past in _processed(act, facts):
        day = amsterdam_day(past.occurred_at)
        if first is None or day > maximum_end(first):
            first = day
    return None if first is None or view.day > maximum_end(first) else first


def bound_by_renewal(act: Act, facts: SubjectFacts | None, view: DayView) -> Act:
    """The act as its terms are reckoned: one that carries on what is there only by a renewal is taken to name it.

    So it is after the five years, while the decision is known, until the controller collects the data anew. Any other
    act comes back as it is.
    """
    if facts is None or act.data_regime == WPG_DAILY or not _carries_on(act, view):
        return act
    processed = [*_processed(act, facts)]
    renewed = [i for i, past in enumerate(processed) if _is_renewal(past.decision_id, view)]
    if not renewed or view.day <= maximum_end(amsterdam_day(processed[0].occurred_at)):
        return act
    if any(past.operation_class == "collect" for past in processed[renewed[-1] :]):
        return act
    return msgspec.structs.replace(act, decision_id=processed[renewed[-1]].decision_id)


def _carries_on(act: Act, view: DayView) -> bool:
    if not leans_on_history(act, view) or _is_renewal(act.decision_id, view):
        return False
    found = operation_class(act.operation, act.operation_class)
    return found in (_CARRIES_ON_FOR_POLICE if act.data_regime == WPG_DAILY else _CARRIES_ON)


def _is_renewal(decision_id: str | None, view: DayView) -> bool:
    decision = None if decision_id is None else view.decisions[decision_id]
    return decision is not None and decision.kind == RENEWAL


def _processed(act: Act, facts: SubjectFacts) -> Iterator[PastAct]:
    """What was done with these data up to the act, since its controller last destroyed them, in order of time."""
    earlier = sorted((p for p in facts.acts if p.occurred_at <= act.occurred_at), key=lambda p: p.occurred_at)
    about = [past for past in earlier if _is_same(act, past)]
    gone = [i for i, past in enumerate(about) if past.operation_class == "delete" and past.controller == act.controller]
    return (past for past in (about[gone[-1] + 1 :] if gone else about) if _processes(past))


def _processes(past: PastAct) -> bool:
    return past.operation_class in HOLDING_CLASSES or past.operation_class == "share"


def _is_same(act: Act, past: PastAct) -> bool:
    """Whether a past act was about the same data, which who acts now had by it: at the same table, or the police's."""
    if act.controller != past.controller and act.controller not in past.recipients:
        return False
    destroys = past.operation_class == "delete"
    destroys_all = destroys and not past.data_categories
    if not destroys_all and set(act.data_categories).isdisjoint(past.data_categories):
        return False
    if act.data_regime == WPG_DAILY:
        return past.controller == act.controller and (destroys or past.data_regime == WPG_DAILY)
    return destroys or (act.covenant is not None and past.covenant == act.covenant.id)
