"""Ids that are derived, so that a retry, a rebuild and a replay find the same ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final, cast
from uuid import UUID, SafeUUID

import msgspec

GROOTBOEK_NAMESPACE: Final = UUID("6b1f0a52-7d0c-5c1e-9a44-0b6c7b7f9d01")
"""Fixed for ever: every derived id hangs on it."""
LEDGER: Final = "grootboek"
"""The party under whose name the ledger does what follows from what others did, or from the law alone."""

_VARIANT_MASK: Final = ~(0xF << 76 | 0x3 << 62)
_UUID4_BITS: Final = 4 << 76 | 0x2 << 62
_UUID5_BITS: Final = 5 << 76 | 0x2 << 62
_UNKNOWN: Final = SafeUUID.unknown
_new: Final = object.__new__
_set_int: Final[Callable[[UUID, int], None]] = vars(UUID)["int"].__set__
_set_is_safe: Final[Callable[[UUID, SafeUUID], None]] = vars(UUID)["is_safe"].__set__


def uuid5(namespace: UUID, name: str) -> UUID:
    """UUID version 5 (RFC 9562), without the detours of the standard library: it runs once per event."""
    named = namespace.int.to_bytes(16, "big") + name.encode()
    digest = hashlib.sha1(named, usedforsecurity=False).digest()
    return _uuid_of(int.from_bytes(digest[:16], "big") & _VARIANT_MASK | _UUID5_BITS)


def uuid4_of(randomness: bytes) -> UUID:
    """UUID version 4 (RFC 9562) out of 16 random bytes."""
    return _uuid_of(int.from_bytes(randomness, "big") & _VARIANT_MASK | _UUID4_BITS)


def _uuid_of(number: int) -> UUID:
    # UUID's own constructor checks arguments that cannot be wrong here.
    made = _new(UUID)
    _set_int(made, number)
    _set_is_safe(made, _UNKNOWN)
    return made


def print_uuid(made: UUID) -> str:
    """``str(made)``, without its detours."""
    return cast("str", msgspec.to_builtins(made))


@lru_cache(maxsize=4096)
def party_namespace(party: str) -> UUID:
    """The namespace of a party's keys."""
    return uuid5(GROOTBOEK_NAMESPACE, f"party:{party}")


def operation_id_of(party: str, key: str) -> UUID:
    """The operation of (party, key): the unit of idempotency."""
    return uuid5(party_namespace(party), key)


def event_id_of(operation_id: UUID, stream_id: UUID) -> UUID:
    """The event of one subject in an operation."""
    return uuid5(operation_id, print_uuid(stream_id))


def event_id_named(operation_id: UUID, stream_printed: str) -> UUID:
    """The same for who has the stream's id as text already."""
    return uuid5(operation_id, stream_printed)


def party_stream(party: str) -> UUID:
    """The stream of acts without a subject: the controller's own."""
    return uuid5(GROOTBOEK_NAMESPACE, f"party-stream:{party}")


def access_stream(party: str) -> UUID:
    """The stream of what a party (or, through its token, a person) asked and read."""
    return uuid5(GROOTBOEK_NAMESPACE, f"access-stream:{party}")


def lane_stream(lane: int) -> UUID:
    """The stream of what is about a lane itself: ended days, swept records, holds on a case or a covenant."""
    return uuid5(GROOTBOEK_NAMESPACE, f"lane:{lane}")


def span_id_of(event_id: UUID) -> str:
    """The span of an event when several subjects share an operation: 8 bytes of SHA-256 (contract)."""
    return hashlib.sha256(event_id.bytes).hexdigest()[:16]
