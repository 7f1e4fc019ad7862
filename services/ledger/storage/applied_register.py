"""How much of the erasure register this database has applied: kept in it, and so as old as any dump of it."""

from __future__ import annotations

from typing import Final, LiteralString

from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister, RegisterMark
from services.runtime.postgres import SyncPool

NAME: Final = "erasure_register_applied"
SELECT: Final[LiteralString] = "SELECT value FROM ledger_setting WHERE name = %s"
# Several processes append; a mark never goes back.
RAISE: Final[LiteralString] = """
INSERT INTO ledger_setting AS known (name, value) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE split_part(known.value, ' ', 1)::bigint < split_part(excluded.value, ' ', 1)::bigint"""


class PostgresMark:
    """The ``RegisterMark`` port: sequence number and chain of the last entry that was applied; blocking."""

    def __init__(self, pool: SyncPool) -> None:
        """Read and write over ``pool``."""
        self._pool = pool

    def read(self) -> tuple[int, str] | None:
        """(sequence, chain); None when nothing was ever destroyed."""
        with self._pool.connection() as connection:
            row = connection.execute(SELECT, (NAME,)).fetchone()
        if row is None:
            return None
        sequence, _, chain = str(row[0]).partition(" ")
        return int(sequence), chain

    def raise_to(self, sequence: int, chain: str) -> None:
        """Remember that the register was applied up to here; a smaller number changes nothing."""
        with self._pool.connection() as connection:
            connection.execute(RAISE, (NAME, f"{sequence} {chain}"))


class MarkedRegister:
    """The ``ErasureRegister`` port over another one: the database is told of every entry that was written."""

    def __init__(self, register: ErasureRegister, mark: RegisterMark) -> None:
        """Write to ``register``, durably; then raise ``mark``."""
        self._register = register
        self._mark = mark

    def append(self, entry: ErasureEntry) -> int:
        """Write an entry, once per id; its sequence number."""
        sequence = self._register.append(entry)
        chain = self._register.chain(sequence)
        assert chain is not None, "an entry that was appended is there"
        self._mark.raise_to(sequence, chain)
        return sequence

    def entries(self, after: int = 0) -> list[ErasureEntry]:
        """Every entry after a sequence number, in order."""
        return self._register.entries(after)

    def find(self, entry_id: str) -> ErasureEntry | None:
        """The entry with this id; None when there is none."""
        return self._register.find(entry_id)

    def chain(self, sequence: int) -> str | None:
        """The hash of the register up to and with this number; None beyond its end."""
        return self._register.chain(sequence)
