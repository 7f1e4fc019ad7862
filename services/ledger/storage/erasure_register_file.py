"""The erasure register of the embedded shape: a file that only grows, apart from the database, its dumps and the vault.

One JSON line per entry, each with the hash over all lines before it. A line that a crash tore off is cut away, since
nobody was told that it stands; a line that does not follow from the ones before it closes the register. Several
processes of one ledger may write: a lock file orders them, and each reads what the others added.
"""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import msgspec

from services.ledger.application.erasure_register_errors import RegisterDamaged, RegisterExposed
from services.ledger.application.retention_ports import ErasureEntry
from services.ledger.application.vault_errors import VaultExposed
from services.ledger.storage.erasure_register_memory import GENESIS, RegisterLine, link, make_line
from services.ledger.storage.vault_file import OTHERS_MAY_ANYTHING, check_folder, force_folder, owned

FOLDER = "erasure-register"
"""The folder, beside those of database and vault, that no backup of either holds."""
REGISTER = "register.jsonl"
LOCK = "register.lock"


class _Known(msgspec.Struct):
    """How far the file was read: its whole lines, where each begins, and the chain after each."""

    ids: dict[str, int] = {}
    starts: list[int] = msgspec.field(default_factory=lambda: [0])
    chains: list[bytes] = msgspec.field(default_factory=lambda: [GENESIS])

    @property
    def end(self) -> int:
        """Where the next line begins."""
        return self.starts[-1]


class ErasureRegisterFile:
    """The ``ErasureRegister`` port over one file of mode 0600 in a folder of its own; blocking."""

    def __init__(self, folder: Path) -> None:
        """Open the register in ``folder``, made when absent; RegisterDamaged or RegisterExposed."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / REGISTER
        self._lock = threading.Lock()
        self._known = _Known()
        self._check_folder()
        with self._lock, self._exclusive() as descriptor:
            self._read(descriptor, repair=True)

    def append(self, entry: ErasureEntry) -> int:
        """Write an entry durably, once per id; its sequence number."""
        self._check_folder()
        with self._lock, self._exclusive() as descriptor:
            self._read(descriptor, repair=True)
            known = self._known
            if entry.id in known.ids:
                return known.ids[entry.id]
            numbered = msgspec.structs.replace(entry, sequence=len(known.chains))
            line, chain = make_line(known.chains[-1], numbered)
            self._write(descriptor, line)
            self._note(numbered.id, len(line), chain)
            return numbered.sequence

    def entries(self, after: int = 0) -> list[ErasureEntry]:
        """Every entry after a sequence number, in order."""
        with self._lock, self._open() as descriptor:
            self._read(descriptor, repair=False)
            starts = self._known.starts[after:]
            return [read_entry(descriptor, begin, end) for begin, end in pairwise(starts)]

    def find(self, entry_id: str) -> ErasureEntry | None:
        """The entry with this id; None when there is none."""
        with self._lock, self._open() as descriptor:
            self._read(descriptor, repair=False)
            sequence = self._known.ids.get(entry_id)
            if sequence is None:
                return None
            return read_entry(descriptor, self._known.starts[sequence - 1], self._known.starts[sequence])

    def chain(self, sequence: int) -> str | None:
        """The hash of the register up to and with this number; None beyond its end."""
        with self._lock, self._open() as descriptor:
            self._read(descriptor, repair=False)
            chains = self._known.chains
            return chains[sequence].hex() if 0 <= sequence < len(chains) else None

    def _read(self, descriptor: int, *, repair: bool) -> None:
        """Take in what was added since the last time; with ``repair`` (under the lock) cut off a torn last line."""
        size = os.fstat(descriptor).st_size
        if size < self._known.end:
            raise RegisterDamaged
        added = read_between(descriptor, self._known.end, size)
        whole, _, torn = added.rpartition(b"\n")
        for line in whole.split(b"\n") if whole else ():
            encoded, chain = check_line(line, self._known.chains[-1])
            entry = decode_entry(encoded)
            if entry.sequence != len(self._known.chains) or entry.id in self._known.ids:
                raise RegisterDamaged
            self._note(entry.id, len(line) + 1, chain)
        if torn and repair:
            os.ftruncate(descriptor, self._known.end)
            os.fsync(descriptor)

    def _note(self, entry_id: str, length: int, chain: bytes) -> None:
        """Remember a line that stands in the file."""
        known = self._known
        known.ids[entry_id] = len(known.chains)
        known.starts.append(known.end + length)
        known.chains.append(chain)

    def _write(self, descriptor: int, line: bytes) -> None:
        """Put a line at the end and on disk; what could not be forced there is taken away again."""
        try:
            write_at(descriptor, line, self._known.end)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, self._known.end)
            raise

    @contextmanager
    def _exclusive(self) -> Iterator[int]:
        """The file, made when absent, under the lock that all processes of this ledger share."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(self._folder / LOCK, flags, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            is_new = not self._path.exists()
            with self._open(flags) as descriptor:
                if is_new:
                    os.fsync(descriptor)
                    force_folder(self._folder)
                yield descriptor
        finally:
            os.close(lock)

    @contextmanager
    def _open(self, flags: int = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW) -> Iterator[int]:
        """The file; RegisterExposed when others may read it, RegisterDamaged when it is gone."""
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError:
            raise RegisterDamaged from None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_mode & OTHERS_MAY_ANYTHING or not owned(status):
                raise RegisterExposed
            yield descriptor
        finally:
            os.close(descriptor)

    def _check_folder(self) -> None:
        try:
            check_folder(self._folder)
        except VaultExposed:
            raise RegisterExposed from None


def check_line(line: bytes, previous: bytes) -> tuple[bytes, bytes]:
    """The entry's bytes and the chain after this line; RegisterDamaged when it does not follow on ``previous``."""
    try:
        decoded = msgspec.json.decode(line, type=RegisterLine)
    except msgspec.MsgspecError:
        raise RegisterDamaged from None
    encoded = bytes(decoded.entry)
    chain = link(previous, encoded)
    if chain.hex() != decoded.chain:
        raise RegisterDamaged
    return encoded, chain


def decode_entry(encoded: bytes) -> ErasureEntry:
    """The entry; RegisterDamaged when it is none."""
    try:
        return msgspec.json.decode(encoded, type=ErasureEntry)
    except msgspec.MsgspecError:
        raise RegisterDamaged from None


def read_entry(descriptor: int, begin: int, end: int) -> ErasureEntry:
    """The entry of the line between two places in the file."""
    line = msgspec.json.decode(read_between(descriptor, begin, end), type=RegisterLine)
    return decode_entry(bytes(line.entry))


def read_between(descriptor: int, begin: int, end: int) -> bytes:
    """The bytes between two places in a file; fewer when it ends before."""
    pieces: list[bytes] = []
    while begin < end and (piece := os.pread(descriptor, end - begin, begin)):
        pieces.append(piece)
        begin += len(piece)
    return b"".join(pieces)


def write_at(descriptor: int, data: bytes, place: int) -> None:
    """Write all of it at a place in the file, in as many calls as that takes."""
    while data:
        written = os.pwrite(descriptor, data, place)
        data, place = data[written:], place + written
