"""The vault of the embedded shape: one file that only its owner can read, replaced whole and durably.

It refuses to work when others could read the keys or swap the file. Several processes of one
ledger may use it: a lock file orders their writes, and a reader notices a replaced file.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from services.ledger.application.vault_errors import VaultDamaged, VaultExposed
from services.ledger.storage.vault_memory import MemoryVault
from services.ledger.storage.vault_ring import VaultContents
from services.runtime import limits
from services.runtime.ids import Ids, SystemIds

OTHERS_MAY_ANYTHING = stat.S_IRWXG | stat.S_IRWXO
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH

Generation = tuple[int, int, int]


class SealedFileVault(MemoryVault):
    """The ``Vault`` port over one file of mode 0600; made on first use, never silently made again."""

    def __init__(self, path: Path, ids: Ids | None = None, *, create: bool = True) -> None:
        """Open the vault at ``path``; without it make one, or raise VaultDamaged when ``create`` is False."""
        super().__init__(ids or SystemIds())
        self._path = path.absolute()
        self._lock_path = self._path.with_name(self._path.name + ".lock")
        if create:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_folder(self._path.parent)
        self._generation: Generation = (0, 0, 0)
        with self._lock, self._exclusive():
            if create and not self._path.exists():
                self._write(self._contents)
            else:
                self._load()

    def _read(self) -> VaultContents:
        """The contents as they now lie in the file: another process may have made or destroyed a key."""
        try:
            found = generation_of(self._path.stat())
        except FileNotFoundError:
            raise VaultDamaged from None
        if found != self._generation:
            with self._lock:
                self._load()
        return self._contents

    def make(self, key_ids: Sequence[str]) -> None:
        """Make these keys where absent, with one durable write under the lock of all processes."""
        present = self._read().keys
        if not all(key_id in present for key_id in key_ids):
            with self._lock, self._exclusive():
                super().make(key_ids)

    def destroy(self, key_id: str) -> None:
        """Destroy a key for ever, under the lock of all processes."""
        with self._lock, self._exclusive():
            super().destroy(key_id)

    def rotate_lookup_key(self) -> int:
        """Make the next version of the lookup key, under the lock of all processes."""
        with self._lock, self._exclusive():
            return super().rotate_lookup_key()

    def _begin(self) -> VaultContents:
        """A copy of what the file now holds, so that a failed write leaves memory as it was."""
        self._load()
        return msgspec.msgpack.decode(msgspec.msgpack.encode(self._contents), type=VaultContents)

    def _commit(self, contents: VaultContents) -> None:
        self._write(contents)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold the lock that all processes of this ledger share."""
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> None:
        """Read the file whole; VaultExposed when others may read it, VaultDamaged when it is no vault."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            raise VaultDamaged from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_mode & OTHERS_MAY_ANYTHING or not owned(status):
                raise VaultExposed
            data = file.read(limits.VAULT_FILE_BYTES_MAX)
        try:
            self._contents = msgspec.msgpack.decode(data, type=VaultContents)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise VaultDamaged from None
        self._generation = generation_of(status)

    def _write(self, contents: VaultContents) -> None:
        """Replace the file whole: written beside it, forced to disk, renamed, and the folder forced too."""
        check_folder(self._path.parent)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.msgpack.encode(contents))
            file.flush()
            os.fsync(file.fileno())
            status = os.fstat(file.fileno())
        beside.replace(self._path)
        force_folder(self._path.parent)
        self._contents = contents
        self._generation = generation_of(status)


def check_folder(folder: Path) -> None:
    """Raise VaultExposed when others could replace a file in the folder."""
    status = folder.stat()
    if status.st_mode & OTHERS_MAY_WRITE or not owned(status):
        raise VaultExposed


def owned(status: os.stat_result) -> bool:
    """Whether it belongs to the user we run as (or to root, who can read everything anyhow)."""
    return status.st_uid in (os.geteuid(), 0)


def generation_of(status: os.stat_result) -> Generation:
    """What changes when the file is replaced."""
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def force_folder(folder: Path) -> None:
    """Force a rename in the folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
