"""The tree in tiles of 256 hashes (C2SP tlog-tiles): what is stored, served, and read to make proofs.

Tile (level, index) holds the hashes at height 8 * level from index * 256 on; the rightmost tile of a level may be
partial. A tile only grows, so that a partial tile of any width is a beginning of what is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from services.ledger.domain.merkle import HASH_BYTES, fold_perfect, fold_roots, perfect_nodes

TILE_BITS: Final = 8
TILE_WIDTH: Final = 1 << TILE_BITS

TileKey = tuple[int, int]
"""(level, index) of a tile."""

_PATH = re.compile(r"([0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(msgspec.Struct, frozen=True):
    """One tile: its place and its hashes, 32 bytes each, one after another."""

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes it holds: 1 to 256."""
        return len(self.hashes) // HASH_BYTES


class TileRequest(msgspec.Struct, frozen=True):
    """A tile as asked for by path: ``width`` 256 for a full one."""

    level: int
    index: int
    width: int


def format_tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """``0/x001/x234/067`` for index 1234067; a partial tile has ``.p/<width>`` behind it."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"{level}/{'/'.join(groups)}{suffix}"


def parse_tile_path(path: str) -> TileRequest:
    """The tile a path names; raises ValueError for every spelling but the one of C2SP."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError("this is no tile path")
    level = int(match[1])
    index = int(match[2].replace("x", "").replace("/", ""))
    width = int(match[3]) if match[3] else TILE_WIDTH
    if format_tile_path(level, index, width) != path or width > TILE_WIDTH:
        raise ValueError("this is no tile path")
    return TileRequest(level, index, width)


class TileBuilder:
    """The right edge of a tree: takes leaf hashes, gives the tiles they fill or widen.

    Holds at most 255 hashes per level; it can go on from any tree by loading the partial tiles (``edge_tiles``).
    """

    __slots__ = ("_edges", "size")

    def __init__(self, size: int = 0, edges: Mapping[int, bytes] | None = None) -> None:
        """Go on at ``size`` leaves with the partial tile of each level; a level without one has an empty edge."""
        self.size = size
        self._edges: list[bytearray] = []
        for level, (_, width) in enumerate(edge_widths(size)):
            hashes = (edges or {}).get(level, b"")
            assert len(hashes) == width * HASH_BYTES, "the partial tiles do not fit the size of the tree"
            self._edges.append(bytearray(hashes))

    def extend(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Add leaf hashes in order; returns every tile that was filled or widened, in its newest form."""
        self.size += len(leaves)
        return self._extend_level(0, leaves)

    def _extend_level(self, level: int, hashes: Sequence[bytes]) -> list[Tile]:
        """Add hashes to one level: each tile that fills up sends its root to the level above."""
        if not hashes:
            return []
        if level == len(self._edges):
            self._edges.append(bytearray())
        edge = self._edges[level]
        tile_index = (self.size >> TILE_BITS * level) - len(hashes) - len(edge) // HASH_BYTES >> TILE_BITS
        edge += b"".join(hashes)
        tiles: list[Tile] = []
        roots: list[bytes] = []
        full_bytes, start = TILE_WIDTH * HASH_BYTES, 0
        while len(edge) - start >= full_bytes:
            full = bytes(edge[start : start + full_bytes])
            tiles.append(Tile(level, tile_index + len(roots), full))
            roots.append(fold_perfect(split_hashes(full)))
            start += full_bytes
        del edge[:start]
        if edge:
            tiles.append(Tile(level, tile_index + len(roots), bytes(edge)))
        return tiles + self._extend_level(level + 1, roots)

    def edges(self) -> list[Tile]:
        """The partial tiles of the tree as it stands."""
        widths = edge_widths(self.size)
        return [Tile(level, index, bytes(self._edges[level])) for level, (index, width) in enumerate(widths) if width]

    def root(self) -> bytes:
        """The root of the tree as it stands, folded from the edges alone."""
        roots: list[bytes] = []
        for level in reversed(range(len(self._edges))):
            hashes = split_hashes(bytes(self._edges[level]))
            roots += [
                fold_perfect(hashes[index << height : index + 1 << height])
                for height, index in perfect_nodes(0, len(hashes))
            ]
        return fold_roots(roots)

    def __repr__(self) -> str:
        return f"TileBuilder(size={self.size})"


class TileReader:
    """Fetches nodes of a tree of ``size`` leaves out of its tiles; each tile is asked for once."""

    def __init__(self, size: int, read_tile: Callable[[int, int], bytes | None]) -> None:
        """``read_tile(level, index)`` gives the stored hashes of a tile or None."""
        self.size = size
        self._read_tile = read_tile
        self._tiles: dict[TileKey, list[bytes]] = {}

    def fetch(self, level: int, index: int) -> bytes:
        """The hash of the perfect subtree (level, index); LookupError when the tiles do not hold it."""
        tile_level, height = divmod(level, TILE_BITS)
        first = index << height
        offset = first % TILE_WIDTH
        hashes = self._tile(tile_level, first // TILE_WIDTH)[offset : offset + (1 << height)]
        if len(hashes) != 1 << height:
            raise LookupError("a tile of this tree is missing or too short")
        return fold_perfect(hashes)

    def _tile(self, level: int, index: int) -> list[bytes]:
        key = (level, index)
        if key not in self._tiles:
            self._tiles[key] = split_hashes(self._read_tile(level, index) or b"")
        return self._tiles[key]


def edge_widths(size: int) -> list[TileKey]:
    """Per level of a tree of ``size`` leaves: (index, width) of its partial tile; width 0 means that there is none."""
    widths = []
    while size:
        widths.append((size >> TILE_BITS, size % TILE_WIDTH))
        size >>= TILE_BITS
    return widths


def edge_tiles(size: int) -> list[TileKey]:
    """(level, index) of the partial tiles of a tree of ``size`` leaves: what a builder needs to go on."""
    return [(level, index) for level, (index, width) in enumerate(edge_widths(size)) if width]


def split_hashes(hashes: bytes) -> list[bytes]:
    """The single hashes of a tile."""
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]
