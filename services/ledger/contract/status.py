"""How far the ledger is, and what its lanes hold, for those of our services that follow it from another process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from services.ledger.contract.clock import ClockState
from services.ledger.contract.cloud_events import PublishedEvent


class LedgerStatus(Protocol):
    """What needs no caller, since it says nothing of a person that the feed does not say."""

    async def events_after(self, lane: int, after: int, limit: int) -> list[PublishedEvent]:
        """At most ``limit`` events of a lane after a position, as its topic has them; PositionMissing at a gap."""
        ...

    async def heads(self) -> Mapping[int, int]:
        """The last position of every lane, the register's included."""
        ...

    async def applied(self) -> Mapping[int, int]:
        """The position of every lane of persons up to which the answers of the ledger have seen it."""
        ...

    async def clock(self) -> ClockState:
        """Where the ledger's clock stands."""
        ...
