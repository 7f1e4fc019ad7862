"""What the verbs of the ledger need from the outside; storage implements them, tests use the in-memory ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from services.law.register import Register
from services.ledger.contract.events import Content
from services.ledger.contract.messages import SubjectIdentifier
from services.ledger.domain.holdings import HoldingRow
from services.ledger.domain.stored import (
    AppendResult,
    Identifier,
    KeptKey,
    PreparedOperation,
    StoredEvent,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)


class Appender(Protocol):
    """The write path: group commit, order without gaps."""

    async def append(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Commit each operation whole; one result per operation, in order. Raises LedgerBusy when full."""
        ...


class ClearEvent(msgspec.Struct, frozen=True, gc=False):
    """What can be read of an event without a key, before it is swept: for folds over many, which need no content."""

    lane: int
    position: int
    stream_id: UUID
    topic: str
    envelope: bytes


class EventReader(Protocol):
    """Blocking reads of stored events; called from threads."""

    def events_of_operation(self, operation_ids: Sequence[UUID]) -> list[StoredEvent]:
        """All events of these operations over all lanes, in order of (lane, position)."""
        ...

    def events_of_stream(self, lane: int, stream_id: UUID, until_position: int | None = None) -> list[StoredEvent]:
        """A stream in order of version."""
        ...

    def clear_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> list[ClearEvent]:
        """What stands in clear on these (lane, stream), in order of (lane, position); in one statement per lane."""
        ...

    def lengths_of_streams(self, streams: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], int]:
        """How many events each of these (lane, stream) has, the empty ones left out; in one statement per lane."""
        ...

    def events_at(self, places: Sequence[tuple[int, int]]) -> list[StoredEvent]:
        """The events at these (lane, position) places, in that order; missing ones raise."""
        ...

    def events_after(self, lane: int, position: int, limit: int) -> list[StoredEvent]:
        """The notification log of a lane: at most ``limit`` events after ``position``."""
        ...

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        ...


class KnownSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier secret as stored: its generation, its material unless destroyed, its state."""

    row: WrappedDossierSecret | None
    generation: int
    state: Literal["active", "fenced", "destroyed"]


class IdentityStore(Protocol):
    """Blocking reads of lookups and secrets; writes go with the append."""

    def find_streams(self, lookups: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], Identifier]:
        """The known identifiers among (lane, lookup), in one statement."""
        ...

    def find_secrets(self, places: Sequence[tuple[int, UUID, bytes]]) -> dict[tuple[int, UUID, bytes], KnownSecret]:
        """The newest generation of each (lane, stream, scope), in one statement."""
        ...

    def find_generations(
        self, places: Sequence[tuple[int, UUID, bytes, int]]
    ) -> dict[tuple[int, UUID, bytes, int], KnownSecret]:
        """Exact generations, for reading back."""
        ...

    def day_secrets(self, places: Sequence[tuple[int, date]]) -> dict[tuple[int, date], WrappedDaySecret | None]:
        """Day secrets by (lane, day); None when fenced or destroyed; absent when never made."""
        ...

    def fence_epochs(self, lanes: Sequence[int]) -> dict[int, int]:
        """How often each of these lanes was fenced; a secret is good in the epoch in which it was read, and no other.

        Whoever asks for the epoch first and for a secret afterwards never takes a fenced one for a living one.
        """
        ...

    def kept_keys(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[KeptKey, ...]]:
        """The wraps by which the events at these (lane, position) outlive their day, where there are any."""
        ...

    def hold_secrets(self, places: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], WrappedHoldSecret | None]:
        """Secrets of holds by (lane, hold); None when destroyed; absent when never made."""
        ...

    def links_of(self, places: Sequence[tuple[int, UUID]]) -> list[StoredEvent]:
        """The link and unlink events on these streams, in order of (lane, position)."""
        ...

    def create_day_secrets(self, rows: Sequence[WrappedDaySecret]) -> None:
        """Insert where absent, committed at once; another writer's row wins."""
        ...


