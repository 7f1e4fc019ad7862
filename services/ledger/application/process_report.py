"""The report of the process that led to where things stand, made from the stream and nothing else (S43)."""

from __future__ import annotations

from typing import Any

from services.ledger.application.process_words import tell_process
from services.ledger.application.replay import Replays
from services.ledger.contract.messages import Caller
from services.runtime.limits import PROCESS_REPORT_PAGES_MAX

Json = dict[str, Any]


class ProcessReports:
    """``GET /v1/inquiries/{id}/process-report``."""

    def __init__(self, *, replays: Replays) -> None:
        """Tell what ``replays`` shows: who may read it, and the record of the read, are those of a replay."""
        self._replays = replays

    async def report(self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None) -> Json:
        """``{"asOf", "asKnownAt", "complete", "nl", "en"}``: the whole replay as Markdown; raises what that raises.

        It is told at once, so that a person has one number throughout; ``complete`` is false beyond the bound.
        """
        events: list[Json] = []
        page: Json = {"next": None}
        for _ in range(PROCESS_REPORT_PAGES_MAX):
            page = await self._replays.replay(caller, inquiry_id, as_of, as_known_at, page["next"])
            events += page["events"]
            if page["next"] is None:
                break
        told = tell_process(events)
        kept = {name: page[name] for name in ("asOf", "asKnownAt")}
        return kept | {"complete": page["next"] is None, "nl": told.nl, "en": told.en}
