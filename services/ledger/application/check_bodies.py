"""What is wrong with bodies that are not going to be recorded: told by who knows clock and register."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.law.act import Judged
from services.ledger.application.ports import RegisterSource
from services.ledger.domain.validation import validate
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.errors import FieldError


class Checker:
    """The verb ``check``."""

    def __init__(self, *, register: RegisterSource, clock: Clock) -> None:
        """Check by ``register`` and ``clock``, as recording does before it judges."""
        self._register = register
        self._clock = clock

    async def check(self, bodies: Sequence[Judged]) -> list[tuple[FieldError, ...]]:
        """The faults of each body, in order; with a turn for others after every stretch."""
        register, now = self._register.current(), self._clock.now()
        found: list[tuple[FieldError, ...]] = []
        for number, body in enumerate(bodies, 1):
            found.append(validate(body, register, now))
            if number % limits.PREPARE_STRETCH_OPERATIONS == 0:
                await asyncio.sleep(0)
        return found
