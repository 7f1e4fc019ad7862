"""What a public body forfeits for deciding too late: Awb 4:17 (D14).

Two weeks after both the term ran out and the body got the written notice of default, each day costs: fourteen days
at the first amount, fourteen at the second, fourteen at the third. The two weeks run under the Algemene termijnenwet,
the days do not (4:17(1)). The amounts are indexed, so they are data, with the state in which anyone has read them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec

from services.law.clocks import due_by_termijnenwet
from services.law.governance import PartyKind
from services.law.legal_clock import LegalClock
from services.law.norm_set import Checked
from services.law.periods import parse_period

NOTICE: Final = "P2W"
DAYS_PER_STEP: Final = 14
DAYS_MAX: Final = 42
FORFEITING_KINDS: Final = frozenset({"public-body", "police"})
"""Whose decision on a request is one under the Awb (UAVG 34, Wpg 29)."""

_ONE_DAY: Final = timedelta(days=1)


class PenaltyRate(msgspec.Struct, frozen=True):
    """Euros per day in the three steps, for notices received from ``valid_from`` on; None when nobody read them."""

    valid_from: date
    euros_per_day: tuple[int, int, int] | None
    checked: Checked
    checked_against: str


PENALTY_RATES: Final = (
    PenaltyRate(date(2009, 10, 1), (20, 30, 40), "third-party-copy", "VNG on Stcrt. 2018, 65542: amounts until 2018"),
    PenaltyRate(date(2019, 1, 1), (23, 35, 45), "official-text-mirror", "mirror BWBR0005537 (z=2021-12-21)"),
    PenaltyRate(date(2026, 1, 1), None, "unverified", "two mirrors name a change on this day; its amounts are unseen"),
)
"""In order of date. The day on which the notice came decides which amounts hold (Stcrt. 2018, 65542)."""


class Penalty(msgspec.Struct, frozen=True, rename="camel"):
    """The penalty as it stands: ``days`` in default so far, ``euros`` forfeited and at most; None when unverified.

    ``notice_premature``: the notice came before the term ran out; courts may then see none at all.
    """

    first_day: date
    last_day: date
    days: int
    euros: int | None
    euros_max: int | None
    notice_premature: bool


def default_clock(term_ended: date, notice_received: date) -> LegalClock:
    """D14, Awb 4:17(3): the two weeks in which the body can still decide for free."""
    start = max(term_ended, notice_received)
    return LegalClock("awb-4-17", "term", start, NOTICE, due_by_termijnenwet(start, parse_period(NOTICE)))


def late_penalty(
    kind: PartyKind, term_ended: date, notice_received: date | None, decided_on: date | None, today: date
) -> Penalty | None:
    """D14: the penalty of a body of that kind; None where none is owed or no notice came.

    It counts each day in default up to and including today; the day on which the body decides counts no more.
    """
    if kind not in FORFEITING_KINDS or notice_received is None:
        return None
    free_until = default_clock(term_ended, notice_received).due
    assert free_until is not None, "a term has an end"
    first = free_until.legal_latest + _ONE_DAY
    until = today + _ONE_DAY if decided_on is None or decided_on > today else decided_on
    days = min(max((until - first).days, 0), DAYS_MAX)
    rate = rate_on(notice_received)
    return Penalty(
        first,
        first + timedelta(days=DAYS_MAX - 1),
        days,
        euros_of(days, rate),
        euros_of(DAYS_MAX, rate),
        notice_received <= term_ended,
    )


def rate_on(notice_received: date) -> PenaltyRate | None:
    """The amounts for a notice received that day; None before the penalty existed."""
    return next((rate for rate in reversed(PENALTY_RATES) if rate.valid_from <= notice_received), None)


def euros_of(days: int, rate: PenaltyRate | None) -> int | None:
    """What so many days cost; None when the amounts are not verified."""
    if rate is None or rate.euros_per_day is None:
        return None
    return sum(
        euros * min(max(days - step * DAYS_PER_STEP, 0), DAYS_PER_STEP) for step, euros in enumerate(rate.euros_per_day)
    )
