"""Where an overlap is kept while it is counted, and not a moment longer than that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from services.law.overlap import OverlapCount
from services.ledger.contract.overlaps import OverlapState

Persons = Mapping[str, frozenset[bytes]]
"""By party what it handed in, blinded once more."""


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """One overlap. ``wrapped_secret`` None: it is over; ``is_settled``: its key is gone, its end on record."""

    lane: int
    id: UUID
    key: str
    controller: str
    author: str
    parties: tuple[str, ...]
    opened_at: datetime
    closes_at: datetime
    state: OverlapState = "open"
    wrapped_secret: bytes | None = None
    handed_in: tuple[str, ...] = ()
    count: OverlapCount | None = None
    is_settled: bool = False


class OverlapStore(Protocol):
    """Blocking; each method is one transaction."""

    def open(self, overlap: Overlap, since: datetime, number_max: int) -> Overlap | None:
        """Keep a new overlap; the one that is there already when its id was kept before.

        None, and nothing kept, when its author opened ``number_max`` from ``since`` on, however many ask at once.
        """
        ...

    def find(self, lane: int, overlap_id: UUID) -> Overlap | None:
        """The overlap, or None."""
        ...

    def full_since(self, author: str, since: datetime, number_max: int) -> datetime | None:
        """When the first of its author's ``number_max`` newest was opened; None when fewer were from ``since`` on."""
        ...

    def hand_in(
        self,
        lane: int,
        overlap_id: UUID,
        party: str,
        persons: frozenset[bytes],
        counter: Callable[[Persons], OverlapCount],
    ) -> bool:
        """Keep what a party hands in, once; when it is the last, keep the count and drop the secret and all persons.

        A second time, or when the overlap is over, nothing changes. Whether the party has handed in.
        """
        ...

    def end(self, lane: int, overlap_id: UUID, state: OverlapState) -> None:
        """End an open overlap without a count: secret and what was handed in go."""
        ...

    def settle(self, lane: int, overlap_id: UUID) -> None:
        """Say that the key of an ended overlap is gone and its end on record."""
        ...

    def unsettled(self, now: datetime) -> list[Overlap]:
        """Those that are past their time and open, or over and not settled, oldest first, a bounded number."""
        ...
