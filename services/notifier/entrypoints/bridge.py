"""The ledger's commands, which live in its event loop, for the thread of notifier."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

from services.ledger.contract.commands import DutyAt, NotifierCommands, SentMessage
from services.runtime import limits
from services.runtime.loop_calls import call_in_loop

T = TypeVar("T")


class LedgerBridge:
    """Implements the port ``Ledger``; call it from any thread but that of the loop, which would wait for itself."""

    def __init__(
        self,
        commands: NotifierCommands,
        loop: asyncio.AbstractEventLoop,
        has_seen: Callable[[int, int], bool],
    ) -> None:
        """``has_seen`` tells whether the projections have seen a position of a lane."""
        self._commands = commands
        self._loop = loop
        self._has_seen = has_seen

    def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """The duties about one person as they stand now."""
        return self._run(self._commands.duties_of(lane, stream_id))

    def may_tell_person(self, lane: int, stream_id: UUID) -> bool:
        """Whether no open exemption forbids an outward message to the person."""
        return self._run(self._commands.may_tell_person(lane, stream_id))

    def record_message(self, message: SentMessage) -> None:
        """Record that a message was sent, once per id."""
        self._run(self._commands.record_message(message))

    def has_seen(self, lane: int, position: int) -> bool:
        """Whether the answers of the ledger have seen this position."""
        return self._has_seen(lane, position)

    def _run(self, command: Coroutine[Any, Any, T]) -> T:
        """Run a command in the loop and wait; Unavailable when it does not end, or the ledger is being closed."""
        return call_in_loop(self._loop, command, limits.NOTIFIER_COMMAND_SECONDS_MAX)
