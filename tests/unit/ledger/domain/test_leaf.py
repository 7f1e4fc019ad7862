"""The leaf of an event."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest

from services.ledger.domain.leaf import leaf_hash

STREAM = UUID("11111111-2222-3333-4444-555555555555")


def test_leaf_is_the_documented_concatenation() -> None:
    """The leaf equals a hash over bytes laid out by hand."""
    written = (
        bytes([0])
        + bytes([0, 0, 0, 3])
        + b"\x00\x00\x00\x00\x00\x00\x00\x07"
        + bytes.fromhex("11111111222233334444555555555555")
        + b"\x00\x05"
        + b"t\xc3\xb3p1"
        + hashlib.sha256(b"envelope").digest()
        + hashlib.sha256(b"state").digest()
    )
    assert leaf_hash((3, 7), STREAM, "tóp1", b"envelope", b"state") == hashlib.sha256(written).digest()


def test_missing_parts_count_as_empty() -> None:
    """An event without envelope or state has the leaf of empty ones."""
    assert leaf_hash((0, 1), STREAM, "t", None, None) == leaf_hash((0, 1), STREAM, "t", b"", b"")


@pytest.mark.parametrize(
    "other",
    [
        leaf_hash((1, 1), STREAM, "t", b"e", b"s"),
        leaf_hash((0, 2), STREAM, "t", b"e", b"s"),
        leaf_hash((0, 1), UUID(int=1), "t", b"e", b"s"),
        leaf_hash((0, 1), STREAM, "u", b"e", b"s"),
        leaf_hash((0, 1), STREAM, "t", b"f", b"s"),
        leaf_hash((0, 1), STREAM, "t", b"e", b"t"),
        leaf_hash((0, 1), STREAM, "t", b"s", b"e"),
    ],
)
def test_every_part_counts(other: bytes) -> None:
    """A change of any part, or an exchange of two, changes the leaf."""
    assert other != leaf_hash((0, 1), STREAM, "t", b"e", b"s")
