"""Lookups and secrets in memory, for ledgers that live as long as their process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

from services.ledger.application.ports import KnownSecret
from services.ledger.contract import topics
from services.ledger.domain.stored import Identifier, StoredEvent, WrappedDaySecret, WrappedDossierSecret

StreamReader = Callable[[int, UUID], Iterable[StoredEvent]]


class MemoryIdentityStore:
    """The ``IdentityStore`` port in dictionaries; the in-memory appender writes through ``add``."""

    def __init__(self, read_stream: StreamReader) -> None:
        """``read_stream`` gives the events of (lane, stream), for the links on it."""
        self._read_stream = read_stream
        self._lock = threading.Lock()
        self._identifiers: dict[tuple[int, bytes], Identifier] = {}
        self._secrets: dict[tuple[int, UUID, bytes], list[KnownSecret]] = {}
        self._days: dict[tuple[int, date], WrappedDaySecret | None] = {}

    def add(self, identifiers: Sequence[Identifier], secrets: Sequence[WrappedDossierSecret]) -> bool:
        """Store the rows an operation leans on; False, and nothing stored, when one of them stands otherwise."""
        with self._lock:
            if not all(self._identifiers.get((i.lane, i.lookup), i).stream_id == i.stream_id for i in identifiers):
                return False
            if not all(self._agrees(secret) for secret in secrets):
                return False
            for identifier in identifiers:
                self._identifiers.setdefault((identifier.lane, identifier.lookup), identifier)
            for secret in secrets:
                generations = self._secrets.setdefault((secret.lane, secret.stream_id, secret.scope), [])
                if len(generations) < secret.generation:
                    generations.append(KnownSecret(row=secret, generation=secret.generation, state="active"))
            return True

    def destroy_secret(self, lane: int, stream_id: UUID, scope: bytes) -> None:
        """Null the newest generation of a dossier secret; its row stays."""
        with self._lock:
            generations = self._secrets[lane, stream_id, scope]
            generations[-1] = KnownSecret(row=None, generation=generations[-1].generation, state="destroyed")

    def _agrees(self, secret: WrappedDossierSecret) -> bool:
        generations = self._secrets.get((secret.lane, secret.stream_id, secret.scope), [])
        if secret.generation > len(generations):
            return secret.generation == len(generations) + 1
        return generations[secret.generation - 1].row == secret

    def find_streams(self, lookups: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], Identifier]:
        """The known identifiers among (lane, lookup)."""
        return {place: self._identifiers[place] for place in lookups if place in self._identifiers}

    def find_secrets(self, places: Sequence[tuple[int, UUID, bytes]]) -> dict[tuple[int, UUID, bytes], KnownSecret]:
        """The newest generation of each (lane, stream, scope)."""
        return {place: self._secrets[place][-1] for place in places if place in self._secrets}

    def find_generations(
        self, places: Sequence[tuple[int, UUID, bytes, int]]
    ) -> dict[tuple[int, UUID, bytes, int], KnownSecret]:
        """Exact generations."""
        return {
            (lane, stream, scope, number): self._secrets[lane, stream, scope][number - 1]
            for lane, stream, scope, number in places
            if 0 < number <= len(self._secrets.get((lane, stream, scope), []))
        }

    def day_secrets(self, places: Sequence[tuple[int, date]]) -> dict[tuple[int, date], WrappedDaySecret | None]:
        """Day secrets by (lane, day); None when destroyed; absent when never made."""
        return {place: self._days[place] for place in places if place in self._days}

    def create_day_secrets(self, rows: Sequence[WrappedDaySecret]) -> None:
        """Insert where absent."""
        for row in rows:
            self._days.setdefault((row.lane, row.day), row)

    def links_of(self, places: Sequence[tuple[int, UUID]]) -> list[StoredEvent]:
        """The link and unlink events on these streams, in order of (lane, position)."""
        found = [
            event
            for lane, stream_id in set(places)
            for event in self._read_stream(lane, stream_id)
            if event.topic in (topics.SUBJECTS_LINKED, topics.SUBJECTS_UNLINKED)
        ]
        return sorted(found, key=lambda event: (event.lane, event.position))
