"""Records events on dossiers that are no person's: reads, access requests, inquiries, breaches.

Each is a dossier of its own on a stream of its own, under the same keys, claims and group commit
as the acts, so that the same call with the same key is stored once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.ledger.application.operation_writer import NOTHING, Draft, Drafting, OperationWriter
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.scope import name_scope


def nothing_else(_: datetime) -> tuple[Draft, ...]:
    """No other events."""
    return ()


class PlacedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A stored dossier event. ``existing``: it stood there before, from an earlier call with the same key."""

    envelope: Envelope
    lane: int
    position: int
    existing: bool


class DossierEvents:
    """Appends one event on a stream that is no person's."""

    def __init__(self, *, writer: OperationWriter, pseudonyms: Pseudonyms) -> None:
        """Write through ``writer``; lanes and scopes come from ``pseudonyms``."""
        self._writer = writer
        self._pseudonyms = pseudonyms

    async def append_dossier_event(
        self,
        *,
        party: str,
        key: str,
        canonical: bytes,
        topic: str,
        stream_id: UUID,
        envelope: Mapping[str, Any],
        content: Content = NOTHING,
        also: Drafting = nothing_else,
    ) -> PlacedEvent:
        """Store one event of ``party`` under ``key``, or find the one stored before under it.

        ``envelope`` holds keyword arguments of Envelope; operation id, key, author, ``recorded_at``,
        ``occurred_at``, ``record_ends`` (five years) and the key names are filled in where absent.
        An empty ``content`` is not stored at all. ``also`` drafts what is stored with it or not at all. Raises
        IdempotencyConflict for another ``canonical`` body.
        """
        draft = Draft(
            lane=self._pseudonyms.stream_lane(stream_id),
            stream_id=stream_id,
            topic=topic,
            scope=self._pseudonyms.scope(name_scope(party)),
            fields=envelope,
            content=content,
        )
        written = await self._writer.write(
            party=party, key=key, canonical=canonical, draft=lambda now: (draft, *also(now))
        )
        event = written.events[0]
        return PlacedEvent(envelope=event.envelope, lane=event.lane, position=event.position, existing=written.existing)
