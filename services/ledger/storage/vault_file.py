"""The vault of the embedded shape: one file that only its owner can read, replaced whole and durably.

It refuses to work when others could read the keys or swap the file, and when another vault lies in
its place. Several processes of one ledger may use it: a lock file orders their writes, and a reader
notices a replaced file. A write that fails leaves the file as it was, and no copy of it behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from services.ledger.application.vault_errors import (
    VaultDamaged,
    VaultExposed,
    VaultNotRead,
    VaultNotWritten,
    WrongVault,
)
from services.ledger.storage.vault_memory import MemoryVault
from services.ledger.storage.vault_ring import VaultContents, fingerprint_of
from services.runtime import limits
from services.runtime.ids import Ids, SystemIds

OTHERS_MAY_ANYTHING = stat.S_IRWXG | stat.S_IRWXO
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})

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
        self._beside = self._path.with_name(self._path.name + ".new")
        self._fingerprint: str | None = None
        with self._lock, self._exclusive():
            # What a killed process left there holds keys that may since have been destroyed.
            self._beside.unlink(missing_ok=True)
            if create and not self._path.exists():
                self._write(self._contents)
            else:
                self._load()

    def _read(self) -> VaultContents:
        """The contents as they now lie in the file: another process may have made or destroyed a key."""
        with read_or_raised():
            found = generation_of(self._path.stat())
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

    def destroy_all(self, key_ids: Sequence[str]) -> None:
        """Destroy these keys for ever with one durable write, under the lock of all processes."""
        with self._lock, self._exclusive():
            super().destroy_all(key_ids)
            # Also when nothing lived any more: an earlier try may have failed between the rename and this.
            with written_or_raised():
                force_folder(self._path.parent)

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
        with written_or_raised():
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> None:
        """Read the file whole; VaultExposed when others may read it, VaultDamaged when it is no vault."""
        with read_or_raised():
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode) or status.st_mode & OTHERS_MAY_ANYTHING or not owned(status):
                    raise VaultExposed
                with os.fdopen(descriptor, "rb", closefd=False) as file:
                    data = file.read(limits.VAULT_FILE_BYTES_MAX)
            finally:
                os.close(descriptor)
        try:
            contents = msgspec.msgpack.decode(data, type=VaultContents)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise VaultDamaged from None
        self._take(contents, status)

    def _take(self, contents: VaultContents, status: os.stat_result) -> None:
        """Work with these contents from now on; WrongVault when they are another vault's."""
        fingerprint = fingerprint_of(contents)
        if self._fingerprint not in (None, fingerprint):
            raise WrongVault
        self._fingerprint = fingerprint
        self._contents = contents
        self._generation = generation_of(status)

    def _write(self, contents: VaultContents) -> None:
        """Replace the file whole: written beside it, forced to disk, renamed, and the folder forced too."""
        check_folder(self._path.parent)
        with written_or_raised():
            try:
                status = self._write_beside(msgspec.msgpack.encode(contents))
                self._beside.replace(self._path)
            finally:
                self._beside.unlink(missing_ok=True)
            force_folder(self._path.parent)
        self._take(contents, status)

    def _write_beside(self, data: bytes) -> os.stat_result:
        self._beside.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self._beside, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            return os.fstat(file.fileno())


@contextmanager
def read_or_raised() -> Iterator[None]:
    """Turn what the file system says into VaultDamaged when no file is there, and else into VaultNotRead."""
    try:
        yield
    except OSError as error:
        raise VaultDamaged if error.errno in GONE else VaultNotRead from error


@contextmanager
def written_or_raised() -> Iterator[None]:
    """Turn what the file system says into VaultNotWritten."""
    try:
        yield
    except OSError as error:
        raise VaultNotWritten from error


def check_folder(folder: Path) -> None:
    """Raise VaultExposed when others could replace a file in the folder, VaultDamaged when there is none."""
    with read_or_raised():
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
