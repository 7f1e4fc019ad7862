"""Rules of the block basis (grondslag): which letter of the AVG, which statute, and whose."""

from __future__ import annotations

from typing import Final

from services.law.findings import VIOLATION
from services.law.governance import Party
from services.law.grounds import is_covenant, is_own_statute
from services.law.in_force import REGIME_GROUND_PER_PARTY, CovenantInForce
from services.law.register import DayView
from services.law.rules.by import authority, no_authority
from services.law.rules.disclosure import leans_on_open_door
from services.law.rules.recipients import LETTERS_WITH_STATUTE
from services.law.rules.registry import EVERY_CLASS, NOT_DELETE, rule
from services.law.rules.scene import Scene, basis_of
from services.law.rules.under import coercive, ground_per_party, with_incidental_partners
from services.law.statutes import statute
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

_CONSENT = "a"
_LEGITIMATE_INTEREST = "f"
BSN_ACTS: Final = frozenset(
    {
        *("BWBR0034925", "BWBR0035362", "BWBR0049962", "BWBR0022428"),
        *("BWBR0003420", "BWBR0003549", "BWBR0044212", "BWBR0002628"),
    }
)
"""Acts that prescribe or allow the BSN: Jeugdwet 7.2.1, Wmo 5.2.9, WGS 2.29(1), Wabb 10; the acts on education."""


@rule(
    "ground-missing",
    *NOT_DELETE,
    block=Block.BASIS,
    norms=("avg-5-1-a", "avg-6-1-c", "avg-6-1-e", "wpg-3", "wbp-8"),
    requirements=("S2", "S5", "S35"),
    message=Text(
        "De grondslag ontbreekt: de letter van de AVG, of een artikel van een wet die bij die letter hoort en op de "
        "dag van de handeling gold.",
        "The ground is missing: the letter of the AVG, or an article of a statute that this letter needs and that was "
        "in force on the day of the act.",
    ),
    remedy=Text(
        "Noem de letter van artikel 6 lid 1 AVG, en bij c en e ook een artikel van de wet die de taak geeft en op die "
        "dag gold; bij politiegegevens het artikel van de Wpg.",
        "Name the letter of AVG 6(1), and with (c) and (e) also an article of the law in force on that day that gives "
        "the task; for police data the article of the Wpg (legalBasis).",
    ),
)
def ground_missing(scene: Scene) -> Finding | None:
    """AVG 6(1), 6(3): a letter, with (c) and (e) a statute too; outside the AVG the statute is the ground.

    A statute is an article of a law that is in force on the day of the act.
    """
    if scene.statute is not None and (scene.letter is not None or scene.act.data_regime != "AVG"):
        return None
    if scene.act.data_regime == "AVG" and scene.letter is not None and scene.letter not in LETTERS_WITH_STATUTE:
        return None
    return scene.found("ground-missing")


@rule(
    "covenant-not-a-ground",
    *NOT_DELETE,
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("avg-6-1-c", "avg-6-1-e", "wbp-8"),
    requirements=("S21",),
    message=Text(
        "Een convenant is genoemd als grondslag, maar een convenant geeft geen bevoegdheid.",
        "A covenant is named as the ground, but a covenant gives no power.",
    ),
    remedy=Text(
        "Noem als grondslag de wet die deze verantwoordelijke de taak geeft; noem het convenant daarnaast.",
        "Name as ground the statute that gives this controller its task, and the covenant beside it (covenant).",
    ),
)
def covenant_not_a_ground(scene: Scene) -> Finding | None:
    """AVG 6(3): a covenant gives no new powers, so it cannot stand where a letter or statute should."""
    named = scene.statute
    is_text = named is not None and named.number is None and named.regulation is None
    if named is not None and is_text and is_covenant(named.reference, scene.view):
        return scene.found("covenant-not-a-ground", Outcome.VIOLATION)
    basis = scene.act.legal_basis
    if basis is not None and basis.gdpr is not None and scene.letter is None and is_covenant(basis.gdpr, scene.view):
        return scene.found("covenant-not-a-ground", Outcome.VIOLATION)
    return None


@rule(
    "statute-not-of-controller",
    *NOT_DELETE,
    block=Block.BASIS,
    norms=("avg-6-1-e", "gemw-172", "gemw-178-2", "wbp-8"),
    requirements=("S5", "S26"),
    message=Text(
        "De genoemde wet geeft de taak aan een ander orgaan dan deze verantwoordelijke.",
        "The statute named gives the task to another body than this controller.",
    ),
    remedy=Text(
        "Noem de wet die déze verantwoordelijke de taak geeft, of laat het juiste orgaan handelen.",
        "Name the statute that gives THIS controller the task, or let the right body act.",
    ),
)
def statute_not_of_controller(scene: Scene) -> Finding | None:
    """AVG 6(1)(e): the task must be vested in this controller, as Gemeentewet 172 is in the burgemeester."""
    if scene.statute is None or scene.controller is None or scene.statute.belongs_to(scene.controller):
        return None
    return scene.found("statute-not-of-controller")


