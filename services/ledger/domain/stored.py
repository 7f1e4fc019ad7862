"""An event as it lies in the table, and as it is handed to the append."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from services.ledger.contract.events import Envelope


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


class WrappedHoldSecret(msgspec.Struct, frozen=True, kw_only=True):
    """The secret of one hold and lane, wrapped by that hold's own vault key."""

    lane: int
    hold_id: UUID
    wrap_key_id: str
    wrapped: bytes


class KeptKey(msgspec.Struct, frozen=True):
    """The content key of one event, wrapped once more so that it outlives its day.

    ``keeper`` names what it now lives by: ``day:2031-05-03`` (a prolongation) or ``hold:<uuid>``.
    """

    lane: int
    position: int
    keeper: str
    wrapped: bytes


class PreparedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event ready to be stored: judged, encrypted, without its place in the order."""

    lane: int
    stream_id: UUID
    topic: str
    envelope: bytes
    state: bytes


class Identifier(msgspec.Struct, frozen=True, gc=False):
    """The keyed lookup of a person: the only way from an identifier to a stream."""

    lane: int
    lookup: bytes
    key_version: int
    stream_id: UUID


class WrappedDossierSecret(msgspec.Struct, frozen=True, gc=False):
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


DossierGeneration = tuple[int, UUID, bytes, int]
"""(lane, stream, scope, generation)."""
LaneDay = tuple[int, date]
"""(lane, the day on which records end)."""
LaneEpoch = tuple[int, int]
"""(lane, how often it was fenced)."""
Unless = tuple[int, int, str]
"""(lane, position, topic): only as long as no event with this topic stands in the lane after that position."""
StreamVersion = tuple[int, UUID, int]
"""(lane, stream, version): only as long as nothing follows that version on the stream."""
LaneIntent = tuple[int, UUID]
"""(lane, operation of an intent): the lane that the id of the operation decides on."""


class PreparedOperation(msgspec.Struct, frozen=True, gc=False):
    """What is committed whole or not at all: 1 to 200 events and the rows they lean on.

    ``identifiers`` and ``secrets`` are rows that must stand in the tables exactly so when the
    events are committed: they are inserted where absent, and an operation whose row turns out
    different is handed back as stale. ``claim_lane`` is where the idempotency claim lives.

    ``fences`` and ``days`` end with these events: from their commit on nothing is sealed under those
    generations of dossiers or for those days, by nobody. ``epochs`` says of each lane in which the
    operation leans on secrets that were read before how often the lane had been fenced by then: it is
    stale where that has changed. Empty: it leans on nothing. ``unless`` and ``untouched`` say what must
    not have been stored since the operation was prepared: it is stale when that has happened. ``confirms``: the
    intent of which it is the fact; no second one is stored.
    """

    operation_id: UUID
    claim_lane: int
    body_hash: bytes
    recorded_at: datetime
    events: tuple[PreparedEvent, ...]
    identifiers: tuple[Identifier, ...] = ()
    secrets: tuple[WrappedDossierSecret, ...] = ()
    epochs: tuple[LaneEpoch, ...] = ()
    fences: tuple[DossierGeneration, ...] = ()
    days: tuple[LaneDay, ...] = ()
    unless: tuple[Unless, ...] = ()
    untouched: tuple[StreamVersion, ...] = ()
    confirms: LaneIntent | None = None


class Appended(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Committed: position, version and leaf hash of each event, in the order of the operation's events."""

    positions: tuple[int, ...]
    versions: tuple[int, ...]
    leaf_hashes: tuple[bytes, ...]


class AlreadyClaimed(msgspec.Struct, frozen=True, kw_only=True):
    """This operation id was claimed before, with this body hash; nothing was stored now."""

    body_hash: bytes


class AlreadyConfirmed(msgspec.Struct, frozen=True):
    """The intent became another operation before; nothing was stored now."""


class Stale(msgspec.Struct, frozen=True, kw_only=True):
    """What the operation leans on is not so any more: prepare it again.

    ``fenced`` are the lanes that were fenced since its secrets were read; without any, an identifier
    or a secret stands otherwise in the tables.
    """

    fenced: tuple[int, ...] = ()


class Unstorable(msgspec.Struct, frozen=True, kw_only=True):
    """The database refused this operation by itself; nothing of it was stored, its neighbours were.

    ``reason`` is an SQLSTATE, a code of ours or a type name: never a value.
    """

    reason: str


AppendResult = Appended | AlreadyClaimed | AlreadyConfirmed | Stale | Unstorable
