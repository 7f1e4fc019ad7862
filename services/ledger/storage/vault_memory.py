"""A vault that lives as long as its process: for tests and for ledgers that may be forgotten."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from services.ledger.storage import vault_ring
from services.ledger.storage.vault_ring import VaultContents
from services.runtime.crypto import NONCE_BYTES, derive_subkey
from services.runtime.ids import Ids, SystemIds


class MemoryVault:
    """The ``Vault`` port over keys in memory; its subclass keeps them in a file. Safe between threads."""

    def __init__(self, ids: Ids | None = None) -> None:
        """Make a new vault with keys from ``ids``, by default the system's randomness."""
        self._ids = ids or SystemIds()
        self._lock = threading.RLock()
        self._contents: VaultContents = vault_ring.new_contents(self._ids)

    def lookup_key(self, version: int | None = None) -> tuple[int, bytes]:
        """(version, key) for identity lookups; VaultFailure for a version that was never made."""
        return vault_ring.newest_lookup_key(self._read(), version)

    def rotate_lookup_key(self) -> int:
        """Make the next version of the lookup key and return it; the older ones keep finding who they found."""
        with self._lock:
            contents = self._begin()
            version = max(contents.lookup_keys) + 1
            contents.lookup_keys[version] = self._ids.random_bytes(32)
            self._commit(contents)
            return version

    def derive(self, name: str) -> bytes:
        """A 32-byte key for a fixed use."""
        return derive_subkey(self._read().master, f"derive:{name}")

    def make(self, key_ids: Sequence[str]) -> None:
        """Make these keys where absent, with one durable write."""
        present = self._read().keys
        if all(key_id in present for key_id in key_ids):
            return
        with self._lock:
            contents = self._begin()
            vault_ring.add_keys(contents, key_ids, self._ids)
            self._commit(contents)

    def wrap(self, key_id: str, material: bytes, aad: bytes) -> bytes:
        """Wrap 32 bytes under the named key, made when absent; KeyDestroyed when it was destroyed."""
        return self.wrap_all(key_id, ((material, aad),))[0]

    def wrap_all(self, key_id: str, materials: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Wrap many (material, aad) as ``wrap`` does, with one look at the key."""
        self.make((key_id,))
        key = vault_ring.material_of(self._read(), key_id)
        nonces = self._ids.random_bytes(NONCE_BYTES * len(materials))
        return vault_ring.wrap_all_under(key, materials, nonces)

    def unwrap(self, key_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """Unwrap; KeyDestroyed for a destroyed key, VaultFailure for an unknown one or a wrong wrap."""
        return vault_ring.unwrap_under(vault_ring.material_of(self._read(), key_id), wrapped, aad)

    def destroy(self, key_id: str) -> None:
        """Destroy a key for ever, made or not: its id stays, so that nobody takes it for a lost one."""
        self.destroy_all((key_id,))

    def destroy_all(self, key_ids: Sequence[str]) -> None:
        """Destroy these keys for ever with one durable write: all of them or, when it raises, none."""
        for key_id in key_ids:
            vault_ring.check_key_id(key_id)
        with self._lock:
            contents = self._begin()
            if vault_ring.destroy_keys(contents, key_ids):
                self._commit(contents)

    def key_ids(self, kind: str) -> list[str]:
        """The ids of the living keys of a kind (``day``, ``week``, ``hold``), in order."""
        return vault_ring.living_keys(self._read(), kind)

    def sign(self, name: str, message: bytes) -> bytes:
        """Ed25519 signature (64 bytes) under the named signing key."""
        return vault_ring.signing_key(self._read(), name).sign(message)

    def public_key(self, name: str) -> bytes:
        """The raw 32-byte Ed25519 public key of that name."""
        return vault_ring.raw_public_key(vault_ring.signing_key(self._read(), name))

    def fingerprint(self) -> str:
        """What tells this vault from another one (hex)."""
        return vault_ring.fingerprint_of(self._read())

    def __repr__(self) -> str:
        """Name the vault; no key, ever."""
        return f"{type(self).__name__}(…)"

    def _read(self) -> VaultContents:
        return self._contents

    def _begin(self) -> VaultContents:
        return self._contents

    def _commit(self, contents: VaultContents) -> None:
        self._contents = contents
