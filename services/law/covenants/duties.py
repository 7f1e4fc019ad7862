"""Who answers for what under a covenant: for each duty of the arrangement exactly one partner, or nobody (S34)."""

from __future__ import annotations

import msgspec

from services.law.governance import Arrangement
from services.law.in_force import CovenantInForce


class Accountable(msgspec.Struct, frozen=True, rename="camel"):
    """Who answers requests, who informs, and who reports a breach; None where nobody is accountable on the day."""

    answers: str | None
    informs: str | None
    reports_breach: str | None


def accountable(covenant: CovenantInForce) -> Accountable:
    """The partner for each duty (AVG 26(1)); whoever is no partner on the day answers for nothing."""
    named = covenant.covenant.arrangement or Arrangement()
    return Accountable(
        _partner(named.contact_point, covenant),
        _partner(named.informs, covenant),
        _partner(named.reports_breach, covenant),
    )


def _partner(party: str | None, covenant: CovenantInForce) -> str | None:
    return party if party in covenant.partners else None
