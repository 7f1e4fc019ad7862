"""The part of the recording ledger that is about overlaps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.ledger.contract.messages import Caller
from services.ledger.contract.overlaps import OverlapAnswer, OverlapBody, OverlapPersons

OPEN = OverlapAnswer(
    id="00000000-0000-0000-0000-000000000007",
    state="open",
    controller="college",
    parties=("police", "school"),
    handed_in=(),
    closes_at=datetime(2026, 5, 4, 9, tzinfo=UTC),
)


class RecordingOverlaps:
    """Remembers every call about overlaps and answers that nobody has handed in yet."""

    def note(self, name: str, caller: Caller | None, *arguments: Any) -> None:
        """Remember one call; the whole ledger says where."""
        raise NotImplementedError

    async def open_overlap(self, caller: Caller, key: str, body: OverlapBody) -> OverlapAnswer:
        """Open any overlap."""
        self.note("open_overlap", caller, key, body)
        return OPEN

    async def read_overlap(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """Read any overlap."""
        self.note("read_overlap", caller, overlap_id)
        return OPEN

    async def hand_in_overlap(self, caller: Caller, overlap_id: str, key: str, body: OverlapPersons) -> OverlapAnswer:
        """Take whatever is handed in."""
        self.note("hand_in_overlap", caller, overlap_id, key, body)
        return OPEN

    async def withdraw_overlap(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """Withdraw any overlap."""
        self.note("withdraw_overlap", caller, overlap_id)
        return OPEN
