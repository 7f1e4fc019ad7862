"""Envelopes and contents are made by position, so each field is held to the name it must stand under."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from services.law.act import (
    Act,
    Actor,
    Confidentiality,
    CovenantReference,
    LegalBasis,
    ListReference,
    Necessity,
    Place,
    Recipient,
    Retention,
    Source,
    System,
)
from services.law.judgement import RULE_SET_VERSION
from services.ledger.application.envelopes import EventPart, OperationFrame, content_of, envelope_of
from services.ledger.contract.events import UnknownSubject
from tests.support.recording import BSNS, NOW, act, person

OPERATION, EVENT = UUID(int=1), UUID(int=2)
SUBJECT = person(BSNS[0], status="listed")


def full_act() -> Act:
    """An act with a value of its own in every field."""
    return act(
        operation="other",
        operation_class="share",
        subjects=(SUBJECT,),
        id="id",
        intent_id="intent",
        confirms="confirms",
        name="name",
        description="description",
        status="error",
        ended_at=NOW + timedelta(hours=1),
        trace_id="A" * 32,
        span_id="span",
        parent_span_id="parent",
        criteria="criteria",
        data_categories=("contact",),
        data_regime="Wjsg",
        processor="processor",
        recipients=(Recipient(party="politie", case_id="recipient-case"), Recipient(party="school")),
        source=Source(party="source-party", kind="open-source"),
        activity="activity",
        purpose="purpose",
        legal_basis=LegalBasis(gdpr="gdpr", article9="nine", article10="ten", statute="statute"),
        decision_id="decision",
        necessity=Necessity(proportionality="proportionality"),
        covenant=CovenantReference(id="covenant", annex="annex"),
        phase="plan",
        list=ListReference(kind="bruto", id="list"),
        place=Place(municipality="place"),
        case_id="case",
        confidentiality=Confidentiality(level="confidential", review_on=date(2027, 1, 1)),
        retention=Retention(period="P1Y"),
        record_retention=Retention(period="P2Y"),
        actor=Actor(id="actor"),
        system=System(name="system"),
        reference="reference",
    )


def frame(count: int) -> OperationFrame:
    """What the operation shares, each value another one."""
    ends = (date(2028, 1, 1), date(2029, 1, 1))
    terms = ("act", ("activity P3Y 2029-05-01",))
    return OperationFrame(
        OPERATION, "key", "author", NOW, count, "gap", 11, 12, 13, *ends, "list-index", "case-index", "scope", *terms
    )


UNKNOWN = (UnknownSubject(index=7, lookup="00", outcome="gap"),)
PART = EventPart(5, EVENT, SUBJECT, "violation", ("code",), 14, 15, UNKNOWN)
ENVELOPE = {
    "operation_id": OPERATION,
    "key": "key",
    "author": "author",
    "recorded_at": NOW,
    "occurred_at": NOW,
    "index": 5,
    "count": 1,
    "tense": "fact",
    "operation": "other",
    "operation_class": "share",
    "status": "error",
    "ended_at": NOW + timedelta(hours=1),
    "controller": "burgemeester",
    "processor": "processor",
    "recipients": ("politie", "school"),
    "data_categories": ("contact",),
    "data_regime": "Wjsg",
    "source_kind": "open-source",
    "source_party": "source-party",
    "activity": "activity",
    "activity_version": 13,
    "purpose": "purpose",
    "gdpr": "gdpr",
    "article9": "nine",
    "article10": "ten",
    "statute": "statute",
    "decision_id": "decision",
    "covenant": "covenant",
    "annex": "annex",
    "covenant_version": 12,
    "phase": "plan",
    "list_kind": "bruto",
    "list_index": "list-index",
    "case_index": "case-index",
    "confidentiality": "confidential",
    "confidential_until": date(2027, 1, 1),
    "subject_status": "listed",
    "trace_id": "a" * 32,
    "span_id": "span",
    "parent_span_id": "parent",
    "intent_key": "intent",
    "confirms": "confirms",
    "holding_ends": date(2028, 1, 1),
    "record_ends": date(2029, 1, 1),
    "scope": "scope",
    "generation": 14,
    "outcome": "violation",
    "findings": ("code",),
    "operation_outcome": "gap",
    "register_position": 11,
    "facts_position": 15,
    "rule_set": RULE_SET_VERSION,
    "unknown": UNKNOWN,
    "term_rule": "act",
    "terms_lost": ("activity P3Y 2029-05-01",),
}


def test_every_field_of_an_envelope_stands_under_its_name() -> None:
    """What the act, its operation and its subject bring is there, and nothing else is set."""
    made = envelope_of(full_act(), frame(1), PART)
    told = {name: value for name, value in msgspec.structs.asdict(made).items() if value not in (None, (), False)}
    assert told == ENVELOPE


def test_of_several_subjects_each_has_a_span_of_its_own() -> None:
    """The act's own span is then the parent."""
    made = envelope_of(full_act(), frame(2), PART)
    assert made.parent_span_id == "span"
    assert made.span_id not in {"span", None}


def test_every_field_of_a_content_stands_under_its_name() -> None:
    """The content holds the act's own values under the act's own names, and the subject."""
    given = full_act()
    made = {name: value for name, value in msgspec.structs.asdict(content_of(given, SUBJECT)).items() if value}
    assert made.pop("subject") == SUBJECT
    assert made == {name: getattr(given, name) for name in made}
    assert {"name", "description", "criteria", "source", "necessity", "recipients", "list", "place"} <= made.keys()
    assert {"case_id", "confidentiality", "retention", "record_retention", "actor", "system"} <= made.keys()
    assert "reference" in made
