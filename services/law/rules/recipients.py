"""Who the recipients of a share are to the sender, and whether the WGS governs the table: asked by several rules."""

from __future__ import annotations

from typing import Final

from services.law import wgs_terms
from services.law.governance import Party
from services.law.grounds import is_own_statute
from services.law.rules.scene import Scene, basis_of, ground_letter

LETTERS_WITH_STATUTE: Final = frozenset({"c", "e"})
"""Letters of AVG 6(1) that rest on a duty or task in law (AVG 6(3))."""


def is_own_processor(party: Party | None, scene: Scene) -> bool:
    """Whether the party processes for the controller of the act: to tell it is to tell nobody else (AVG 28)."""
    return party is not None and party.kind == "processor" and party.processes_for == scene.act.controller


def is_another(scene: Scene, index: int) -> bool:
    """Whether the recipient at ``index`` is somebody else than the sender and its processors."""
    if scene.act.recipients[index].party == scene.act.controller:
        return False
    return not is_own_processor(scene.recipients[index], scene)


def tells_others(scene: Scene) -> bool:
    """Whether the data reach anybody else; a share that names nobody counts as one that does."""
    return not scene.recipients or any(is_another(scene, index) for index in range(len(scene.recipients)))


def has_named_ground(scene: Scene, index: int) -> bool:
    """Whether the recipient at ``index`` receives for an activity of its own with a ground in its register (AVG 30).

    Letters (c) and (e) need a statute whose task is the recipient's.
    """
    recipient, party = scene.act.recipients[index], scene.recipients[index]
    if recipient.activity is None or party is None:
        return False
    basis = basis_of(scene.view.activities[recipient.activity], recipient.party)
    if basis is None:
        return False
    letter = ground_letter(basis.gdpr, scene.view.day) if basis.gdpr is not None else None
    if letter is None or letter not in LETTERS_WITH_STATUTE:
        return letter is not None
    return is_own_statute(basis.statute, scene.view, party)


def is_under_wgs(scene: Scene) -> bool:
    """Whether the act is of a Zorg- en Veiligheidshuis under the WGS on that day."""
    return scene.covenant is not None and wgs_terms.is_under_wgs(scene.covenant.covenant)


def participates(scene: Scene, party: str) -> bool:
    """Whether the party takes part in the covenant named that day, and not only incidentally (WGS 2.31(9))."""
    covenant = scene.covenant
    if covenant is None or party not in covenant.partners:
        return False
    return party not in covenant.incidental
