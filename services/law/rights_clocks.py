"""Clocks of who asks for access, rectification or erasure: AVG 12 (D1 to D3) and Wpg 24a to 28 (D18).

How extension and suspension (D4) change a running clock is folded in ``request_clock``.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from services.law.clocks import due_by_regulation, due_by_termijnenwet
from services.law.legal_clock import LegalClock, without_delay
from services.law.periods import parse_period

ANSWER: Final = "P1M"
ANSWER_EXTENDED: Final = "P3M"
WPG_ACCESS: Final = "P6W"
WPG_ACCESS_EXTENDED: Final = "P10W"
WPG_ACCESS_EXTENDED_SEVERAL_UNITS: Final = "P12W"
WPG_RECTIFICATION: Final = "P4W"


def answer_clock(received: date) -> LegalClock:
    """D1, AVG 12(3): an answer within a month of receipt at any desk of the controller."""
    return _european("avg-12-3", received, ANSWER)


def extended_answer_clock(received: date) -> LegalClock:
    """D2, AVG 12(3): three months from receipt, if the extension and its reasons were told within D1."""
    return _european("avg-12-3", received, ANSWER_EXTENDED)


def refusal_clock(received: date) -> LegalClock:
    """D3, AVG 12(4): a refusal with reasons, and the ways to complain, within a month; it knows no extension."""
    return _european("avg-12-4", received, ANSWER)


def wpg_acknowledgement_clock(received: date) -> LegalClock:
    """D18, Wpg 24a(2): written word that the request came in, at once."""
    return without_delay("wpg-24a-2", received)


def wpg_access_clock(received: date) -> LegalClock:
    """D18, Wpg 25: six weeks."""
    return _dutch("wpg-25", received, WPG_ACCESS)


def wpg_extended_access_clock(received: date, *, several_units: bool = False) -> LegalClock:
    """D18, Wpg 25: four weeks more, or six when several units of the police have to look."""
    return _dutch("wpg-25", received, WPG_ACCESS_EXTENDED_SEVERAL_UNITS if several_units else WPG_ACCESS_EXTENDED)


def wpg_rectification_clock(received: date) -> LegalClock:
    """D18, Wpg 28(3): whether data are rectified, destroyed or shielded is told within four weeks."""
    return _dutch("wpg-28", received, WPG_RECTIFICATION)


def _european(norm: str, received: date, length: str) -> LegalClock:
    return LegalClock(norm, "term", received, length, due_by_regulation(received, parse_period(length)))


def _dutch(norm: str, received: date, length: str) -> LegalClock:
    return LegalClock(norm, "term", received, length, due_by_termijnenwet(received, parse_period(length)))
