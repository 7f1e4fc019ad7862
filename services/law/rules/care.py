"""Rules of the block care (zorgvuldigheid): sources, processors, terms, the register and the archive."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec

from services.law.act import Subject
from services.law.governance import Party
from services.law.inform import inform_duties, overdue
from services.law.periods import is_calendar_period
from services.law.retention import holding_terms
from services.law.rules.registry import EVERY_CLASS, NOT_DELETE, rule
from services.law.rules.scene import Scene
from services.law.verdict import Finding, Outcome, worst

LATE_AFTER: Final = timedelta(hours=72)
SELECTION_RESULT: Final = "selection-result"


@rule("source-not-party", *NOT_DELETE)
def source_not_party(scene: Scene) -> Finding | None:
    """AVG 15(1)(g): data from outside the covenant are told apart; the party may well have had a ground."""
    source = scene.act.source
    if source is None or source.party is None or scene.covenant is None or source.party == scene.act.controller:
        return None
    return None if source.party in scene.covenant.partners else scene.found("source-not-party")


@rule("source-missing", "collect")
def source_missing(scene: Scene) -> Finding | None:
    """AVG 15(1)(g): an open source is named by its address and the moment of capture."""
    source = scene.act.source
    if source is None or source.kind != "open-source" or (source.url and source.captured_at):
        return None
    return scene.found("source-missing")


@rule("processor-contract-missing", *EVERY_CLASS)
def processor_contract_missing(scene: Scene) -> Finding | None:
    """AVG 28(3), Wpg 6c: a processor, acting or receiving, has a contract with the controller on that day."""
    outcome = Outcome.COMPLIANT
    if scene.act.processor is not None:
        outcome = _contract_outcome(scene.view.parties[scene.act.processor], scene)
    for party in scene.recipients:
        if party is not None and party.kind == "processor" and party.processes_for == scene.act.controller:
            outcome = worst((outcome, _contract_outcome(party, scene)))
    return None if outcome is Outcome.COMPLIANT else scene.found("processor-contract-missing", outcome)


def _contract_outcome(processor: Party | None, scene: Scene) -> Outcome:
    """Stated absence or expiry is a violation; what was left out, or is with another controller, is not known."""
    if processor is None or processor.processes_for not in (None, scene.act.controller):
        return Outcome.GAP
    contract = processor.contract
    if isinstance(contract, msgspec.UnsetType):
        return Outcome.GAP
    if contract is None or not _holds(contract.from_, contract.until, scene.view.day):
        return Outcome.VIOLATION
    return Outcome.COMPLIANT


def _holds(begins: date | None, ends: date | None, day: date) -> bool:
    return (begins is None or begins <= day) and (ends is None or day <= ends)


@rule("late-entry", *EVERY_CLASS)
def late_entry(scene: Scene) -> Finding | None:
    """AVG 5(2), Wpg 32a: a fact is recorded within 72 hours; later is welcome, and seen to be later."""
    if scene.context.now - scene.act.occurred_at <= LATE_AFTER or scene.act.tense != "fact":
        return None
    return scene.found("late-entry")


@rule("archive-result-missing", "delete")
def archive_result_missing(scene: Scene) -> Finding | None:
    """Archiefwet 3 and 5: a public body destroys only what a selection list lets go."""
    if scene.controller is None or scene.controller.kind != "public-body":
        return None
    if scene.decision is not None and scene.decision.kind == SELECTION_RESULT:
        return None
    return scene.found("archive-result-missing")


@rule("inform-overdue", "delete")
def inform_overdue(scene: Scene) -> Finding | None:
    """AVG 13, 14: inform before erasing; a duty missed does not fall away by it."""
    return scene.found_for("inform-overdue", lambda person: _is_untold(scene, person))


def _is_untold(scene: Scene, subject: Subject) -> bool:
    facts = scene.facts_of(subject)
    if facts is None:
        return False
    act = scene.act
    named = (act.covenant.id, act.covenant.annex) if act.covenant is not None else None
    return any(
        overdue(duty, facts, act.occurred_at)
        for duty in inform_duties(facts, scene.context.register, act.occurred_at)
        if (named == (duty.covenant, duty.annex) if named is not None else act.controller in duty.controllers)
    )


@rule("retention-unknown", "collect", "use", "share", "alter")
def retention_unknown(scene: Scene) -> Finding | None:
    """AVG 5(1)(e): the act, its annex and phase, its activity or Wpg 8 says until when the data may be held."""
    annex = scene.annex
    if annex is not None and is_calendar_period(annex.terms.get(scene.act.phase or "")):
        return None
    if scene.operation_class == "share" and not scene.recipients:
        return None
    return None if any(True for _ in holding_terms(scene.act, scene.view)) else scene.found("retention-unknown")


@rule("register-unknown", *EVERY_CLASS)
def register_unknown(scene: Scene) -> Finding | None:
    """AVG 5(2), 30: what the act names was in the register on that day."""
    act = scene.act
    unknown = (
        scene.controller is None
        or (act.covenant is not None and _is_unknown_covenant(scene))
        or (act.activity is not None and scene.activity is None)
        or (act.decision_id is not None and scene.decision is None)
        or (act.processor is not None and scene.view.parties[act.processor] is None)
        or _is_recipient_unknown(scene)
    )
    return scene.found("register-unknown") if unknown else None


def _is_recipient_unknown(scene: Scene) -> bool:
    for party in scene.recipients:
        if party is None:
            return True
    for recipient in scene.act.recipients:
        if recipient.activity is not None and scene.view.activities[recipient.activity] is None:
            return True
    return False


def _is_unknown_covenant(scene: Scene) -> bool:
    named = scene.act.covenant
    return scene.covenant is None or (named is not None and named.annex is not None and scene.annex is None)


@rule("controller-not-partner", *NOT_DELETE)
def controller_not_partner(scene: Scene) -> Finding | None:
    """AVG 26(1): the arrangement binds those who joined it, from and until their dates."""
    if scene.covenant is None or scene.act.controller in scene.covenant.partners:
        return None
    return scene.found("controller-not-partner")
