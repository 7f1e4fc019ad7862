"""What forgetting needs from the outside: keys that end, lines that are kept, rows that are swept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

import msgspec

DossierGeneration = tuple[int, UUID, bytes, int]
"""(lane, stream, scope, generation)."""
Place = tuple[int, int]
"""(lane, position)."""


class KeptKey(msgspec.Struct, frozen=True):
    """The content key of one event, wrapped once more so that it outlives its day.

    ``keeper`` names what it now lives by: ``day:2031-05-03`` (a prolongation) or ``hold:<uuid>``.
    """

    lane: int
    position: int
    keeper: str
    wrapped: bytes


class KeptLine(msgspec.Struct, frozen=True):
    """A line that outlives a day: until another day (None: only as long as holds keep it), and by which holds."""

    lane: int
    position: int
    until: date | None
    holds: tuple[UUID, ...]


class KeyStore(Protocol):
    """Blocking: secrets with their life and death. Every method is idempotent and commits before it returns."""

    def fence_epochs(self) -> dict[int, int]:
        """How often each lane was fenced; a remembered secret is good only in the epoch in which it was read."""
        ...

    def dossiers_of(self, lane: int, stream_id: UUID) -> list[tuple[bytes, int, str]]:
        """(scope, generation, state) of every dossier of a person."""
        ...

    def destroy_dossiers(self, places: Sequence[DossierGeneration], at: datetime) -> None:
        """Null the material of these generations; state ``destroyed``. Already destroyed ones stay as they are."""
        ...

    def living_days(self, before: date) -> list[date]:
        """The days before ``before`` that still have a secret in some lane, ascending."""
        ...

    def destroy_day(self, day: date, at: datetime) -> None:
        """Null the secrets of a day in every lane."""
        ...

    def keep_keys(self, keys: Sequence[KeptKey]) -> None:
        """Store these wraps where they are absent."""
        ...

    def kept_keys(self, places: Sequence[Place]) -> dict[Place, tuple[KeptKey, ...]]:
        """The wraps of these events."""
        ...

    def drop_kept_keys(self, keeper: str) -> None:
        """Remove the wraps that lived by this keeper."""
        ...


class KeptLines(Protocol):
    """Blocking questions to the projections about what outlives its day."""

    def days_to_end(self, before: date) -> list[date]:
        """The days before ``before`` on which some line ends and that were not ended yet, ascending."""
        ...

    def kept_beyond(self, lane: int, day: date, after: int, limit: int) -> list[KeptLine]:
        """Lines of the lane whose key lives under ``day`` and that are kept longer, in order of position."""
        ...

    def hidden(self, places: Sequence[Place], today: date) -> frozenset[Place]:
        """Those of these lines that no answer may show any more: ended, or erased."""
        ...

    def sweepable(self, lane: int, today: date, limit: int) -> list[int]:
        """Positions in the lane whose envelope and content may go: ended on a day that was ended, or erased."""
        ...

    def holds_on(self, streams: Sequence[tuple[int, UUID]]) -> list[tuple[UUID, str]]:
        """(hold id, kind) of every hold in force on lines of these persons."""
        ...


class Sweeper(Protocol):
    """Blocking: removes what was announced as swept."""

    def sweep(self, lane: int, ranges: Sequence[tuple[int, int]]) -> int:
        """Null envelope and content of these positions and drop their kept keys; how many still had any."""
        ...


class ErasureRegister(Protocol):
    """The list of what was destroyed, kept outside the backup set: replayed before a restored ledger opens."""

    def append(self, entry: ErasureEntry) -> int:
        """Write an entry durably, once per id; its sequence number."""
        ...

    def entries(self, after: int = 0) -> list[ErasureEntry]:
        """Every entry after a sequence number, in order."""
        ...


class ErasureEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One destruction. Holds no identifier: streams are pseudonyms, positions are bound by their leaf hash.

    ``kind``: ``dossiers`` (generations with a fingerprint of their material), ``day``, ``hold`` (its vault key), or
    ``positions`` (single events that ended before their day, with leaf hashes in hex).
    """

    id: str
    kind: str
    at: datetime
    sequence: int = 0
    day: date | None = None
    key_id: str | None = None
    dossiers: tuple[tuple[int, UUID, str, int, str], ...] = ()
    positions: tuple[tuple[int, int, str], ...] = ()
