"""Rules of the block care (zorgvuldigheid): sources, processors, terms, the register and the archive."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec

from services.law.act import Act, Subject
from services.law.context import PastAct, SubjectFacts
from services.law.findings import EITHER
from services.law.governance import Party
from services.law.inform import InformDuty, inform_duties, overdue
from services.law.periods import is_calendar_period
from services.law.retention import holding_terms
from services.law.rules.registry import EVERY_CLASS, NOT_DELETE, rule
from services.law.rules.scene import Scene
from services.law.rules.under import some_covenant
from services.law.rules.when import with_source
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome, worst

LATE_AFTER: Final = timedelta(hours=72)
SELECTION_RESULT: Final = "selection-result"


@rule(
    "source-not-party",
    *NOT_DELETE,
    block=Block.CARE,
    norms=("avg-5-1-a", "avg-15-1", "awb-2-5", "wbp-6", "wbp-35"),
    requirements=("S17",),
    when=with_source,
    message=Text(
        "De gegevens komen van een partij die geen partner van het convenant is.",
        "The data come from a party that is no partner of the covenant.",
    ),
    remedy=Text(
        "Leg vast op welke grond die partij mocht verstrekken; dat zij geen partner is, verbiedt het niet.",
        "Record on what ground that party could disclose; not being a partner does not forbid it.",
    ),
)
def source_not_party(scene: Scene) -> Finding | None:
    """AVG 15(1)(g): data from outside the covenant are told apart; the party may well have had a ground."""
    source = scene.act.source
    if source is None or source.party is None or scene.covenant is None or source.party == scene.act.controller:
        return None
    return None if source.party in scene.covenant.partners else scene.found("source-not-party")


@rule(
    "source-missing",
    "collect",
    block=Block.CARE,
    norms=("avg-15-1", "wbp-35"),
    requirements=("S44",),
    when=with_source,
    message=Text(
        "Een open bron is gebruikt zonder vindplaats of zonder moment van vastlegging.",
        "An open source was used without its address or the moment of capture.",
    ),
    remedy=Text("Noem het adres van de bron en het moment waarop u keek.", "Fill in source.url and source.capturedAt."),
)
def source_missing(scene: Scene) -> Finding | None:
    """AVG 15(1)(g): an open source is named by its address and the moment of capture."""
    source = scene.act.source
    if source is None or source.kind != "open-source" or (source.url and source.captured_at):
        return None
    return scene.found("source-missing")


@rule(
    "processor-contract-missing",
    *EVERY_CLASS,
    block=Block.CARE,
    severities=EITHER,
    norms=("avg-28-3", "wpg-6c", "wbp-14"),
    requirements=("S31",),
    message=Text(
        "Van deze verwerker is geen geldende overeenkomst met de verantwoordelijke bekend.",
        "No contract in force between this processor and the controller is known.",
    ),
    remedy=Text(
        "Sluit de overeenkomst, of leg haar vast bij de partij; laat de verwerker tot dan niets doen.",
        "Conclude the contract, or record it at the party; let the processor do nothing until then.",
    ),
)
def processor_contract_missing(scene: Scene) -> Finding | None:
    """AVG 28(3), Wpg 6c: a processor, acting or receiving, has a contract with the controller on that day."""
    outcomes: list[Outcome] = []
    for party in scene.recipients:
        if party is not None and party.kind == "processor" and _may_process_for(party, scene):
            outcomes.append(_contract_outcome(party, scene))  # noqa: PERF401 - most have none, and a list costs more
    if scene.act.processor is not None:
        outcomes.append(_contract_outcome(scene.view.parties[scene.act.processor], scene))
    if not outcomes:
        return None
    outcome = worst(outcomes)
    return None if outcome is Outcome.COMPLIANT else scene.found("processor-contract-missing", outcome)


def lacks_processor_contract(scene: Scene, index: int) -> bool:
    """Whether the lack stands against the recipient at ``index``: of the contract with it, or with whoever acts."""
    acting = scene.act.processor
    if acting is not None and _contract_outcome(scene.view.parties[acting], scene) is Outcome.VIOLATION:
        return True
    party = scene.recipients[index]
    if party is None or party.kind != "processor" or not _may_process_for(party, scene):
        return False
    return _contract_outcome(party, scene) is Outcome.VIOLATION


def _may_process_for(processor: Party, scene: Scene) -> bool:
    """Whether it processes for the controller, or nobody has said for whom: its contract is asked for all the same."""
    return processor.processes_for in (None, scene.act.controller)


def _contract_outcome(processor: Party | None, scene: Scene) -> Outcome:
    """Stated absence or expiry is a violation; what was left out, or is with another controller, is not known."""
    if processor is None or not _may_process_for(processor, scene):
        return Outcome.GAP
    contract = processor.contract
    if isinstance(contract, msgspec.UnsetType):
        return Outcome.GAP
    if contract is None or not _holds(contract.from_, contract.until, scene.view.day):
        return Outcome.VIOLATION
    return Outcome.COMPLIANT


def _holds(begins: date | None, ends: date | None, day: date) -> bool:
    return (begins is None or begins <= day) and (ends is None or day <= ends)


@rule(
    "late-entry",
    *EVERY_CLASS,
    block=Block.CARE,
    norms=("avg-5-1-d", "avg-5-2", "wpg-32a", "wbp-11", "wbp-15"),
    requirements=("S46",),
    message=Text("De handeling is meer dan 72 uur later vastgelegd.", "The act was recorded more than 72 hours later."),
    remedy=Text(
        "Leg handelingen vast wanneer ze gebeuren; wie tussendoor keek, zag deze niet.",
        "Record acts when they happen; whoever looked in between did not see this one.",
    ),
)
def late_entry(scene: Scene) -> Finding | None:
    """AVG 5(2), Wpg 32a: a fact is recorded within 72 hours; later is welcome, and seen to be later."""
    if scene.context.now - scene.act.occurred_at <= LATE_AFTER or scene.act.tense != "fact":
        return None
    return scene.found("late-entry")


@rule(
    "archive-result-missing",
    "delete",
    block=Block.CARE,
    norms=("aw-3", "aw-5", "ab-8"),
    requirements=("S37", "S77"),
    message=Text(
        "Een overheidsorgaan vernietigt alleen volgens een selectielijst; het resultaat is niet genoemd.",
        "A public body destroys only under a selection list; its result is not named.",
    ),
    remedy=Text(
        "Leg het resultaat van de selectielijst vast als besluit, noem dat besluit en verklaar de vernietiging.",
        "Register the selection result as a decision, name it in decisionId and declare the destruction.",
    ),
)
def archive_result_missing(scene: Scene) -> Finding | None:
    """Archiefwet 3 and 5: a public body destroys only what a selection list lets go."""
    if scene.controller is None or scene.controller.kind != "public-body":
        return None
    if scene.decision is not None and scene.decision.kind == SELECTION_RESULT:
        return None
    return scene.found("archive-result-missing")


@rule(
    "inform-overdue",
    "delete",
    block=Block.CARE,
    norms=("avg-13", "avg-14-3-a", "avg-14-3-c", "wbp-33", "wbp-34"),
    requirements=("S54", "S58"),
    message=Text(
        "De gegevens worden gewist terwijl de persoon nog geïnformeerd had moeten worden.",
        "The data are deleted while the person should have been told before.",
    ),
    remedy=Text(
        "Informeer de persoon eerst, of neem voor hem een besluit om dat niet te doen.",
        "Tell the person first, or decide for this person not to.",
    ),
)
def inform_overdue(scene: Scene) -> Finding | None:
    """AVG 13, 14: inform before erasing; a duty missed does not fall away by it."""
    return scene.found_for("inform-overdue", lambda person: _is_untold(scene, person))


def _is_untold(scene: Scene, subject: Subject) -> bool:
    facts = scene.facts_of(subject)
    if facts is None:
        return False
    act = scene.act
    return any(
        overdue(duty, facts, act.occurred_at)
        for duty in inform_duties(facts, scene.context.register, act.occurred_at)
        if _is_concerned(act, duty, facts)
    )


def _is_concerned(act: Act, duty: InformDuty, facts: SubjectFacts) -> bool:
    """Whether the duty is one of the deleting party, or of the table named where it had the data.

    A stranger is told nothing of the person.
    """
    named = act.covenant
    if named is not None and (named.id, named.annex) != (duty.covenant, duty.annex):
        return False
    if act.controller == duty.party or act.controller in duty.controllers:
        return True
    return named is not None and any(_took_part(act, past) for past in facts.acts)


def _took_part(act: Act, past: PastAct) -> bool:
    """Whether the deleting party got the person's data at the table named: police then owe no telling themselves."""
    named = act.covenant
    if named is None or (named.id, named.annex) != (past.covenant, past.annex) or past.occurred_at > act.occurred_at:
        return False
    return act.controller == past.controller or act.controller in past.recipients


