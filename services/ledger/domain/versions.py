"""The versions of an act on its stream: as it was recorded, and as each correction put it since (S71, decision 0024).

A correction that replaces names the version that it takes out, and the act as corrected stands under the operation of
the correction itself, on the same stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.domain.stored import StoredEvent

REPLACED: Final = "replaced"
"""What a correction says of an act that stands corrected in an event of its own (``Envelope.correction``)."""
AS_CORRECTED: Final = "correction"
"""What that event says of itself, beside the act that it stands for (``about_operation``, ``about_key``)."""

ACTS: Final = frozenset({topics.PROCESSING_RECORDED, topics.PROCESSING_INTENDED})

Seen = tuple[StoredEvent, Envelope]


def corrects(topic: str, envelope: Envelope) -> UUID | None:
    """The operation, as it was first recorded, of the act that this event is the corrected version of."""
    return envelope.about_operation if topic in ACTS and envelope.correction == AS_CORRECTED else None


def versions_of(version: Seen, stream: Sequence[Seen]) -> list[Seen]:
    """Every version of the act that this is one of, from the first that is left; ``stream``: all that stands there."""
    found = _onward(_first(version, stream), stream)
    return found if version in found else _onward(version, stream)


def _first(version: Seen, stream: Sequence[Seen]) -> Seen:
    event, envelope = version
    operation = corrects(event.topic, envelope)
    named = (each for each in stream if each[0].topic == event.topic and each[1].operation_id == operation)
    return version if operation is None else next(named, version)


def _onward(version: Seen, stream: Sequence[Seen]) -> list[Seen]:
    found = [version]
    while (following := _following(found[-1], stream)) is not None:
        found.append(following)
    return found


def _following(version: Seen, stream: Sequence[Seen]) -> Seen | None:
    event, envelope = version
    operation = next(
        (
            later.operation_id
            for _, later in stream
            if later.correction == REPLACED and later.about_operation == envelope.operation_id
        ),
        None,
    )
    if operation is None:
        return None
    return next((each for each in stream if each[0].topic == event.topic and each[1].operation_id == operation), None)
