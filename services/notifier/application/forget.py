"""Leave nothing behind: copies of letters whose time is over, and old rows that nobody needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.notifier.application.ports import Channel, LetterKeys, Store
from services.runtime import limits
from services.runtime.log import Log
from services.runtime.log_events import LETTERS_FORGOTTEN


class Forget:
    """Destroys the key first, then the files, then the row's word that there is something to forget."""

    def __init__(self, *, store: Store, keys: LetterKeys, channels: Mapping[str, Channel], log: Log) -> None:
        """Take the outbox, the keys, and the channels that may keep files."""
        self._store = store
        self._keys = keys
        self._channels = channels
        self._log = log

    def step(self, now: datetime) -> int:
        """Forget some letters and drop some old rows; how many."""
        letters = self._store.to_forget(now, limits.MESSAGES_PER_PIECE_MAX)
        for letter in letters:
            self._keys.destroy(letter)
            for channel in self._channels.values():
                channel.forget(letter)
            self._store.mark_forgotten(letter)
        if letters:
            self._log.write(LETTERS_FORGOTTEN, count=len(letters))
        before = now - timedelta(days=limits.MESSAGES_KEPT_DAYS)
        return len(letters) + self._store.prune(before, limits.MESSAGES_PER_PIECE_MAX)

    def drop_orphans(self) -> None:
        """Destroy keys whose letter was never stored: a crash fell between the two. Before others use the store."""
        for letter in self._keys.all() - self._store.keys_in_use():
            self._keys.destroy(letter)
