"""The day that a question about the register is about: ``validAt``, an instant or a day (Europe/Amsterdam)."""

from __future__ import annotations

from datetime import date

from services.law.local_time import amsterdam_day
from services.ledger.application.bounds import BoundInvalid, parse_bound
from services.runtime.clock import Clock


def valid_day(text: str) -> date:
    """The day in Amsterdam; BoundInvalid for what is neither an instant with a zone nor a day."""
    try:
        return amsterdam_day(parse_bound(text))
    except (ValueError, OverflowError):
        raise BoundInvalid("validAt") from None


def valid_day_or_today(text: str | None, clock: Clock) -> date:
    """The day that is named, else today."""
    return amsterdam_day(clock.now()) if text is None else valid_day(text)
