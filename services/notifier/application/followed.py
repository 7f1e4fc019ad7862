"""What the one that decides and sends knows of a feed that others follow for it: only how far they are."""

from __future__ import annotations

from collections.abc import Mapping

from services.notifier.application.ports import Store


class Followed:
    """Says when enough was followed to decide by. Shared between threads: a mapping is swapped whole."""

    def __init__(self) -> None:
        """Nothing in particular is waited for yet."""
        self._heads: Mapping[int, int] = {}
        self._has_read_back = False

    def wait_for(self, heads: Mapping[int, int]) -> None:
        """Let nothing be decided before the feed has been followed so far."""
        self._heads = dict(heads)

    def is_enough(self, store: Store) -> bool:
        """Whether what is decided now is decided by all that it must be decided by."""
        self._has_read_back = self._has_read_back or store.has_read_back()
        heads = self._heads
        if not heads:
            return self._has_read_back
        cursor = store.cursor()
        if self._has_read_back and all(cursor.get(lane, 0) >= position for lane, position in heads.items()):
            # Another one may have been set meanwhile; this one is reached.
            self._heads = self._heads if self._heads is not heads else {}
            return True
        return False