@rule(
    "own-ground-missing",
    *NOT_DELETE,
    block=Block.BASIS,
    norms=("avg-6-1-c", "avg-6-1-e", "wbp-8"),
    requirements=("S5", "S6", "S18"),
    under=ground_per_party,
    message=Text(
        "Dit convenant vraagt van elke partij een grondslag in haar eigen wet; niet van elke partij is die er.",
        "This covenant asks of each party a ground in its own statute; not every party's is known.",
    ),
    remedy=Text(
        "Noem de eigen wet van de afzender, en bij elke ontvanger de activiteit met haar grondslag.",
        "Name the sender's own statute, and at each recipient the activity with its ground.",
    ),
)
def own_ground_missing(scene: Scene) -> Finding | None:
    """Regime 1: every party, sender and recipients alike, has a ground in its own statute.

    Grounds combine as OR: a vital interest and a right or duty to report need no statute of each party (AVG 6(1)(d),
    Wmo 5.2.6); the ground under which a party joined the covenant is one of its own.
    """
    if scene.covenant is None or scene.covenant.covenant.regime != REGIME_GROUND_PER_PARTY:
        return None
    joined = _joined_on_own_ground(scene.view, scene.covenant)
    if _every_party_has_own_ground(scene, joined) or leans_on_open_door(scene):
        return None
    return scene.found("own-ground-missing")


def _every_party_has_own_ground(scene: Scene, joined: frozenset[str]) -> bool:
    if not _sender_has_own_ground(scene, joined):
        return False
    for index, recipient in enumerate(scene.act.recipients):
        if recipient.party not in joined and not _recipient_has_own_ground(scene, index):
            return False
    return True


def _sender_has_own_ground(scene: Scene, joined: frozenset[str]) -> bool:
    party = scene.controller
    if scene.statute is not None and (party is None or scene.statute.belongs_to(party)):
        return True
    return scene.act.controller in joined


def _joined_on_own_ground(view: DayView, covenant: CovenantInForce) -> frozenset[str]:
    """Who joined the covenant under a known statute of its own, reckoned once."""
    by_covenant = view.made_by(_joined_of_era)
    joined = by_covenant.get(covenant)
    if joined is None:
        joined = by_covenant[covenant] = _compile_joined(view, covenant)
    return joined


def _joined_of_era(view: DayView) -> dict[CovenantInForce, frozenset[str]]:
    """By covenant in force, filled at first use; one for all days on which parties and laws are the same."""
    return view.shared_by(("joined on own ground", view.parties_era, view.laws_out_of_force), dict)


def _compile_joined(view: DayView, covenant: CovenantInForce) -> frozenset[str]:
    return frozenset(
        party
        for party, entry in covenant.taking_part.items()
        if is_own_statute(entry.ground, view, view.parties[party])
    )


def _recipient_has_own_ground(scene: Scene, index: int) -> bool:
    """Whether who did not join so has a statute of its own on record: of the activity named, or with this purpose."""
    recipient = scene.act.recipients[index]
    party = scene.recipients[index]
    if recipient.party == scene.act.controller or (party is not None and party.kind == "processor"):
        return True
    grounded = _own_grounds(scene.view, recipient.party)
    if not grounded:
        return False
    purpose = scene.act.purpose
    if recipient.activity in grounded or (purpose is not None and _for(purpose) in grounded):
        return True
    agreed = scene.covenant.covenant.purpose if scene.covenant is not None else None
    return agreed is not None and _for(agreed) in grounded


def _own_grounds(view: DayView, party_id: str) -> frozenset[str]:
    """What a party has a statute of its own for that day: ids of activities, and purposes told apart by ``_for``."""
    by_party = view.made_by(_own_grounds_of_day)
    found = by_party.get(party_id)
    if found is None:
        found = _compile_own_grounds(view, party_id)
        if found:
            by_party[party_id] = found
    return found


def _own_grounds_of_day(_view: DayView) -> dict[str, frozenset[str]]:
    """By party, filled at first use; a party without any is not kept, so that unknown ids cannot fill the memory."""
    return {}


def _compile_own_grounds(view: DayView, party_id: str) -> frozenset[str]:
    party = view.parties[party_id]
    own: set[str] = set()
    for activity in view.activities_of(party_id):
        basis = basis_of(activity, party_id)
        if basis is not None and is_own_statute(basis.statute, view, party):
            own.add(activity.id)
            if activity.purpose is not None:
                own.add(_for(activity.purpose))
    return frozenset(own)


