"""The shape of a statutory clock: what starts it, how long it runs, by which norm, and when it ends."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from services.law.clocks import Deadline

Urgency = Literal["term", "at-once", "without-delay", "before", "on-date", "always", "no-term"]
"""How a clock ends: with its term; at its start; as soon as can be; before an act; on a date; never; whenever."""


class LegalClock(msgspec.Struct, frozen=True, rename="camel"):
    """One clock: ``norm`` is the id of a norm, ``length`` an ISO 8601 period.

    ``due`` is None when the law names no moment: for ``without-delay`` act from ``start`` on, for ``always`` and
    ``no-term`` nothing runs out.
    """

    norm: str
    urgency: Urgency
    start: date | datetime | None = None
    length: str | None = None
    due: Deadline | None = None


def at_moment(norm: str, urgency: Urgency, start: date | datetime, moment: date | datetime) -> LegalClock:
    """A clock that ends at a moment that is known, which nothing carries on."""
    return LegalClock(norm, urgency, start, None, Deadline(moment, moment))


def without_delay(norm: str, start: date | datetime) -> LegalClock:
    """A clock that the law gives no end: as soon as can be, from ``start`` on."""
    return LegalClock(norm, "without-delay", start)
