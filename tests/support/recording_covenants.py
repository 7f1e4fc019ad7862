"""The part of the recording ledger that is about covenants."""

from __future__ import annotations

from typing import Any

from services.ledger.contract.covenants import CovenantQuestion
from services.ledger.contract.messages import Caller, JsonObject, Page


class RecordingCovenants:
    """Remembers every question about covenants and answers something plausible."""

    def note(self, name: str, caller: Caller | None, *arguments: Any) -> None:
        """Remember one call; the whole ledger says where."""
        raise NotImplementedError

    async def choose_covenant(self, caller: Caller, question: CovenantQuestion) -> JsonObject:
        """Choose nothing."""
        self.note("choose_covenant", caller, question)
        return {"candidates": [], "by": "none", "default": None}

    async def read_covenant(self, caller: Caller, covenant_id: str, valid_at: str | None = None) -> JsonObject:
        """Read any covenant."""
        self.note("read_covenant", caller, covenant_id, valid_at)
        return {"id": covenant_id, "origins": []}

    async def read_card(
        self, caller: Caller, covenant_id: str, reader: str | None = None, valid_at: str | None = None
    ) -> JsonObject:
        """Show an empty card."""
        self.note("read_card", caller, covenant_id, reader, valid_at)
        return {"covenant": covenant_id, "version": 1, "sections": []}

    async def compare_covenants(
        self, caller: Caller, covenant_id: str, first: int | None, second: int | None, other: str | None
    ) -> JsonObject:
        """Find no difference."""
        self.note("compare_covenants", caller, covenant_id, first, second, other)
        return {"changes": []}

    async def list_contradictions(
        self, caller: Caller, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """Find none."""
        self.note("list_contradictions", caller, valid_at, cursor, limit)
        return Page(items=())

    async def list_differences(
        self, caller: Caller, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """Find none."""
        self.note("list_differences", caller, valid_at, cursor, limit)
        return Page(items=())

    async def export_activities(self, caller: Caller, valid_at: str | None, party: str | None) -> Page:
        """Export one row."""
        self.note("export_activities", caller, valid_at, party)
        return Page(items=({"controllers": ["politie", "college"], "dataCategories": ["name", "report"]},))

    async def list_reread_cases(
        self, caller: Caller, interpretation_id: str, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """Find none."""
        self.note("list_reread_cases", caller, interpretation_id, cursor, limit)
        return Page(items=())
