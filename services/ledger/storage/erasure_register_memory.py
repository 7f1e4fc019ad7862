"""The erasure register in memory, and the chain that both registers share: for tests and for ledgers of a moment."""

from __future__ import annotations

import hashlib
import threading

import msgspec

from services.ledger.application.erasure_register_errors import EntryTooLong
from services.ledger.application.retention_ports import ErasureEntry
from services.runtime.limits import ERASURE_REGISTER_LINE_BYTES_MAX

GENESIS = hashlib.sha256(b"grootboek erasure register").digest()


class RegisterLine(msgspec.Struct, frozen=True):
    """One line: the entry's own bytes, and the hash over the line before it and them."""

    chain: str
    entry: msgspec.Raw


def make_line(previous: bytes, entry: ErasureEntry) -> tuple[bytes, bytes]:
    """The line (ending in a newline) that follows on a chain, and the chain after it; EntryTooLong."""
    encoded = msgspec.json.encode(entry)
    chain = link(previous, encoded)
    line = msgspec.json.encode(RegisterLine(chain=chain.hex(), entry=msgspec.Raw(encoded))) + b"\n"
    if len(line) > ERASURE_REGISTER_LINE_BYTES_MAX:
        raise EntryTooLong
    return line, chain


def link(previous: bytes, encoded: bytes) -> bytes:
    """The chain after one more entry."""
    return hashlib.sha256(previous + encoded).digest()


class MemoryErasureRegister:
    """The ``ErasureRegister`` port over a list; safe between threads."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._entries: list[ErasureEntry] = []
        self._chains = [GENESIS]

    def append(self, entry: ErasureEntry) -> int:
        """Keep an entry, once per id; its sequence number."""
        with self._lock:
            for known in self._entries:
                if known.id == entry.id:
                    return known.sequence
            numbered = msgspec.structs.replace(entry, sequence=len(self._entries) + 1)
            _, chain = make_line(self._chains[-1], numbered)
            self._entries.append(numbered)
            self._chains.append(chain)
            return numbered.sequence

    def entries(self, after: int = 0) -> list[ErasureEntry]:
        """Every entry after a sequence number, in order."""
        with self._lock:
            return self._entries[after:]

    def find(self, entry_id: str) -> ErasureEntry | None:
        """The entry with this id; None when there is none."""
        with self._lock:
            return next((entry for entry in self._entries if entry.id == entry_id), None)

    def chain(self, sequence: int) -> str | None:
        """The hash of the register up to and with this number; None beyond its end."""
        with self._lock:
            return self._chains[sequence].hex() if 0 <= sequence < len(self._chains) else None
