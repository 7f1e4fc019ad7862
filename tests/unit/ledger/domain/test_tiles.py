"""Tiles: paths of C2SP, building in any batches, and proofs read out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.merkle import (
    CompactRange,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
)
from services.ledger.domain.merkle import verify_inclusion as verifies
from services.ledger.domain.tiles import (
    TileBuilder,
    TileReader,
    TileRequest,
    edge_tiles,
    format_tile_path,
    parse_tile_path,
)

LEAVES = [hash_leaf(str(number).encode()) for number in range(70_000)]


def root_at(size: int) -> bytes:
    """The root by the compact range."""
    compact = CompactRange()
    compact.extend(LEAVES[:size])
    return compact.root()


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "0/000"),
        (0, 1234067, 256, "0/x001/x234/067"),
        (1, 999, 5, "1/999.p/5"),
        (63, 1000, 255, "63/x001/000.p/255"),
    ],
)
def test_paths_are_those_of_c2sp(level: int, index: int, width: int, path: str) -> None:
    """A path is written and read as the specification's examples."""
    assert format_tile_path(level, index, width) == path
    assert parse_tile_path(path) == TileRequest(level, index, width)


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/", "00/000", "64/000", "0/0", "0/x000/001", "0/001/002", "0/000.p/0", "0/000.p/256", "0/000.p/05",
     "0/../000", "0/000\n", "-1/000", "0/\u0660\u0660\u0660", "0/x001", "0/000.p/999"],
)  # fmt: skip
def test_other_spellings_are_refused(path: str) -> None:
    """One tile has one path: caches and comparisons lean on it."""
    with pytest.raises(ValueError, match="no tile path"):
        parse_tile_path(path)


@given(st.lists(st.integers(0, 1_500), min_size=1, max_size=8))
def test_batches_do_not_matter(batches: list[int]) -> None:
    """However the leaves come in, with a restart after every batch, tiles and root are the same."""
    tiles: dict[tuple[int, int], bytes] = {}
    size = 0
    for batch in batches:
        edges = {level: tiles[level, index] for level, index in edge_tiles(size)}
        builder = TileBuilder(size, edges)
        tiles |= {(tile.level, tile.index): tile.hashes for tile in builder.extend(LEAVES[size : size + batch])}
        size += batch
        assert builder.size == size
        assert builder.root() == root_at(size)
    whole = {(tile.level, tile.index): tile.hashes for tile in TileBuilder().extend(LEAVES[:size])}
    assert tiles == whole


def test_three_levels() -> None:
    """A tree beyond 65,536 leaves has its roots at the third level, and proofs read from tiles verify."""
    size = 70_000
    builder = TileBuilder()
    tiles = {(tile.level, tile.index): tile.hashes for tile in builder.extend(LEAVES)}
    assert {level for level, _ in tiles} == {0, 1, 2}
    reader = TileReader(size, lambda level, index: tiles.get((level, index)))
    root = root_at(size)
    assert builder.root() == root
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        assert verifies(LEAVES[index], index, size, prove_inclusion(reader.fetch, index, size), root)
    for old in (1, 256, 65_536, 65_537, size - 1):
        assert verify_consistency(old, root_at(old), size, root, prove_consistency(reader.fetch, old, size))


@given(st.integers(1, 2_000), st.data())
def test_a_proof_for_an_older_size_reads_the_newer_tiles(size: int, data: st.DataObject) -> None:
    """Tiles only grow, so a proof against an older checkpoint can still be made."""
    older = data.draw(st.integers(1, size))
    tiles = {(tile.level, tile.index): tile.hashes for tile in TileBuilder().extend(LEAVES[:size])}
    reader = TileReader(older, lambda level, index: tiles.get((level, index)))
    index = data.draw(st.integers(0, older - 1))
    assert verifies(LEAVES[index], index, older, prove_inclusion(reader.fetch, index, older), root_at(older))


def test_a_missing_tile_is_told() -> None:
    """No proof is made up from tiles that are not there."""
    with pytest.raises(LookupError):
        TileReader(300, lambda level, index: None).fetch(0, 0)
