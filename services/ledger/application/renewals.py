"""Checks a later end of a holding against what a WGS partnership may decide (WGS 1.8(7), BGS 1.16)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.law.renewal import check_renewal
from services.law.wgs_terms import maximum_end
from services.ledger.contract.events import Envelope
from services.ledger.contract.forgetting import RetentionBody

_MAXIMUM: Final = "wgs-maximum"


def check_later_end(envelope: Envelope, body: RetentionBody, register: Register, now: datetime) -> None:
    """Raise a LawError when the new end of the holding needs a decision to renew and has none that carries it."""
    if body.holding_ends is None or envelope.covenant is None:
        return
    today = amsterdam_day(now)
    covenant = register.covenant(envelope.covenant, amsterdam_day(envelope.occurred_at))
    decision = None if body.decision_id is None else register.decision(body.decision_id, today)
    check_renewal(body.holding_ends, covenant, find_maximum(envelope), decision, today)


def find_maximum(envelope: Envelope) -> date:
    """The last day of the five years, as the act has it on record: the rule that held, or one that lost to another."""
    if envelope.term_rule == _MAXIMUM and envelope.holding_ends is not None:
        return envelope.holding_ends
    for lost in envelope.terms_lost:
        rule, _, ends = lost.split(" ")
        if rule == _MAXIMUM:
            return date.fromisoformat(ends)
    return maximum_end(amsterdam_day(envelope.occurred_at))
