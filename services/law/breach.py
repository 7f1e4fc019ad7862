"""The duties after a breach: by when the authority is told, and by whom (AVG 33, Wpg 33a, AVG 26)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from services.law.clocks import Deadline, due_in_hours
from services.law.governance import Covenant
from services.law.periods import Period

REPORT_HOURS: Final = Period(hours=72)


def report_before(aware_at: datetime) -> Deadline:
    """The end of the 72 hours of AVG 33(1) and Wpg 33a: strict, through weekends and clock changes."""
    return due_in_hours(aware_at, REPORT_HOURS)


def reporting_party(party: str, covenants: Iterable[Covenant]) -> str:
    """Who reports: the one the covenants' arrangements agree on, else the party where it happened."""
    agreed = {c.arrangement.reports_breach for c in covenants if c.arrangement and c.arrangement.reports_breach}
    return agreed.pop() if len(agreed) == 1 else party
