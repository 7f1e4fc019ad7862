"""What publishing needs from the outside: the lane with its cursor on one side, a topic on the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from services.ledger.domain.stored import StoredEvent
from services.runtime.errors import GrootboekError, Kind


class PublisherFenced(GrootboekError):
    """Another publisher took the lead of this lane."""

    code = "publisher_fenced"
    kind = Kind.CONFLICT
    retryable = True
    remedy = "Nothing: it lets go and stands by; what it sent once more is known by its position."


class SendFailed(GrootboekError):
    """Kafka did not acknowledge what was sent."""

    code = "send_failed"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "Look whether enough brokers are in sync; publishing goes on from its cursor by itself."


class Lead(msgspec.Struct, frozen=True):
    """The lead of a lane: the how-manieth it is, and up to where the lane was published by then."""

    epoch: int
    position: int


class Publication(Protocol):
    """A lane as its publisher sees it; blocking, for one thread."""

    def take_lead(self) -> Lead | None:
        """Lead unless another one does; whoever led before and still thinks so is fenced."""
        ...

    def events_after(self, position: int) -> list[StoredEvent]:
        """The next events, as many as fit in a chunk; at least one when there is one."""
        ...

    def move(self, lead: Lead, position: int) -> None:
        """Remember that all up to ``position`` was published; PublisherFenced when the lead is another's."""
        ...

    def let_go(self) -> None:
        """Lead no more, and let the next one take over at once."""
        ...


class Outlet(Protocol):
    """The topic of a lane; blocking, for one thread."""

    def open(self) -> None:
        """Reach it and look whether it is as it must be."""
        ...

    def send(self, events: Sequence[StoredEvent]) -> None:
        """Return when all are kept for good, in order; when that is not sure it closes and raises SendFailed."""
        ...

    def close(self) -> None:
        """Let go of it, with all that is not sent yet."""
        ...
