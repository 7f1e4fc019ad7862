"""Rules on whoever acts in another's name, and on the role in which: mandate on the day, scope of the role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.law.governance import Mandate, Party
from services.law.operations import OperationClass
from services.law.organs import organ_named
from services.law.rules.by import police
from services.law.rules.registry import EVERY_CLASS, NOT_DELETE, rule
from services.law.rules.scene import Scene
from services.law.rules.when import with_actor
from services.law.texts import Text
from services.law.verdict import Block, Finding

_GEMEENTEWET: Final = "BWBR0005416"
_PUBLIC_ORDER: Final = frozenset({"172", "172a", "172b", "173", "174", "174a", "174b", "175", "176", "176a"})
_PUBLIC_ORDER_ITSELF: Final = "172"
"""The article for which the police cannot have a mandate (177(2))."""
_BURGEMEESTER: Final = "burgemeester"
_TACTICAL_ROLES: Final = frozenset({"procesregisseur", "process-director"})
"""Roles that steer the table and not the case; the case is for casusregisseur and uitvoeringscoordinator."""
_WITH_CASE: Final[tuple[OperationClass, ...]] = ("collect", "consult", "use", "share", "alter")


@rule(
    "mandate-missing",
    *EVERY_CLASS,
    block=Block.CARE,
    norms=("awb-10-3", "avg-32", "wbp-12"),
    requirements=("S27",),
    when=with_actor,
    message=Text(
        "Er is gehandeld in naam van een ander, en op die dag gold daarvoor geen mandaat.",
        "The act was done in another's name, and no mandate for it was in force that day.",
    ),
    remedy=Text(
        "Registreer het mandaat met zijn data en handelingen, of laat wie bevoegd is zelf handelen of bekrachtigen.",
        "Register the mandate with its dates and acts, or let whoever has the power act or ratify.",
    ),
)
def mandate_missing(scene: Scene) -> Finding | None:
    """Awb 10:3: who acts in another's name has a mandate on that day, for this act."""
    actor = scene.act.actor
    if actor is None or actor.on_behalf_of is None or _is_the_organ(scene, actor.on_behalf_of, actor.role):
        return None
    holders = frozenset(_holders(scene, actor.on_behalf_of))
    for mandate in _given_by(scene, actor.on_behalf_of):
        if _covers(mandate, scene) and (mandate.to in holders or _is_of_recorder(mandate, scene)):
            return None
    return scene.found("mandate-missing")


def _is_the_organ(scene: Scene, party_id: str, role: str | None) -> bool:
    """Whether it is the organ itself that acts: a burgemeester needs no mandate of the burgemeester."""
    party = scene.view.parties[party_id]
    return party is not None and party.organ is not None and role is not None and organ_named(role) == party.organ


def _holders(scene: Scene, mandator: str) -> Iterator[str]:
    """To whom the mandate may have been given: the party that acts, its processor, the role or the member of staff."""
    act, actor = scene.act, scene.act.actor
    named = (act.controller, act.processor, actor and actor.role, actor and actor.id)
    return (one for one in named if one and one != mandator)


def _is_of_recorder(mandate: Mandate, scene: Scene) -> bool:
    """Whether the controller gave it to a party: whether that is who records the act, is looked at at the door."""
    if mandate.from_ != scene.act.controller or mandate.to == mandate.from_:
        return False
    return scene.view.parties[mandate.to] is not None


def _given_by(scene: Scene, mandator: str) -> Iterator[Mandate]:
    mandates = scene.context.register.mandates(scene.view.day)
    return (mandate for mandate in mandates if mandate.from_ == mandator)


def _covers(mandate: Mandate, scene: Scene) -> bool:
    return mandate.covers(scene.act.operation, scene.operation_class)


@rule(
    "power-not-transferable",
    *NOT_DELETE,
    block=Block.CARE,
    norms=("gemw-178-2",),
    requirements=("S27",),
    when=with_actor,
    message=Text(
        "De burgemeester kan de bevoegdheden van Gemeentewet 172 tot en met 176a niet overdragen, "
        "en de politie niet machtigen voor artikel 172.",
        "The burgemeester cannot transfer the powers of Gemeentewet 172 to 176a, "
        "nor give the police a mandate for article 172.",
    ),
    remedy=Text(
        "Laat de burgemeester zelf handelen, als verantwoordelijke, of noem de eigen wet van wie handelt.",
        "Let the burgemeester act itself, as controller, or name the own statute of whoever acts.",
    ),
)
def power_not_transferable(scene: Scene) -> Finding | None:
    """Gemeentewet 178(2), 177(2): these powers stay with the burgemeester; for 172 the police have no mandate."""
    provision = scene.statute
    if provision is None or provision.number != _GEMEENTEWET or provision.article not in _PUBLIC_ORDER:
        return None
    moved = _is_carried_over(scene) or (provision.article == _PUBLIC_ORDER_ITSELF and _is_mandate_of_police(scene))
    return scene.found("power-not-transferable") if moved else None


def _is_carried_over(scene: Scene) -> bool:
    """Whether another controller acts in the name of the burgemeester."""
    actor = scene.act.actor
    if actor is None or actor.on_behalf_of is None or actor.on_behalf_of == scene.act.controller:
        return False
    return _is_burgemeester(scene.view.parties[actor.on_behalf_of])


def _is_mandate_of_police(scene: Scene) -> bool:
    """Whether the police act for the burgemeester: they record it by a mandate, or are named as its processor."""
    if not _is_burgemeester(scene.controller):
        return False
    acting = (scene.context.mandatary, scene.act.processor)
    return any(police(scene.view.parties[party_id]) for party_id in acting if party_id is not None)


def _is_burgemeester(party: Party | None) -> bool:
    return party is not None and party.organ == _BURGEMEESTER


@rule(
    "role-outside-scope",
    *_WITH_CASE,
    block=Block.CARE,
    norms=("avg-5-1-f", "avg-32", "wbp-13"),
    requirements=("S28",),
    when=with_actor,
    message=Text(
        "Een rol die de tafel stuurt, werkte in een zaak op naam; dat is voor de casusregisseur.",
        "A role that steers the table worked in a named case; that is for the case director.",
    ),
    remedy=Text(
        "Laat de casusregisseur of uitvoeringscoördinator handelen, of werk zonder de zaak en zonder namen.",
        "Let the case director or coordinator act, or work without the case and without names.",
    ),
)
def role_outside_scope(scene: Scene) -> Finding | None:
    """AVG 5(1)(f), 32: who directs the process has no business in the content of a case."""
    actor = scene.act.actor
    if actor is None or actor.role is None or scene.act.case_id is None:
        return None
    return scene.found("role-outside-scope") if _is_tactical(actor.role) else None


def _is_tactical(role: str) -> bool:
    return role.strip().lower().replace(" ", "-").replace("_", "-") in _TACTICAL_ROLES
