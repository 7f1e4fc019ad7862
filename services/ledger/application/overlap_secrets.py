"""The secret of one overlap: the parties blind with one half of it, the ledger once more with the other."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from uuid import UUID

from services.ledger.application.overlap_ports import Overlap
from services.ledger.application.ports import Vault
from services.ledger.application.pseudonyms import overlap_key_id
from services.ledger.application.vault_errors import KeyDestroyed, VaultFailure
from services.runtime.crypto import KEY_BYTES
from services.runtime.ids import Ids

GIVEN: Final = b"given"
"""The half that each party gets."""
KEPT: Final = b"kept"
"""The half that never leaves: a party that keeps its own and finds an old copy of the tables can link nothing."""


class OverlapSecrets:
    """Secrets wrapped under a vault key of their overlap; once that is destroyed both halves are gone."""

    def __init__(self, *, vault: Vault, ids: Ids) -> None:
        """Wrap in ``vault`` what ``ids`` draws."""
        self._vault = vault
        self._ids = ids

    def make(self, overlap_id: UUID) -> bytes:
        """A new secret, wrapped; for an overlap that is not kept yet, since a destroyed key leaves no trace."""
        return self._vault.wrap(overlap_key_id(overlap_id), self._ids.random_bytes(KEY_BYTES), overlap_id.bytes)

    def given(self, overlap: Overlap) -> bytes | None:
        """What the parties blind with (32 bytes); None when the overlap is over, or ended since it was found."""
        return self._half(overlap, GIVEN)

    def blind(self, overlap: Overlap, pseudonyms: list[bytes]) -> frozenset[bytes] | None:
        """What is kept of pseudonyms (32 bytes each); None when the overlap is over, or ended since it was found."""
        key = self._half(overlap, KEPT)
        return None if key is None else frozenset(hmac.digest(key, one, hashlib.sha256) for one in pseudonyms)

    def destroy(self, overlap_id: UUID) -> None:
        """Destroy both halves for ever; idempotent."""
        self._vault.destroy(overlap_key_id(overlap_id))

    def _half(self, overlap: Overlap, use: bytes) -> bytes | None:
        if overlap.wrapped_secret is None:
            return None
        try:
            secret = self._vault.unwrap(overlap_key_id(overlap.id), overlap.wrapped_secret, overlap.id.bytes)
        except (KeyDestroyed, VaultFailure):
            return None
        return hmac.digest(secret, use, hashlib.sha256)
