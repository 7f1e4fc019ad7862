"""Overlaps that live as long as their process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from services.law.overlap import OverlapCount
from services.ledger.application.overlap_ports import Overlap, Persons
from services.ledger.contract.overlaps import OverlapState
from services.runtime import limits


class MemoryOverlaps:
    """The ``OverlapStore`` port in memory; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._overlaps: dict[UUID, Overlap] = {}
        self._persons: dict[UUID, dict[str, frozenset[bytes]]] = {}

    def open(self, overlap: Overlap, since: datetime, number_max: int) -> Overlap | None:
        """See OverlapStore."""
        with self._lock:
            is_new = overlap.id not in self._overlaps
            if is_new and self._full_since(overlap.author, since, number_max) is not None:
                return None
            return self._overlaps.setdefault(overlap.id, overlap)

    def find(self, lane: int, overlap_id: UUID) -> Overlap | None:
        """See OverlapStore."""
        with self._lock:
            return self._find(lane, overlap_id)

    def full_since(self, author: str, since: datetime, number_max: int) -> datetime | None:
        """See OverlapStore."""
        with self._lock:
            return self._full_since(author, since, number_max)

    def hand_in(
        self,
        lane: int,
        overlap_id: UUID,
        party: str,
        persons: frozenset[bytes],
        counter: Callable[[Persons], OverlapCount],
    ) -> bool:
        """See OverlapStore."""
        with self._lock:
            known = self._find(lane, overlap_id)
            if known is None or known.state != "open" or party in known.handed_in:
                return known is not None and party in known.handed_in
            self._persons.setdefault(overlap_id, {})[party] = persons
            self._overlaps[overlap_id] = taken = replace(known, handed_in=(*known.handed_in, party))
            if set(taken.handed_in) == set(taken.parties):
                self._end(taken, "counted", counter(self._persons[overlap_id]))
            return True

    def end(self, lane: int, overlap_id: UUID, state: OverlapState) -> None:
        """See OverlapStore."""
        with self._lock:
            known = self._find(lane, overlap_id)
            if known is not None and known.state == "open":
                self._end(known, state, None)

    def settle(self, lane: int, overlap_id: UUID) -> None:
        """See OverlapStore."""
        with self._lock:
            known = self._find(lane, overlap_id)
            if known is not None and known.state != "open":
                self._overlaps[overlap_id] = replace(known, is_settled=True)

    def unsettled(self, now: datetime) -> list[Overlap]:
        """See OverlapStore."""
        with self._lock:
            due = [one for one in self._overlaps.values() if _is_due(one, now)]
            due.sort(key=lambda one: (one.opened_at, one.id))
            return due[: limits.OVERLAPS_SETTLED_PER_ROUND_MAX]

    def _find(self, lane: int, overlap_id: UUID) -> Overlap | None:
        known = self._overlaps.get(overlap_id)
        return known if known is not None and known.lane == lane else None

    def _full_since(self, author: str, since: datetime, number_max: int) -> datetime | None:
        of_author = (one.opened_at for one in self._overlaps.values() if one.author == author)
        opened = sorted(each for each in of_author if each >= since)
        return opened[-number_max] if len(opened) >= number_max else None

    def _end(self, known: Overlap, state: OverlapState, count: OverlapCount | None) -> None:
        self._persons.pop(known.id, None)
        self._overlaps[known.id] = replace(known, state=state, count=count, wrapped_secret=None)


def _is_due(overlap: Overlap, now: datetime) -> bool:
    return not overlap.is_settled and (overlap.state != "open" or overlap.closes_at <= now)
