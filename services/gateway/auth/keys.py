"""The two key pairs of the development issuer: one signs tokens, one lets only the ledger read whom a token is for."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc.jwk import ECKey

from services.runtime.errors import GrootboekError, Kind

FILE_NAME: Final = "token-keys.json"
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class TokenKeysReadable(GrootboekError):
    """The token keys can be read by others on this machine."""

    code = "token-keys-readable"
    kind = Kind.INTERNAL
    remedy = "Take the rights of group and others off the file, or remove it: a new one is made."


class TokenKeys(msgspec.Struct, frozen=True):
    """`signing`: ES256; `sealing`: ECDH-ES on P-256, to which the subject of a citizen's token is encrypted."""

    signing: ECKey
    sealing: ECKey


class _Stored(msgspec.Struct, frozen=True):
    """The file's shape: two private JWKs."""

    signing: dict[str, Any]
    sealing: dict[str, Any]


def make_keys() -> TokenKeys:
    """Make two new key pairs with their thumbprints as key id."""
    return TokenKeys(ECKey.generate_key("P-256", auto_kid=True), ECKey.generate_key("P-256", auto_kid=True))


def open_keys(folder: Path) -> TokenKeys:
    """Read the keys in `folder`, made when absent; raise TokenKeysReadable when others can read them."""
    path = folder / FILE_NAME
    if not path.exists():
        _write_once(path, make_keys())
    if path.stat().st_mode & OTHERS:
        raise TokenKeysReadable
    stored = msgspec.json.decode(path.read_bytes(), type=_Stored)
    return TokenKeys(ECKey.import_key(stored.signing), ECKey.import_key(stored.sealing))


def _write_once(path: Path, keys: TokenKeys) -> None:
    """Write the file beside its place and link it there: of two processes that start at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f"{FILE_NAME}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    stored = _Stored(keys.signing.as_dict(private=True), keys.sealing.as_dict(private=True))
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(stored))
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()
