"""The leaf of an event in its lane's tree: what a proof proves, computed here and, equally, in the append statement."""

from __future__ import annotations

import hashlib
import struct
from typing import Final
from uuid import UUID

LEAF_PREFIX: Final = b"\x00"
"""RFC 6962, section 2.1: a leaf can never be mistaken for a node."""

PLACE: Final = struct.Struct("!iq16sH")
"""Lane, position, stream and the length of the topic, big-endian."""


def leaf_hash(
    place: tuple[int, int], stream_id: UUID, topic: str, envelope: bytes | None, state: bytes | None
) -> bytes:
    """Return the 32 bytes of the leaf of an event at `place` (lane, position).

    SHA-256(0x00 ‖ lane ‖ position ‖ stream ‖ len(topic) ‖ topic ‖ SHA-256(envelope) ‖ SHA-256(state)). An event of an
    aggregate has no envelope; it counts as empty. Content that was swept can no longer be hashed: compare with the
    stored leaf instead.
    """
    name = topic.encode()
    head = PLACE.pack(*place, stream_id.bytes, len(name))
    return hashlib.sha256(LEAF_PREFIX + head + name + content_hashes(envelope, state)).digest()


def content_hashes(envelope: bytes | None, state: bytes | None) -> bytes:
    """Return SHA-256(envelope) ‖ SHA-256(state): the 64 bytes of a leaf that do not depend on its place."""
    return hashlib.sha256(envelope or b"").digest() + hashlib.sha256(state or b"").digest()
