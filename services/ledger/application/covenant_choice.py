"""Which covenant governs: the candidates of home, place and school, and the one that protects most (S19)."""

from __future__ import annotations

from typing import Any

import msgspec

from services.law.covenants.choice import WhichCovenant, choose
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.valid_at import valid_day_or_today
from services.ledger.contract.covenants import CovenantQuestion
from services.ledger.contract.messages import Caller, JsonObject
from services.runtime.clock import Clock


class ChooseCovenant:
    """``POST /v1/covenants/_resolve``; about covenants only, so nothing of a person is read or told."""

    def __init__(self, *, source: RegisterFeed, clock: Clock) -> None:
        """Look in ``source``, caught up at every question; today comes from ``clock``."""
        self._source = source
        self._clock = clock

    def __call__(self, _: Caller, question: CovenantQuestion) -> JsonObject:
        """The candidates in protective order, with the reasons; the first is the default. Blocking."""
        view = self._source.catch_up().on(valid_day_or_today(question.valid_at, self._clock))
        asked = WhichCovenant(
            home=question.home_municipality,
            place=question.act_municipality,
            school=question.school_municipality,
            controller=question.controller,
            recipients=question.recipients,
            purpose=question.purpose,
            phase=question.phase,
            data_categories=question.data_categories,
        )
        choice = choose(asked, view)
        body: dict[str, Any] = msgspec.to_builtins(choice)
        default = choice.default
        return body | {"default": None if default is None else default.covenant, "validAt": view.day.isoformat()}
