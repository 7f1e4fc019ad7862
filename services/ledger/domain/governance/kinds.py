"""From an entry to its aggregate, from a path of the contract to its kind, from a stored event to its entry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.law.governance import Entry
from services.ledger.domain.governance.aggregates import (
    ActivityAggregate,
    CovenantAggregate,
    DecisionAggregate,
    MandateAggregate,
    PartyAggregate,
    PurposeAggregate,
    RegisterAggregate,
)

COLLECTIONS: Final[Mapping[str, type[RegisterAggregate]]] = MappingProxyType(
    {
        "parties": PartyAggregate,
        "covenants": CovenantAggregate,
        "processing-activities": ActivityAggregate,
        "purposes": PurposeAggregate,
        "mandates": MandateAggregate,
        "decisions": DecisionAggregate,
    }
)
"""The governance collections by the name they have in a path."""

_BY_SHAPE: Final = {aggregate.shape: aggregate for aggregate in COLLECTIONS.values()}


def aggregate_of(entry: Entry) -> type[RegisterAggregate]:
    """The aggregate class that keeps entries of this kind."""
    return _BY_SHAPE[type(entry)]


def entry_of(event: object) -> Entry | None:
    """The entry that an event of the register lane made known, or None when it made none known."""
    for aggregate in COLLECTIONS.values():
        if isinstance(event, aggregate.Created | aggregate.Amended):
            return aggregate.decode(event.body)
    return None
