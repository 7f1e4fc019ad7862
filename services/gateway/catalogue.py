"""Every call of the door, once: routes, authorisation and the API description are all made from this."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Call
from services.gateway.routes import (
    access,
    breaches,
    clocks,
    covenants,
    duties,
    erasures,
    governance,
    holdings,
    inquiries,
    lanes,
    learning,
    letters,
    obligations,
    operations,
    overlaps,
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
    *overlaps.CALLS,
    *governance.CALLS,
    *covenants.CALLS,
    *learning.CALLS,
    *lanes.CALLS,
    *service.CALLS,
)


def calls_by_path() -> dict[str, tuple[Call, ...]]:
    """Return the calls of each path, in the order of the catalogue."""
    found: dict[str, tuple[Call, ...]] = {}
    for call in CALLS:
        found[call.path] = (*found.get(call.path, ()), call)
    return found
