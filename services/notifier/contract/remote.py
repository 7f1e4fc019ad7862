"""The port of notifier between processes, and who may call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.notifier.contract.desk import LetterDesk
from services.runtime.remote.ports import Port

# The same letter is the same order, however often it comes.
DESK: Final[Port[LetterDesk]] = Port(
    name="desk",
    protocol=LetterDesk,
    repeatable=frozenset({"write_notice", "write_breach_notice", "write_erasure_letter"}),
)
CALLERS: Final[Mapping[str, frozenset[str]]] = {DESK.name: frozenset({"gateway"})}
