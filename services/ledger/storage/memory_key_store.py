"""Secrets with their life and death in memory: over the same rows from which a ``MemoryIdentityStore`` reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.stored import (
    DossierGeneration,
    KeptKey,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)
from services.ledger.storage.memory import MemoryLedger
from services.ledger.storage.memory_identity import MemoryIdentityStore


class MemoryKeyStore:
    """The ``KeyStore`` port; safe between threads."""

    def __init__(self, ledger: MemoryLedger, identities: MemoryIdentityStore) -> None:
        """Dossiers and epochs stand in ``ledger``, all other secrets in ``identities``."""
        self._ledger = ledger
        self._identities = identities
        self._lock = threading.RLock()
        self._unused: dict[str, date] = {}

    def lanes(self) -> list[int]:
        """The lanes in which records stand, ascending."""
        return sorted(lane for lane in self._ledger.epochs if lane != REGISTER_LANE)

    def dossiers_of(self, lane: int, stream_id: UUID) -> list[tuple[bytes, int, str]]:
        """(scope, generation, state) of every dossier of a person."""
        return sorted(
            (scope, generation, state)
            for (place, stream, scope, generation), (_, _, state) in self._dossiers()
            if (place, stream) == (lane, stream_id.bytes)
        )

    def destroy_dossiers(self, places: Sequence[DossierGeneration], at: datetime) -> None:
        """Null the material of these generations; already destroyed ones stay as they are."""
        del at
        with self._lock:
            fenced: set[int] = set()
            for lane, stream_id, scope, generation in places:
                key = (lane, stream_id.bytes, scope, generation)
                if key in self._ledger.rows:
                    key_id, _, state = self._ledger.rows[key]
                    self._ledger.rows[key] = (key_id, None, "destroyed")
                    fenced.update([lane] if state == "active" else ())
            for lane in fenced:
                self._ledger.epochs[lane] += 1

    def living_days(self, before: date) -> list[date]:
        """The days before ``before`` that still have a secret in some lane, ascending."""
        days = dict(self._identities.days)
        return sorted({day for (_, day), row in days.items() if row is not None and day < before})

    def ending_secrets(self, day: date) -> list[WrappedDaySecret]:
        """The secrets of a day in all lanes, fenced or not, as long as they were not destroyed."""
        days = dict(self._identities.days)
        return [row for (_, place), row in sorted(days.items()) if row is not None and place == day]

    def destroy_day(self, day: date, at: datetime) -> None:
        """Null the secrets of a day in every lane."""
        del at
        with self._lock:
            for lane in self.lanes():
                if self._identities.days.get((lane, day)) is not None:
                    self._identities.days[lane, day] = None
                    self._ledger.epochs[lane] += (lane, day) not in self._ledger.fenced_days

    def keep_keys(self, keys: Sequence[KeptKey]) -> None:
        """Store these wraps where they are absent."""
        with self._lock:
            for key in keys:
                self._identities.kept.setdefault((key.lane, key.position), {}).setdefault(key.keeper, key)

    def kept_by(self, lane: int, keeper: str, after: int, limit: int) -> list[int]:
        """Positions in the lane that have a wrap by this keeper, in order."""
        kept = dict(self._identities.kept)
        found = sorted(position for (place, position), wraps in kept.items() if place == lane and keeper in wraps)
        return [position for position in found if position > after][:limit]

    def drop_kept_keys(self, keeper: str) -> None:
        """Remove the wraps that lived by this keeper."""
        with self._lock:
            for wraps in self._identities.kept.values():
                wraps.pop(keeper, None)

    def create_hold_secrets(self, rows: Sequence[WrappedHoldSecret]) -> None:
        """Insert where absent; another writer's row wins, and a destroyed one stays destroyed."""
        with self._lock:
            for row in rows:
                self._identities.holds.setdefault((row.lane, row.hold_id), row)

    def living_holds(self) -> list[UUID]:
        """The holds that still have a secret in some lane, in order."""
        return sorted({hold_id for (_, hold_id), row in dict(self._identities.holds).items() if row is not None})

    def destroy_hold(self, hold_id: UUID, at: datetime) -> None:
        """Null the secrets of a hold in every lane; a lane without one gets none any more."""
        del at
        with self._lock:
            self._identities.holds.update({(lane, hold_id): None for lane in self.lanes()})

    def dossiers_not_under(
        self, lane: int, key_id: str, after: WrappedDossierSecret | None, limit: int
    ) -> list[WrappedDossierSecret]:
        """Living secrets of the lane that are wrapped under another key, in order, after the one given."""
        place = (b"", b"", -1) if after is None else (after.stream_id.bytes, after.scope, after.generation)
        found = [
            (key[1:], own, wrapped)
            for key, (own, wrapped, _) in self._dossiers()
            if key[0] == lane and key[1:] > place and wrapped is not None and own != key_id
        ]
        return [
            WrappedDossierSecret(lane, UUID(bytes=stream), scope, generation, own, wrapped)
            for (stream, scope, generation), own, wrapped in sorted(found)[:limit]
        ]

    def rewrap_dossiers(self, pairs: Sequence[tuple[WrappedDossierSecret, WrappedDossierSecret]]) -> int:
        """Replace each wrap by the other one where it still stands exactly so; how many were replaced."""
        replaced = 0
        with self._lock:
            for old, new in pairs:
                key = (old.lane, old.stream_id.bytes, old.scope, old.generation)
                key_id, wrapped, state = self._ledger.rows[key]
                if (key_id, wrapped) == (old.wrap_key_id, old.wrapped):
                    self._ledger.rows[key] = (new.wrap_key_id, new.wrapped, state)
                    replaced += 1
        return replaced

    def raise_epochs(self) -> None:
        """Raise the fence epoch of every lane."""
        with self._lock:
            for lane in self.lanes():
                self._ledger.epochs[lane] += 1

    def unused_week_keys(self, key_ids: Sequence[str], today: date) -> dict[str, date]:
        """Of these keys those under which nothing is wrapped any more, each with the day that was first seen."""
        used = {key_id for _, (key_id, wrapped, _) in self._dossiers() if wrapped is not None}
        with self._lock:
            self._unused = {key_id: self._unused.get(key_id, today) for key_id in key_ids if key_id not in used}
            return self._unused.copy()

    def _dossiers(self) -> list[tuple[tuple[int, bytes, bytes, int], tuple[str, bytes | None, str]]]:
        """The rows of dossier secrets with their keys, as they stand now."""
        rows = dict(self._ledger.rows)
        return [((*key,), (*row,)) for key, row in rows.items() if len(key) == 4]