class Vault(Protocol):
    """Keys that never leave, save as derived or wrapped material. Every key has an id with a version."""

    def lookup_key(self, version: int | None = None) -> tuple[int, bytes]:
        """(version, key) for identity lookups; the newest unless a version is given."""
        ...

    def derive(self, name: str) -> bytes:
        """A 32-byte key for a fixed use, such as ``routing``, ``body``, ``index:<controller>`` or ``ref:<party>``."""
        ...

    def make(self, key_ids: Sequence[str]) -> None:
        """Make these keys where they are absent, with one durable write; destroyed ones stay destroyed."""
        ...

    def fingerprint(self) -> str:
        """What tells this vault from another one (hex); it gives no key away."""
        ...

    def wrap(self, key_id: str, material: bytes, aad: bytes) -> bytes:
        """Wrap 32 bytes under a key, made when absent (``day:2027-01-31``, ``week:2026-W37``, ``hold:…``).

        Raises KeyDestroyed.
        """
        ...

    def wrap_all(self, key_id: str, materials: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Wrap many (material, aad) under the named key, in order; it is looked up once."""
        ...

    def unwrap(self, key_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """Unwrap; raises KeyDestroyed for a destroyed key, VaultFailure for an unknown one or a wrong wrap."""
        ...

    def destroy(self, key_id: str) -> None:
        """Destroy a key for ever; idempotent."""
        ...

    def destroy_all(self, key_ids: Sequence[str]) -> None:
        """Destroy these keys for ever with one durable write: all of them or, when it raises, none."""
        ...

    def key_ids(self, kind: str) -> list[str]:
        """The ids of the living keys of a kind (``day``, ``week``, ``hold``), in order."""
        ...

    def sign(self, name: str, message: bytes) -> bytes:
        """Ed25519 signature under the named signing key (``checkpoint``)."""
        ...

    def public_key(self, name: str) -> bytes:
        """The raw 32-byte Ed25519 public key."""
        ...


class Opener(Protocol):
    """Opens content for reading. None for what has ended, was erased or swept; wrong keys raise."""

    def open(self, events: Sequence[StoredEvent]) -> list[Content | None]:
        """The contents of the events, in order, with as few statements as possible."""
        ...


class Directory(Protocol):
    """From identifiers to streams and pseudonyms."""

    def streams_of(
        self, identifier: SubjectIdentifier, known_at: datetime | None = None
    ) -> tuple[tuple[int, UUID], ...]:
        """(lane, stream) of the person, own stream first, then all linked ones; empty when unknown.

        ``known_at``: by the links recorded until then; by all of them when it is not given.
        """
        ...

    def closure(
        self, places: Sequence[tuple[int, UUID]], known_at: datetime | None = None
    ) -> dict[tuple[int, UUID], tuple[tuple[int, UUID], ...]]:
        """For each stream itself first and everything linked to it, as far as known, in few statements."""
        ...

    def ref(self, party: str, identifier: SubjectIdentifier) -> str:
        """The person's pseudonym for the asking party; needs no stream."""
        ...

    def case_index(self, controller: str, case_id: str) -> str:
        """The blind index of a case number of a controller (hex)."""
        ...

    def list_index(self, list_id: str) -> str:
        """The blind index of a list id (hex)."""
        ...


class RegisterSource(Protocol):
    """The register as it now stands, refreshed when its lane has moved."""

    def current(self) -> Register:
        """The newest register this process knows."""
        ...

    def refresh(self, position: int) -> Register:
        """The register at least as new as ``position``; reads its lane when needed (blocking)."""
        ...


class RegisterFeed(RegisterSource, Protocol):
    """A register source that can be told to look at its lane now."""

    def catch_up(self) -> Register:
        """The register with all that its lane holds (blocking)."""
        ...


class DossierRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of projection.dossier_line."""

    lane: int
    stream_id: UUID
    position: int
    kind: int
    operation_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    author: str
    parties: tuple[str, ...]
    recipients: tuple[str, ...]
    covenant: str | None


class ReadRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of projection.subject_read."""

    reader: str
    purpose: str
    read_at: datetime
    read_id: UUID


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The two time axes of a question, both inclusive."""

    as_of: datetime
    as_known_at: datetime


class HeldWindow(msgspec.Struct, frozen=True):
    """What a party held from one moment until another, both inclusive, as far as it was known at an instant.

    ``categories``: only data of these; none means of any.
    """

    party: str
    occurred_from: datetime
    occurred_until: datetime
    categories: tuple[str, ...]
    known_at: datetime


class Projections(Protocol):
    """Blocking queries on the projections; called from threads."""

    def positions(self) -> dict[int, int]:
        """How far every projection has applied each lane (the least of them)."""
        ...

    def dossier(self, streams: Iterable[tuple[int, UUID]], bounds: Bounds) -> list[DossierRow]:
        """All lines of these streams within the bounds, in order of (lane, position)."""
        ...

    def search_dossier(
        self,
        *,
        party: str | None,
        recipient: str | None,
        trace_id: UUID | None,
        case_indexes: Sequence[bytes],
        activity: str | None,
        streams: Sequence[tuple[int, UUID]],
        occurred_from: datetime | None,
        occurred_until: datetime | None,
        reader: str | None,
        after: tuple[int, int] | None,
        limit: int,
        told: bool = False,
        covenant: str | None = None,
        annex: str | None = None,
        covenants: Sequence[str] = (),
    ) -> list[DossierRow]:
        """Lines by any of these, in order of (lane, position) after ``after``; ``reader`` limits to its own lines.

        ``told``: only notices and exemptions. ``covenants``: one of these.
        """
        ...

    def clocked_lines(self, limit: int) -> list[DossierRow]:
        """The newest requests, breaches and exemptions, which start statutory clocks; at most ``limit`` per lane."""
        ...

    def holding_acts(self, streams: Iterable[tuple[int, UUID]], bounds: Bounds) -> list[HoldingRow]:
        """All holding acts of these persons within the bounds, in order of (lane, position).

        Each ends as was known then: a term that was changed after ``as_known_at`` counts as it was before.
        """
        ...

    def holders_page(
        self, party: str, bounds: Bounds, after: tuple[int, UUID] | None, limit: int
    ) -> list[tuple[int, UUID]]:
        """Persons of whom ``party`` ever began a holding within the bounds, in order of (lane, stream)."""
        ...

    def duty_persons_page(
        self,
        party: str | None,
        covenants: Sequence[str],
        bounds: Bounds,
        after: tuple[int, UUID] | None,
        limit: int,
    ) -> list[tuple[int, UUID]]:
        """Persons about whom an act within the bounds names ``party`` or one of ``covenants``, by (lane, stream).

        Without a party: all persons about whom anything happened.
        """
        ...

    def impact_page(
        self,
        within: HeldWindow,
        after: tuple[int, UUID] | None,
        limit: int,
        suppliers: Sequence[str] = (),
    ) -> list[tuple[int, UUID]]:
        """Persons of whom a party held something at some moment in the window, in order of (lane, stream).

        ``suppliers``: only what it got from these; none means all that it had.
        """
        ...

    def versions_of(self, operations: Sequence[UUID]) -> frozenset[UUID]:
        """These operations, and every correction that put another act in the place of one of theirs.

        That act is theirs as it was corrected, or is about the right person.
        """
        ...

    def named_acts(
        self, party: str, operations: Sequence[UUID], known_at: datetime, controllers: Sequence[str] = ()
    ) -> list[HoldingRow]:
        """What ``party`` itself did with persons' data by these operations, less what was known to be undone.

        As its controller or its processor; acts of every class, one row per person, in order of (lane, position).
        ``controllers``: only acts of these; none means of any.
        """
        ...

    def processed_acts(
        self,
        within: HeldWindow,
        controllers: Sequence[str] = (),
    ) -> list[HoldingRow]:
        """What a party processed in the window for other controllers, in the form of ``named_acts``.

        Its acts in the window, and those before by which a controller still held something when the window began.
        """
        ...

    def processed_for(
        self,
        within: HeldWindow,
        controllers: Sequence[str] = (),
    ) -> frozenset[tuple[str, str | None, date]]:
        """(controller, covenant, day of the act) of each of the ``processed_acts``."""
        ...

    def linked_held(self, party: str, known_at: datetime) -> list[tuple[int, UUID]]:
        """Persons with a link, recorded by then, of whom ``party`` ever had anything, in order of (lane, stream)."""
        ...

    def impact_counts(
        self,
        within: HeldWindow,
        apart: Iterable[tuple[int, UUID]] = (),
        suppliers: Sequence[str] = (),
    ) -> tuple[int, int]:
        """(persons, records) held by a party in the window, of ``suppliers`` as in ``impact_page``."""
        ...

    def impact_covenants(
        self,
        within: HeldWindow,
        persons: Iterable[tuple[int, UUID]],
    ) -> frozenset[tuple[str | None, date]]:
        """(covenant or None, day of the act) of every act by which a party held something of these persons then."""
        ...

    def reads_of(self, streams: Iterable[tuple[int, UUID]], known_at: datetime) -> list[ReadRow]:
        """Who read these persons, in order of time."""
        ...
