"""Register entries that come from a file instead of the ledger, made into a register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from services.law.governance import Entry
from services.law.register import Known, Register

_ALWAYS_KNOWN: Final = datetime(1, 1, 2, tzinfo=UTC)


def register_of(entries: Iterable[Entry]) -> Register:
    """A register that has always known these entries; of two with one id and version the later counts."""
    return Register(Known(entry, position, _ALWAYS_KNOWN) for position, entry in enumerate(entries, start=1))
