"""Signed notes: what C2SP writes, and every forgery refused."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.ledger.domain.checkpoint import (
    Checkpoint,
    CheckpointInvalid,
    format_verifier_key,
    key_id_of,
    open_checkpoint,
    origin_of,
    sign_checkpoint,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ORIGIN = "grootboek/0198f0c1/lane/0"
CHECKPOINT = Checkpoint(ORIGIN, 7, hashlib.sha256(b"root").digest())
NOTE = sign_checkpoint(CHECKPOINT, PUBLIC, KEY.sign)


def test_origin_names_the_register_lane() -> None:
    """The register's log is named, the others are numbered."""
    assert origin_of("0198f0c1", 0) == ORIGIN
    assert origin_of("0198f0c1", 9999) == "grootboek/0198f0c1/lane/register"


def test_note_has_the_lines_of_c2sp() -> None:
    """Origin, size, root, an empty line and one signature line with the key id before the signature."""
    lines = NOTE.split("\n")
    assert lines[:4] == [ORIGIN, "7", base64.b64encode(CHECKPOINT.root).decode(), ""]
    assert lines[4].startswith(f"\u2014 {ORIGIN} ")
    assert lines[5:] == [""]
    signature = base64.b64decode(lines[4].rpartition(" ")[2])
    assert signature[:4] == hashlib.sha256(ORIGIN.encode() + b"\n\x01" + PUBLIC).digest()[:4]
    assert signature[:4] == key_id_of(ORIGIN, PUBLIC)
    KEY.public_key().verify(signature[4:], "\n".join(lines[:3]).encode() + b"\n")


def test_key_id_of_a_published_key() -> None:
    """The key id of the Go checksum database's published verifier key comes out."""
    published = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    key = base64.b64decode(published.split("+", 2)[2])[1:]
    assert format_verifier_key("sum.golang.org", key) == published


def test_opening_returns_what_was_signed() -> None:
    """A note of our key opens, also with a witness's line beside ours."""
    assert open_checkpoint(NOTE, ORIGIN, PUBLIC) == CHECKPOINT
    witness = f"\u2014 witness.example {base64.b64encode(b'1234' + b'x' * 64).decode()}\n"
    assert open_checkpoint(NOTE + witness, ORIGIN, PUBLIC) == CHECKPOINT


OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
FORGERIES = {
    "another size": NOTE.replace("\n7\n", "\n8\n"),
    "a size with a leading zero": NOTE.replace("\n7\n", "\n07\n"),
    "another origin": NOTE.replace("lane/0", "lane/1"),
    "another key": sign_checkpoint(CHECKPOINT, OTHER.public_key().public_bytes_raw(), OTHER.sign),
    "another key under our key id": sign_checkpoint(CHECKPOINT, PUBLIC, OTHER.sign),
    "no signature": CHECKPOINT.text(),
    "no signature line": CHECKPOINT.text() + "\n",
    "signature that is no base64": NOTE.rpartition(" ")[0] + " ***\n",
    "cut short": NOTE[:-3] + "\n",
    "nothing": "",
    "a signed short root": sign_checkpoint(Checkpoint(ORIGIN, 7, b"short"), PUBLIC, KEY.sign),
    "a signed text of other shape": sign_checkpoint(Checkpoint(f"{ORIGIN}\nmore", 7, b"r" * 32), PUBLIC, KEY.sign),
    "without end": NOTE + "\u2014 x y\n" * 1_000,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_refused(name: str) -> None:
    """No altered, foreign or malformed note opens."""
    with pytest.raises(CheckpointInvalid):
        open_checkpoint(FORGERIES[name], ORIGIN, PUBLIC)
