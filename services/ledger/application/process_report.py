"""The report of the process that led to where things stand, made from the stream and nothing else (S43)."""

from __future__ import annotations

from typing import Any

from services.ledger.application.process_words import tell_process
from services.ledger.application.replay import Replays
from services.ledger.contract.messages import Caller

Json = dict[str, Any]


class ProcessReports:
    """``GET /v1/inquiries/{id}/process-report``."""

    def __init__(self, *, replays: Replays) -> None:
        """Tell what ``replays`` shows: who may read it, and the record of the read, are those of a replay."""
        self._replays = replays

    async def report(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None, cursor: str | None
    ) -> Json:
        """``{"asOf", "asKnownAt", "nl", "en", "next"}``: a page of the replay as Markdown; raises what that raises."""
        page = await self._replays.replay(caller, inquiry_id, as_of, as_known_at, cursor)
        told = tell_process(page["events"])
        kept = {name: page[name] for name in ("asOf", "asKnownAt", "next")}
        return kept | {"nl": told.nl, "en": told.en}
