"""What the feed needs from outside; the adapters stand beside it, tests use a log in memory. All of it blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from services.ledger.client.feed.lane_puller import Arrival, Poison

E_co = TypeVar("E_co", covariant=True)


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at the topic brought. First the lost lanes count, then the assigned ones, then the records."""

    lost: frozenset[int] = frozenset()
    assigned: frozenset[int] = frozenset()
    records: Mapping[int, Sequence[Arrival]] = {}


class TopicLog(Protocol):
    """The events' topic, of which a consumer group shares out the lanes among its members."""

    def poll(self, limit: int, seconds: float) -> Polled:
        """At most ``limit`` next records, or whatever else happened; waits no longer than ``seconds``."""
        ...

    def begin(self, lane: int) -> int:
        """The offset that the group settled last, 0 without one. Reading begins a little before it.

        The records just before show how far the log is: one that the group settled and the stored cursor never saw
        is missed at once, and not when the next one comes.
        """
        ...

    def settle(self, offsets: Mapping[int, int]) -> None:
        """Let the group begin at these offsets after a restart; a hint, which may come to nothing."""
        ...

    def is_at_end(self, lane: int) -> bool:
        """Whether every record that is in the log by now was given."""
        ...

    def is_worn_away(self, lane: int) -> bool:
        """Whether the log held records once and holds none now."""
        ...

    def rewind(self, lane: int) -> None:
        """Read the log of this lane again from its first record."""
        ...

    def hold(self, lane: int, *, is_held: bool) -> None:
        """Give no records of this lane until it is let go again."""
        ...


class RegisterLog(Protocol):
    """How far the register's lane was published."""

    def position(self, wanted: int) -> int:
        """The newest position known; one look at the topic is taken when that is less than ``wanted``."""
        ...


class DeadLetters(Protocol):
    """Where poison is set aside."""

    def put(self, poison: Sequence[Poison]) -> None:
        """Set aside, durably, before this returns."""
        ...


class History(Protocol[E_co]):
    """The ledger itself, for what is in no log any more."""

    def heads(self) -> Mapping[int, int]:
        """The last position of every lane, the register's included."""
        ...

    def events_after(self, lane: int, position: int, limit: int) -> Sequence[E_co]:
        """At most ``limit`` events of a lane after a position, in order."""
        ...
