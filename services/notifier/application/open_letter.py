"""The sealed text of a letter: opened only to send it and to record it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from services.notifier.contract.letters import PersonLetter
from services.runtime.crypto import open_sealed, seal

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(PersonLetter)


def seal_letter(letter: PersonLetter, letter_id: UUID, key: bytes) -> bytes:
    """Seal an order under the key of the letter, bound to its id."""
    return seal(key, _ENCODER.encode(letter), _associated(letter_id))


def open_letter(sealed: bytes, letter_id: UUID, key: bytes) -> PersonLetter:
    """Open it again; SealBroken when key or place differ."""
    return _DECODER.decode(open_sealed(key, sealed, _associated(letter_id)))


def _associated(letter_id: UUID) -> bytes:
    return b"grootboek/letter/1" + letter_id.bytes
