"""``GET /v1/norms``: the law of a day as the judgement knows it, so that what a verdict names can be looked up."""

from __future__ import annotations

import msgspec

from services.ledger.application.ports import RegisterSource
from services.ledger.application.valid_at import valid_day_or_today
from services.ledger.contract.messages import Caller, Page
from services.runtime.clock import Clock


class ListNorms:
    """Every norm in force on a day, in order of id: a few hundred, so one page holds them all."""

    def __init__(self, *, source: RegisterSource, clock: Clock) -> None:
        """The law that ``source`` judges by; today comes from ``clock``."""
        self._source = source
        self._clock = clock

    def __call__(self, _: Caller, valid_at: str | None) -> Page:
        """Each with citation, rule in both languages, validity, and how far its text was read."""
        day = valid_day_or_today(valid_at, self._clock)
        norms = self._source.current().norms.values()
        return Page(items=tuple(msgspec.to_builtins(norm) for norm in norms if norm.valid_on(day)))
