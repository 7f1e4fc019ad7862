"""Every call of the door, once: routes, authorisation and the API description are all made from this."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from services.gateway.calls import Call
from services.gateway.routes import (
    access,
    breaches,
    clocks,
    duties,
    erasures,
    governance,
    holdings,
    inquiries,
    lanes,
    letters,
    obligations,
    operations,
    retention,
    service,
    subjects,
)

CALLS: Final[tuple[Call, ...]] = (
    *operations.CALLS,
    *duties.CALLS,
    *obligations.CALLS,
    *access.CALLS,
    *clocks.CALLS,
    *inquiries.CALLS,
    *breaches.CALLS,
    *holdings.CALLS,
    *retention.CALLS,
    *erasures.CALLS,
    *letters.CALLS,
    *subjects.CALLS,
    *governance.CALLS,
    *lanes.CALLS,
    *service.CALLS,
)


def calls_by_path() -> dict[str, tuple[Call, ...]]:
    """Return the calls of each path, in the order of the catalogue."""
    return {path: tuple(calls) for path, calls in groupby(CALLS, key=lambda call: call.path)}
