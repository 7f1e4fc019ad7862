"""How long the record of a delete or a notice is kept: no shorter than that of the acts it answers (decision 0025).

By its own rule it is kept for five years after it was recorded, and what it answers for five years after the end of the
holding. Who erases or tells in time would lose his evidence first, and the ledger would then say that he never did.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.law.act import Act, Exemption, Judged, Notice
from services.law.operations import operation_class
from services.law.retention import RecordTerm, Terms
from services.ledger.application.facts import KnownPerson
from services.ledger.contract import topics
from services.ledger.contract.events import Envelope


def terms_of_evidence(body: Judged, known: KnownPerson, terms: Terms) -> Terms | None:
    """The terms of the event about this person where an act that it answers is kept longer; None where none is.

    A term that the act or its covenant chose stands.
    """
    _, record = terms
    if record.rule != "no-holding" or not is_answer(body):
        return None
    latest = max(answered_ends(body, known), default=record.ends)
    return (None, RecordTerm(latest, "evidence")) if latest > record.ends else None


def is_answer(body: Judged) -> bool:
    """Whether it settles acts that were done before: an erasing fact, a notice, a decision not to tell."""
    if isinstance(body, Act):
        return body.tense == "fact" and operation_class(body.operation, body.operation_class) == "delete"
    return True


def answered_ends(body: Judged, known: KnownPerson) -> Iterator[date]:
    """The last days of the records of the acts on this person that it answers."""
    for _, _, topic, envelope in known.told:
        if topic == topics.PROCESSING_RECORDED and envelope.record_ends is not None and is_about(body, envelope):
            yield envelope.record_ends


def is_about(body: Judged, envelope: Envelope) -> bool:
    """Whether an act gave its author the data that the delete names, or was done under what the notice tells of."""
    has_part = body.controller == envelope.controller or body.controller in envelope.recipients
    if isinstance(body, Notice | Exemption):
        return has_part or (body.covenant is not None and body.covenant.id == envelope.covenant)
    return has_part and (not body.data_categories or not set(body.data_categories).isdisjoint(envelope.data_categories))