def _for(purpose: str) -> str:
    """A purpose beside ids of activities; no id holds a line break."""
    return f"\n{purpose}"


@rule(
    "consent-not-free",
    *NOT_DELETE,
    block=Block.BASIS,
    norms=("avg-6-1-a", "wbp-8"),
    requirements=("S53",),
    under=coercive,
    message=Text(
        "Toestemming is hier niet vrij: het convenant zegt dat de aanpak dwingend is.",
        "Consent is not free here: the covenant says that the approach is coercive.",
    ),
    remedy=Text(
        "Noem de taak of plicht waarop de verwerking rust.", "Name the task or duty that the processing rests on."
    ),
)
def consent_not_free(scene: Scene) -> Finding | None:
    """AVG 6(1)(a), 7: consent is not free in an approach whose covenant calls itself coercive."""
    if scene.letter == _CONSENT and scene.covenant is not None and scene.covenant.covenant.coercive:
        return scene.found("consent-not-free")
    return None


@rule(
    "legitimate-interest-of-authority",
    *NOT_DELETE,
    block=Block.BASIS,
    norms=("avg-6-1-f",),
    requirements=("S5",),
    by=authority,
    message=Text(
        "Een overheidsorgaan kan zich in zijn taak niet op een gerechtvaardigd belang beroepen.",
        "A public authority cannot rely on a legitimate interest in its tasks.",
    ),
    remedy=Text(
        "Noem de publieke taak (6(1)(e)) of plicht (6(1)(c)) met de wet.",
        "Name the public task (6(1)(e)) or duty (6(1)(c)) with its statute.",
    ),
)
def legitimate_interest_of_authority(scene: Scene) -> Finding | None:
    """AVG 6(1), last sentence: no legitimate interest for public authorities in their tasks."""
    if scene.letter == _LEGITIMATE_INTEREST and authority(scene.controller):
        return scene.found("legitimate-interest-of-authority")
    return None


@rule(
    "bsn-not-entitled",
    *EVERY_CLASS,
    block=Block.BASIS,
    norms=("uavg-46", "wabb-10", "wbp-24"),
    requirements=("S5", "S30"),
    by=no_authority,
    message=Text(
        "De afzender is geen overheidsorgaan en er is geen wet genoemd die hem het BSN laat gebruiken.",
        "The sender is no public body and no act is named that lets it use the BSN.",
    ),
    remedy=Text(
        "Leg bij de partij de wet vast die haar het BSN voorschrijft, of gebruik een pseudoniem.",
        "Name at the party the act that prescribes the BSN (bsnEntitledUnder), or use a pseudonym.",
    ),
)
def bsn_not_entitled(scene: Scene) -> Finding | None:
    """UAVG 46, Wabb 10: the sender is a public body, or an act prescribes the BSN to it for this activity."""
    party = scene.controller
    if party is None or not no_authority(party):
        return None
    if party.bsn_entitled_under and not _is_activity_elsewhere(scene, party):
        return None
    return scene.found_for("bsn-not-entitled", lambda person: person.id_type == "BSN")


def _is_activity_elsewhere(scene: Scene, party: Party) -> bool:
    """Whether the activity named rests on an act that neither prescribes the BSN nor is one that entitles the party."""
    basis = basis_of(scene.activity, party.id)
    if basis is None or basis.statute is None:
        return False
    number = statute(basis.statute).number
    if number is None or number in BSN_ACTS:
        return False
    return number not in {statute(text).number for text in party.bsn_entitled_under}


@rule(
    "incidental-ground-unfit",
    "share",
    block=Block.BASIS,
    norms=("avg-6-1-c", "avg-6-1-e", "wgs-2-31-9", "wbp-8"),
    requirements=("S18",),
    under=with_incidental_partners,
    message=Text(
        "Een ontvanger doet incidenteel mee op een grond die niet de zijne is, of die geen wet is.",
        "A recipient takes part incidentally on a ground that is not its own, or that is no statute.",
    ),
    remedy=Text(
        "Leg bij de incidentele partner de eigen wet vast waarop hij de gegevens krijgt.",
        "Record at the incidental partner its own statute under which it receives the data.",
    ),
)
def incidental_ground_unfit(scene: Scene) -> Finding | None:
    """AVG 6(1)(e), WGS 2.31(9): who joins for one case does so on a ground of its own, when it states one."""
    covenant = scene.covenant
    if covenant is None or not covenant.incidental:
        return None
    joined = _joined_on_own_ground(scene.view, covenant)
    for recipient in scene.act.recipients:
        if recipient.party not in covenant.incidental or covenant.taking_part[recipient.party].ground is None:
            continue
        if recipient.party not in joined:
            return scene.found("incidental-ground-unfit")
    return None
