"""Rules of the block purpose (doel): what for, and under which covenant."""

from __future__ import annotations

from services.law.act import Subject
from services.law.in_force import CovenantInForce
from services.law.rules.registry import NOT_DELETE, rule
from services.law.rules.scene import Scene, said
from services.law.rules.under import with_territory
from services.law.texts import Text
from services.law.verdict import Block, Finding


@rule(
    "purpose-missing",
    *NOT_DELETE,
    block=Block.PURPOSE,
    norms=("avg-5-1-b", "wbp-7"),
    requirements=("S2", "S3"),
    message=Text(
        "Het doel ontbreekt, en geen convenant, activiteit of besluit brengt er een mee.",
        "The purpose is missing, and no covenant, activity or decision brings one.",
    ),
    remedy=Text("Noem het doel, het convenant of de activiteit.", "Fill in purpose, or name the covenant or activity."),
)
def purpose_missing(scene: Scene) -> Finding | None:
    """AVG 5(1)(b): the act, its covenant, activity or decision says the purpose; Wpg 8 data bring their own."""
    if scene.covenant is not None and scene.covenant.covenant.purpose:
        return None
    if said(scene.act.purpose) or scene.act.data_regime == "Wpg-8":
        return None
    if scene.activity is not None and said(scene.activity.purpose):
        return None
    if scene.decision is not None and said(scene.decision.purpose):
        return None
    return scene.found("purpose-missing")


@rule(
    "covenant-choice-open",
    "share",
    block=Block.PURPOSE,
    norms=("avg-5-1-b", "avg-26-1", "wbp-7"),
    requirements=("S19",),
    under=with_territory,
    message=Text(
        "De persoon woont buiten het gebied van dit convenant, en een ander convenant dekt die gemeente wel.",
        "The person lives outside this covenant's territory, and another covenant covers that municipality.",
    ),
    remedy=Text(
        "Kies welk convenant geldt en leg vast waarom; kies zonder reden het convenant dat het meest beschermt.",
        "Choose which covenant applies and record why; without a reason take the most protective one.",
    ),
)
def covenant_choice_open(scene: Scene) -> Finding | None:
    """The named territory lacks the person's municipality, and another covenant of sender and recipient has it."""
    named = scene.covenant
    if named is None or not named.municipalities or _is_chosen(scene, named):
        return None
    inside, key = named.municipalities, scene.view.places.key
    for subject in scene.act.subjects:
        if subject.municipality is None or key(subject.municipality) not in inside:
            return scene.found_for("covenant-choice-open", lambda person: _could_be_elsewhere(scene, named, person))
    return None


def _is_chosen(scene: Scene, named: CovenantInForce) -> bool:
    """Whether the act says why it took this covenant, which it weighed and could take: its controller is a partner."""
    justification = scene.act.justification
    if justification is None or justification.covenant_choice is None:
        return False
    choice = justification.covenant_choice
    is_weighed = not choice.candidates or named.covenant.id in choice.candidates
    return is_weighed and said(choice.reason) and scene.act.controller in named.partners


def _could_be_elsewhere(scene: Scene, named: CovenantInForce, subject: Subject) -> bool:
    municipality = subject.municipality
    if municipality is None:
        facts = scene.facts_of(subject)
        municipality = facts.municipality if facts is not None else None
    if municipality is None or scene.view.places.key(municipality) in named.municipalities:
        return False
    return any(
        other.covenant.id != named.covenant.id
        and scene.act.controller in other.partners
        and any(recipient.party in other.partners for recipient in scene.act.recipients)
        for other in scene.view.covenants_in(municipality)
    )
