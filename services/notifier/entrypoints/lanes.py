"""How far the ledger's lanes are, which its event loop knows, for the thread of notifier."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from services.ledger.contract.status import LedgerStatus
from services.runtime import limits
from services.runtime.loop_calls import call_in_loop

T = TypeVar("T")


class StatusLanes:
    """Implements ``Lanes``; call it from any thread but that of the loop."""

    def __init__(self, status: LedgerStatus, loop: asyncio.AbstractEventLoop) -> None:
        """Ask ``status`` in ``loop``."""
        self._status = status
        self._loop = loop

    def heads(self) -> Mapping[int, int]:
        """The last position of every lane."""
        return self._run(self._status.heads())

    def envelope_after(self, lane: int, position: int) -> bytes | None:
        """The envelope of the event that follows a position; None when there is none, or it was swept."""
        items = self._run(self._status.events_after(lane, position, 1))
        return items[0].envelope if items else None

    def _run(self, question: Coroutine[Any, Any, T]) -> T:
        """Ask in the loop and wait; Unavailable when there is no answer in time, or the loop was closed."""
        return call_in_loop(self._loop, question, limits.GAUGES_SECONDS)
