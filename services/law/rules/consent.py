"""Rules on consent as the ground, where the act shows how it was given (AVG 6(1)(a), 7; UAVG 5)."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.law.act import Consent, Subject
from services.law.findings import VIOLATION
from services.law.local_time import amsterdam_day
from services.law.operations import OperationClass
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.rules.when import justified
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

_CONSENT: Final = "a"
_OF_AGE: Final = 16
"""Years from which a person gives consent alone (UAVG 5(1))."""
# What protects the person needs no consent.
_RESTS_ON_GROUND: Final[tuple[OperationClass, ...]] = ("collect", "consult", "use", "share", "alter")


def shown_consent(scene: Scene) -> Consent | None:
    """The consent on which the act rests, as it shows it; None on any other ground."""
    justification = scene.act.justification
    if justification is None or scene.letter != _CONSENT or scene.police_data:
        return None
    return justification.consent


@rule(
    "consent-not-in-force",
    *_RESTS_ON_GROUND,
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("avg-6-1-a", "wbp-8"),
    requirements=("S53",),
    when=justified,
    message=Text(
        "De toestemming was op dat moment nog niet gegeven, of al ingetrokken.",
        "The consent had not been given by then, or had been withdrawn.",
    ),
    remedy=Text(
        "Stop, en toets of wat u heeft weg moet (AVG 17 lid 1 onder b), tenzij een andere grondslag geldt.",
        "Stop, and review whether what you hold must be erased (AVG 17(1)(b)), unless another ground holds.",
    ),
)
def consent_not_in_force(scene: Scene) -> Finding | None:
    """AVG 7(3): consent carries what is done from when it is given until it is withdrawn."""
    consent = shown_consent(scene)
    if consent is None:
        return None
    at = scene.act.occurred_at
    if consent.given_at <= at and (consent.withdrawn_at is None or at < consent.withdrawn_at):
        return None
    return scene.found("consent-not-in-force", Outcome.VIOLATION)


@rule(
    "consent-not-by-representative",
    *_RESTS_ON_GROUND,
    block=Block.BASIS,
    norms=("uavg-5-1", "wbp-8"),
    requirements=("S53",),
    when=justified,
    message=Text(
        "De toestemming is door een kind onder de 16 zelf gegeven; dat doet de wettelijk vertegenwoordiger.",
        "The consent was given by a child under 16; that is for the legal representative.",
    ),
    remedy=Text(
        "Vraag de toestemming aan wie het gezag heeft, of noem de taak of plicht waarop de verwerking rust.",
        "Ask the consent of whoever has parental authority, or name the task or duty that the processing rests on.",
    ),
)
def consent_not_by_representative(scene: Scene) -> Finding | None:
    """UAVG 5(1): under 16 the legal representative consents; an age that is not known is not guessed."""
    consent = shown_consent(scene)
    if consent is None or consent.given_by != "subject":
        return None
    day = amsterdam_day(consent.given_at)
    return scene.found_for("consent-not-by-representative", lambda person: _is_under_age(person, day))


def _is_under_age(subject: Subject, day: date) -> bool:
    """Whether the person was under 16 on the day, as far as the birth date is known."""
    born = subject.birth_date
    if born is None:
        return False
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years < _OF_AGE
