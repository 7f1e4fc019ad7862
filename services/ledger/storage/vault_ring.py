"""What a vault holds and does, without where it lies: the sealed file and the in-memory vault share it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.ledger.application.vault_errors import KeyDestroyed, VaultFailure
from services.runtime import limits
from services.runtime.crypto import KEY_BYTES, SealBroken, derive_subkey, open_sealed, seal_all
from services.runtime.ids import Ids

UUID_PRINTED = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KEY_ID = re.compile(rf"day:\d{{4}}-\d{{2}}-\d{{2}}|week:\d{{4}}-W\d{{2}}|(?:hold|overlap):{UUID_PRINTED}")

OVERLAP = "overlap:"
_ABSENT: dict[bool, bytes | None] = {True: None, False: b""}
"""How a key that was never made counts when it is destroyed: as living, so that its id is kept, save of an overlap."""


class VaultContents(msgspec.Struct):
    """Everything secret. ``keys`` maps a key id to its material; a destroyed key keeps its id with None."""

    format: int
    master: bytes
    lookup_keys: dict[int, bytes]
    keys: dict[str, bytes | None] = {}


def new_contents(ids: Ids) -> VaultContents:
    """A new vault: a random master secret and the first lookup key."""
    return VaultContents(
        format=1, master=ids.random_bytes(KEY_BYTES), lookup_keys={1: ids.random_bytes(KEY_BYTES)}, keys={}
    )


def check_key_id(key_id: str) -> None:
    """Raise VaultFailure for an id that is not of a day, a week, a hold or an overlap."""
    if KEY_ID.fullmatch(key_id) is None:
        raise VaultFailure


def add_keys(contents: VaultContents, key_ids: Iterable[str], ids: Ids) -> None:
    """Make the keys that were never made; a destroyed one is never made again."""
    for key_id in key_ids:
        check_key_id(key_id)
        if key_id not in contents.keys:
            if len(contents.keys) >= limits.VAULT_KEYS_MAX:
                raise VaultFailure("The vault holds as many keys as it may.")
            contents.keys[key_id] = ids.random_bytes(KEY_BYTES)


def destroy_keys(contents: VaultContents, key_ids: Iterable[str]) -> bool:
    """Destroy keys for ever, made or not: an id stays, so that nobody takes it for a lost one. Whether one lived.

    The id of an overlap goes too: there are many, no key is ever made for one again, and nothing wrapped stays behind.
    """
    living = [key_id for key_id in key_ids if contents.keys.get(key_id, _ABSENT[is_of_overlap(key_id)]) is not None]
    for key_id in living:
        if is_of_overlap(key_id):
            del contents.keys[key_id]
        else:
            contents.keys[key_id] = None
    return bool(living)


def is_of_overlap(key_id: str) -> bool:
    """Whether it is the key of an overlap."""
    return key_id.startswith(OVERLAP)


def living_keys(contents: VaultContents, kind: str) -> list[str]:
    """The ids of the keys of a kind that were made and not destroyed, in order."""
    prefix = f"{kind}:"
    return sorted(key_id for key_id, key in contents.keys.items() if key is not None and key_id.startswith(prefix))


def material_of(contents: VaultContents, key_id: str) -> bytes:
    """The material of a key; KeyDestroyed when it was destroyed, VaultFailure when it was never made here."""
    try:
        material = contents.keys[key_id]
    except KeyError:
        raise VaultFailure from None
    if material is None:
        raise KeyDestroyed
    return material


def wrap_all_under(material: bytes, secrets: Sequence[tuple[bytes, bytes]], nonces: bytes) -> list[bytes]:
    """Wrap (secret, aad) each under key material with its own 12 of ``nonces``, bound to its ``aad``."""
    return seal_all(material, secrets, nonces)


def unwrap_under(material: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """Unwrap; VaultFailure when key, place or bytes differ."""
    try:
        return open_sealed(material, wrapped, aad)
    except SealBroken:
        raise VaultFailure from None


def newest_lookup_key(contents: VaultContents, version: int | None) -> tuple[int, bytes]:
    """(version, key); the newest one unless a version is asked. VaultFailure when there is none of that version."""
    chosen = max(contents.lookup_keys) if version is None else version
    try:
        return chosen, contents.lookup_keys[chosen]
    except KeyError:
        raise VaultFailure from None


def signing_key(contents: VaultContents, name: str) -> Ed25519PrivateKey:
    """The Ed25519 key of that name, derived from the master secret."""
    return Ed25519PrivateKey.from_private_bytes(derive_subkey(contents.master, f"sign:{name}"))


def raw_public_key(key: Ed25519PrivateKey) -> bytes:
    """The raw 32-byte public key."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def fingerprint_of(contents: VaultContents) -> str:
    """A digest that tells vaults apart and says nothing about their keys."""
    return hashlib.sha256(derive_subkey(contents.master, "fingerprint")).hexdigest()
