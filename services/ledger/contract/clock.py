"""The ledger's clock as other processes follow it: one ledger, one time, however many processes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from services.runtime.clock import Clock, FollowedClock, SystemClock


class ClockState(msgspec.Struct, frozen=True, kw_only=True):
    """Where the ledger's clock stands: the wall's, or a scenario's that stands still or runs along with the wall."""

    kind: Literal["system", "scenario"]
    now: datetime
    follows_wall: bool


class ClockFollower(Protocol):
    """A process that acts on the ledger's time; the ledger calls it before and after it moves a scenario clock."""

    async def catch_up(self, state: ClockState) -> None:
        """Stand where the ledger stands, and do all that is due by then before answering; raises what was not done."""
        ...


class FollowingClock:
    """Implements ClockFollower for one process: its clock, and what is to be done whenever that moves."""

    def __init__(self, state: ClockState) -> None:
        """Stand where the ledger stands."""
        self._followed = None if state.kind == "system" else FollowedClock(state.now)
        self._due: list[Callable[[], Awaitable[None]]] = []
        self._move(state)

    @property
    def clock(self) -> Clock:
        """The ledger's time."""
        return self._followed or SystemClock()

    def do_when_moved(self, due: Callable[[], Awaitable[None]]) -> None:
        """Let ``due`` do all that has become due, before the ledger hears that we caught up."""
        self._due.append(due)

    async def catch_up(self, state: ClockState) -> None:
        """See ClockFollower."""
        self._move(state)
        for due in self._due:
            await due()

    def _move(self, state: ClockState) -> None:
        if self._followed is not None:
            self._followed.move(state.now, follows_wall=state.follows_wall)
