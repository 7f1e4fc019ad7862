"""Public ids of obligations: their derivation, encrypted, so that nothing need be stored to find one again.

The same obligation has the same id in every answer; it tells nothing, and nobody can make one. Deterministic encryption
(AES-SIV, RFC 5297) is what that takes.
"""

from __future__ import annotations

import binascii
import hashlib
import struct
from typing import Final, Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from services.ledger.application.ports import Vault
from services.ledger.contract.errors import NotFound
from services.runtime import base64url, limits

KEY_NAME: Final = "obligation"
NAME_BYTES: Final = 12
# Kind, lane, stream, position of the cause (0 where there is none), name.
LAYOUT: Final = struct.Struct(f">BH16sQ{NAME_BYTES}s")
PACK: Final = LAYOUT.pack
ID_LENGTH: Final = 74
URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")

Kind = Literal["erase", "inform"]
NUMBERS: Final[dict[Kind, int]] = {"erase": 1, "inform": 2}
KINDS: Final = {number: kind for kind, number in NUMBERS.items()}
BOOKING: Final = 3


class ObligationKey(msgspec.Struct, frozen=True):
    """What an id says: of which kind, about whom, because of which event, and a short hash of who owes it."""

    kind: Kind
    lane: int
    stream_id: UUID
    position: int
    name: bytes


class ObligationIds:
    """Makes and reads the ids of one ledger."""

    def __init__(self, vault: Vault) -> None:
        """Take the key once."""
        self._cipher = AESSIV(vault.derive(KEY_NAME))
        self._encrypt = self._cipher.encrypt
        self._names: dict[tuple[str | None, ...], bytes] = {}

    def __repr__(self) -> str:
        """Show no key."""
        return "ObligationIds()"

    def of_erasing(self, lane: int, stream_id: UUID, position: int, party: str) -> str:
        """The id of what ``party`` must erase because of the event at (lane, position) on a person's stream."""
        return self._seal(1, lane, stream_id, position, self._name(party))

    def of_telling(self, lane: int, stream_id: UUID, party: str, covenant: str | None, annex: str | None) -> str:
        """The id of what ``party`` must tell a person under a covenant annex, or outside any."""
        return self._seal(2, lane, stream_id, 0, self._name(party, covenant, annex))

    def of_booking(self, lane: int, stream_id: UUID, position: int, party: str) -> str:
        """The id of what ``party`` must book because of the share at (lane, position); nobody confirms it."""
        return self._seal(BOOKING, lane, stream_id, position, self._name(party))

    def read(self, text: str) -> ObligationKey:
        """What an id says; NotFound for what is no id of this ledger, or of something that nobody answers by its id."""
        if len(text) != ID_LENGTH:
            raise NotFound
        try:
            sealed = base64url.decode(text)
            number, lane, stream, position, name = LAYOUT.unpack(self._cipher.decrypt(sealed, None))
        except (InvalidTag, ValueError, struct.error):
            raise NotFound from None
        if number == BOOKING:
            raise NotFound
        return ObligationKey(KINDS[number], lane, UUID(bytes=stream), position, name)

    def _seal(self, number: int, lane: int, stream_id: UUID, position: int, name: bytes) -> str:
        plain = PACK(number, lane, stream_id.int.to_bytes(16, "big"), position, name)
        return _printed(self._encrypt(plain, None))

    def _name(self, *parts: str | None) -> bytes:
        """A short hash of names that may be long; within one person's obligations it is told apart by far."""
        found = self._names.get(parts)
        if found is None:
            if len(self._names) >= limits.REFS_CACHED_MAX:
                # Few names, asked for with nearly every act: a plain table that starts afresh when it is full.
                self._names = {}
            found = self._names[parts] = hashlib.sha256(msgspec.json.encode(parts)).digest()[:NAME_BYTES]
        return found


def _printed(sealed: bytes) -> str:
    # base64.urlsafe_b64encode, without its detours: it runs for every obligation of every receipt.
    return binascii.b2a_base64(sealed, newline=False).translate(URL_SAFE)[:ID_LENGTH].decode()
