"""The rule on who may receive: police data need a ground per recipient, other data a place at the table.

Grounds combine as OR (Wpg 16, 18, 19 or 20; WGS 1.5; a report that the law leaves to anyone).
Being outside a covenant forbids nothing: under the AVG it is a gap, never a violation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.law.findings import EITHER
from services.law.governance import Party
from services.law.regimes import OWN_TASK_REGIMES
from services.law.rules.conditions import forbids_onward, forbids_special
from services.law.rules.necessity import leans_on_receivers_task
from services.law.rules.recipients import has_named_ground, is_another, is_own_processor, is_under_wgs, participates
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.sensitive_categories import special_kinds_of
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
_PROSECUTOR: Final = "officier-van-justitie"
_VEILIG_THUIS: Final = "veilig-thuis"
_YOUTH_CARE_BODY: Final = "gecertificeerde-instelling"
_REPORTS_OF_OFFENCES: Final = frozenset({("BWBR0001903", "161"), ("BWBR0001903", "162")})
_REPORT_OF_VIOLENCE: Final = ("BWBR0035362", "5.2.6")
_SUPERVISION_ORDER: Final = ("BWBR0034925", "7.3.11")
_OPEN_DOORS: Final = frozenset({*_REPORTS_OF_OFFENCES, _REPORT_OF_VIOLENCE, _SUPERVISION_ORDER})
_POLICE_DUTIES: Final[dict[str, tuple[str, ...]]] = {
    "burgemeester": ("wpg-16-1-b",),
    "judicial": ("wpg-16-1-a",),
    "officier-van-justitie": ("wpg-16-1-a",),
    "police": ("wpg-15",),
}
"""To whom the police supply police data by duty: by organ, else by kind of party."""
_GROUNDS_OF_POLICE: Final = ("wpg-18-1", "wpg-19", "wpg-20-1")
_GROUNDS_OF_RECEIVER: Final = ("wpg-7-2",)
_PARAGRAPHS_THAT_CLOSE: Final = {_SUPERVISION_ORDER: ("1", "2")}
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
        "avg-6-1-e",
        "wbp-8",
    ),
    requirements=("S9", "S17", "S49"),
    message=Text(
        "Van een ontvanger is niet bekend op welke grond hij deze gegevens mag krijgen.",
        "It is not known of a recipient on what ground it may receive these data.",
    ),
    remedy=Text(
        "Leg vast op welke eigen wet de ontvanger ze mag krijgen, of welk besluit dat regelt; dat hij geen partner "
        "van het convenant is, verbiedt het niet. Alleen politiegegevens verstrekt u niet zonder besluit dat hem dekt "
        "(Wpg 19 of 20), en kreeg u ze zelf, alleen als uw taak het vraagt (Wpg 7 lid 2); is het al gebeurd, meld het "
        "hem dan meteen en laat ze vernietigen (Wpg 4 lid 4).",
        "Record under which statute of its own the recipient may receive them, or which decision settles it; that it "
        "is no partner of the covenant does not forbid it. Only police data you do not disclose without a decision "
        "that covers it (Wpg 19 or 20), and if you received them, only when your task requires it (Wpg 7(2)); if it "
        "has happened, tell it at once and have them destroyed (Wpg 4(4)).",
    ),
)
def recipient_without_ground(scene: Scene) -> Finding | None:
    """Wpg 7 and 16-20, Bpg 4:2: each recipient is one to whom these data may go."""
    if not scene.police_data:
        return _outside_covenant(scene)
    without = [i for i in range(len(scene.recipients)) if not has_police_ground(scene, i)]
    if not without:
        return None
    forbidden = any(_is_known_or_planned(scene, i) for i in without)
    return scene.found("recipient-without-ground", Outcome.VIOLATION if forbidden else Outcome.GAP)


def is_refused_police_data(scene: Scene, index: int) -> bool:
    """Whether police data may not go to the recipient at ``index``, and that is no mere gap."""
    return scene.police_data and _is_known_or_planned(scene, index) and not has_police_ground(scene, index)


def _is_known_or_planned(scene: Scene, index: int) -> bool:
    """Whether the lack of a ground is known: of a party that nobody registered it is not, once it has happened.

    It may be one to whom the police must supply. But nobody plans to send police data to a body that nobody knows.
    """
    return scene.recipients[index] is not None or scene.act.tense == "intent"


def grounds_open_to(sender: Party | None) -> tuple[str, ...]:
    """The norms on which this sender could supply police data: Wpg 18-20 are powers of the police alone.

    Whoever else has them received them, and passes them on when its task requires it (Wpg 7(2)).
    """
    return _GROUNDS_OF_POLICE if _is_police(sender) else _GROUNDS_OF_RECEIVER


def _outside_covenant(scene: Scene) -> Finding | None:
    if scene.covenant is None:
        return None
    partners = scene.covenant.partners
    for index, recipient in enumerate(scene.act.recipients):
        if recipient.party not in partners and not _may_come_in(scene, index):
            return scene.found("recipient-without-ground", Outcome.GAP)
    return None


def _may_come_in(scene: Scene, index: int) -> bool:
    """Whether someone who is no partner may receive all the same: by law, by decision, or on a ground of its own."""
    recipient = scene.act.recipients[index]
    if recipient.party == scene.act.controller or leans_on_open_door(scene) or has_named_ground(scene, index):
        return True
    if scene.decision is not None and recipient.party in scene.decision.covers:
        return True
    return is_own_processor(scene.recipients[index], scene)


def leans_on_open_door(scene: Scene) -> bool:
    """Whether the law itself lets anyone tell: a vital interest, or a right or duty to report."""
    if scene.letter == _VITAL_INTEREST:
        return True
    provision = scene.statute
    if provision is None or provision.key not in _OPEN_DOORS:
        return False
    return provision.paragraph not in _PARAGRAPHS_THAT_CLOSE.get(provision.key, ())


def has_police_ground(scene: Scene, index: int) -> bool:
    """Whether police data may go to the recipient at ``index`` on any of the law's grounds."""
    recipient = scene.act.recipients[index].party
    party = scene.recipients[index]
    return (
        recipient == scene.act.controller
        or is_duty_to_supply(scene, index)
        or _sits_at_wgs_table(scene, recipient)
        or _decision_covers(scene, recipient)
        or _is_designated(scene, party)
        or _may_pass_on(scene)
        or is_own_processor(party, scene)
        or _investigates(scene, party)
        or _may_be_told(scene, party)
    )


