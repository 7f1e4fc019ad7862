"""The holding acts of an event, read from its envelope: for who reads a person's own events instead of a projection.

The projection says the same in SQL (``storage/projections/apply.sql``); a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.domain.fold_facts import UNDONE
from services.ledger.domain.holdings import DELETES, HoldingRow, Person

_CARRIES: Final = 1
_DERIVED_ID_VERSION: Final = 5
_CLASSES: Final = frozenset({"collect", "use", "alter", "share", "delete"})


def holding_rows(events: Iterable[tuple[Person, int, str, Envelope]]) -> list[HoldingRow]:
    """The holding acts of one person's events (person, position, topic, envelope), less those known to be undone."""
    known = list(events)
    undone: set[tuple[Person, UUID | None]] = {
        (person, envelope.about_operation)
        for person, _, topic, envelope in known
        if topic == topics.PROCESSING_CORRECTED and envelope.correction in UNDONE
    }
    return [
        row
        for person, position, topic, envelope in known
        if topic == topics.PROCESSING_RECORDED and (person, envelope.operation_id) not in undone
        for row in rows_of_act(person, position, envelope)
    ]


def rows_of_act(person: Person, position: int, envelope: Envelope) -> list[HoldingRow]:
    """One row per party whose holding the act begins, carries or ends; none for an act that is about no holding."""
    found, controller = envelope.operation_class, envelope.controller or envelope.author
    if found not in _CLASSES or person[1].version == _DERIVED_ID_VERSION:
        return []
    if found != "delete" and not envelope.data_categories:
        return []
    holders = dict.fromkeys(envelope.recipients) if found == "share" else (controller,)
    return [
        HoldingRow(
            lane=person[0],
            stream_id=person[1],
            party=holder,
            position=position,
            operation_id=envelope.operation_id,
            effect=DELETES if found == "delete" else _CARRIES,
            occurred_at=envelope.occurred_at,
            recorded_at=envelope.recorded_at,
            categories=envelope.data_categories,
            ends=envelope.holding_ends,
            supplied_by=controller if found == "share" else None,
            covenant=envelope.covenant,
            annex=envelope.annex,
            covenant_version=envelope.covenant_version,
            gdpr=envelope.gdpr,
            statute=envelope.statute,
            list_kind=envelope.list_kind,
            list_index=envelope.list_index,
            case_index=None if envelope.case_index is None else bytes.fromhex(envelope.case_index),
        )
        for holder in holders
    ]
