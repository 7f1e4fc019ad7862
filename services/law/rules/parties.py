"""Rules on what kind of party may be a controller at all: an organ, not the municipality; no processor, no citizen."""

from __future__ import annotations

from typing import Final

from services.law.rules.by import municipality, never_a_controller
from services.law.rules.registry import NOT_DELETE, rule
from services.law.rules.scene import Scene
from services.law.texts import Text
from services.law.verdict import Block, Finding

_PRIVATE_LETTERS: Final = frozenset({"b", "f"})
"""Kinds of party that are no controller of an act: who decides what for becomes one, under another kind."""


@rule(
    "controller-not-an-organ",
    *NOT_DELETE,
    block=Block.BASIS,
    norms=("avg-4-7", "avg-5-2"),
    requirements=("S26",),
    by=municipality,
    message=Text(
        "De gemeente is genoemd als verantwoordelijke; een publieke taak is van een orgaan: "
        "burgemeester, college of raad.",
        "The municipality is named as controller; a public task belongs to an organ: burgemeester, college or raad.",
    ),
    remedy=Text(
        "Noem het orgaan dat de taak heeft. Geeft een ander orgaan de gegevens, dan is dat een verstrekking.",
        "Name the organ that has the task. If another organ hands over the data, that is a disclosure.",
    ),
)
def controller_not_an_organ(scene: Scene) -> Finding | None:
    """AVG 4(7), 6(1)(e): tasks are vested in organs; only for acts of private law the legal person is controller."""
    if scene.letter in _PRIVATE_LETTERS or not municipality(scene.controller):
        return None
    return scene.found("controller-not-an-organ")


@rule(
    "controller-kind-unfit",
    *NOT_DELETE,
    block=Block.CARE,
    norms=("avg-28-10", "avg-28-3", "wbp-14"),
    requirements=("S30", "S31"),
    by=never_a_controller,
    message=Text(
        "De verantwoordelijke is geregistreerd als verwerker of als burger; die bepaalt geen doel en middelen.",
        "The controller is registered as a processor or as a citizen; these decide no purposes and means.",
    ),
    remedy=Text(
        "Noem als verantwoordelijke voor wie is gehandeld, en deze partij als verwerker. "
        "Bepaalde deze partij zelf het doel, registreer haar dan als verantwoordelijke.",
        "Name for whom was acted as controller, and the processor as processor. "
        "If this party itself decided what for, register it as a controller.",
    ),
)
def controller_kind_unfit(scene: Scene) -> Finding | None:
    """AVG 28(10): a processor that decides what for is a controller, and says so in the register."""
    return scene.found("controller-kind-unfit") if never_a_controller(scene.controller) else None
