"""Rules on a partnership under the WGS: renewing what ended, using what is shielded, telling a third party the result.

Each is asked only of acts under such a partnership. All are gaps: what is missing can be added or explained.
"""

from __future__ import annotations

from typing import Final

from services.law.act import Act, Subject
from services.law.context import PastAct
from services.law.operations import HOLDING_CLASSES
from services.law.rules import disclosure
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.rules.under import partnership
from services.law.shielding import RESTRICT, are_all_shielded
from services.law.texts import Text
from services.law.verdict import Block, Finding
from services.law.wgs_terms import RENEWAL

_CARRIES: Final = HOLDING_CLASSES | {"share"}
LEGALITY_OPINION: Final = "legality-opinion"
"""The kind of decision by which the legality commission says that a result may go to a third party (WGS 1.7(2))."""


@rule(
    "renewal-not-agreed",
    "collect",
    "consult",
    "use",
    "share",
    "alter",
    block=Block.CARE,
    norms=("wgs-1-8-7", "bgs-1-16"),
    requirements=("S76",),
    under=partnership,
    message=Text(
        "De gegevens zijn opnieuw beschikbaar gemaakt zonder dat wie ze verstrekte daarmee instemde.",
        "The data were made available again without the agreement of whoever supplied them.",
    ),
    remedy=Text(
        "Vraag de verstrekker om instemming en leg die vast in het besluit om te hernieuwen.",
        "Ask the supplier to agree, and record that in the decision (agreedWith).",
    ),
)
def renewal_not_agreed(scene: Scene) -> Finding | None:
    """WGS 1.8(7), BGS 1.16(2): renewed only on instruction of the participants and after the supplier's consent."""
    decision = scene.decision
    if decision is None or decision.kind != RENEWAL:
        return None
    # Who uses again what it brought itself has agreed to that.
    agreed = {decision.by, *decision.agreed_with, scene.act.controller}
    source = scene.act.source
    if source is not None and source.party is not None and source.party not in agreed:
        return scene.found("renewal-not-agreed")
    return scene.found_for("renewal-not-agreed", lambda person: not _suppliers(scene, person) <= agreed)


def _suppliers(scene: Scene, subject: Subject) -> set[str]:
    """Who gave the controller these data of the person under the partnership."""
    facts, act = scene.facts_of(subject), scene.act
    if facts is None or act.covenant is None:
        return set()
    return {
        past.controller
        for past in facts.acts
        if past.operation_class == "share"
        and past.covenant == act.covenant.id
        and act.controller in past.recipients
        and not set(act.data_categories).isdisjoint(past.data_categories)
    }


@rule(
    "shielded-data-used",
    "consult",
    "use",
    "share",
    "alter",
    block=Block.CARE,
    norms=("wgs-2-31-8",),
    requirements=("S76",),
    under=partnership,
    message=Text(
        "De casus van deze persoon is gesloten: de gegevens zijn afgeschermd tot ze worden vernietigd.",
        "The case of this person is closed: the data are shielded until they are destroyed.",
    ),
    remedy=Text(
        "Laat ze staan, of noem het besluit dat de casus opnieuw opent (BGS 1.16 lid 2).",
        "Leave them, or name in decisionId the decision that takes the case up again (BGS 1.16(2)).",
    ),
)
def shielded_data_used(scene: Scene) -> Finding | None:
    """WGS 2.31(8): what was processed before a case closed is not used any more, save in a renewed processing."""
    if scene.decision is not None and scene.decision.kind == RENEWAL:
        return None
    return scene.found_for("shielded-data-used", lambda person: _uses_shielded(scene, person))


def _uses_shielded(scene: Scene, subject: Subject) -> bool:
    """Whether all that the controller has of these data there is shielded; what it got since is not."""
    facts, act = scene.facts_of(subject), scene.act
    if facts is None:
        return False
    known = [past for past in facts.acts if past.occurred_at <= act.occurred_at]
    about = (past for past in known if past.operation_class in _CARRIES and _is_about(act, past))
    return are_all_shielded(about, (p for p in known if p.operation_class == RESTRICT), scene.context.register)


def _is_about(act: Act, past: PastAct) -> bool:
    """Whether a past act gave whoever acts now the same data at the same table."""
    named = act.covenant
    if named is None or named.id != past.covenant or named.annex not in (None, past.annex):
        return False
    if act.controller != past.controller and act.controller not in past.recipients:
        return False
    return not set(act.data_categories).isdisjoint(past.data_categories)


@rule(
    "legality-opinion-missing",
    "share",
    block=Block.BASIS,
    norms=("wgs-1-7-2-3",),
    requirements=("S9", "S17"),
    under=partnership,
    message=Text(
        "Een resultaat gaat naar wie geen deelnemer is, zonder oordeel van de rechtmatigheidsadviescommissie.",
        "A result goes to somebody who is no participant, without an opinion of the legality commission.",
    ),
    remedy=Text(
        "Laat de commissie de grondslag toetsen, registreer haar oordeel en noem het bij de handeling.",
        "Have the commission check the ground, register its opinion (legality-opinion) and name it in decisionId.",
    ),
)
def legality_opinion_missing(scene: Scene) -> Finding | None:
    """WGS 1.7(2)-(3): a third party gets a result on a ground of its own that the commission has checked."""
    decision = scene.decision
    if decision is not None and decision.kind == LEGALITY_OPINION:
        return None
    # Other law may open the door (WGS 1.2(2)); where it does, the rule on recipients finds nothing either.
    if disclosure.recipient_without_ground.check(scene) is None:
        return None
    return scene.found("legality-opinion-missing")
