"""The register of processing activities of a day, as the supervisory authority may ask for it (AVG 30(4), S23)."""

from __future__ import annotations

from typing import Any

import msgspec

from services.law.covenants.article30 import rows
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.valid_at import valid_day_or_today
from services.ledger.contract.messages import Caller, Page
from services.runtime.clock import Clock
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import EXPORT_ROWS_MAX


class ExportTooLarge(Rejected):
    """The register is larger than one export."""

    code = "export-too-large"
    remedy = "Name a controller in the query parameter `party`."

    def __init__(self) -> None:
        """Point at the party."""
        message = f"An export has at most {EXPORT_ROWS_MAX} rows."
        super().__init__((FieldError(pointer="/party", code=self.code, message=message, remedy=self.remedy),))


class ExportActivities:
    """``GET /v1/processing-activities/export``."""

    def __init__(self, *, source: RegisterFeed, clock: Clock) -> None:
        """Look in ``source``, caught up at every question; today comes from ``clock``."""
        self._source = source
        self._clock = clock

    def __call__(self, _: Caller, valid_at: str | None = None, party: str | None = None) -> Page:
        """All rows in force that day on one page, of one controller if ``party`` names it. Blocking.

        Raises ExportTooLarge beyond ``EXPORT_ROWS_MAX``.
        """
        view = self._source.catch_up().on(valid_day_or_today(valid_at, self._clock))
        found = [row for row in rows(view) if party is None or party in row.controllers]
        if len(found) > EXPORT_ROWS_MAX:
            raise ExportTooLarge
        items: list[Any] = msgspec.to_builtins(found)
        return Page(items=tuple(items))