@rule(
    "retention-unknown",
    "collect",
    "use",
    "share",
    "alter",
    block=Block.CARE,
    norms=("avg-5-1-e", "wbp-10"),
    requirements=("S35", "S76"),
    message=Text(
        "Geen regel zegt tot wanneer deze gegevens bewaard mogen worden.",
        "No rule says until when these data may be held.",
    ),
    remedy=Text(
        "Noem een bewaartermijn, of het convenant met de fase waarvoor de bijlage een termijn geeft.",
        "Fill in retention, or name the covenant with the phase for which its annex gives a term.",
    ),
)
def retention_unknown(scene: Scene) -> Finding | None:
    """AVG 5(1)(e): the act, its annex and phase, its activity or Wpg 8 says until when the data may be held."""
    annex = scene.annex
    if annex is not None and is_calendar_period(annex.terms.get(scene.act.phase or "")):
        return None
    if scene.operation_class == "share" and not scene.recipients:
        return None
    return None if any(True for _ in holding_terms(scene.act, scene.view)) else scene.found("retention-unknown")


@rule(
    "register-unknown",
    *EVERY_CLASS,
    block=Block.CARE,
    norms=("avg-5-2", "avg-30", "wbp-6", "wbp-15"),
    requirements=("S3", "S23"),
    message=Text(
        "De handeling noemt iets dat op die dag niet in het register staat: "
        "een partij, convenant, bijlage, activiteit of besluit.",
        "The act names something that is not in the register on that day: "
        "a party, covenant, annex, activity or decision.",
    ),
    remedy=Text(
        "Registreer het met zijn geldigheid, of verbeter de verwijzing.",
        "Register it with its validity, or correct the reference.",
    ),
)
def register_unknown(scene: Scene) -> Finding | None:
    """AVG 5(2), 30: what the act names was in the register on that day."""
    act, named = scene.act, scene.act.covenant
    unknown = (
        scene.controller is None
        or (named is not None and (scene.covenant is None or (scene.annex is None and named.annex is not None)))
        or (act.activity is not None and scene.activity is None)
        or (act.decision_id is not None and scene.decision is None)
        or (act.processor is not None and scene.view.parties[act.processor] is None)
        or _is_recipient_unknown(scene)
    )
    return scene.found("register-unknown") if unknown else None


def _is_recipient_unknown(scene: Scene) -> bool:
    """Whether a receiving party, or the activity that it is given the data for, is not in the register."""
    for party in scene.recipients:
        if party is None:
            return True
    for recipient in scene.act.recipients:
        if recipient.activity is not None and scene.view.activities[recipient.activity] is None:
            return True
    return False


@rule(
    "controller-not-partner",
    *NOT_DELETE,
    block=Block.CARE,
    norms=("avg-26-1", "wbp-6"),
    requirements=("S17", "S18"),
    under=some_covenant,
    message=Text(
        "De verantwoordelijke was op die dag geen partner van het genoemde convenant.",
        "The controller was no partner of the named covenant on that day.",
    ),
    remedy=Text(
        "Leg de toetreding met haar data vast, of reken de handeling niet onder dit convenant.",
        "Record the accession with its dates, or do not book the act under this covenant.",
    ),
)
def controller_not_partner(scene: Scene) -> Finding | None:
    """AVG 26(1): the arrangement binds those who joined it, from and until their dates."""
    if scene.covenant is None or scene.act.controller in scene.covenant.partners:
        return None
    return scene.found("controller-not-partner")
