"""The Merkle tree of RFC 6962: append, roots, inclusion and consistency proofs, and their verification.

Everything here is about hashes of 32 bytes; what a leaf holds is `services/ledger/domain/leaf.py`, where the
nodes lie is `tiles.py`. A node is named by (level, index): the root of the 2**level leaves from index * 2**level on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962 section 2.1)."""

Node = tuple[int, int]
"""(level, index) of a perfect subtree."""

Fetch = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree (level, index)."""


def hash_leaf(data: bytes) -> bytes:
    """The hash of a leaf: the prefix keeps a node from passing for a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_nodes(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The roots of the perfect subtrees of a growing tree: all that appending needs, at most 64 hashes."""

    __slots__ = ("_roots", "size")

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; subtrees of equal size merge, as the carry runs in a binary counter."""
        roots, bits, sha256 = self._roots, self.size, hashlib.sha256
        while bits & 1:
            leaf = sha256(b"\x01" + roots.pop() + leaf).digest()
            bits >>= 1
        roots.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return fold_roots(self._roots)

    def __repr__(self) -> str:
        return f"CompactRange(size={self.size})"


def fold_roots(roots: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees of falling size, from left to right."""
    if not roots:
        return EMPTY_ROOT
    folded = roots[-1]
    for left in reversed(roots[:-1]):
        folded = hash_nodes(left, folded)
    return folded


def fold_perfect(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    assert hashes, "a perfect subtree has at least one hash"
    assert len(hashes) & (len(hashes) - 1) == 0, "a perfect subtree holds a power of two"
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def perfect_nodes(begin: int, end: int) -> list[Node]:
    """The perfect subtrees that make up leaves [begin, end) of a tree ending at ``end`` or beyond, left to right.

    ``begin`` must be a multiple of the largest power of two below the length, as it is for every subtree of RFC 6962.
    """
    nodes: list[Node] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def root_of(fetch: Fetch, begin: int, end: int) -> bytes:
    """The root of the subtree over leaves [begin, end)."""
    return fold_roots([fetch(level, index) for level, index in perfect_nodes(begin, end)])


def prove_inclusion(fetch: Fetch, index: int, size: int) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of ``size`` leaves, from the leaf upwards (RFC 6962 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("the leaf lies outside the tree")
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + largest_power_below(end - begin)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    return [root_of(fetch, first, last) for first, last in reversed(path)]


def prove_consistency(fetch: Fetch, old_size: int, new_size: int) -> list[bytes]:
    """That the tree of ``new_size`` leaves extends the one of ``old_size`` (RFC 6962 2.1.2); empty for 0 or equal."""
    if not 0 <= old_size <= new_size:
        raise ValueError("the old tree is larger than the new one")
    if old_size in {0, new_size}:
        return []
    begin, end, path = 0, new_size, []
    while end != old_size:
        middle = begin + largest_power_below(end - begin)
        if old_size <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    if begin:
        path.append((begin, end))
    return [root_of(fetch, first, last) for first, last in reversed(path)]


def largest_power_below(count: int) -> int:
    """The largest power of two smaller than ``count`` (at least 2)."""
    return 1 << (count - 1).bit_length() - 1


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows that ``leaf`` is the leaf at exactly ``index`` of the tree of exactly ``size`` leaves.

    Index and size steer every step and the length of the path must fit them, so that a proof for another place or
    another size does not pass (RFC 9162 section 2.1.3.2; what immudb missed in CVE-2022-36111).
    """
    if not 0 <= index < size or not _are_hashes([leaf, root, *proof]):
        return False
    place, last, folded = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            folded = hash_nodes(sibling, folded)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            folded = hash_nodes(folded, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and folded == root


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the new tree begins with all leaves of the old one, in the same order.

    Both roots are recomputed from the proof and both sizes are bound (RFC 9162 section 2.1.4.2; what immudb missed in
    CVE-2022-39199). The empty tree is a beginning of every tree.
    """
    if not 0 <= old_size <= new_size or not _are_hashes([old_root, new_root, *proof]):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    return _verify_growth(old_size, old_root, new_size, new_root, list(proof))


def _verify_growth(old_size: int, old_root: bytes, new_size: int, new_root: bytes, hashes: list[bytes]) -> bool:
    """The walk of RFC 9162 2.1.4.2 for 0 < old_size < new_size."""
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_folded = new_folded = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_folded, new_folded = hash_nodes(sibling, old_folded), hash_nodes(sibling, new_folded)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_folded = hash_nodes(new_folded, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_folded == old_root and new_folded == new_root


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
