"""The rule on who informs: an arrangement that is silent about it leaves each controller to tell for itself."""

from __future__ import annotations

from services.law.regimes import OWN_REGIME_KINDS, is_under_avg
from services.law.rules.recipients import is_another, is_under_wgs
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.rules.under import without_informer
from services.law.texts import Text
from services.law.verdict import Block, Finding


@rule(
    "informer-missing",
    "share",
    block=Block.CARE,
    norms=("avg-26-1", "avg-14-3-a", "wbp-34"),
    requirements=("S34", "S59"),
    under=without_informer,
    message=Text(
        "De partners hebben een onderlinge regeling, maar daarin staat niet wie de persoon informeert.",
        "The partners have an arrangement, but it does not say who tells the person.",
    ),
    remedy=Text(
        "Wijs in de regeling één partner aan die informeert. Tot dan informeert elke verantwoordelijke zelf.",
        "Name one partner in arrangement.informs. Until then each controller tells the person itself.",
    ),
)
def informer_missing(scene: Scene) -> Finding | None:
    """AVG 26(1): an arrangement says who gives the information; under the WGS the contact point does (BGS 1.3)."""
    covenant = scene.covenant
    if covenant is None:
        return None
    arrangement = covenant.covenant.arrangement
    if arrangement is None or arrangement.informs or is_under_wgs(scene):
        return None
    return scene.found("informer-missing") if _is_telling_owed(scene) else None


def _is_telling_owed(scene: Scene) -> bool:
    """Whether the AVG makes anybody tell: police and prosecution inform under their own acts (Wpg 24b, Wjsg)."""
    if is_under_avg(scene.act.data_regime, scene.controller):
        return scene.goes_out
    others = (party for index, party in enumerate(scene.recipients) if is_another(scene, index))
    return any(party is None or party.kind not in OWN_REGIME_KINDS for party in others)
