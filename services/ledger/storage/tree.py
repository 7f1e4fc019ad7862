"""The tree of each lane in PostgreSQL: leaves out of the events, tiles and signed checkpoints beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.tiles import Tile, TileBuilder, edge_tiles
from services.runtime.errors import GrootboekError
from services.runtime.postgres import SyncPool

SELECT_LEDGER_ID: Final[LiteralString] = "SELECT value FROM ledger_setting WHERE name = 'ledger_id'"
SELECT_HEADS: Final[LiteralString] = "SELECT lane, last_position FROM lane_head ORDER BY lane"
SELECT_SIZES: Final[LiteralString] = "SELECT lane, size FROM tree_head"
SELECT_SIZE: Final[LiteralString] = "SELECT size FROM tree_head WHERE lane = %s::smallint"
SELECT_LEAVES: Final[LiteralString] = """
SELECT notification_id, leaf_hash FROM stored_events
WHERE lane = %s::smallint AND notification_id > %s::bigint
ORDER BY notification_id LIMIT %s"""
SELECT_TILE: Final[LiteralString] = (
    "SELECT hashes FROM tree_tile WHERE lane = %s::smallint AND level = %s::smallint AND index = %s::bigint"
)
SELECT_NOTE: Final[LiteralString] = (
    "SELECT note FROM tree_checkpoint WHERE lane = %s::smallint ORDER BY size DESC LIMIT 1"
)
BEGIN_TREE: Final[LiteralString] = (
    "INSERT INTO tree_head (lane, size) VALUES (%s::smallint, 0) ON CONFLICT (lane) DO NOTHING"
)
MOVE_HEAD: Final[LiteralString] = (
    "UPDATE tree_head SET size = %s::bigint WHERE lane = %s::smallint AND size = %s::bigint"
)
UPSERT_TILE: Final[LiteralString] = """
INSERT INTO tree_tile (lane, level, index, hashes) VALUES (%s::smallint, %s::smallint, %s::bigint, %s::bytea)
ON CONFLICT (lane, level, index) DO UPDATE SET hashes = excluded.hashes"""
INSERT_CHECKPOINT: Final[LiteralString] = (
    "INSERT INTO tree_checkpoint (lane, size, root, note, signed_at) VALUES (%s::smallint, %s, %s, %s, %s)"
)
# A checkpoint a second would outgrow the events of a quiet lane; one an hour is enough to date a rewriting.
THIN_CHECKPOINTS: Final[LiteralString] = """
DELETE FROM tree_checkpoint
WHERE lane = %s::smallint AND size < %s::bigint AND signed_at >= date_trunc('hour', %s::timestamptz, 'UTC')"""


class LeafMissing(GrootboekError):
    """A lane misses a position, so its tree cannot grow past it."""

    code = "leaf_missing"
    remedy = "Run `grootboek verify`: a missing position is loss or tampering."


class PostgresTreeStore:
    """Implements TreeStore; takes a connection of the pool per call."""

    def __init__(self, *, pool: SyncPool) -> None:
        """Take an open pool."""
        self._pool = pool

    def ledger_id(self) -> str:
        """The name of this ledger in its checkpoints."""
        return str(self._first(SELECT_LEDGER_ID, ()))

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        with self._pool.connection() as connection:
            return dict(connection.execute(SELECT_HEADS, prepare=True).fetchall())

    def sizes(self) -> dict[int, int]:
        """How many leaves the tree of every lane has that has one."""
        with self._pool.connection() as connection:
            return dict(connection.execute(SELECT_SIZES, prepare=True).fetchall())

    def open_tree(self, lane: int) -> TileBuilder:
        """The right edge of a lane's tree as it was last stored.

        Another sealer may widen a tile between the two reads: tiles only grow, so the beginning is what we need.
        """
        size = int(self._first(SELECT_SIZE, (lane,)) or 0)
        edges: dict[int, bytes] = {}
        for level, index in edge_tiles(size):
            width = (size >> 8 * level) % 256
            edges[level] = (self.tile(lane, level, index) or b"")[: 32 * width]
        return TileBuilder(size, edges)

    def leaves_after(self, lane: int, size: int, limit: int) -> list[bytes]:
        """At most ``limit`` leaf hashes from position ``size + 1`` on; raises LeafMissing at a gap."""
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            rows = cursor.execute(SELECT_LEAVES, (lane, size, limit), prepare=True).fetchall()
        if any(position != size + place for place, (position, _) in enumerate(rows, start=1)):
            raise LeafMissing
        return [leaf for _, leaf in rows]

    def store(
        self, lane: int, old_size: int, tiles: Sequence[Tile], checkpoint: Checkpoint, note: str, signed_at: datetime
    ) -> bool:
        """Commit tiles and checkpoint when the tree still has ``old_size`` leaves; False when it has moved."""
        with self._pool.connection() as connection, connection.transaction():
            if old_size == 0:
                connection.execute(BEGIN_TREE, (lane,))
            # Moving the head first locks its row: whoever loses the race writes nothing.
            if connection.execute(MOVE_HEAD, (checkpoint.size, lane, old_size)).rowcount != 1:
                return False
            with connection.cursor() as cursor:
                cursor.executemany(UPSERT_TILE, [(lane, tile.level, tile.index, tile.hashes) for tile in tiles])
            connection.execute(INSERT_CHECKPOINT, (lane, checkpoint.size, checkpoint.root, note, signed_at))
            connection.execute(THIN_CHECKPOINTS, (lane, checkpoint.size, signed_at))
        return True

    def newest_checkpoint(self, lane: int) -> str | None:
        """The signed note of the largest tree of a lane, None before the first."""
        note = self._first(SELECT_NOTE, (lane,))
        return None if note is None else str(note)

    def tile(self, lane: int, level: int, index: int) -> bytes | None:
        """The stored hashes of a tile, possibly partial; None when there is no such tile."""
        found: bytes | None = self._first(SELECT_TILE, (lane, level, index))
        return found

    def _first(self, statement: LiteralString, parameters: Sequence[Any]) -> Any:
        """The first column of the first row, or None."""
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            row = cursor.execute(statement, parameters, prepare=True).fetchone()
        return None if row is None else row[0]
