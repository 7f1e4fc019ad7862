"""Lookups and secrets of a ledger in memory: what its appends brought, and the secrets of days."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from itertools import count
from uuid import UUID

from services.ledger.application.ports import KnownSecret
from services.ledger.contract import topics
from services.ledger.domain.stored import (
    Identifier,
    KeptKey,
    LaneDay,
    StoredEvent,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)
from services.ledger.storage.memory import MemoryLedger


class MemoryIdentityStore:
    """The ``IdentityStore`` port over the rows of a ``MemoryLedger``."""

    def __init__(self, ledger: MemoryLedger) -> None:
        """Read what ``ledger`` holds."""
        self._ledger = ledger
        self._lock = threading.Lock()
        self.days: dict[LaneDay, WrappedDaySecret | None] = {}
        """Day secrets; None: destroyed. What was fenced stands with the ledger."""
        self.holds: dict[tuple[int, UUID], WrappedHoldSecret | None] = {}
        """Secrets of holds; None: destroyed."""
        self.kept: dict[tuple[int, int], dict[str, KeptKey]] = {}
        """The wraps of each event by keeper."""

    def find_streams(self, lookups: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], Identifier]:
        """The known identifiers among (lane, lookup)."""
        found: dict[tuple[int, bytes], Identifier] = {}
        for lane, lookup in lookups:
            row = self._ledger.rows.get((lane, lookup))
            if row is not None:
                version, stream = row
                found[lane, lookup] = Identifier(
                    lane=lane, lookup=lookup, key_version=version, stream_id=UUID(bytes=stream)
                )
        return found

    def find_secrets(self, places: Sequence[tuple[int, UUID, bytes]]) -> dict[tuple[int, UUID, bytes], KnownSecret]:
        """The newest generation of each (lane, stream, scope)."""
        found: dict[tuple[int, UUID, bytes], KnownSecret] = {}
        for place in places:
            for generation in count(1):
                secret = self._secret(*place, generation)
                if secret is None:
                    break
                found[place] = secret
        return found

    def find_generations(
        self, places: Sequence[tuple[int, UUID, bytes, int]]
    ) -> dict[tuple[int, UUID, bytes, int], KnownSecret]:
        """Exact generations."""
        found = {place: self._secret(*place) for place in places}
        return {place: secret for place, secret in found.items() if secret is not None}

    def day_secrets(self, places: Sequence[tuple[int, date]]) -> dict[tuple[int, date], WrappedDaySecret | None]:
        """Day secrets by (lane, day); None when fenced or destroyed; absent when never made."""
        fenced = self._ledger.fenced_days
        with self._lock:
            made = {place: self.days[place] for place in places if place in self.days}
        return made | {place: None for place in places if place in fenced}

    def create_day_secrets(self, rows: Sequence[WrappedDaySecret]) -> None:
        """Insert where absent."""
        with self._lock:
            for row in rows:
                if (row.lane, row.day) not in self._ledger.fenced_days:
                    self.days.setdefault((row.lane, row.day), row)

    def fence_epochs(self, lanes: Sequence[int]) -> dict[int, int]:
        """How often each of these lanes was fenced."""
        return {lane: self._ledger.epochs[lane] for lane in lanes if lane in self._ledger.epochs}

    def kept_keys(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[KeptKey, ...]]:
        """The wraps by which these events outlive their day."""
        with self._lock:
            found = {place: self.kept[place] for place in places if self.kept.get(place)}
            return {place: tuple(wraps[keeper] for keeper in sorted(wraps)) for place, wraps in found.items()}

    def hold_secrets(self, places: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], WrappedHoldSecret | None]:
        """Secrets of holds by (lane, hold); None when destroyed; absent when never made."""
        with self._lock:
            return {place: self.holds[place] for place in places if place in self.holds}

    def links_of(self, places: Sequence[tuple[int, UUID]]) -> list[StoredEvent]:
        """The link and unlink events on these streams, in order of (lane, position)."""
        found = [
            event
            for lane, stream_id in set(places)
            for event in self._ledger.events_of_stream(lane, stream_id)
            if event.topic in (topics.SUBJECTS_LINKED, topics.SUBJECTS_UNLINKED)
        ]
        return sorted(found, key=lambda event: (event.lane, event.position))

    def _secret(self, lane: int, stream_id: UUID, scope: bytes, generation: int) -> KnownSecret | None:
        """One row of dossier secrets; None when it was never stored."""
        row = self._ledger.rows.get((lane, stream_id.bytes, scope, generation))
        if row is None:
            return None
        key_id, wrapped, state = row
        stored = (
            None
            if wrapped is None
            else WrappedDossierSecret(
                lane=lane, stream_id=stream_id, scope=scope, generation=generation, wrap_key_id=key_id, wrapped=wrapped
            )
        )
        return KnownSecret(row=stored, generation=generation, state=state)
