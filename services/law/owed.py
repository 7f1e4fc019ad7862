"""What one act makes others owe, as far as the act alone says: who must tell the person, who must erase, by when.

The whole of a person's facts can bring the moment to tell forward (``inform``); an act by itself says the latest.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from services.law.clocks import due_by_regulation
from services.law.context import PastAct
from services.law.inform import FROM_THE_PERSON, informer_of, obtainings_of
from services.law.local_time import amsterdam_day, end_of_day
from services.law.periods import Period
from services.law.register import Register

ERASE_ANSWER_DAYS: Final = 14
"""AVG 17 and 19 say "without undue delay" and name no term. Two weeks leave time to find copies and to answer that the
data are kept under a norm, and lie well within the month in which the person must hear what was done (AVG 12(3))."""

_ONE_MONTH: Final = Period(months=1)
_DAYS_CACHED_MAX: Final = 4_096


def tellers(act: PastAct, register: Register) -> tuple[str, ...]:
    """Who must tell the person because of this act, sorted: whom the arrangement names, else who obtained it."""
    named = informer_of(act, register)
    return tuple(sorted({named or obtaining.party for obtaining in obtainings_of(act, register)}))


def told_at_once_by(act: PastAct, register: Register) -> str | None:
    """Who must tell at once of what the AVG makes its sender tell though the data are under another act; else None.

    Of data under the AVG the act itself says so (``tell_due``); of others it takes the register of that day.
    """
    if act.data_regime == "AVG":
        return None
    disclosing = next((obtaining for obtaining in obtainings_of(act, register) if obtaining.disclosed), None)
    return None if disclosing is None else informer_of(act, register) or disclosing.party


class OneAct(Protocol):
    """What the moment to tell hangs on when nothing but the act is known; an envelope has it too."""

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
    def data_regime(self) -> str | None:
        """Under which act the data stand."""
        ...

    @property
    def source_kind(self) -> str | None:
        """Where the data came from."""
        ...


def tell_due(act: OneAct, party: str, *, alone: bool) -> datetime:
    """By when ``party`` must tell because of this act; ``alone``: nobody else must tell because of it.

    Data from the person, and a first disclosure, want telling at once; what was obtained elsewhere within a month.
    Under an arrangement one party tells for all, so also for who disclosed; else each tells of what it did itself.
    Of data under another act than the AVG ``told_at_once_by`` knows more.
    """
    discloses = act.operation_class == "share" and act.data_regime == "AVG" and (alone or party == act.controller)
    collects = act.operation_class != "share" and act.source_kind in FROM_THE_PERSON
    at_once = discloses or collects
    return act.occurred_at if at_once else month_after(amsterdam_day(act.occurred_at))


@lru_cache(maxsize=_DAYS_CACHED_MAX)
def month_after(day: date) -> datetime:
    """24:00 in Amsterdam of the safe end of one month from ``day`` (AVG 14(3)(a), Regulation 1182/71)."""
    return end_of_day(due_by_regulation(day, _ONE_MONTH).safe)


def erase_due(day: date) -> datetime:
    """By when a holder must have erased, or answered why not, what it owes the erasure of since ``day``."""
    return end_of_day(day + timedelta(days=ERASE_ANSWER_DAYS))
