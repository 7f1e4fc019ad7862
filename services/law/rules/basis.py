"""Rules of the block basis (grondslag): which letter of the AVG, which statute, and whose."""

from __future__ import annotations

from services.law.in_force import REGIME_GROUND_PER_PARTY
from services.law.rules.registry import EVERY_CLASS, NOT_DELETE, rule
from services.law.rules.scene import Scene, basis_of
from services.law.statutes import statute
from services.law.verdict import Finding

_CONSENT = "a"
_LEGITIMATE_INTEREST = "f"
_NEEDS_STATUTE = frozenset({"c", "e"})
_PUBLIC_KINDS = frozenset({"public-body", "police", "judicial"})
_WORDS_FOR_COVENANT = ("convenant", "covenant")


@rule("ground-missing", *NOT_DELETE)
def ground_missing(scene: Scene) -> Finding | None:
    """AVG 6(1), 6(3): a letter, with (c) and (e) a statute too; outside the AVG the statute is the ground."""
    if scene.statute is not None and (scene.letter is not None or scene.act.data_regime != "AVG"):
        return None
    if scene.act.data_regime == "AVG" and scene.letter is not None and scene.letter not in _NEEDS_STATUTE:
        return None
    return scene.found("ground-missing")


@rule("covenant-not-a-ground", *NOT_DELETE)
def covenant_not_a_ground(scene: Scene) -> Finding | None:
    """AVG 6(3): a covenant gives no new powers, so it cannot stand where a letter or statute should."""
    if scene.statute is not None and scene.statute.number is None and _is_covenant(scene.statute.reference, scene):
        return scene.found("covenant-not-a-ground")
    basis = scene.act.legal_basis
    if basis is not None and basis.gdpr is not None and scene.letter is None and _is_covenant(basis.gdpr, scene):
        return scene.found("covenant-not-a-ground")
    return None


def _is_covenant(text: str, scene: Scene) -> bool:
    folded = text.casefold()
    if any(word in folded for word in _WORDS_FOR_COVENANT):
        return True
    stripped = text.strip().split("@", 1)[0]
    return scene.view.knows_covenant(stripped) or scene.view.knows_covenant(stripped.rsplit("/", 1)[0])


@rule("statute-not-of-controller", *NOT_DELETE)
def statute_not_of_controller(scene: Scene) -> Finding | None:
    """AVG 6(1)(e): the task must be vested in this controller, as Gemeentewet 172 is in the burgemeester."""
    if scene.statute is None or scene.controller is None or scene.statute.belongs_to(scene.controller):
        return None
    return scene.found("statute-not-of-controller")


@rule("own-ground-missing", *NOT_DELETE)
def own_ground_missing(scene: Scene) -> Finding | None:
    """Regime 1: every party, sender and recipients alike, has a ground in its own statute."""
    if scene.covenant is None or scene.covenant.covenant.regime != REGIME_GROUND_PER_PARTY:
        return None
    if _sender_has_own_ground(scene) and all(_recipient_has_own_ground(scene, i) for i in range(len(scene.recipients))):
        return None
    return scene.found("own-ground-missing")


def _sender_has_own_ground(scene: Scene) -> bool:
    if scene.statute is None:
        return False
    return scene.controller is None or scene.statute.belongs_to(scene.controller)


def _recipient_has_own_ground(scene: Scene, index: int) -> bool:
    """Whether the recipient has a statute of its own on record: of the activity named, or one with this purpose."""
    recipient = scene.act.recipients[index]
    party = scene.recipients[index]
    if recipient.party == scene.act.controller or (party is not None and party.kind == "processor"):
        return True
    purposes = {scene.act.purpose, scene.covenant.covenant.purpose if scene.covenant else None} - {None}
    for activity in scene.view.activities_of(recipient.party):
        if activity.id != recipient.activity and activity.purpose not in purposes:
            continue
        basis = basis_of(activity, recipient.party)
        if basis is not None and basis.statute and (party is None or statute(basis.statute).belongs_to(party)):
            return True
    return False


@rule("consent-not-free", *NOT_DELETE)
def consent_not_free(scene: Scene) -> Finding | None:
    """AVG 6(1)(a), 7: consent is not free in an approach whose covenant calls itself coercive."""
    if scene.letter == _CONSENT and scene.covenant is not None and scene.covenant.covenant.coercive:
        return scene.found("consent-not-free")
    return None


@rule("legitimate-interest-of-authority", *NOT_DELETE)
def legitimate_interest_of_authority(scene: Scene) -> Finding | None:
    """AVG 6(1), last sentence: no legitimate interest for public authorities in their tasks."""
    if scene.letter == _LEGITIMATE_INTEREST and scene.controller is not None and scene.controller.kind in _PUBLIC_KINDS:
        return scene.found("legitimate-interest-of-authority")
    return None


@rule("bsn-not-entitled", *EVERY_CLASS)
def bsn_not_entitled(scene: Scene) -> Finding | None:
    """UAVG 46, Wabb 10: the sender is a public body, or an act prescribes the BSN to it."""
    party = scene.controller
    if party is None or party.kind in _PUBLIC_KINDS or party.bsn_entitled_under:
        return None
    return scene.found_for("bsn-not-entitled", lambda person: person.id_type == "BSN")
