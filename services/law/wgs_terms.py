"""How long a WGS partnership may keep data: five years from the first processing, a renewal, or not at all.

WGS 1.8(7): destroyed or made anonymous as soon as they are not needed, at the latest five years after they were first
processed. BGS 1.16(1): what is not taken up goes at once. BGS 1.16(2)-(3): in a Zorg- en Veiligheidshuis data may be
made available again, by a decision, for at most two years from that day; and again after that, by another decision.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from services.law.act import Act
from services.law.governance import Covenant, Decision
from services.law.periods import Period, add_period
from services.law.precedence import Term
from services.law.register import DayView

WGS_FRAME: Final = "wgs-zvh"
RENEWAL: Final = "wgs-renewal"
NOT_TAKEN_UP: Final = "wgs-not-taken-up"

_MAXIMUM: Final = Period(years=5)
_RENEWAL_MAXIMUM: Final = Period(years=2)


def is_under_wgs(covenant: Covenant | None) -> bool:
    """Whether the covenant, as it is on a day, is the arrangement of a WGS partnership; before the WGS none is."""
    return covenant is not None and covenant.legal_frame == WGS_FRAME


def partnership_term(act: Act, view: DayView, since: date | None) -> Term | None:
    """The term of an act under a WGS partnership; None outside one, and before the WGS was in force.

    ``view`` is the register on the day of the act. ``since``: the day on which the data were first processed there,
    None when that is the day of the act.
    """
    covenant = None if act.covenant is None else view.covenants[act.covenant.id]
    if covenant is None or not is_under_wgs(covenant.covenant):
        return None
    decision = None if act.decision_id is None else view.decisions[act.decision_id]
    if decision is not None and decision.kind == NOT_TAKEN_UP:
        return Term("bgs-not-taken-up", "P0D", view.day)
    if decision is not None and decision.kind == RENEWAL:
        return Term("wgs-renewal", "P2Y", renewal_end(decision, view.day))
    return Term("wgs-maximum", "P5Y", maximum_end(since or view.day))


def maximum_end(first: date) -> date:
    """The last day of the five years that begin with the first processing (WGS 1.8(7))."""
    return add_period(first, _MAXIMUM)


def renewal_end(decision: Decision, day: date) -> date:
    """The last day of a renewal: what it says itself, at most two years from when the data are available again.

    ``day`` stands in for a beginning that the decision does not name.
    """
    longest = add_period(decision.valid_from or day, _RENEWAL_MAXIMUM)
    return longest if decision.valid_until is None else min(longest, decision.valid_until)
