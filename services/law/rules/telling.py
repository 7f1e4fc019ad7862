"""Rules on telling the person: notices (AVG 12-14) and decisions not to tell (AVG 23, UAVG 41)."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.law.act import Exemption, Notice, Subject
from services.law.addressee import addressees_on
from services.law.context import Context
from services.law.duty_state import moment_that_counts
from services.law.findings import FindingCode
from services.law.inform import inform_duties
from services.law.local_time import amsterdam_day
from services.law.register import DayView
from services.law.restrictions import can_set_aside_telling
from services.law.rules import care
from services.law.rules.registry import TellingRule
from services.law.rules.scene import said
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

ORAL_NOTICE_UNREQUESTED: Final = FindingCode(
    code="oral-notice-unrequested",
    block=Block.CARE,
    norms=("avg-12-1",),
    requirements=("S56",),
    message=Text(
        "De persoon is mondeling geïnformeerd zonder daarom te vragen.",
        "The person was told orally without having asked for that.",
    ),
    remedy=Text("Bevestig de mededeling schriftelijk.", "Confirm the notice in writing."),
)
NOTICE_ADDRESSEE_UNFIT: Final = FindingCode(
    code="notice-addressee-unfit",
    block=Block.CARE,
    norms=("avg-12-1", "uavg-5-4", "wbp-33", "wbp-34"),
    requirements=("S57",),
    message=Text(
        "Alleen een vertegenwoordiger is geïnformeerd, en de persoon is 16 jaar of ouder.",
        "Only a representative was told, and the person is 16 or older.",
    ),
    remedy=Text(
        "Informeer de persoon zelf, of leg vast waarom een ander hem vertegenwoordigt.",
        "Tell the person, or record why somebody else represents him.",
    ),
)
EXEMPTION_FACTORS_MISSING: Final = FindingCode(
    code="exemption-factors-missing",
    block=Block.NECESSITY,
    norms=("avg-23", "uavg-41-1", "uavg-41-2", "wbp-43"),
    requirements=("S55",),
    message=Text(
        "Het besluit om niet te informeren mist noodzaak, evenredigheid, belang of herzieningsdatum.",
        "The decision not to inform lacks necessity, proportionality, interest or a review date.",
    ),
    remedy=Text(
        "Vul ze aan voor deze ene persoon; 'niet van toepassing, omdat' is ook een antwoord.",
        "Complete them for this one person; 'not applicable, because' is an answer too.",
    ),
)
EXEMPTION_NORM_UNKNOWN: Final = FindingCode(
    code="exemption-norm-unknown",
    block=Block.BASIS,
    norms=("avg-14-5-b", "avg-23", "uavg-41-1", "wbp-43"),
    requirements=("S55",),
    message=Text(
        "Het besluit om niet te informeren noemt geen bepaling van die dag waarop het kan rusten.",
        "The decision not to inform names no provision of that day that it can rest on.",
    ),
    remedy=Text(
        "Noem het belang van artikel 41 lid 1 UAVG (a tot en met j), of de uitzondering van artikel 13 lid 4 of 14 lid "
        "5 AVG (vóór 25 mei 2018: artikel 43 Wbp); informeer anders alsnog. Artikel 42 UAVG is alleen voor financiële "
        "ondernemingen.",
        "Name the interest of UAVG 41(1) (a to j), or the exception of AVG 13(4) or 14(5) (before 25 May 2018: Wbp "
        "43); otherwise inform after all. UAVG 42 is for financial undertakings only.",
    ),
)
EXEMPTION_LATE: Final = FindingCode(
    code="exemption-late",
    block=Block.CARE,
    norms=("avg-14-3-a", "avg-14-3-c", "uavg-41-1", "wbp-34", "wbp-43"),
    requirements=("S54", "S55"),
    message=Text(
        "Het besluit om niet te informeren is genomen nadat de persoon al geïnformeerd had moeten zijn.",
        "The decision not to inform was taken after the person should already have been told.",
    ),
    remedy=Text(
        "Informeer alsnog, of leg vast waarom het besluit er niet eerder was.",
        "Inform after all, or record why the decision was not there in time.",
    ),
)

ORAL_FORMS: Final = frozenset({"conversation", "meeting"})


def oral_notice_unrequested(notice: Notice, _context: Context) -> Finding | None:
    """AVG 12(1): orally only when the person asked for it."""
    if notice.form not in ORAL_FORMS or notice.requested_by_subject:
        return None
    return _found("oral-notice-unrequested", len(notice.subjects))


def notice_addressee_unfit(notice: Notice, _context: Context) -> Finding | None:
    """AVG 12(1), UAVG 5(4): from 16 on age is no reason to tell somebody else instead; an unknown age says nothing."""
    if notice.addressee != "representative":
        return None
    day = amsterdam_day(notice.given_at)
    untold = tuple(i for i, subject in enumerate(notice.subjects) if _speaks_for_itself(subject, day))
    return Finding("notice-addressee-unfit", Outcome.GAP, untold) if untold else None


def _speaks_for_itself(subject: Subject, day: date) -> bool:
    return subject.birth_date is not None and "representative" not in addressees_on(subject.birth_date, day).told


def notice_register_unknown(notice: Notice, context: Context) -> Finding | None:
    """AVG 5(2): controller and covenant of the notice were in the register on that day."""
    view = context.register.on(amsterdam_day(notice.given_at))
    return None if _is_registered(notice, view) else _found("register-unknown", len(notice.subjects))


def exemption_factors_missing(exemption: Exemption, _context: Context) -> Finding | None:
    """UAVG 41(1)-(2): interest, necessity and proportionality are weighed for this person, until a review date.

    A day before that of the decision is none: it was over before it began.
    """
    weighed = all(map(said, (exemption.interest, exemption.necessity, exemption.proportionality)))
    review_on = exemption.review_on
    is_reviewed = review_on is not None and review_on >= amsterdam_day(exemption.decided_at)
    return None if weighed and is_reviewed else _found("exemption-factors-missing", 1)


def exemption_norm_unknown(exemption: Exemption, context: Context) -> Finding | None:
    """AVG 23(1), UAVG 41(1): the duty to tell is set aside only by a provision that says so, in force that day."""
    view = context.register.on(amsterdam_day(exemption.decided_at))
    return None if can_set_aside_telling(exemption.norm, view) else _found("exemption-norm-unknown", 1)


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
    """AVG 5(2): controller and covenant of the exemption were in the register on that day."""
    view = context.register.on(amsterdam_day(exemption.decided_at))
    return None if _is_registered(exemption, view) else _found("register-unknown", 1)


def _is_registered(told: Notice | Exemption, view: DayView) -> bool:
    if view.parties[told.controller] is None:
        return False
    return told.covenant is None or view.covenants[told.covenant.id] is not None


def _found(code: str, subject_count: int) -> Finding:
    return Finding(code, Outcome.GAP, tuple(range(subject_count)))


NOTICE_RULES: Final[tuple[TellingRule[Notice], ...]] = (
    TellingRule(NOTICE_ADDRESSEE_UNFIT, notice_addressee_unfit),
    TellingRule(ORAL_NOTICE_UNREQUESTED, oral_notice_unrequested),
    TellingRule(care.register_unknown.finding, notice_register_unknown),
)
EXEMPTION_RULES: Final[tuple[TellingRule[Exemption], ...]] = (
    TellingRule(EXEMPTION_FACTORS_MISSING, exemption_factors_missing),
    TellingRule(EXEMPTION_NORM_UNKNOWN, exemption_norm_unknown),
    TellingRule(EXEMPTION_LATE, exemption_late),
    TellingRule(care.register_unknown.finding, exemption_register_unknown),
)
