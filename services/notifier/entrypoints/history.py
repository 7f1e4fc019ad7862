"""The ledger's own log of events, for a feed whose topic does not hold all that it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from services.ledger.contract.cloud_events import PublishedEvent
from services.ledger.contract.status import LedgerStatus
from services.runtime import limits
from services.runtime.loop_calls import call_in_loop


class StatusHistory:
    """Asks a ledger in another process; call it from any thread but that of the loop."""

    def __init__(self, status: LedgerStatus, loop: asyncio.AbstractEventLoop) -> None:
        """Ask ``status`` in ``loop``."""
        self._status = status
        self._loop = loop

    def heads(self) -> Mapping[int, int]:
        """The last position of every lane, the register's included."""
        return call_in_loop(self._loop, self._status.heads(), limits.NOTIFIER_COMMAND_SECONDS_MAX)

    def events_after(self, lane: int, position: int, limit: int) -> Sequence[PublishedEvent]:
        """At most ``limit`` events of a lane after a position, in order."""
        asked = self._status.events_after(lane, position, limit)
        return call_in_loop(self._loop, asked, limits.NOTIFIER_COMMAND_SECONDS_MAX)
