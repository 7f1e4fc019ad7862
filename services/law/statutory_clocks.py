"""Every clock that the law sets, D1 to D18 of the requirements, under one roof.

European terms run under Regulation 1182/71; those of Awb, UAVG and Wpg under the Algemene termijnenwet, which leaves
alone hours, more than 90 days, 12 weeks or 3 months, and years. Terms that are a maximum (D16) never roll.
"""

from __future__ import annotations

from datetime import date

from services.law.breach_clocks import (
    breach_register_clock,
    citizens_clock,
    consultation_clock,
    processor_clock,
    report_clock,
    report_disputed_end,
)
from services.law.clocks import Deadline
from services.law.late_penalty import Penalty, default_clock, late_penalty
from services.law.legal_clock import LegalClock
from services.law.periods import add_period, parse_period
from services.law.remedy_clocks import (
    Mediation,
    mediated_clock,
    objection_clock,
    objection_decision_clock,
    petition_clock,
)
from services.law.request_clock import ClockState, ClockStep, RequestClock, access_request_clock
from services.law.rights_clocks import (
    answer_clock,
    extended_answer_clock,
    refusal_clock,
    wpg_access_clock,
    wpg_acknowledgement_clock,
    wpg_extended_access_clock,
    wpg_rectification_clock,
)
from services.law.telling_clocks import (
    exemption_review_clock,
    inform_clock,
    lifting_clock,
    new_purpose_clock,
    recipients_clock,
)

__all__ = [
    "ClockState",
    "ClockStep",
    "LegalClock",
    "Mediation",
    "Penalty",
    "RequestClock",
    "access_request_clock",
    "answer_clock",
    "breach_register_clock",
    "citizens_clock",
    "consultation_clock",
    "default_clock",
    "exemption_review_clock",
    "extended_answer_clock",
    "inform_clock",
    "late_penalty",
    "lifting_clock",
    "mediated_clock",
    "new_purpose_clock",
    "objection_clock",
    "objection_decision_clock",
    "petition_clock",
    "processor_clock",
    "recipients_clock",
    "refusal_clock",
    "report_clock",
    "report_disputed_end",
    "retention_end_clock",
    "wpg_access_clock",
    "wpg_acknowledgement_clock",
    "wpg_extended_access_clock",
    "wpg_rectification_clock",
]


def retention_end_clock(started_on: date, length: str) -> LegalClock:
    """D16, AVG 5(1)(e): a retention term is a maximum, so it ends on the same day number and never rolls."""
    end = add_period(started_on, parse_period(length))
    return LegalClock("avg-5-1-e", "on-date", started_on, length, Deadline(end, end))
