"""What the law needs to know of a person, folded from the clear envelopes of the person's own events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from services.law.context import PastAct, PastExemption, PastNotice, SubjectFacts
from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.domain.versions import REPLACED

UNDONE = frozenset({"wrong-person", "annulled", REPLACED})
"""What a correction may say of an event, so that it counts no more from when that was known."""


def fold_facts(
    events: Iterable[tuple[str, Envelope]], *, position: int = 0, municipality: str | None = None
) -> SubjectFacts:
    """Fold (topic, envelope) pairs in order of recording, less what was taken back or stands corrected elsewhere."""
    known = list(events)
    undone: set[UUID | None] = {
        envelope.about_operation
        for topic, envelope in known
        if topic == topics.PROCESSING_CORRECTED and envelope.correction in UNDONE
    }
    told = [(topic, envelope) for topic, envelope in known if envelope.operation_id not in undone]
    endings = find_endings(known)
    return SubjectFacts(
        position=position,
        municipality=municipality,
        acts=tuple(past_act(e) for topic, e in told if topic == topics.PROCESSING_RECORDED),
        notices=tuple(past_notice(e) for topic, e in told if topic == topics.NOTICE_RECORDED),
        exemptions=tuple(past_exemption(e, endings) for topic, e in told if topic == topics.EXEMPTION_RECORDED),
    )


def find_endings(events: Iterable[tuple[str, Envelope]]) -> dict[UUID, datetime]:
    """When the reason of an exemption had gone, by the operation of the exemption; the first report counts."""
    endings: dict[UUID, datetime] = {}
    for topic, envelope in events:
        operation = envelope.about_operation
        if topic == topics.EXEMPTION_ENDED and operation is not None:
            endings[operation] = min(envelope.occurred_at, endings.get(operation, envelope.occurred_at))
    return endings


def past_act(envelope: Envelope) -> PastAct:
    """The act as the law sees it afterwards."""
    return PastAct(
        operation_class=envelope.operation_class or "use",
        occurred_at=envelope.occurred_at,
        controller=envelope.controller or envelope.author,
        recipients=envelope.recipients,
        data_regime=envelope.data_regime or "AVG",
        source_kind=envelope.source_kind,
        source_party=envelope.source_party,
        covenant=envelope.covenant,
        annex=envelope.annex,
        data_categories=envelope.data_categories,
        purpose=envelope.purpose,
        activity=envelope.activity,
        decision_id=envelope.decision_id,
        case_index=envelope.case_index,
    )


def past_notice(envelope: Envelope) -> PastNotice:
    """The notice as the law sees it afterwards."""
    return PastNotice(
        given_at=envelope.occurred_at,
        controller=envelope.controller or envelope.author,
        covenant=envelope.covenant,
        annex=envelope.annex,
        elements=envelope.elements,
    )


def past_exemption(envelope: Envelope, endings: Mapping[UUID, datetime]) -> PastExemption:
    """The decision not to tell as the law sees it afterwards; ``endings`` say when its reason had gone."""
    return PastExemption(
        decided_at=envelope.occurred_at,
        controller=envelope.controller or envelope.author,
        norm=envelope.norm or "",
        covenant=envelope.covenant,
        annex=envelope.annex,
        review_on=envelope.review_on,
        ended_at=endings.get(envelope.operation_id),
    )
