"""From an act, a notice or an exemption to the clear envelope and the sealed content of each of its events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from services.law.act import Act, Exemption, Notice, NoticeElement, Subject
from services.law.judgement import RULE_SET_VERSION
from services.law.operations import CLASS_BY_VERB, operation_class
from services.law.statutes import normalise_statute
from services.ledger.contract.events import Content, Envelope, UnknownSubject
from services.ledger.domain.identity import span_id_of

NO_GROUND: Final = (None, None, None, None)


class OperationFrame(msgspec.Struct, frozen=True, gc=False):
    """What all events of one operation share; ``laws_out_of_force``: those that did not hold on the day of the act."""

    operation_id: UUID
    key: str
    author: str
    recorded_at: datetime
    count: int
    outcome: str
    register_position: int
    covenant_version: int | None
    activity_version: int | None
    holding_ends: date | None
    record_ends: date
    list_index: str | None
    case_index: str | None
    scope: str
    term_rule: str | None = None
    terms_lost: tuple[str, ...] = ()
    laws_out_of_force: frozenset[str] = frozenset()


class EventPart(msgspec.Struct, frozen=True, gc=False):
    """What differs between the events of one operation."""

    index: int
    event_id: UUID
    subject: Subject | None
    outcome: str
    findings: tuple[str, ...]
    generation: int | None
    facts_position: int | None
    unknown: tuple[UnknownSubject, ...] = ()
    duties: tuple[str, ...] = ()


def envelope_of_act(act: Act, frame: OperationFrame, part: EventPart) -> Envelope:
    """The clear part of one event of an act."""
    basis, covenant, source, subject = act.legal_basis, act.covenant, act.source, part.subject
    gdpr, article9, article10, statute = (
        NO_GROUND if basis is None else (basis.gdpr, basis.article9, basis.article10, basis.statute)
    )
    several = frame.count > 1
    level = act.confidentiality
    trace_id, list_reference = act.trace_id, act.list
    # In the order of the envelope: this runs for every event, and names cost six times what values do.
    return Envelope(
        frame.operation_id,
        frame.key,
        frame.author,
        frame.recorded_at,
        act.occurred_at,
        part.index,
        frame.count,
        act.tense,
        act.operation,
        CLASS_BY_VERB.get(act.operation) or operation_class(act.operation, act.operation_class),
        act.status,
        act.ended_at,
        act.controller,
        act.processor,
        tuple([recipient.party for recipient in act.recipients]),
        act.data_categories,
        act.data_regime,
        None if source is None else source.kind,
        None if source is None else source.party,
        act.activity,
        frame.activity_version,
        act.purpose,
        gdpr,
        article9,
        article10,
        None if statute is None else normalise_statute(statute, frame.laws_out_of_force),
        act.decision_id,
        None if covenant is None else covenant.id,
        None if covenant is None else covenant.annex,
        frame.covenant_version,
        act.phase,
        None if list_reference is None else list_reference.kind,
        frame.list_index,
        frame.case_index,
        None if level is None else level.level,
        None if level is None else level.review_on,
        None if subject is None else subject.status,
        None,
        None if trace_id is None else trace_id.lower(),
        span_id_of(part.event_id) if several else act.span_id,
        act.span_id or act.parent_span_id if several else act.parent_span_id,
        act.intent_id,
        act.confirms,
        frame.holding_ends,
        frame.record_ends,
        frame.scope,
        part.generation,
        part.outcome,
        part.findings,
        frame.outcome,
        frame.register_position,
        part.facts_position,
        RULE_SET_VERSION,
        unknown=part.unknown,
        duties=part.duties,
        term_rule=frame.term_rule,
        terms_lost=frame.terms_lost,
    )


def content_of_act(act: Act, subject: Subject | None) -> Content:
    """What of the act only a key opens; the recipients only when one of them has a case or activity of its own."""
    recipients = act.recipients
    spoken = False
    for recipient in recipients:
        spoken = spoken or recipient.case_id is not None or recipient.activity is not None
    # In the order of the content, as above.
    return Content(
        subject,
        act.name,
        act.description,
        act.criteria,
        act.source,
        act.necessity,
        recipients if spoken else (),
        None,
        None,
        act.list,
        act.place,
        act.case_id,
        act.confidentiality,
        act.retention,
        act.record_retention,
        act.actor,
        act.system,
        act.reference,
        justification=act.justification,
    )


def envelope_of_notice(notice: Notice, frame: OperationFrame, part: EventPart) -> Envelope:
    """The clear part of one event of a notice."""
    covenant = notice.covenant
    return Envelope(
        operation_id=frame.operation_id,
        key=frame.key,
        author=frame.author,
        recorded_at=frame.recorded_at,
        occurred_at=notice.given_at,
        index=part.index,
        count=frame.count,
        controller=notice.controller,
        covenant=None if covenant is None else covenant.id,
        annex=None if covenant is None else covenant.annex,
        covenant_version=frame.covenant_version,
        form=notice.form,
        elements=NoticeElement.ALL if notice.elements == "all" else notice.elements,
        addressee=notice.addressee,
        requested_by_subject=notice.requested_by_subject,
        given_by=notice.given_by,
        record_ends=frame.record_ends,
        scope=frame.scope,
        generation=part.generation,
        outcome=part.outcome,
        findings=part.findings,
        operation_outcome=frame.outcome,
        register_position=frame.register_position,
        facts_position=part.facts_position,
        rule_set=RULE_SET_VERSION,
    )


def envelope_of_exemption(exemption: Exemption, frame: OperationFrame, part: EventPart) -> Envelope:
    """The clear part of a decision not to tell."""
    covenant = exemption.covenant
    return Envelope(
        operation_id=frame.operation_id,
        key=frame.key,
        author=frame.author,
        recorded_at=frame.recorded_at,
        occurred_at=exemption.decided_at,
        controller=exemption.controller,
        covenant=None if covenant is None else covenant.id,
        annex=None if covenant is None else covenant.annex,
        covenant_version=frame.covenant_version,
        norm=exemption.norm,
        decided_by=exemption.decided_by,
        review_on=exemption.review_on,
        record_ends=frame.record_ends,
        scope=frame.scope,
        generation=part.generation,
        outcome=part.outcome,
        findings=part.findings,
        operation_outcome=frame.outcome,
        register_position=frame.register_position,
        facts_position=part.facts_position,
        rule_set=RULE_SET_VERSION,
    )


def content_of_exemption(exemption: Exemption) -> Content:
    """The weighing behind a decision not to tell."""
    return Content(
        subject=exemption.subject,
        interest=exemption.interest,
        exemption_necessity=exemption.necessity,
        proportionality=exemption.proportionality,
        factors=exemption.factors,
    )


def envelope_of(body: Act | Notice | Exemption, frame: OperationFrame, part: EventPart) -> Envelope:
    """The clear part of one event of whichever body."""
    if isinstance(body, Act):
        return envelope_of_act(body, frame, part)
    if isinstance(body, Notice):
        return envelope_of_notice(body, frame, part)
    return envelope_of_exemption(body, frame, part)


def content_of(body: Act | Notice | Exemption, subject: Subject | None) -> Content:
    """The sealed part of one event of whichever body; of a notice only whom it was given to."""
    if isinstance(body, Act):
        return content_of_act(body, subject)
    return Content(subject=subject) if isinstance(body, Notice) else content_of_exemption(body)
