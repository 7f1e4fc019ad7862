"""A covenant as it is on a day: with what it takes from its umbrella, its addenda and how it is read (S14, S16)."""

from __future__ import annotations

from typing import Any

import msgspec

from services.law.covenants.duties import accountable
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.valid_at import valid_day_or_today
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, JsonObject
from services.runtime.clock import Clock


class ReadCovenant:
    """``GET /v1/covenants/{id}/in-force``."""

    def __init__(self, *, source: RegisterFeed, clock: Clock) -> None:
        """Look in ``source``, caught up at every question; today comes from ``clock``."""
        self._source = source
        self._clock = clock

    def __call__(self, _: Caller, covenant_id: str, valid_at: str | None = None) -> JsonObject:
        """The covenant of that day, the origin of what is not its own text, and who is accountable for each duty.

        Blocking. Raises NotFound where no version is in force.
        """
        view = self._source.catch_up().on(valid_day_or_today(valid_at, self._clock))
        found = view.covenants[covenant_id]
        if found is None:
            raise NotFound
        body: dict[str, Any] = msgspec.to_builtins(found.covenant)
        return body | {
            "origins": msgspec.to_builtins(found.origins),
            "accountable": msgspec.to_builtins(accountable(found)),
            "validAt": view.day.isoformat(),
        }
