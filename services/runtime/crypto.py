"""The few cryptographic operations of the ledger: sealing, key derivation, keyed hashes.

AES-256-GCM with a random nonce; HKDF-SHA-256 (RFC 5869); HMAC-SHA-256 over length-prefixed parts.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.runtime.errors import GrootboekError, Kind

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
DERIVATION_SALT: Final = b"grootboek/content-key/1"
# HKDF's first block is all we need: 32 bytes out of one SHA-256.
FIRST_BLOCK: Final = b"\x01"

BLOCK_BYTES: Final = 64
INNER_PAD: Final = bytes(byte ^ 0x36 for byte in range(256))
OUTER_PAD: Final = bytes(byte ^ 0x5C for byte in range(256))
# What padding makes of the zeros behind a key of 32 bytes.
INNER_REST: Final = bytes(BLOCK_BYTES - KEY_BYTES).translate(INNER_PAD)
OUTER_REST: Final = bytes(BLOCK_BYTES - KEY_BYTES).translate(OUTER_PAD)


class Hmac:
    """HMAC-SHA-256 (RFC 2104) under one key of at most 64 bytes, taken in once: it runs for every subject."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """Hash the padded key."""
        assert len(key) <= BLOCK_BYTES
        block = key.ljust(BLOCK_BYTES, b"\0")
        self._inner = sha256(block.translate(INNER_PAD))
        self._outer = sha256(block.translate(OUTER_PAD))

    def digest(self, message: bytes) -> bytes:
        """Return the 32 bytes for a message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


_EXTRACT: Final = Hmac(DERIVATION_SALT)


class SealBroken(GrootboekError):
    """A ciphertext does not open: another key, another place, or tampering."""

    code = "seal_broken"
    remedy = "Run `grootboek verify`; it names the event."
    kind = Kind.INTERNAL


class KeyOfWrongLength(GrootboekError):
    """A key is not 32 bytes long."""

    code = "key_of_wrong_length"
    remedy = "Make a new key of 32 random bytes."
    kind = Kind.INTERNAL


def seal(key: bytes, plaintext: bytes, associated: bytes, *, nonce: bytes | None = None) -> bytes:
    """Encrypt and bind `plaintext` to `associated`; return nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes).

    `nonce` comes from the caller's source of randomness, by default the system's; it is never used twice with a key.
    """
    check_key(key)
    chosen = os.urandom(NONCE_BYTES) if nonce is None else nonce
    assert len(chosen) == NONCE_BYTES
    return chosen + AESGCM(key).encrypt(chosen, plaintext, associated)


def seal_all(key: bytes, messages: Sequence[tuple[bytes, bytes]], nonces: bytes) -> list[bytes]:
    """Seal each (plaintext, associated) as `seal` does, under one key, with its own 12 of the `nonces`."""
    check_key(key)
    assert len(nonces) == NONCE_BYTES * len(messages)
    encrypt = AESGCM(key).encrypt
    sealed: list[bytes] = []
    for place, (plaintext, associated) in enumerate(messages):
        nonce = nonces[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
        sealed.append(nonce + encrypt(nonce, plaintext, associated))
    return sealed


def open_sealed(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt what `seal` made; raise SealBroken when key, place or bytes differ."""
    check_key(key)
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except InvalidTag:
        raise SealBroken from None


def derive_key(first_secret: bytes, second_secret: bytes, event_id: UUID) -> bytes:
    """Derive the 32-byte content key of one event from two secrets; without either of them it cannot be found.

    HKDF-SHA-256 with the event id as info, written out because it runs once per event.
    """
    if len(first_secret) != KEY_BYTES or len(second_secret) != KEY_BYTES:
        raise KeyOfWrongLength
    extracted = _EXTRACT.digest(first_secret + second_secret)
    info = event_id.int.to_bytes(16, "big") + FIRST_BLOCK
    inner = sha256(extracted.translate(INNER_PAD) + INNER_REST + info).digest()
    return sha256(extracted.translate(OUTER_PAD) + OUTER_REST + inner).digest()


def derive_subkey(secret: bytes, purpose: str) -> bytes:
    """Derive a 32-byte key for one named purpose from a master secret (HKDF-SHA-256, no salt)."""
    check_key(secret)
    pseudorandom = hmac.digest(bytes(KEY_BYTES), secret, "sha256")
    return hmac.digest(pseudorandom, purpose.encode("utf-8") + FIRST_BLOCK, "sha256")


def keyed_hash(key: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA-256 over the parts, each after its length (4 bytes), so ("ab", "c") never equals ("a", "bc")."""
    check_key(key)
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256")


def equal(first: bytes, second: bytes) -> bool:
    """Compare in a time that does not tell where two values differ."""
    return hmac.compare_digest(first, second)


def check_key(key: bytes) -> None:
    """Raise KeyOfWrongLength unless `key` is 32 bytes."""
    if len(key) != KEY_BYTES:
        raise KeyOfWrongLength
