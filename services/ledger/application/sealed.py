"""What it takes to open one event: under which day and dossier its content was sealed, and to what it is bound."""

from __future__ import annotations

from uuid import UUID

import msgspec

from services.ledger.application.vault_errors import VaultFailure
from services.ledger.domain.identity import event_id_of
from services.ledger.domain.stored import DossierGeneration, LaneDay, StoredEvent


class Sealed(msgspec.Struct, frozen=True):
    """An event with content, and the names of the two secrets under it."""

    event: StoredEvent
    event_id: UUID
    day: LaneDay
    dossier: DossierGeneration

    @property
    def place(self) -> tuple[int, int]:
        """(lane, position)."""
        return self.event.lane, self.event.position


def read_seal(event: StoredEvent) -> Sealed | None:
    """What opens the event; None when there is nothing to open, VaultFailure when its envelope names no keys."""
    if event.envelope is None or not event.state:
        return None
    envelope = event.read_envelope()
    if envelope.record_ends is None or envelope.scope is None or envelope.generation is None:
        raise VaultFailure("An event holds content, but its envelope does not say under which keys.")
    dossier = (event.lane, event.stream_id, bytes.fromhex(envelope.scope), envelope.generation)
    event_id = event_id_of(envelope.operation_id, event.stream_id)
    return Sealed(event, event_id, (event.lane, envelope.record_ends), dossier)


def bind(event_id: UUID, stream_id: UUID, topic: str) -> bytes:
    """What a content is bound to: in another place, or under another topic, it does not open."""
    return event_id.int.to_bytes(16, "big") + stream_id.int.to_bytes(16, "big") + topic.encode()
