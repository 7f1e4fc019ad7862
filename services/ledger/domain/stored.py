"""An event as it lies in the table, and as it is handed to the append."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from services.ledger.contract.events import Envelope


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a lane. ``envelope`` and ``state`` are None after their sweep; the leaf hash stays."""

    lane: int
    position: int
    stream_id: UUID
    version: int
    topic: str
    operation_id: UUID | None
    envelope: bytes | None
    state: bytes | None
    leaf_hash: bytes

    def read_envelope(self) -> Envelope:
        """The decoded envelope; ValueError when it was swept."""
        if self.envelope is None:
            raise ValueError("the envelope of this event was swept")
        return msgspec.json.decode(self.envelope, type=Envelope)


class PreparedEvent(msgspec.Struct, frozen=True):
    """An event ready to be stored: judged, encrypted, without its place in the order."""

    lane: int
    stream_id: UUID
    topic: str
    envelope: bytes
    state: bytes


class Identifier(msgspec.Struct, frozen=True):
    """The keyed lookup of a person: the only way from an identifier to a stream."""

    lane: int
    lookup: bytes
    key_version: int
    stream_id: UUID


class WrappedDossierSecret(msgspec.Struct, frozen=True):
    """The secret of one person and scope, wrapped by the vault key of its week."""

    lane: int
    stream_id: UUID
    scope: bytes
    generation: int
    wrap_key_id: str
    wrapped: bytes


class WrappedDaySecret(msgspec.Struct, frozen=True, kw_only=True):
    """The secret of one day and lane, wrapped by that day's own vault key."""

    lane: int
    day: date
    wrap_key_id: str
    wrapped: bytes


class PreparedOperation(msgspec.Struct, frozen=True):
    """What is committed whole or not at all: 1 to 200 events and the rows they lean on.

    ``identifiers`` and ``secrets`` are rows that must stand in the tables exactly so when the
    events are committed: they are inserted where absent, and an operation whose row turns out
    different is handed back as stale. ``claim_lane`` is where the idempotency claim lives.
    """

    operation_id: UUID
    claim_lane: int
    body_hash: bytes
    recorded_at: datetime
    events: tuple[PreparedEvent, ...]
    identifiers: tuple[Identifier, ...] = ()
    secrets: tuple[WrappedDossierSecret, ...] = ()


class Appended(msgspec.Struct, frozen=True, kw_only=True):
    """Committed: position, version and leaf hash of each event, in the order of the operation's events."""

    positions: tuple[int, ...]
    versions: tuple[int, ...]
    leaf_hashes: tuple[bytes, ...]


class AlreadyClaimed(msgspec.Struct, frozen=True, kw_only=True):
    """This operation id was claimed before, with this body hash; nothing was stored now."""

    body_hash: bytes


class Stale(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier or secret the operation leans on differs from what is stored: prepare it again."""


class Unstorable(msgspec.Struct, frozen=True, kw_only=True):
    """The database refused this operation by itself; nothing of it was stored, its neighbours were.

    ``reason`` is an SQLSTATE, a code of ours or a type name: never a value.
    """

    reason: str


AppendResult = Appended | AlreadyClaimed | Stale | Unstorable
