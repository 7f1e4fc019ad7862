"""Rotates the keys under which dossier secrets are wrapped, so that an old backup opens no dossier destroyed since.

Every week all living secrets are wrapped anew under the key of the week. A dump made before then needs the older key,
and dumps are kept for some time; when that has passed since nothing living hung on it, the older key is destroyed, and
with it whatever copy of an old wrap still lies anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.keys import dossier_place
from services.ledger.application.ports import Vault
from services.ledger.application.pseudonyms import week_key_id
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister, KeyStore
from services.ledger.application.vault_errors import KeyDestroyed
from services.ledger.domain.stored import WrappedDossierSecret
from services.runtime import limits
from services.runtime.clock import Clock


class RotateWeek:
    """The verb ``rotate_week``."""

    def __init__(self, *, store: KeyStore, vault: Vault, register: ErasureRegister, clock: Clock) -> None:
        """Wrap anew what ``store`` holds, under keys of ``vault``."""
        self._store = store
        self._vault = vault
        self._register = register
        self._clock = clock
        self._rotated = ""
        self._looked_on: date | None = None

    async def rotate_week(self) -> int:
        """Wrap living secrets under this week's key, and destroy the keys that nothing needs; how many were wrapped.

        May be called often: it looks at all secrets once a week, and at the older keys once a day.
        """
        return await run_sync(self._rotate)

    def _rotate(self) -> int:
        today = amsterdam_day(self._clock.now())
        key_id, wrapped = week_key_id(today), 0
        if key_id != self._rotated:
            wrapped = sum([self._rotate_lane(lane, key_id) for lane in self._store.lanes()])
            self._rotated = key_id
        if today != self._looked_on:
            self._destroy_unused(key_id, today)
            self._looked_on = today
        return wrapped

    def _rotate_lane(self, lane: int, key_id: str) -> int:
        """Page by page; a secret that changes meanwhile is left to who changed it."""
        replaced, last = 0, None
        while rows := self._store.dossiers_not_under(lane, key_id, last, limits.REWRAP_SECRETS_MAX):
            replaced += self._store.rewrap_dossiers(self._rewrap(rows, key_id))
            last = rows[-1]
        return replaced

    def _rewrap(
        self, rows: Sequence[WrappedDossierSecret], key_id: str
    ) -> list[tuple[WrappedDossierSecret, WrappedDossierSecret]]:
        """Each secret with its new wrap; what hangs on a destroyed key is left as it is."""
        opened: list[tuple[WrappedDossierSecret, bytes, bytes]] = []
        for row in rows:
            place = dossier_place(row.lane, row.stream_id, row.scope, row.generation)
            try:
                opened.append((row, self._vault.unwrap(row.wrap_key_id, row.wrapped, place), place))
            except KeyDestroyed:
                continue
        wraps = self._vault.wrap_all(key_id, [(material, place) for _, material, place in opened])
        return [
            (row, WrappedDossierSecret(row.lane, row.stream_id, row.scope, row.generation, key_id, wrap))
            for (row, _, _), wrap in zip(opened, wraps, strict=True)
        ]

    def _destroy_unused(self, current: str, today: date) -> None:
        """Destroy the keys that have been of no use for as long as any backup is kept."""
        older = [key_id for key_id in self._vault.key_ids("week") if key_id < current]
        if not self._rested(older, today):
            return
        # A secret that was made in one of those weeks may still be on its way to its append.
        self._store.raise_epochs()
        gone = self._rested(older, today)
        for key_id in gone:
            self._register.append(ErasureEntry(id=key_id, kind="week", at=self._clock.now(), key_id=key_id))
        if gone:
            self._vault.destroy_all(gone)

    def _rested(self, key_ids: Sequence[str], today: date) -> list[str]:
        """Those of these keys that nothing has needed for as long as dumps are kept."""
        unused = self._store.unused_week_keys(key_ids, today)
        return sorted(id_ for id_, since in unused.items() if since < today - timedelta(days=limits.BACKUP_DAYS_MAX))
