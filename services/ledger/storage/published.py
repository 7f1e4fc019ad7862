"""How far every lane was published, for whoever watches over all of them."""

from __future__ import annotations

from typing import Final, LiteralString

from services.runtime.postgres import SyncPool

READ_PUBLISHED: Final[LiteralString] = "SELECT lane, position FROM publication"


class PublishedLanes:
    """Reads what the publishers wrote; takes a connection of the pool per call."""

    def __init__(self, pool: SyncPool) -> None:
        """Take an open pool."""
        self._pool = pool

    def positions(self) -> dict[int, int]:
        """The position up to which each lane was published; a lane of which nobody ever led that is left out."""
        with self._pool.connection() as connection:
            return dict(connection.execute(READ_PUBLISHED, prepare=True).fetchall())
