"""An act as it was sent, put together again from its stored events: for its confirmation and its correction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from services.law.act import (
    Act,
    CovenantReference,
    DataRegime,
    LegalBasis,
    Phase,
    Recipient,
    Source,
    SourceKind,
    Tense,
)
from services.law.operations import OTHER
from services.ledger.contract.events import Content, Envelope


def rebuild_act(parts: Sequence[tuple[Envelope, Content]]) -> Act:
    """The act of all events of one operation, with its subjects in the order they were sent.

    The statute comes back as stored (JCI). What stands in several contents is taken from the first.
    """
    ordered = sorted(parts, key=lambda part: part[0].index)
    envelope, content = ordered[0]
    several = envelope.count > 1
    return Act(
        operation=envelope.operation or OTHER,
        operation_class=envelope.operation_class if envelope.operation == OTHER else None,  # type: ignore[arg-type]
        occurred_at=envelope.occurred_at,
        ended_at=envelope.ended_at,
        controller=envelope.controller or envelope.author,
        tense=cast("Tense", envelope.tense or "fact"),
        intent_id=envelope.intent_key,
        confirms=envelope.confirms,
        name=content.name,
        description=content.description,
        status=envelope.status or "unset",  # type: ignore[arg-type]
        trace_id=envelope.trace_id,
        span_id=envelope.parent_span_id if several else envelope.span_id,
        parent_span_id=None if several else envelope.parent_span_id,
        subjects=tuple(part.subject for _, part in ordered if part.subject is not None),
        criteria=content.criteria,
        data_categories=envelope.data_categories,
        data_regime=cast("DataRegime", envelope.data_regime or "AVG"),
        processor=envelope.processor,
        recipients=content.recipients or tuple(Recipient(party=party) for party in envelope.recipients),
        source=content.source or _source(envelope),
        activity=envelope.activity,
        purpose=envelope.purpose,
        legal_basis=_basis(envelope),
        decision_id=envelope.decision_id,
        necessity=content.necessity,
        justification=content.justification,
        covenant=None if envelope.covenant is None else CovenantReference(id=envelope.covenant, annex=envelope.annex),
        phase=cast("Phase | None", envelope.phase),
        list=content.list,
        place=content.place,
        case_id=content.case_id,
        confidentiality=content.confidentiality,
        retention=content.retention,
        record_retention=content.record_retention,
        actor=content.actor,
        system=content.system,
        reference=content.reference,
    )


def _basis(envelope: Envelope) -> LegalBasis | None:
    named = (envelope.gdpr, envelope.article9, envelope.article10, envelope.statute)
    if not any(named):
        return None
    gdpr, article9, article10, statute = named
    return LegalBasis(gdpr=gdpr, article9=article9, article10=article10, statute=statute)


def _source(envelope: Envelope) -> Source | None:
    if envelope.source_kind is None and envelope.source_party is None:
        return None
    return Source(kind=cast("SourceKind | None", envelope.source_kind), party=envelope.source_party)
