"""The duties after a breach: by when the authority is told, and by whom (AVG 33, Wpg 33a, AVG 26)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from services.law.clocks import Deadline, due_in_hours
from services.law.governance import Covenant
from services.law.periods import Period
from services.law.wgs_terms import is_under_wgs

REPORT_HOURS: Final = Period(hours=72)


def report_before(aware_at: datetime) -> Deadline:
    """The end of the 72 hours of AVG 33(1) and Wpg 33a: strict, through weekends and clock changes."""
    return due_in_hours(aware_at, REPORT_HOURS)


def reporting_party(party: str, covenants: Iterable[Covenant], controllers: Collection[str] = ()) -> str:
    """Who reports: the one the covenants' arrangements agree on, else the party where it happened.

    ``controllers``: those for whom that party processed what leaked. A processor reports to them, and they to the
    authority (AVG 33(1), 33(2)): where there is one, it stands in the party's place.
    """
    agreed = {reporter for reporter in map(_reporter_of, covenants) if reporter is not None}
    if len(agreed) == 1:
        return agreed.pop()
    return next(iter(controllers)) if len(controllers) == 1 else party


def _reporter_of(covenant: Covenant) -> str | None:
    """Whom a covenant lets report: in a WGS partnership the contact point does, for all (BGS 1.4)."""
    arrangement = covenant.arrangement
    if arrangement is None:
        return None
    if is_under_wgs(covenant) and arrangement.contact_point is not None:
        return arrangement.contact_point
    return arrangement.reports_breach or None
