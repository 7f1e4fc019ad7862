"""Signed checkpoints: C2SP tlog-checkpoint in a signed note, Ed25519.

A checkpoint says: this log had so many leaves with this root. Whoever keeps one can show later that the log was
rewritten, because every later tree must be consistent with it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.ledger.contract.positions import lane_name
from services.ledger.domain.merkle import HASH_BYTES
from services.runtime import limits
from services.runtime.errors import GrootboekError

ED25519: Final = b"\x01"
"""Signature type of a signed note (C2SP signed-note)."""

SIGNING_KEY: Final = "checkpoint"
"""Name of the vault key that signs the checkpoints of all lanes."""

SIGNATURE_MARK: Final = "\u2014 "
KEY_ID_BYTES: Final = 4


class CheckpointInvalid(GrootboekError):
    """The checkpoint is malformed or its signature does not verify."""

    code = "checkpoint_invalid"
    remedy = "Compare it with a checkpoint kept elsewhere; a ledger whose own checkpoint fails was tampered with."


class Checkpoint(msgspec.Struct, frozen=True):
    """The tree of one log at one moment; ``root`` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The signed text: origin, size in decimal, root in base64, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def origin_of(ledger_id: str, lane: int) -> str:
    """The name of a lane's log, the same for its key: unique over all ledgers."""
    return f"grootboek/{ledger_id}/lane/{lane_name(lane)}"


def key_id_of(name: str, public_key: bytes) -> bytes:
    """The key id of a signed note: four bytes over name, type and raw public key."""
    return hashlib.sha256(f"{name}\n".encode() + ED25519 + public_key).digest()[:KEY_ID_BYTES]


def format_verifier_key(name: str, public_key: bytes) -> str:
    """The verifier key as C2SP tools take it: name, key id in hex, type and key in base64."""
    encoded = base64.b64encode(ED25519 + public_key).decode()
    return f"{name}+{key_id_of(name, public_key).hex()}+{encoded}"


def sign_checkpoint(checkpoint: Checkpoint, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The signed note; ``sign`` gives the Ed25519 signature of bytes under the key of ``public_key``."""
    text = checkpoint.text()
    signature = key_id_of(checkpoint.origin, public_key) + sign(text.encode())
    return f"{text}\n{SIGNATURE_MARK}{checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def open_checkpoint(note: str, origin: str, public_key: bytes) -> Checkpoint:
    """The checkpoint in a note that ``public_key`` signed under the name ``origin``; CheckpointInvalid otherwise."""
    if len(note) > limits.CHECKPOINT_NOTE_LENGTH_MAX:
        raise CheckpointInvalid
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise CheckpointInvalid
    text += "\n"
    if not any(_signed_by(line, text, origin, public_key) for line in signatures[:-1].split("\n")):
        raise CheckpointInvalid
    return _parse_text(text, origin)


def _signed_by(line: str, text: str, name: str, public_key: bytes) -> bool:
    """Whether a signature line is that of our key over ``text``; lines of other keys (witnesses) are passed over."""
    prefix = f"{SIGNATURE_MARK}{name} "
    if not line.startswith(prefix):
        return False
    try:
        signature = base64.b64decode(line[len(prefix) :], validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature[KEY_ID_BYTES:], text.encode())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return signature[:KEY_ID_BYTES] == key_id_of(name, public_key)


def _parse_text(text: str, origin: str) -> Checkpoint:
    """Read origin, size and root; the text must be exactly what we would write for them."""
    lines = text.split("\n")
    if len(lines) != 4 or not (lines[1].isascii() and lines[1].isdigit()):
        raise CheckpointInvalid
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckpointInvalid from error
    checkpoint = Checkpoint(lines[0], int(lines[1]), root)
    if checkpoint.origin != origin or len(root) != HASH_BYTES or checkpoint.text() != text:
        raise CheckpointInvalid
    return checkpoint
