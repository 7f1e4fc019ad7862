"""The rule on who may receive: police data need a ground per recipient, other data a place at the table.

Grounds combine as OR (Wpg 16, 18, 19 or 20; WGS 1.5; a report that the law leaves to anyone).
Being outside a covenant forbids nothing: under the AVG it is a gap, never a violation.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from services.law.findings import EITHER
from services.law.governance import Party
from services.law.rules.necessity import leans_on_receivers_task
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

DECISION_KINDS: Final = frozenset({"wpg-19", "wpg-20"})
DUTY_ORGANS: Final = frozenset({"burgemeester", "officier-van-justitie"})
_DUTY_KINDS: Final = frozenset({"police", "judicial"})
_DESIGNATED_ORGANS: Final = frozenset(
    {"college", "gecertificeerde-instelling", "halt", "raad-voor-de-kinderbescherming", "reclassering", "veilig-thuis"}
)
_WPG: Final = "BWBR0022463"
_BPG: Final = "BWBR0023086"
_OPEN_TO_ANY_RECIPIENT: Final = frozenset(
    {("BWBR0035362", "5.2.6"), ("BWBR0034925", "7.3.11"), ("BWBR0001903", "161"), ("BWBR0001903", "162")}
)
_WGS_SUPPLY_FROM: Final = date(2025, 3, 1)
_NO_ONWARD: Final = "no onward disclosure"
_VITAL_INTEREST: Final = "d"


@rule(
    "recipient-without-ground",
    "share",
    block=Block.BASIS,
    severities=EITHER,
    norms=(
        "wpg-4-4",
        "wpg-7-1",
        "wpg-7-2",
        "wpg-16-1-a",
        "wpg-16-1-b",
        "wpg-18-1",
        "wpg-19",
        "wpg-20-1",
        "wpg-20-2",
        "wpg-20-3",
    ),
    requirements=("S9", "S17", "S49"),
    message=Text(
        "Voor een ontvanger is geen grond bekend om deze gegevens te krijgen.",
        "No ground is known for a recipient to receive these data.",
    ),
    remedy=Text(
        "Verstrek niet, of neem eerst een besluit dat deze ontvanger dekt (Wpg 19 of 20). "
        "Is al verstrekt: meld het de ontvanger meteen en laat de gegevens vernietigen (Wpg 4 lid 4).",
        "Do not disclose, or take a decision first that covers this recipient (Wpg 19 or 20). "
        "If it has been disclosed: tell the recipient at once and have the data destroyed (Wpg 4(4)).",
    ),
)
def recipient_without_ground(scene: Scene) -> Finding | None:
    """Wpg 7 and 16-20, Bpg 4:2: each recipient is one to whom these data may go."""
    if not scene.police_data:
        return _outside_covenant(scene)
    without = [i for i in range(len(scene.recipients)) if not has_police_ground(scene, i)]
    if not without:
        return None
    # An unknown party may be one to whom the police must supply: then it is not known, not forbidden.
    known = any(scene.recipients[i] is not None for i in without)
    return scene.found("recipient-without-ground", Outcome.VIOLATION if known else Outcome.GAP)


def _outside_covenant(scene: Scene) -> Finding | None:
    if scene.covenant is None:
        return None
    partners = scene.covenant.partners
    for index, recipient in enumerate(scene.act.recipients):
        if recipient.party not in partners and not _may_come_in(scene, index):
            return scene.found("recipient-without-ground", Outcome.GAP)
    return None


def _may_come_in(scene: Scene, index: int) -> bool:
    """Whether someone who is no partner may receive all the same: the law opens the door, or a decision does."""
    recipient = scene.act.recipients[index]
    if recipient.party == scene.act.controller or scene.letter == _VITAL_INTEREST:
        return True
    if scene.statute is not None and (scene.statute.number, scene.statute.article) in _OPEN_TO_ANY_RECIPIENT:
        return True
    if scene.decision is not None and recipient.party in scene.decision.covers:
        return True
    return _is_own_processor(scene.recipients[index], scene)


def has_police_ground(scene: Scene, index: int) -> bool:
    """Whether police data may go to the recipient at ``index`` on any of the law's grounds."""
    recipient = scene.act.recipients[index].party
    party = scene.recipients[index]
    return (
        recipient == scene.act.controller
        or is_duty_to_supply(scene, index)
        or _decision_covers(scene, recipient)
        or _is_designated(scene, party)
        or _may_pass_on(scene)
        or _is_own_processor(party, scene)
    )


def is_duty_to_supply(scene: Scene, index: int) -> bool:
    """Wpg 15, 16(1)(a)-(b), 20(3): police, prosecutor, burgemeester and WGS partnerships need no decision."""
    party = scene.recipients[index]
    if _is_police(scene.controller) and party is not None and (party.kind in _DUTY_KINDS or party.organ in DUTY_ORGANS):
        return True
    covenant = scene.covenant
    return (
        covenant is not None
        and covenant.covenant.legal_frame == "wgs-zvh"
        and scene.view.day >= _WGS_SUPPLY_FROM
        and scene.act.recipients[index].party in covenant.partners
    )


def _is_police(party: Party | None) -> bool:
    return party is not None and party.kind == "police"


def _decision_covers(scene: Scene, recipient: str) -> bool:
    """Wpg 19, 20(1)-(2): a decision in force fixes which data go to whom, and in which partnership."""
    decision = scene.decision
    if decision is None or decision.kind not in DECISION_KINDS or recipient not in decision.covers:
        return False
    if scene.act.controller != decision.by and scene.act.controller not in decision.covers:
        return False
    if decision.data_categories is not None and not set(scene.act.data_categories) <= set(decision.data_categories):
        return False
    named = scene.act.covenant
    if decision.partnership is None or named is None:
        return True
    return decision.partnership in (named.id, f"{named.id}/{named.annex}")


def _is_designated(scene: Scene, party: Party | None) -> bool:
    """Wpg 18, Bpg 4:2, as far as the sender leans on them and the organ is one of those designated."""
    provision = scene.statute
    if provision is None or party is None or party.organ not in _DESIGNATED_ORGANS:
        return False
    return provision.number == _BPG or (provision.number == _WPG and provision.article == "18")


def _may_pass_on(scene: Scene) -> bool:
    """Wpg 7(2): a receiver whose task requires it, unless the decision forbids onward disclosure (20(2)).

    Its reason is owed per act: when it is lacking, the gap is ``necessity-missing``.
    """
    if _is_police(scene.controller) or not leans_on_receivers_task(scene):
        return False
    return scene.decision is None or _NO_ONWARD not in scene.decision.conditions


def _is_own_processor(party: Party | None, scene: Scene) -> bool:
    return party is not None and party.kind == "processor" and party.processes_for == scene.act.controller
