"""Opens content for reading: None for what has ended or was erased, an error for what should open and does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from services.ledger.application.keys import DayPlace, GenerationPlace, Keys
from services.ledger.application.vault_errors import VaultFailure
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.identity import event_id_of
from services.ledger.domain.stored import StoredEvent
from services.runtime.crypto import derive_key, open_sealed

CONTENT_DECODER = msgspec.json.Decoder(Content)


class Sealed(msgspec.Struct, frozen=True):
    """What is needed to open one event."""

    event: StoredEvent
    operation_id: UUID
    day: DayPlace
    dossier: GenerationPlace


class ContentOpener:
    """The ``Opener`` port; blocking. Secrets of all events are found in one statement per lane and kind."""

    def __init__(self, *, keys: Keys) -> None:
        """Open with ``keys``."""
        self._keys = keys

    def open(self, events: Sequence[StoredEvent]) -> list[Content | None]:
        """The contents in order. None: swept, a skeleton, ended, fenced or destroyed; lost keys raise."""
        sealed = [read_seal(event) for event in events]
        present = [seal for seal in sealed if seal is not None]
        days = self._keys.days_to_read(seal.day for seal in present)
        alive = [seal for seal in present if days.get(seal.day, b"") is not None]
        dossiers = self._keys.generations_to_read(seal.dossier for seal in alive)
        return [None if seal is None else self._open_one(seal, days, dossiers) for seal in sealed]

    @staticmethod
    def _open_one(
        seal: Sealed, days: dict[DayPlace, bytes | None], dossiers: dict[GenerationPlace, bytes | None]
    ) -> Content | None:
        if seal.day not in days:
            raise VaultFailure("An event leans on a day secret that was never made.")
        day_secret, dossier_secret = days[seal.day], dossiers.get(seal.dossier)
        if day_secret is None or dossier_secret is None:
            return None
        event = seal.event
        event_id = event_id_of(seal.operation_id, event.stream_id)
        key = derive_key(dossier_secret, day_secret, event_id)
        assert event.state is not None
        return CONTENT_DECODER.decode(open_sealed(key, event.state, bind(event_id, event.stream_id, event.topic)))


def read_seal(event: StoredEvent) -> Sealed | None:
    """What opens the event; None when there is nothing to open, VaultFailure when its envelope names no keys."""
    if event.envelope is None or not event.state:
        return None
    envelope: Envelope = event.read_envelope()
    ends: date | None = envelope.record_ends
    if ends is None or envelope.scope is None or envelope.generation is None:
        raise VaultFailure("An event holds content, but its envelope does not say under which keys.")
    dossier = (event.lane, event.stream_id, bytes.fromhex(envelope.scope), envelope.generation)
    return Sealed(event, envelope.operation_id, (event.lane, ends), dossier)


def bind(event_id: UUID, stream_id: UUID, topic: str) -> bytes:
    """What a content is bound to: in another place, or under another topic, it does not open."""
    return (event_id.int << 128 | stream_id.int).to_bytes(32, "big") + topic.encode()
