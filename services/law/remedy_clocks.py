"""Clocks of who objects or goes to court: Awb 6:7 to 7:10, UAVG 35 and 36, Wpg 29 (D15).

Against a public body or the police the person objects; against others there is a petition to the district court.
Mediation by the authority, asked for in time, keeps both open until six weeks after it ended.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from services.law.clocks import Deadline, due_by_termijnenwet
from services.law.legal_clock import LegalClock
from services.law.periods import parse_period

REMEDY: Final = "P6W"
OBJECTION_DECISION: Final = "P6W"
OBJECTION_DECISION_COMMITTEE: Final = "P12W"
OBJECTION_DECISION_EXTENDED: Final = "P12W"
OBJECTION_DECISION_COMMITTEE_EXTENDED: Final = "P18W"


class Mediation(msgspec.Struct, frozen=True):
    """The authority was asked to mediate; ``ended_on`` is when it told that it stopped, None while it goes on."""

    asked_on: date
    ended_on: date | None = None


def objection_clock(published_on: date) -> LegalClock:
    """D15, Awb 6:7 and 6:8: six weeks from the day after the decision was made known."""
    return _dutch("awb-6-7-8", published_on, REMEDY)


def petition_clock(answer_received_on: date | None) -> LegalClock:
    """D15, UAVG 35(2): six weeks from receipt of the answer; without a timely answer (None) there is no term."""
    if answer_received_on is None:
        return LegalClock("uavg-35", "no-term")
    return _dutch("uavg-35", answer_received_on, REMEDY)


def mediated_clock(clock: LegalClock, mediation: Mediation, *, wpg: bool = False) -> LegalClock:
    """D15, UAVG 36 and Wpg 29(2): ``clock`` as mediation leaves it; what was asked after the term changes nothing."""
    if clock.due is None or mediation.asked_on > clock.due.legal_latest:
        return clock
    norm = "wpg-29" if wpg else "uavg-36"
    if mediation.ended_on is None:
        return LegalClock(norm, "no-term", mediation.asked_on)
    after = _dutch(norm, mediation.ended_on, REMEDY)
    return after if _end(after) > _end(clock) else clock


def objection_decision_clock(term_ended: date, *, committee: bool = False, extended: bool = False) -> LegalClock:
    """Awb 7:10: six weeks (twelve with a committee) from when the term to object ended, and six more when put off."""
    if committee:
        length = OBJECTION_DECISION_COMMITTEE_EXTENDED if extended else OBJECTION_DECISION_COMMITTEE
    else:
        length = OBJECTION_DECISION_EXTENDED if extended else OBJECTION_DECISION
    return _dutch("awb-7-10", term_ended, length)


def _end(clock: LegalClock) -> date:
    assert clock.due is not None, "a term has an end"
    return clock.due.legal_latest


def _dutch(norm: str, start: date, length: str) -> LegalClock:
    due: Deadline = due_by_termijnenwet(start, parse_period(length))
    return LegalClock(norm, "term", start, length, due)