def _investigates(scene: Scene, party: Party | None) -> bool:
    """Whether it is the police, or the prosecutor for a report of the sender's own.

    Wpg 7(2) and 20(2) keep police data from others than the police, who gave them. What investigating officers of
    other bodies report is for the prosecutor as what the police report is (Wpg 16(1)(a)); what a body received
    (Wpg-20) it keeps secret from the prosecutor too.
    """
    if party is None:
        return False
    if _is_police(party):
        return True
    return _prosecutes(party) and scene.act.data_regime in OWN_TASK_REGIMES


def _prosecutes(party: Party) -> bool:
    return party.kind == "judicial" or party.organ == _PROSECUTOR


def _may_be_told(scene: Scene, party: Party | None) -> bool:
    """Whether the law itself lets anyone tell this recipient, secrecy or not; ``leans_on_open_door`` asks not whom.

    A vital interest is told to whoever can serve it, an offence to police and prosecutor (Sv 161, 162), violence at
    home to Veilig Thuis (Wmo 5.2.6), and under a supervision order the youth-care body hears it (Jeugdwet 7.3.11(4)).
    """
    if scene.letter == _VITAL_INTEREST:
        return True
    provision = scene.statute
    if provision is None or party is None:
        return False
    if provision.key in _REPORTS_OF_OFFENCES:
        return _prosecutes(party) or _is_police(party)
    if provision.key == _REPORT_OF_VIOLENCE:
        return party.organ == _VEILIG_THUIS
    return _is_asked_for_supervision(scene, party)


def is_duty_to_supply(scene: Scene, index: int) -> bool:
    """Wpg 15, 16(1)(a)-(b), 20(3), WGS 1.5(1): police, prosecutor, burgemeester and WGS partnerships need no decision.

    Between participants only: who attends incidentally neither owes nor is owed, but may be told (WGS 2.31(9)).
    """
    party = scene.recipients[index]
    if _is_police(scene.controller) and party is not None and (party.kind in _DUTY_KINDS or party.organ in DUTY_ORGANS):
        return True
    return is_under_wgs(scene) and _are_participants(scene, index)


