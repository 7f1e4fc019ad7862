"""Rules on supplying under the WGS: a supplier's conditions, its consent for third parties, and what is held back."""

from __future__ import annotations

import re
from typing import Final

from services.law.findings import VIOLATION
from services.law.rules.conditions import forbids_onward
from services.law.rules.disclosure import duties_to_supply, leans_on_open_door
from services.law.rules.recipients import is_another, is_under_wgs, participates
from services.law.rules.registry import NOT_DELETE, rule
from services.law.rules.scene import Scene, said
from services.law.rules.when import justified, on_sensitive_data, with_source
from services.law.sensitive_categories import kinds_of
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

SUPPLIER_CONSENT: Final = "supplier-consent"
"""The kind of decision by which a participant agrees that its data go further (WGS 1.7(3), 2.29(3))."""

_NOT_SHARE: Final = "not-share"
_NEXT_CONDITION: Final = re.compile(r"[;\n]")


@rule(
    "supplier-condition-broken",
    "share",
    block=Block.CARE,
    severities=VIOLATION,
    norms=("wgs-2-29-3",),
    requirements=("S18", "S49"),
    when=with_source,
    message=Text(
        "Wie de gegevens leverde, wil niet dat ze verder gaan, en toch gaan ze naar een ander.",
        "Whoever supplied the data does not want them to go further, and yet they go to another.",
    ),
    remedy=Text(
        "Vraag de leverancier eerst om instemming en leg die vast als besluit, of deel niet.",
        "Ask the supplier to agree first and register that (supplier-consent), or do not share.",
    ),
)
def supplier_condition_broken(scene: Scene) -> Finding | None:
    """WGS 2.29(3): the supplier may set conditions on onward disclosure, and they bind."""
    source = scene.act.source
    if source is None or not source.conditions or not is_under_wgs(scene):
        return None
    # The supplier's own share carries its condition along: that is not going further.
    if source.party in (None, scene.act.controller):
        return None
    if not forbids_onward(_NEXT_CONDITION.split(source.conditions)):
        return None
    barred = any(is_barred_by_supplier(scene, index) for index in range(len(scene.recipients)))
    return scene.found("supplier-condition-broken", Outcome.VIOLATION) if barred else None


def is_barred_by_supplier(scene: Scene, index: int) -> bool:
    """Whether a supplier's ban on going further stands against the recipient at ``index``."""
    source = scene.act.source
    supplier = None if source is None else source.party
    if not is_another(scene, index) or scene.act.recipients[index].party == supplier:
        return False
    return not _agreed_to(scene, index, supplier)


def _agreed_to(scene: Scene, index: int, supplier: str | None = None) -> bool:
    """Whether the supplier, or any participant when it is not named, agreed that the recipient gets its data."""
    party = scene.act.recipients[index].party
    return any(
        party in decision.covers and supplier in (None, decision.by)
        for decision in scene.view.decisions_of_kind(SUPPLIER_CONSENT)
    )


def is_third_party(scene: Scene, index: int) -> bool:
    """Whether the recipient at ``index`` takes no part in the partnership, and no law of its own opens the door."""
    covenant = scene.covenant
    if covenant is None or scene.act.recipients[index].party in covenant.partners:
        return False
    return is_another(scene, index) and not leans_on_open_door(scene)


@rule(
    "supplier-consent-missing",
    "share",
    block=Block.BASIS,
    norms=("wgs-1-7-2-3",),
    requirements=("S18", "S50"),
    when=on_sensitive_data,
    message=Text(
        "Bijzondere of strafrechtelijke gegevens gaan naar een derde zonder instemming van wie ze leverde.",
        "Special or criminal data go to a third party without the consent of whoever supplied them.",
    ),
    remedy=Text(
        "Vraag de deelnemer die de gegevens leverde om instemming, en leg die vast als besluit.",
        "Ask the participant that supplied the data to agree, and register that (supplier-consent).",
    ),
)
def supplier_consent_missing(scene: Scene) -> Finding | None:
    """WGS 1.7(3): special and criminal data go to third parties only when their supplier agreed."""
    if not is_under_wgs(scene) or not kinds_of(scene.act.data_categories):
        return None
    third = [index for index in range(len(scene.recipients)) if is_third_party(scene, index)]
    return None if all(_agreed_to(scene, index) for index in third) else scene.found("supplier-consent-missing")


@rule(
    "serious-reasons-missing",
    *NOT_DELETE,
    block=Block.NECESSITY,
    norms=("wgs-1-5-1", "wpg-20-3", "wpg-16-1-a", "wpg-16-1-b", "jw-7-3-11-4"),
    requirements=("S33", "S51"),
    when=justified,
    message=Text(
        "Er is besloten niet te delen, terwijl de wet tot delen verplicht; zwaarwegende redenen zijn niet genoemd.",
        "It was decided not to share, while the law obliges to; no serious reasons are named.",
    ),
    remedy=Text(
        "Deel wat nodig is, of schrijf op welke zwaarwegende redenen dat beletten.",
        "Share what is needed, or write down which serious reasons prevent it (justification.seriousReasons).",
    ),
)
def serious_reasons_missing(scene: Scene) -> Finding | None:
    """WGS 1.5(1), Wpg 16 and 20(3), Jeugdwet 7.3.11(4): what must be shared is held back for serious reasons only."""
    justification = scene.act.justification
    if justification is None or justification.triage is None or justification.triage.outcome != _NOT_SHARE:
        return None
    if said(justification.serious_reasons) or not _must_share(scene):
        return None
    return scene.found("serious-reasons-missing")


def _must_share(scene: Scene) -> bool:
    """Whether the law obliges to share with one of those named, or at the table when nobody is named."""
    if scene.recipients:
        return any(duties_to_supply(scene, index) for index in range(len(scene.recipients)))
    return is_under_wgs(scene) and participates(scene, scene.act.controller)
