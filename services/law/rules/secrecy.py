"""Rules on professional secrecy: which one covers the data, and what lifts it for this act.

Secrecy is no wall. Each regime names what opens it, and a regime that is stated without that names its provision, so
that nobody hides behind the word. Consent that lifts a secrecy is another than consent as a ground (AVG 6(1)(a)).
"""

from __future__ import annotations

from typing import Final

from services.law.act import Secrecy, SecrecyException, SecrecyRegime
from services.law.findings import EITHER, GAP, VIOLATION
from services.law.grounds import task_on
from services.law.rules.by import under_secrecy
from services.law.rules.disclosure import is_duty_to_supply, leans_on_open_door
from services.law.rules.recipients import is_another, is_under_wgs, tells_others
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.rules.when import justified
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

_BY_LAW: Final[frozenset[SecrecyException]] = frozenset({"statutory-duty", "statutory-power"})
OPENED_BY: Final[dict[SecrecyRegime, frozenset[SecrecyException]]] = {
    "medical": _BY_LAW | {"explicit-consent", "good-care"},
    "youth-care": _BY_LAW | {"explicit-consent", "good-care"},
    "social-support": _BY_LAW | {"explicit-consent"},
    "official": _BY_LAW,
    "police": _BY_LAW,
    "wgs": _BY_LAW,
}
"""What lifts each secrecy: BW 7:457 and Jeugdwet 7.3.11(1), (3); Wmo 5.3.3; Awb 2:5; Wpg 7; WGS 1.11.

A task that requires telling (Awb 2:5, Wpg 7(2), Wmo 5.3.3) counts as a power.
"""

_CARE_REGIMES: Final[frozenset[SecrecyRegime]] = frozenset({"medical", "youth-care"})
_MEDICAL: Final[frozenset[SecrecyRegime]] = frozenset({"medical"})
_YOUTH_CARE: Final[frozenset[SecrecyRegime]] = frozenset({"youth-care"})
_SOCIAL_SUPPORT: Final[frozenset[SecrecyRegime]] = frozenset({"social-support"})
_OFFICIAL: Final[frozenset[SecrecyRegime]] = frozenset({"official"})
_POLICE: Final[frozenset[SecrecyRegime]] = frozenset({"police"})
_PARTNERSHIP: Final[frozenset[SecrecyRegime]] = frozenset({"wgs"})
_YIELDS_TO_DUTY: Final[frozenset[SecrecyRegime]] = frozenset({"official", "social-support", "wgs"})


def stated_secrecy(scene: Scene) -> Secrecy | None:
    """The secrecy that the act says its data are under, when it tells others; None where nothing is to be lifted."""
    justification = scene.act.justification
    if justification is None or justification.secrecy is None or not tells_others(scene):
        return None
    return justification.secrecy


def is_opened_by_law(scene: Scene, regime: SecrecyRegime) -> bool:
    """Whether the law itself opens it: a vital interest, a right or duty to report, or a duty that it gives way to.

    WGS 1.5(1) goes before every secrecy but that of medical and youth care (WGS 2.29(2)); Awb 2:5, Wmo 5.3.3 and WGS
    1.11 say themselves that they give way to other law.
    """
    if leans_on_open_door(scene):
        return True
    if regime == "police":
        # Wpg 16-20 are judged per recipient by the rule on recipients.
        return scene.police_data
    others = [index for index in range(len(scene.recipients)) if is_another(scene, index)]
    return regime in _YIELDS_TO_DUTY and bool(others) and all(is_duty_to_supply(scene, index) for index in others)


def _is_closed(scene: Scene, secrecy: Secrecy) -> bool:
    if is_opened_by_law(scene, secrecy.regime):
        return False
    return secrecy.exception in (None, "none") or _is_withdrawn(scene, secrecy)


def _is_withdrawn(scene: Scene, secrecy: Secrecy) -> bool:
    """Whether the consent that is named as a decision is registered, and was not in force that day."""
    return _lacks_its_decision(scene, secrecy) and _was_ever_registered(scene, secrecy.decision_id)


def _lacks_its_decision(scene: Scene, secrecy: Secrecy) -> bool:
    if secrecy.exception != "explicit-consent" or secrecy.decision_id is None:
        return False
    return scene.view.decisions[secrecy.decision_id] is None


def _was_ever_registered(scene: Scene, decision_id: str | None) -> bool:
    return decision_id is not None and scene.view.knows_decision(decision_id)


def _found_closed(
    scene: Scene, code: str, regimes: frozenset[SecrecyRegime], severity: Outcome = Outcome.VIOLATION
) -> Finding | None:
    """The finding, when the act tells others what one of these secrecies keeps closed."""
    secrecy = stated_secrecy(scene)
    if secrecy is None or secrecy.regime not in regimes or not _is_closed(scene, secrecy):
        return None
    return scene.found(code, severity)


