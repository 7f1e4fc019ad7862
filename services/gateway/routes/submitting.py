"""What is turned away of the bodies that are judged, with every fault at once, whoever is the one to see it.

The door knows shape and key, the ledger clock and register. So the ledger still looks at a body that failed here, as
far as anything could be made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.gateway.formats.keyed import Unsound
from services.ledger.contract.client import LedgerClient
from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Rejected

Faults = tuple[FieldError, ...]


async def reject_one(ledger: LedgerClient, unsound: Unsound[Any]) -> Rejected:
    """Return the rejection of a request with all that is wrong with it."""
    (rejected,) = await reject_all(ledger, (unsound,))
    return rejected


async def reject_all(ledger: LedgerClient, unsound: Sequence[Unsound[Any]]) -> list[Rejected]:
    """Return the rejection of each request, in order."""
    bodies = [each.remnant.body for each in unsound if each.remnant is not None]
    try:
        found = iter(await ledger.check(bodies) if bodies else ())
    except GrootboekError:
        # A ledger that is away must not make a body that is wrong look as if it may be sent again.
        found = iter([()] * len(bodies))
    return [Rejected(gather(each, () if each.remnant is None else next(found))) for each in unsound]


def gather(unsound: Unsound[Any], found: Faults) -> Faults:
    """Return the faults of a request: its own, and those found in what could be read of it."""
    unread = frozenset[str]() if unsound.remnant is None else unsound.remnant.unread
    told = (*unsound.faults, *(fault for fault in found if fault.pointer not in unread))
    return told[: limits.FIELD_ERRORS_MAX]
