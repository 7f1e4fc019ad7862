"""Whether data of a WGS partnership may be kept longer than they were to be (WGS 1.8(7), BGS 1.16(2)-(3)).

Until five years from the first processing any norm will do, as for everybody. Beyond that only a decision to renew,
which carries the data for at most two years; after those another decision may, as often as it is needed.
"""

from __future__ import annotations

from datetime import date

from services.law.errors import RenewalDecisionMissingError, RenewalTooLongError
from services.law.governance import Covenant, Decision
from services.law.wgs_terms import RENEWAL, is_under_wgs, renewal_end


def check_renewal(
    asked: date, covenant: Covenant | None, maximum: date, decision: Decision | None, today: date
) -> None:
    """Raise the LawError that stands in the way of keeping the data until ``asked``; silent outside the WGS.

    ``maximum``: the last day of the five years. ``decision``: the one named, as valid on ``today``.
    """
    if asked <= maximum or not is_under_wgs(covenant):
        return
    if decision is None or decision.kind != RENEWAL:
        raise RenewalDecisionMissingError
    if asked > renewal_end(decision, today):
        raise RenewalTooLongError