def _remedy(nl: str, en: str) -> Text:
    return Text(
        f"Noem wat het geheim hier opent: {nl}. Is er niets, deel dan niet.",
        f"Name what opens the secrecy here: {en} (justification.secrecy.exception). If nothing does, do not share.",
    )


@rule(
    "wgs-care-secrecy-not-lifted",
    "share",
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("wgs-2-29-2",),
    requirements=("S33", "S53"),
    when=justified,
    message=Text(
        "Deze gegevens vallen onder het medisch of het jeugdhulpgeheim (WGS 2.29 lid 2), en niets opent het.",
        "These data are under medical or youth-care secrecy (WGS 2.29(2)), and nothing opens it.",
    ),
    remedy=_remedy(
        "uitdrukkelijke toestemming, een wettelijke plicht of bevoegdheid, of goed hulpverlenerschap",
        "explicit consent, a statutory duty or power, or good care",
    ),
)
def wgs_care_secrecy_not_lifted(scene: Scene) -> Finding | None:
    """WGS 2.29(2): medical and youth-care secrecy hold at the table of a Zorg- en Veiligheidshuis too."""
    return _found_closed(scene, "wgs-care-secrecy-not-lifted", _CARE_REGIMES) if is_under_wgs(scene) else None


@rule(
    "youth-care-secrecy-not-lifted",
    "share",
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("jw-7-3-11-1",),
    requirements=("S33", "S53"),
    when=justified,
    message=Text(
        "Deze gegevens vallen onder het jeugdhulpgeheim (Jeugdwet 7.3.11), en niets opent het.",
        "These data are under youth-care secrecy (Jeugdwet 7.3.11), and nothing opens it.",
    ),
    remedy=_remedy(
        "uitdrukkelijke toestemming, een wettelijke plicht of bevoegdheid, of goed hulpverlenerschap",
        "explicit consent, a statutory duty or power, or good care",
    ),
)
def youth_care_secrecy_not_lifted(scene: Scene) -> Finding | None:
    """Jeugdwet 7.3.11(1), (3): no information to others without consent, a duty, or good care."""
    return None if is_under_wgs(scene) else _found_closed(scene, "youth-care-secrecy-not-lifted", _YOUTH_CARE)


@rule(
    "medical-secrecy-not-lifted",
    "share",
    block=Block.BASIS,
    severities=GAP,
    norms=("bw7-457", "big-88", "wvggz-8-34", "wbp-9", "wbp-21"),
    requirements=("S33", "S53"),
    when=justified,
    message=Text(
        "Deze gegevens vallen onder het medisch beroepsgeheim (BW 7:457, Wet BIG 88), en niets opent het.",
        "These data are under medical secrecy (BW 7:457, Wet BIG 88), and nothing opens it.",
    ),
    remedy=_remedy(
        "uitdrukkelijke toestemming, een wettelijke plicht of bevoegdheid, of een conflict van plichten",
        "explicit consent, a statutory duty or power, or a conflict of duties (good-care)",
    ),
)
def medical_secrecy_not_lifted(scene: Scene) -> Finding | None:
    """BW 7:457, Wet BIG 88: medical secrecy; nobody has read these acts here, so a gap."""
    return None if is_under_wgs(scene) else _found_closed(scene, "medical-secrecy-not-lifted", _MEDICAL, Outcome.GAP)


@rule(
    "social-support-secrecy-not-lifted",
    "share",
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("wmo-5-3-3",),
    requirements=("S33", "S53"),
    when=justified,
    message=Text(
        "Deze gegevens vallen onder het geheim van de Wmo (5.3.3), en niets opent het.",
        "These data are under the secrecy of the Wmo (5.3.3), and nothing opens it.",
    ),
    remedy=_remedy(
        "toestemming, een wettelijke plicht, of medewerking die de taak vraagt",
        "consent, a statutory duty, or cooperation that the task asks for (statutory-power)",
    ),
)
def social_support_secrecy_not_lifted(scene: Scene) -> Finding | None:
    """Wmo 5.3.3: no data to others without consent, save by law or where the task asks to cooperate."""
    return _found_closed(scene, "social-support-secrecy-not-lifted", _SOCIAL_SUPPORT)


@rule(
    "official-secrecy-not-lifted",
    "share",
    block=Block.BASIS,
    severities=EITHER,
    norms=("awb-2-5",),
    requirements=("S33",),
    when=justified,
    message=Text(
        "Deze gegevens vallen onder de ambtelijke geheimhouding (Awb 2:5); wat haar hier opent, is niet genoemd.",
        "These data are under official secrecy (Awb 2:5); what opens it here is not named.",
    ),
    remedy=_remedy(
        "een wettelijke plicht, of de taak die het vertellen nodig maakt, met de wet",
        "a statutory duty, or the task that makes telling necessary (statutory-power), with its statute",
    ),
)
def official_secrecy_not_lifted(scene: Scene) -> Finding | None:
    """Awb 2:5: left out, the task of the sender may be what opens it; only who says that nothing does breaks it."""
    secrecy = stated_secrecy(scene)
    severity = Outcome.VIOLATION if secrecy is not None and secrecy.exception == "none" else Outcome.GAP
    return _found_closed(scene, "official-secrecy-not-lifted", _OFFICIAL, severity)


