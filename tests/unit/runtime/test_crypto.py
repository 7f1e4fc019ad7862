"""Sealing, derivation and keyed hashes."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from services.runtime import crypto

KEY = bytes(range(32))
keys = st.binary(min_size=32, max_size=32)


@given(keys, st.binary(max_size=500), st.binary(max_size=100))
def test_what_is_sealed_opens(key: bytes, plaintext: bytes, associated: bytes) -> None:
    """Sealing and opening with the same key and place gives the plaintext."""
    assert crypto.open_sealed(key, crypto.seal(key, plaintext, associated), associated) == plaintext


@given(st.binary(min_size=1, max_size=40), st.data())
def test_any_flipped_bit_is_found(plaintext: bytes, data: st.DataObject) -> None:
    """A ciphertext with any one bit changed does not open."""
    sealed = bytearray(crypto.seal(KEY, plaintext, b"place"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(KEY, bytes(sealed), b"place")


def test_a_ciphertext_belongs_to_its_place() -> None:
    """The same bytes at another place, or under another key, do not open."""
    sealed = crypto.seal(KEY, b"content", b"stream one")
    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(KEY, sealed, b"stream two")
    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(bytes(32), sealed, b"stream one")


def test_a_ciphertext_that_is_too_short_is_broken() -> None:
    """Fewer bytes than nonce and tag are no ciphertext."""
    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(KEY, bytes(27), b"")


def test_every_seal_has_a_nonce_of_its_own() -> None:
    """The same plaintext never gives the same ciphertext."""
    assert len({crypto.seal(KEY, b"same", b"same")[:12] for _ in range(1000)}) == 1000


def test_the_nonce_can_come_from_the_port() -> None:
    """A given nonce stands in front, so a seeded run repeats its ciphertexts."""
    nonce = bytes(12)
    assert crypto.seal(KEY, b"x", b"", nonce=nonce) == crypto.seal(KEY, b"x", b"", nonce=nonce)
    assert crypto.seal(KEY, b"x", b"", nonce=nonce)[:12] == nonce


@given(keys, keys, st.uuids())
def test_derivation_is_hkdf(first: bytes, second: bytes, event_id: uuid.UUID) -> None:
    """The fast derivation equals the library's HKDF-SHA-256."""
    expected = HKDF(hashes.SHA256(), 32, crypto.DERIVATION_SALT, event_id.bytes).derive(first + second)
    assert crypto.derive_key(first, second, event_id) == expected


@given(keys, st.text(max_size=30))
def test_subkey_is_hkdf_without_salt(secret: bytes, purpose: str) -> None:
    """The subkey of a purpose equals the library's HKDF-SHA-256 without salt."""
    expected = HKDF(hashes.SHA256(), 32, None, purpose.encode()).derive(secret)
    assert crypto.derive_subkey(secret, purpose) == expected


def test_both_secrets_are_needed() -> None:
    """Another first or second secret, or their exchange, gives another key."""
    event_id = uuid.UUID(int=1)
    other = bytes(32)
    made = {crypto.derive_key(*pair, event_id) for pair in ((KEY, other), (other, KEY), (KEY, KEY), (other, other))}
    assert len(made) == 4


@given(st.lists(st.binary(max_size=6), max_size=4), st.lists(st.binary(max_size=6), max_size=4))
def test_keyed_hash_keeps_parts_apart(first: list[bytes], second: list[bytes]) -> None:
    """Two lists of parts have the same hash only when they are the same list."""
    same = crypto.keyed_hash(KEY, *first) == crypto.keyed_hash(KEY, *second)
    assert same == (first == second)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_keys_have_one_length(length: int) -> None:
    """A key of another length is refused everywhere."""
    short = bytes(length)
    uses: list[Callable[[], bytes]] = [
        lambda: crypto.seal(short, b"", b""),
        lambda: crypto.open_sealed(short, bytes(28), b""),
        lambda: crypto.derive_key(short, KEY, uuid.UUID(int=0)),
        lambda: crypto.derive_key(KEY, short, uuid.UUID(int=0)),
        lambda: crypto.derive_subkey(short, "purpose"),
        lambda: crypto.keyed_hash(short, b""),
    ]
    for use in uses:
        with pytest.raises(crypto.KeyOfWrongLength):
            use()


def test_equal_compares_bytes() -> None:
    """Equality in constant time is still equality."""
    assert crypto.equal(b"same", b"same")
    assert not crypto.equal(b"same", b"Same")


@given(key=st.binary(max_size=64), message=st.binary(max_size=300))
def test_hmac_is_hmac(key: bytes, message: bytes) -> None:
    """The padded-once HMAC gives what the standard library gives, for every key it takes."""
    assert crypto.Hmac(key).digest(message) == hmac.digest(key, message, "sha256")


def test_many_are_sealed_as_one_is() -> None:
    """Each of many messages is what sealing it alone under its own nonce gives."""
    messages = [(b"first", b"here"), (b"second", b"there")]
    nonces = bytes(range(2 * crypto.NONCE_BYTES))
    alone = [
        crypto.seal(KEY, *message, nonce=nonces[at : at + crypto.NONCE_BYTES])
        for message, at in zip(messages, (0, crypto.NONCE_BYTES), strict=True)
    ]
    assert crypto.seal_all(KEY, messages, nonces) == alone
