"""One lane of the topic: each record is skipped, put in order, or set aside; a gap is filled or stops everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from services.ledger.client.feed.gap_watch import GapWatch, Move
from services.ledger.client.feed.lane_order import LaneOrder, Numbered
from services.ledger.client.feed.poison_limit import PoisonLimit
from services.ledger.contract.errors import PositionMissing

Headers = Sequence[tuple[str, bytes]]
E = TypeVar("E", bound=Numbered)


class Arrival(Protocol):
    """A record as the log gives it."""

    @property
    def topic(self) -> str:
        """Where it stands."""
        ...

    @property
    def partition(self) -> int:
        """Where it stands in the topic."""
        ...

    @property
    def offset(self) -> int:
        """Where it stands in the partition."""
        ...

    @property
    def key(self) -> bytes | None:
        """The bytes of its key."""
        ...

    @property
    def value(self) -> bytes | None:
        """The bytes of its value."""
        ...

    @property
    def headers(self) -> Headers:
        """Its headers in order."""
        ...


class Unreadable(msgspec.Struct, frozen=True):
    """A record that is no event we know: why, and the position that its header claims."""

    reason: str
    position: int | None


class Poison(msgspec.Struct, frozen=True):
    """A record to be set aside."""

    record: Arrival
    reason: str
    position: int | None


Read = Callable[[Arrival], E | Unreadable]
"""Reads a record; never raises for what stands in it."""

IsReplay = Callable[[Headers], bool]
"""Whether a record was sent back from the dead letters."""


class LanePuller(Generic[E]):
    """What is read of one lane and not yet done; made anew when the lane is assigned."""

    def __init__(self, lane: int, *, cursor: int, settled_offset: int, read: Read[E], is_replay: IsReplay) -> None:
        """Begin after ``cursor``; poison before ``settled_offset`` was set aside, and what was sent back handed out."""
        self.lane = lane
        self.order = LaneOrder[E](cursor)
        self._settled_offset = settled_offset
        self._read = read
        self._is_replay = is_replay
        self._gap = GapWatch()
        self._limit = PoisonLimit()
        self._number = 0
        self._is_filling = False

    def take_in(self, records: Iterable[Arrival], poison: list[Poison]) -> None:
        """Take records as they come; adds to ``poison`` what must be set aside first. TooMuchPoison beyond a bound."""
        order, read = self.order, self._read
        for record in records:
            self._number += 1
            event = read(record)
            if isinstance(event, Unreadable):
                self._set_aside(record, event, poison)
            elif event.position == order.next_position:
                order.arrive(record.offset, event)
            else:
                self._take_out_of_order(record, event)

    def judge_gap(self, now: float, is_at_end: Callable[[], bool]) -> Move:
        """What to do about a gap in what was taken in; PositionMissing when nothing can be done.

        ``is_at_end`` says whether all records of the log were taken in.
        """
        if self._is_filling:
            return Move.FILL
        missing = None if self.order.earliest_behind_gap is None else self.order.next_position
        move = self._gap.judge(missing, now, is_at_end)
        if move is Move.STOP:
            raise PositionMissing(self.lane, self.order.next_position)
        self._is_filling = move is Move.FILL
        return move

    def fell_behind(self) -> None:
        """The log is empty and was not always: time has taken all of it, so ask the ledger for what it held."""
        self._is_filling = True

    def fill(self, events: Sequence[E]) -> int:
        """Take what the ledger has after the last position, and how many of these were missing.

        None at all is the end; PositionMissing when the gap is still there then.
        """
        until, filled = self.order.earliest_behind_gap, 0
        for event in events:
            if event.position != self.order.next_position or event.position == until:
                break
            self.order.arrive_filled(event)
            filled += 1
        self._is_filling = filled > 0 and self.order.earliest_behind_gap == until
        if not filled and until is not None:
            raise PositionMissing(self.lane, self.order.next_position)
        return filled

    def _take_out_of_order(self, record: Arrival, event: E) -> None:
        self._gap.saw(event.position)
        is_past = event.position < self.order.next_position
        if is_past and record.offset >= self._settled_offset and self._is_replay(record.headers):
            self._settled_offset = record.offset + 1
            self.order.arrive_again(record.offset, event)
        else:
            self.order.arrive(record.offset, event)

    def _set_aside(self, record: Arrival, unreadable: Unreadable, poison: list[Poison]) -> None:
        """Poison is counted and set aside once, however often the log is read again."""
        self.order.arrive_unreadable(record.offset, unreadable.position)
        if record.offset >= self._settled_offset:
            self._settled_offset = record.offset + 1
            poison.append(Poison(record, unreadable.reason, unreadable.position))
            self._limit.count(self._number)
