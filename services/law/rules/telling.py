"""Rules on telling the person: notices (AVG 12-14) and decisions not to tell (AVG 23, UAVG 41)."""

from __future__ import annotations

from typing import Final

from services.law.act import Exemption, Notice
from services.law.context import Context
from services.law.duty_state import moment_that_counts
from services.law.findings import CATALOGUE
from services.law.inform import inform_duties
from services.law.local_time import amsterdam_day
from services.law.rules.scene import said
from services.law.verdict import Finding

ORAL_FORMS: Final = frozenset({"conversation", "meeting"})


def oral_notice_unrequested(notice: Notice, _context: Context) -> Finding | None:
    """AVG 12(1): orally only when the person asked for it."""
    if notice.form not in ORAL_FORMS or notice.requested_by_subject:
        return None
    return _found("oral-notice-unrequested", len(notice.subjects))


def notice_register_unknown(notice: Notice, context: Context) -> Finding | None:
    """AVG 5(2): the covenant that the notice is about was in the register on that day."""
    view = context.register.on(amsterdam_day(notice.given_at))
    if notice.covenant is None or view.covenants[notice.covenant.id] is not None:
        return None
    return _found("register-unknown", len(notice.subjects))


def exemption_factors_missing(exemption: Exemption, _context: Context) -> Finding | None:
    """UAVG 41(1)-(2): interest, necessity and proportionality are weighed for this person, until a review date."""
    weighed = all(map(said, (exemption.interest, exemption.necessity, exemption.proportionality)))
    return None if weighed and exemption.review_on is not None else _found("exemption-factors-missing", 1)


def exemption_late(exemption: Exemption, context: Context) -> Finding | None:
    """AVG 14(3): the decision not to tell comes before the moment at which the person had to be told.

    A renewal is in time while an earlier decision that was in time still holds.
    """
    facts = context.facts[0] if context.facts else None
    if facts is None:
        return None
    duties = inform_duties(facts, context.register, context.now)
    named = exemption.covenant
    covenant, annex = (None, None) if named is None else (named.id, named.annex)
    about = (duty for duty in duties if duty.is_set_aside_by(exemption.controller, covenant, annex))
    decided_at = exemption.decided_at
    late = any(moment_that_counts(duty, facts, decided_at) < decided_at for duty in about)
    return _found("exemption-late", 1) if late else None


def exemption_register_unknown(exemption: Exemption, context: Context) -> Finding | None:
    """AVG 5(2): the covenant that the exemption is about was in the register on that day."""
    view = context.register.on(amsterdam_day(exemption.decided_at))
    if exemption.covenant is None or view.covenants[exemption.covenant.id] is not None:
        return None
    return _found("register-unknown", 1)


def _found(code: str, subject_count: int) -> Finding:
    return Finding(code, CATALOGUE[code].severity, tuple(range(subject_count)))


NOTICE_RULES: Final = (oral_notice_unrequested, notice_register_unknown)
EXEMPTION_RULES: Final = (exemption_factors_missing, exemption_late, exemption_register_unknown)
