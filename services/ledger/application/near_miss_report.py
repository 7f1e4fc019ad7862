"""The report of near misses: how often what went nearly wrong, and what was learned, of all parties (S71)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import msgspec

from services.law.learning import NearMiss
from services.law.lessons import near_misses
from services.law.local_time import amsterdam_day
from services.ledger.application.ports import RegisterFeed
from services.ledger.contract.messages import Caller, JsonObject
from services.runtime.clock import Clock

DAYS_BY_DEFAULT: Final = 365


class ReportNearMisses:
    """``GET /v1/near-misses/report``: every party may read it, for it names none."""

    def __init__(self, *, source: RegisterFeed, clock: Clock) -> None:
        """Count in ``source``, caught up at every question; today comes from ``clock``."""
        self._source = source
        self._clock = clock

    def __call__(self, _: Caller, since: date | None, until: date | None) -> JsonObject:
        """Counts by code, block and month, and the lessons; by default of the year until today. Blocking."""
        last = until or amsterdam_day(self._clock.now())
        first = since or last - timedelta(days=DAYS_BY_DEFAULT)
        told = [known.entry for known in self._source.catch_up().history if isinstance(known.entry, NearMiss)]
        report: dict[str, Any] = msgspec.to_builtins(near_misses(told, first, last))
        return {"from": first.isoformat(), "until": last.isoformat()} | report
