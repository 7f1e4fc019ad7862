"""How many statutory clocks are near their end or past it, for whoever watches over the whole ledger."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product
from typing import Any, Final

from services.law.local_time import amsterdam_day, end_of_day
from services.ledger.application.clocks import Clocks, Place
from services.ledger.contract.topics import EXEMPTION_RECORDED
from services.ledger.domain.stored import StoredEvent
from services.runtime.limits import CLOCK_DUE_SOON_HOURS

KINDS: Final = ("rights-request", "wpg-access", "breach-to-authority", "exemption-review")
DUE_SOON: Final = "due-soon"
OVERDUE: Final = "overdue"


class CountClocks:
    """Counts clocks by kind and state; says of nobody whose they are.

    What has ended never starts again, so that it is folded once and left out from then on.
    """

    def __init__(self, clocks: Clocks) -> None:
        """Count these."""
        self._clocks = clocks
        self._ended: set[Place] = set()

    def count(self, now: datetime) -> dict[tuple[str, str], int]:
        """By kind and state, those of which nobody is at risk included as 0 (blocking)."""
        counted = dict.fromkeys(product(KINDS, (DUE_SOON, OVERDUE)), 0)
        for event, clocks in self._clocks.by_event(self._ended):
            if not clocks and not may_come_near(event, now):
                self._ended.add((event.lane, event.position))
            for clock in clocks:
                state = state_of(clock, now)
                if state is not None:
                    counted[clock["clock"], state] += 1
        return counted


def may_come_near(event: StoredEvent, now: datetime) -> bool:
    """Whether the clock of an event that shows none now may still come: the review of a decision lies far ahead."""
    review = event.read_envelope().review_on if event.topic == EXEMPTION_RECORDED else None
    return review is not None and review > amsterdam_day(now)


def state_of(clock: dict[str, Any], now: datetime) -> str | None:
    """How urgent a clock is; None when there is time, or when it stands still and has no end."""
    if clock["legalLatest"] is None:
        return None
    if instant_of(clock["legalLatest"]) < now:
        return OVERDUE
    safe = instant_of(clock["safe"] or clock["legalLatest"])
    return DUE_SOON if safe - now <= timedelta(hours=CLOCK_DUE_SOON_HOURS) else None


def instant_of(printed: str) -> datetime:
    """When a day or an instant of the contract is over."""
    return end_of_day(date.fromisoformat(printed)) if len(printed) == 10 else datetime.fromisoformat(printed)