@rule(
    "police-secrecy-not-lifted",
    "share",
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("wpg-7-1", "wpg-7-2"),
    requirements=("S33", "S49"),
    when=justified,
    message=Text(
        "Deze gegevens komen van de politie en blijven geheim (Wpg 7); niets opent dat hier.",
        "These data come from the police and stay secret (Wpg 7); nothing opens that here.",
    ),
    remedy=_remedy(
        "een wet die tot verstrekken verplicht, of de taak die het nodig maakt, met de wet",
        "an act that obliges to disclose, or the task that requires it (statutory-power), with its statute",
    ),
)
def police_secrecy_not_lifted(scene: Scene) -> Finding | None:
    """Wpg 7: police data stay secret with whoever has them."""
    return _found_closed(scene, "police-secrecy-not-lifted", _POLICE)


@rule(
    "partnership-secrecy-not-lifted",
    "share",
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("wgs-1-11",),
    requirements=("S33",),
    when=justified,
    message=Text(
        "Deze gegevens komen uit een samenwerkingsverband en blijven geheim (WGS 1.11); niets opent dat hier.",
        "These data come from a partnership and stay secret (WGS 1.11); nothing opens that here.",
    ),
    remedy=_remedy(
        "verstrekking volgens WGS 1.7, of een andere wet, met het artikel",
        "disclosure under WGS 1.7, or another act, with the article",
    ),
)
def partnership_secrecy_not_lifted(scene: Scene) -> Finding | None:
    """WGS 1.11: whoever was at the table keeps secret what it heard there, save under WGS 1.7 or another act."""
    return _found_closed(scene, "partnership-secrecy-not-lifted", _PARTNERSHIP)


@rule(
    "secrecy-exception-unfounded",
    "share",
    block=Block.BASIS,
    norms=("wgs-2-29-2", "jw-7-3-11-1", "wmo-5-3-3", "awb-2-5", "wpg-7-1", "wgs-1-11", "bw7-457", "wbp-9"),
    requirements=("S33", "S53"),
    when=justified,
    message=Text(
        "Wat genoemd is, opent dit geheim niet, of de wet of de toestemming waarop het rust is niet te vinden.",
        "What is named does not open this secrecy, or the statute or consent that it rests on cannot be found.",
    ),
    remedy=Text(
        "Noem een uitzondering die bij dit geheim hoort; bij een plicht of bevoegdheid ook het artikel.",
        "Name an exception that belongs to this secrecy; with a duty or power also the article (provision).",
    ),
)
def secrecy_exception_unfounded(scene: Scene) -> Finding | None:
    """WGS 2.29(2), Jeugdwet 7.3.11, Wmo 5.3.3, Awb 2:5, Wpg 7: the exception fits the secrecy, and names its law."""
    secrecy = stated_secrecy(scene)
    if secrecy is None or secrecy.exception in (None, "none") or is_opened_by_law(scene, secrecy.regime):
        return None
    fits = secrecy.exception in OPENED_BY[secrecy.regime] and _names_its_law(scene, secrecy)
    if fits and (not _lacks_its_decision(scene, secrecy) or _is_withdrawn(scene, secrecy)):
        return None
    return scene.found("secrecy-exception-unfounded")


def _names_its_law(scene: Scene, secrecy: Secrecy) -> bool:
    return secrecy.exception not in _BY_LAW or task_on(secrecy.provision, scene.view) is not None


@rule(
    "secrecy-unstated",
    "share",
    block=Block.BASIS,
    norms=("jw-7-3-11-1", "wmo-5-3-3", "wgs-2-29-2", "bw7-457", "wbp-9"),
    requirements=("S33",),
    by=under_secrecy,
    message=Text(
        "De gegevens van deze partij vallen in de regel onder een beroepsgeheim; de handeling zegt er niets over.",
        "This party's data are under professional secrecy as a rule; the act says nothing about it.",
    ),
    remedy=Text(
        "Zeg welk geheim het is, en wat het hier opent.",
        "Say which secrecy it is, and what opens it here (justification.secrecy).",
    ),
)
def secrecy_unstated(scene: Scene) -> Finding | None:
    """Jeugdwet 7.3.11, Wmo 5.3.3: who keeps a professional secrecy says what opens it when telling others."""
    party = scene.controller
    if party is None or party.secrecy is None or not under_secrecy(party) or not tells_others(scene):
        return None
    justification = scene.act.justification
    if justification is not None and justification.secrecy is not None:
        return None
    return None if is_opened_by_law(scene, party.secrecy) else scene.found("secrecy-unstated")
