"""Opens content for reading: None for what has ended or was erased, an error for what should open and does not."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.ledger.application.kept_reader import LivingWrap, living_wraps, unwrap_kept
from services.ledger.application.keys import Keys
from services.ledger.application.sealed import Sealed, bind, read_seal
from services.ledger.application.vault_errors import VaultFailure
from services.ledger.contract.events import Content
from services.ledger.domain.stored import StoredEvent
from services.runtime.crypto import derive_key, open_sealed

CONTENT_DECODER = msgspec.json.Decoder(Content)


class ContentOpener:
    """The ``Opener`` port; blocking. Secrets of all events are found in one statement per lane and kind."""

    def __init__(self, *, keys: Keys) -> None:
        """Open with ``keys``."""
        self._keys = keys

    def open(self, events: Sequence[StoredEvent]) -> list[Content | None]:
        """The contents in order. None: swept, a skeleton, ended, fenced or destroyed; lost keys raise.

        Looks first how often the lanes were fenced: what was ended in whatever process does not open any more. What
        outlived its day opens by what keeps it.
        """
        sealed = [read_seal(event) for event in events]
        present = [seal for seal in sealed if seal is not None]
        if not present:
            return [None] * len(events)
        epochs = self._keys.read_epochs(seal.event.lane for seal in present)
        days = self._keys.days_to_read((seal.day for seal in present), epochs)
        if any(seal.day not in days for seal in present):
            raise VaultFailure("An event leans on a day secret that was never made.")
        wraps = living_wraps(self._keys, [seal for seal in present if days[seal.day] is None], epochs, {})
        alive = [seal for seal in present if days[seal.day] is not None or seal.place in wraps]
        dossiers = self._keys.generations_to_read((seal.dossier for seal in alive), epochs)
        return [
            None
            if seal is None
            else open_one(seal, dossiers.get(seal.dossier), days[seal.day], wraps.get(seal.place, ()))
            for seal in sealed
        ]


def open_one(
    seal: Sealed, dossier_secret: bytes | None, day_secret: bytes | None, wraps: Sequence[LivingWrap]
) -> Content | None:
    """The content of one event, by its day or by what keeps it longer; None without its dossier, or without both."""
    if dossier_secret is None:
        return None
    if day_secret is not None:
        key = derive_key(dossier_secret, day_secret, seal.event_id)
    elif wraps:
        key = unwrap_kept(seal, dossier_secret, wraps[0])
    else:
        return None
    event = seal.event
    assert event.state is not None
    return CONTENT_DECODER.decode(open_sealed(key, event.state, bind(seal.event_id, event.stream_id, event.topic)))
