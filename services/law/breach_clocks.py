"""Clocks after a breach: AVG 33 and 34, Wpg 33a (D8 to D11), and the prior consultation of AVG 36 (D17)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from services.law.breach import report_before
from services.law.clocks import due_by_regulation, due_in_hours
from services.law.legal_clock import LegalClock, without_delay
from services.law.local_time import AMSTERDAM
from services.law.periods import parse_period

REPORT: Final = "PT72H"
PROCESSOR_DEFAULT: Final = "PT24H"
CONSULTATION: Final = "P8W"
CONSULTATION_EXTENDED: Final = "P14W"
_ONE_HOUR: Final = timedelta(hours=1)


def report_clock(aware_at: datetime) -> LegalClock:
    """D8, AVG 33(1): 72 strict hours from when the controller was reasonably certain; later only with reasons."""
    return LegalClock("avg-33-1", "term", aware_at, REPORT, report_before(aware_at))


def report_disputed_end(aware_at: datetime) -> datetime:
    """The same 72 hours if the hour of the event did not count (Reg. 1182/71 3(1)): a note, never to plan on."""
    hour = aware_at.astimezone(AMSTERDAM).replace(minute=0, second=0, microsecond=0)
    end = report_before(hour + _ONE_HOUR).legal_latest
    assert isinstance(end, datetime), "a term in hours ends at an instant"
    return end


def processor_clock(aware_at: datetime, agreed: str = PROCESSOR_DEFAULT) -> LegalClock:
    """D9, AVG 33(2): a processor tells its controller within the hours their contract says, else within a day."""
    return LegalClock("avg-33-2", "term", aware_at, agreed, due_in_hours(aware_at, parse_period(agreed)))


def citizens_clock(aware_at: datetime) -> LegalClock:
    """D10, AVG 34: at high risk the persons are told without delay, unless AVG 34(3) or UAVG 41(1) for that person."""
    return without_delay("avg-34", aware_at)


def breach_register_clock() -> LegalClock:
    """D11, AVG 33(5): every breach stands in the register, reported or not."""
    return LegalClock("avg-33-4-5", "always")


def consultation_clock(received: date, *, extended: bool = False) -> LegalClock:
    """D17, AVG 36(2): the authority advises within eight weeks of receipt, or fourteen."""
    length = CONSULTATION_EXTENDED if extended else CONSULTATION
    return LegalClock("avg-36-2", "term", received, length, due_by_regulation(received, parse_period(length)))
