"""Clocks of who must tell the person, or those who got the data: AVG 13, 14, 18, 19 and 23 (D5 to D7, D12, D13)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.law.clocks import Deadline, due_by_regulation, due_by_termijnenwet
from services.law.inform import InformDuty
from services.law.legal_clock import LegalClock, at_moment, without_delay
from services.law.local_time import amsterdam_day
from services.law.periods import parse_period

TELL: Final = "P1M"
TELL_BY_VEILIG_THUIS: Final = "P4W"


def inform_clock(duty: InformDuty) -> LegalClock:
    """D5 and D6, AVG 13(1) and 14(3): at once, at the first contact or disclosure, or within a month of obtaining.

    Veilig Thuis within four weeks of recording (Wmo 5.3.1).
    """
    if duty.moment == "one-month":
        due = due_by_regulation(amsterdam_day(duty.obtained_at), parse_period(TELL))
        return LegalClock(duty.norm, "term", duty.obtained_at, TELL, due)
    if duty.moment == "wmo-four-weeks":
        due = due_by_termijnenwet(amsterdam_day(duty.obtained_at), parse_period(TELL_BY_VEILIG_THUIS))
        return LegalClock(duty.norm, "term", duty.obtained_at, TELL_BY_VEILIG_THUIS, due)
    return at_moment(duty.norm, "at-once", duty.obtained_at, duty.due)


def new_purpose_clock(planned_at: datetime, *, from_the_person: bool) -> LegalClock:
    """D7, AVG 13(3) and 14(4): a new purpose is told before the first act that serves it."""
    return at_moment("avg-13" if from_the_person else "avg-14-4", "before", planned_at, planned_at)


def lifting_clock(planned_at: datetime) -> LegalClock:
    """D7, AVG 18(3): who had the processing restricted is told before the restriction is lifted."""
    return at_moment("avg-18", "before", planned_at, planned_at)


def recipients_clock(done_at: datetime) -> LegalClock:
    """D12, AVG 19: each recipient is told of an erasure, rectification or restriction without delay."""
    return without_delay("avg-19", done_at)


def exemption_review_clock(decided_at: datetime, review_on: date) -> LegalClock:
    """D13, AVG 23 and UAVG 41: on its date a decision not to tell is renewed, or the person is told; it never rolls."""
    return LegalClock("uavg-41-1", "on-date", decided_at, None, Deadline(review_on, review_on))
