"""From an entry to its aggregate, from a path of the contract to its kind, from a stored event to its entry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.law.governance import (
    Acknowledgement,
    Activity,
    Addendum,
    Covenant,
    Decision,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Party,
    Purpose,
)
from services.law.learning import Checklist, Closing, NearMiss, Opinion, Question
from services.ledger.domain.governance.aggregates import RegisterAggregate, aggregate_for

COLLECTIONS: Final[Mapping[str, type[RegisterAggregate]]] = MappingProxyType(
    {
        "parties": aggregate_for("party", Party),
        "covenants": aggregate_for("covenant", Covenant),
        "processing-activities": aggregate_for("processing-activity", Activity),
        "purposes": aggregate_for("purpose", Purpose),
        "mandates": aggregate_for("mandate", Mandate),
        "decisions": aggregate_for("decision", Decision),
        "addenda": aggregate_for("addendum", Addendum),
        "municipalities": aggregate_for("municipality", Municipality),
        "interpretations": aggregate_for("interpretation", Interpretation),
        "acknowledgements": aggregate_for("acknowledgement", Acknowledgement),
        "questions": aggregate_for("question", Question),
        "checklists": aggregate_for("checklist", Checklist),
        "closings": aggregate_for("closing", Closing),
        "opinions": aggregate_for("opinion", Opinion),
        "near-misses": aggregate_for("near-miss", NearMiss),
    }
)
"""The governance collections by the name they have in a path; the name of a kind stands in stored topics for ever."""

_BY_SHAPE: Final = {aggregate.shape: aggregate for aggregate in COLLECTIONS.values()}
_BY_EVENT: Final[Mapping[type, type[RegisterAggregate]]] = {
    event: aggregate for aggregate in COLLECTIONS.values() for event in (aggregate.Created, aggregate.Amended)
}


def aggregate_of(entry: Entry) -> type[RegisterAggregate]:
    """The aggregate class that keeps entries of this kind."""
    return _BY_SHAPE[type(entry)]


def entry_of(event: object) -> Entry | None:
    """The entry that an event of the register lane made known, or None when it made none known."""
    if isinstance(event, RegisterAggregate.Created | RegisterAggregate.Amended):
        return _BY_EVENT[type(event)].decode(event.body)
    return None
