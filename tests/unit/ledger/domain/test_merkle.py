"""The Merkle tree against a naive recursive oracle, the vectors of RFC 6962's reference tree, and forgers."""

from __future__ import annotations

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.merkle import (
    EMPTY_ROOT,
    CompactRange,
    fold_perfect,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# Inputs and roots of the certificate-transparency reference implementation (trees of 1 to 8 leaves).
REFERENCE_INPUTS = [bytes.fromhex(x) for x in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(min_value=1, max_value=700)


def leaves_of(count: int) -> list[bytes]:
    """Distinct leaf hashes."""
    return [hash_leaf(str(number).encode()) for number in range(count)]


LEAVES = leaves_of(700)


def naive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """The audit path of RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_consistency(old: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2, word for word."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        return [*naive_consistency(old, leaves[:split], whole=whole), naive_root(leaves[split:])]
    return [*naive_consistency(old - split, leaves[split:], whole=False), naive_root(leaves[:split])]


def fetch(level: int, index: int) -> bytes:
    """The node straight from the leaves."""
    return fold_perfect(LEAVES[index << level : index + 1 << level])


def root_at(size: int) -> bytes:
    """The root of the first ``size`` leaves by the append path."""
    compact = CompactRange()
    compact.extend(LEAVES[:size])
    return compact.root()


@pytest.mark.parametrize("size", range(1, 9))
def test_reference_roots(size: int) -> None:
    """The roots of the certificate-transparency reference trees come out."""
    compact = CompactRange()
    compact.extend(hash_leaf(data) for data in REFERENCE_INPUTS[:size])
    assert compact.root().hex() == REFERENCE_ROOTS[size - 1]


def test_empty_tree_has_the_hash_of_nothing() -> None:
    """A tree without leaves has the root of RFC 6962 section 2.1."""
    assert CompactRange().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


@given(sizes)
def test_root_equals_the_definition(size: int) -> None:
    """Appending and folding nodes both give the root of the definition."""
    assert root_at(size) == naive_root(LEAVES[:size]) == root_of(fetch, 0, size)


@given(sizes, st.data())
def test_inclusion_proof_equals_the_definition_and_verifies(size: int, data: st.DataObject) -> None:
    """Every leaf has exactly the audit path of the definition, and it verifies."""
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(fetch, index, size)
    assert proof == naive_path(index, LEAVES[:size])
    assert verify_inclusion(LEAVES[index], index, size, proof, root_at(size))


@given(sizes, st.data())
def test_consistency_proof_equals_the_definition_and_verifies(size: int, data: st.DataObject) -> None:
    """Every earlier tree is shown to be a beginning, exactly as the definition says."""
    old = data.draw(st.integers(1, size))
    proof = prove_consistency(fetch, old, size)
    assert proof == naive_consistency(old, LEAVES[:size])
    assert verify_consistency(old, root_at(old), size, root_at(size), proof)


@given(sizes, st.data())
def test_inclusion_binds_index_size_leaf_and_root(size: int, data: st.DataObject) -> None:
    """A proof does not pass for another place, another size, another leaf, another root, or another length."""
    index = data.draw(st.integers(0, size - 1))
    leaf, root, proof = LEAVES[index], root_at(size), prove_inclusion(fetch, index, size)
    for other in {index - 1, index + 1, index ^ 1, 0, size - 1, size, -1, index + (1 << 40)} - {index}:
        assert not verify_inclusion(leaf, other, size, proof, root)
    assert not verify_inclusion(b"\x01" * 32, index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, b"\x01" * 32)
    assert not verify_inclusion(leaf, index, size, [*proof, root], root)
    assert not verify_inclusion(leaf, index, 0, proof, root)
    assert not verify_inclusion(leaf, index, size << 20, proof, root)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_inclusion(leaf, index, size, [*proof[:place], b"\x02" * 32, *proof[place + 1 :]], root)
        assert not verify_inclusion(leaf, index, size, proof[:-1], root)
        assert not verify_inclusion(leaf, index, size, [*proof[:-1], proof[-1] + b"\x00"], root)


def test_a_node_does_not_pass_for_a_leaf() -> None:
    """The inner node of a tree of four is no leaf of a tree of two (the first immudb class)."""
    size, root = 4, root_at(4)
    inner = fetch(1, 0)
    proof = [fetch(1, 1)]
    assert verify_inclusion(inner, 0, 2, proof, root), "with a lying size the fold itself works"
    assert not verify_inclusion(inner, 0, size, proof, root), "the size of the checkpoint forbids it"


@given(sizes, st.data())
def test_consistency_binds_sizes_and_roots(size: int, data: st.DataObject) -> None:
    """A proof does not pass for other sizes or roots, nor shortened, lengthened or changed (the second class)."""
    old = data.draw(st.integers(1, size))
    old_root, root, proof = root_at(old), root_at(size), prove_consistency(fetch, old, size)
    forged = b"\x03" * 32
    assert not verify_consistency(old, forged, size, root, proof)
    assert not verify_consistency(old, old_root, size, forged, proof)
    assert not verify_consistency(old, old_root, size, root, [*proof, forged])
    assert not verify_consistency(size + 1, root, size, old_root, proof)
    if old < size:
        assert not verify_consistency(0, old_root, size, root, proof)
        assert not verify_consistency(old, old_root, size << 20, root, proof)
        assert not verify_consistency(old, old_root, size, root, proof[:-1])
        assert not verify_consistency(old, old_root, size, root, [])
        place = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_consistency(old, old_root, size, root, [*proof[:place], forged, *proof[place + 1 :]])


def test_consistency_of_nothing_and_of_the_same() -> None:
    """The empty tree precedes every tree, a tree precedes itself, and neither needs a proof."""
    assert prove_consistency(fetch, 0, 5) == prove_consistency(fetch, 5, 5) == []
    assert verify_consistency(0, EMPTY_ROOT, 5, root_at(5), [])
    assert verify_consistency(5, root_at(5), 5, root_at(5), [])
    assert not verify_consistency(0, b"\x00" * 32, 5, root_at(5), [])
    assert not verify_consistency(5, root_at(5), 5, root_at(4), [])


def test_impossible_proofs_are_refused() -> None:
    """A leaf outside the tree and a shrinking tree have no proof."""
    with pytest.raises(ValueError, match="outside"):
        prove_inclusion(fetch, 5, 5)
    with pytest.raises(ValueError, match="larger"):
        prove_consistency(fetch, 6, 5)


def test_appending_is_light() -> None:
    """A leaf costs microseconds: the bound is ten times the budget, to hold on a busy machine."""
    compact, leaves = CompactRange(), LEAVES * 100
    begin = time.process_time()
    compact.extend(leaves)
    assert (time.process_time() - begin) / len(leaves) < 11e-6
