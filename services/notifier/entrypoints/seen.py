"""How far the answers of a ledger in another process are, for the threads of notifier."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from services.ledger.contract.status import LedgerStatus
from services.runtime import limits
from services.runtime.loop_calls import call_in_loop


class LedgerSeen:
    """Remembers how far each lane was; the ledger is asked only about what it had not seen then."""

    def __init__(self, status: LedgerStatus, loop: asyncio.AbstractEventLoop) -> None:
        """Ask ``status`` in ``loop``."""
        self._status = status
        self._loop = loop
        self._applied: Mapping[int, int] = {}

    def __call__(self, lane: int, position: int) -> bool:
        """Whether the answers of the ledger have seen a position of a lane; from any thread but that of the loop."""
        if self._applied.get(lane, 0) < position:
            self._applied = call_in_loop(self._loop, self._status.applied(), limits.NOTIFIER_COMMAND_SECONDS_MAX)
        return self._applied.get(lane, 0) >= position
