"""The rule on a new purpose (AVG 6(4)): data obtained for one purpose are not looked up for another just like that."""

from __future__ import annotations

from typing import Final

from services.law.act import Act, Compatibility, Subject
from services.law.context import PastAct
from services.law.local_time import amsterdam_day
from services.law.operations import OperationClass
from services.law.register import DayView, Register
from services.law.rules.registry import rule
from services.law.rules.scene import Scene, gdpr_letter, said
from services.law.texts import Text
from services.law.verdict import Block, Finding

COMPATIBILITY_CLASSES: Final[tuple[OperationClass, ...]] = ("consult", "use")
"""The classes of operation for which a purpose can be a new one."""

_OBTAINING: Final = frozenset({"collect", "alter"})
_CONSENT: Final = "a"
_LEGAL_OBLIGATION: Final = "c"


@rule(
    "compatibility-missing",
    *COMPATIBILITY_CLASSES,
    block=Block.PURPOSE,
    norms=("avg-5-1-b", "avg-6-4", "avg-14-4", "wbp-9"),
    requirements=("S10", "S54"),
    message=Text(
        "De gegevens zijn voor een ander doel verkregen; of dit nieuwe doel daarmee verenigbaar is, is niet afgewogen.",
        "The data were obtained for another purpose, and whether this new one is compatible with it was not weighed.",
    ),
    remedy=Text(
        "Weeg de vijf factoren van AVG 6 lid 4 en schrijf elke weging op, "
        "of noem de toestemming of de wettelijke plicht voor dit doel. Informeer de persoon vóór het gebruik "
        "(AVG 13 lid 3, 14 lid 4).",
        "Weigh the five factors of AVG 6(4) and fill in justification.compatibility, "
        "or name the consent or the legal obligation for this purpose. Tell the person before the use "
        "(AVG 13(3), 14(4)).",
    ),
)
def compatibility_missing(scene: Scene) -> Finding | None:
    """AVG 5(1)(b), 6(4): a purpose that none of the data were obtained for wants a weighing, consent or a statute."""
    if not says_purpose(scene.act) or scene.letter == _CONSENT:
        return None
    if scene.letter == _LEGAL_OBLIGATION and scene.statute is not None:
        return None
    return scene.found_for("compatibility-missing", lambda person: _is_for_another_purpose(scene, person))


def asks_for_compatibility(act: Act) -> bool:
    """Whether the rule can find anything on this act, as far as the act alone says: else no facts need be read."""
    if not says_purpose(act):
        return False
    basis = act.legal_basis
    return basis is None or basis.gdpr is None or gdpr_letter(basis.gdpr) != _CONSENT


def says_purpose(act: Act) -> bool:
    """Whether the act itself names its purpose and did not weigh it; what the covenant supplies is no new purpose."""
    if act.purpose is None or act.data_regime != "AVG" or not said(act.purpose):
        return False
    justification = act.justification
    return justification is None or not is_weighed(justification.compatibility)


def is_weighed(compatibility: Compatibility | None) -> bool:
    """Whether each of the five factors of AVG 6(4) was weighed in its own words."""
    if compatibility is None:
        return False
    factors = (
        compatibility.link,
        compatibility.context,
        compatibility.nature,
        compatibility.consequences,
        compatibility.safeguards,
    )
    return all(map(said, factors))


def _is_for_another_purpose(scene: Scene, subject: Subject) -> bool:
    """Whether for one of the categories every purpose that it was obtained under is known, and none is this one."""
    facts = scene.facts_of(subject)
    if facts is None:
        return False
    obtained = [past for past in facts.acts if _obtained(past, scene.act)]
    register = scene.context.register
    return any(_differs(category, obtained, scene.act.purpose, register) for category in scene.act.data_categories)


def _obtained(past: PastAct, act: Act) -> bool:
    """Whether the act's controller got the data by the earlier act: by collecting, recording or receiving them."""
    if past.occurred_at > act.occurred_at:
        return False
    if past.operation_class == "share":
        return act.controller in past.recipients
    return past.operation_class in _OBTAINING and past.controller == act.controller


def _differs(category: str, obtained: list[PastAct], purpose: str | None, register: Register) -> bool:
    """Of data obtained for a purpose that nobody wrote down nothing is known, so nothing is found."""
    by_act = [purposes_of(past, register) for past in obtained if category in past.data_categories]
    return bool(by_act) and all(by_act) and all(purpose not in purposes for purposes in by_act)


def purposes_of(past: PastAct, register: Register) -> frozenset[str]:
    """The purposes of an earlier act: its own, and those that its covenant, activity and decision brought that day."""
    view = register.on(amsterdam_day(past.occurred_at))
    named = (past.purpose, *_brought(past, view))
    return frozenset(purpose for purpose in named if purpose is not None and said(purpose))


def _brought(past: PastAct, view: DayView) -> tuple[str | None, ...]:
    covenant = None if past.covenant is None else view.covenants[past.covenant]
    activity = None if past.activity is None else view.activities[past.activity]
    decision = None if past.decision_id is None else view.decisions[past.decision_id]
    return (
        None if covenant is None else covenant.covenant.purpose,
        None if activity is None else activity.purpose,
        None if decision is None else decision.purpose,
    )