def _sits_at_wgs_table(scene: Scene, recipient: str) -> bool:
    """WGS 2.31(9): whoever attends for one case may have what it needs, of a participant or the police (Wpg 20(3))."""
    covenant = scene.covenant
    if covenant is None or recipient not in covenant.partners or not is_under_wgs(scene):
        return False
    return _is_police(scene.controller) or participates(scene, scene.act.controller)


def duties_to_supply(scene: Scene, index: int) -> tuple[str, ...]:
    """The norms in force that day that oblige the sender to share with the recipient at ``index``; none: ``()``."""
    if not is_another(scene, index):
        return ()
    return scene.view.in_force(tuple(_duties(scene, index)))


def _duties(scene: Scene, index: int) -> Iterator[str]:
    party = scene.recipients[index]
    if scene.police_data and _is_police(scene.controller) and party is not None:
        yield from _POLICE_DUTIES.get(party.organ or "", _POLICE_DUTIES.get(party.kind, ()))
    if is_under_wgs(scene) and _are_participants(scene, index):
        yield "wpg-20-3" if scene.police_data and _is_police(scene.controller) else "wgs-1-5-1"
    if _is_asked_for_supervision(scene, party):
        yield "jw-7-3-11-4"


def _is_asked_for_supervision(scene: Scene, party: Party | None) -> bool:
    """Jeugdwet 7.3.11(4): under a supervision order the youth-care body is told, secrecy or not."""
    provision = scene.statute
    if provision is None or provision.key != _SUPERVISION_ORDER or provision.paragraph not in (None, "4"):
        return False
    return party is not None and party.organ == _YOUTH_CARE_BODY


def _are_participants(scene: Scene, index: int) -> bool:
    return participates(scene, scene.act.controller) and participates(scene, scene.act.recipients[index].party)


def _is_police(party: Party | None) -> bool:
    return party is not None and party.kind == "police"


def _decision_covers(scene: Scene, recipient: str) -> bool:
    """Wpg 19, 20(1)-(2): a decision in force fixes which data go to whom, in which partnership, on which conditions."""
    decision = scene.decision
    if decision is None or decision.kind not in DECISION_KINDS or recipient not in decision.covers:
        return False
    if scene.act.controller != decision.by and scene.act.controller not in decision.covers:
        return False
    if decision.data_categories is not None and not set(scene.act.data_categories) <= set(decision.data_categories):
        return False
    if forbids_special(decision.conditions) and special_kinds_of(scene.act.data_categories):
        return False
    return decision.partnership is None or _is_within(scene, decision.partnership)


def _is_within(scene: Scene, partnership: str) -> bool:
    """Whether the covenant named, or an umbrella over it, is the partnership of a decision, and the annex is its annex.

    What the act leaves out is not known to differ: no covenant fits any, no annex fits any annex of its covenant. Nor
    is a covenant that was never registered: under what it stands nobody knows.
    """
    named = scene.act.covenant
    if named is None or not scene.view.knows_covenant(named.id):
        return True
    for covenant in (named.id, *scene.view.umbrellas_over(scene.covenant)):
        if partnership in (covenant, f"{covenant}/{named.annex}"):
            return True
        if named.annex is None and partnership.startswith(f"{covenant}/"):
            return True
    return False


def _is_designated(scene: Scene, party: Party | None) -> bool:
    """Wpg 18, Bpg 4:2, as far as the sender leans on them and the organ is one of those designated.

    Bpg 4:2 opens data of the daily task and of support tasks (Wpg 8, 13), not those of an investigation (Wpg 9).
    """
    provision = scene.statute
    if provision is None or party is None or party.organ not in _DESIGNATED_ORGANS:
        return False
    if provision.key == (_BPG, "4:2"):
        return scene.act.data_regime != "Wpg-9"
    return provision.number == _BPG or provision.key == (_WPG, "18")


def _may_pass_on(scene: Scene) -> bool:
    """Wpg 7(2): a receiver whose task requires it, unless the decision forbids onward disclosure (20(2)).

    Its reason is owed per act: when it is lacking, the gap is ``necessity-missing``.
    """
    if _is_police(scene.controller) or not leans_on_receivers_task(scene):
        return False
    return scene.decision is None or not forbids_onward(scene.decision.conditions)
