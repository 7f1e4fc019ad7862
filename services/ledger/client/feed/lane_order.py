"""The records of one lane in the order of their positions, each once, whatever the log repeats or shuffles."""

from __future__ import annotations

from collections import deque
from typing import Any, Generic, Protocol, TypeVar

from services.runtime import limits


class Numbered(Protocol):
    """What is put in order."""

    @property
    def position(self) -> int:
        """Its place in the lane."""
        ...

    @property
    def register_position(self) -> int:
        """How far the register must be known before it may be handed out."""
        ...


E = TypeVar("E", bound=Numbered)


class LaneOrder(Generic[E]):
    """Holds what was read and is not yet done: in order after the cursor, early ones, and ones out of line.

    A place is ``(offset, event)``; without an event it is a record that nobody can read: it counts as seen, so that the
    cursor moves past it. Should a readable record of that position come after all, it is handed out out of line.
    """

    def __init__(self, cursor: int) -> None:
        """Begin after ``cursor``, which the consumer keeps with its effect."""
        self.cursor = cursor
        self._next = cursor + 1
        self._ready: deque[tuple[int, E | None]] = deque()
        self._early: dict[int, tuple[int, E]] = {}
        # Unreadable ones open no gap by themselves: whatever position they claim may be made up.
        self._unreadable: dict[int, int] = {}
        self._passed: dict[int, None] = {}
        self._out_of_line: deque[tuple[int, E]] = deque()
        self._handed_out = 0
        self._handed_out_of_line = 0
        self._after_last = 0

    @property
    def next_position(self) -> int:
        """The position that is waited for."""
        return self._next

    @property
    def ready(self) -> int:
        """How many places wait to be handed out; those behind a gap are not among them, which is bounded by itself."""
        return len(self._ready) + len(self._out_of_line)

    @property
    def earliest_behind_gap(self) -> int | None:
        """The first position that is here while the one that is waited for is not."""
        return min(self._early) if self._early else None

    @property
    def safe_offset(self) -> int:
        """Where to read on in the log after a restart: everything before it is done."""
        held = [offset for offset, _ in (*self._ready, *self._early.values(), *self._out_of_line)]
        return min(held, default=self._after_last)

    def arrive(self, offset: int, event: E) -> None:
        """Take a readable record."""
        position = event.position
        if offset >= self._after_last:
            self._after_last = offset + 1
        if position == self._next:
            self._ready.append((offset, event))
            self._next = position + 1
            if self._early or self._unreadable:
                self._join()
        elif position > self._next:
            self._early.setdefault(position, (offset, event))
        elif position in self._passed:
            self._replace(offset, event)

    def arrive_unreadable(self, offset: int, position: int | None) -> None:
        """Take a record that nobody can read; ``position`` is what its header claims, if it claims one."""
        self._after_last = max(self._after_last, offset + 1)
        if position is not None and position >= self._next and position not in self._early:
            self._unreadable[position] = offset
            drop_oldest(self._unreadable)
            self._join()

    def arrive_filled(self, event: E) -> None:
        """Take the event that is waited for from elsewhere; after a restart the log is read on where the gap ends."""
        assert event.position == self._next, "filled with another position"
        offset = min([offset for offset, _ in self._early.values()], default=self._after_last)
        self._ready.append((offset, event))
        self._next += 1
        self._join()

    def arrive_again(self, offset: int, event: E) -> None:
        """Take a record that was sent back from the dead letters: out of line, unless it is waited for."""
        if event.position >= self._next:
            self.arrive(offset, event)
            return
        self._after_last = max(self._after_last, offset + 1)
        self._passed.pop(event.position, None)
        self._out_of_line.append((offset, event))

    def take(self, limit: int, register_position: int) -> tuple[list[E], int]:
        """At most ``limit`` events after the cursor, and the cursor after them; the same ones until ``commit``.

        They stop at the first one that needs a newer register than ``register_position``.
        """
        events: list[E] = []
        for _, event in self._out_of_line:
            if len(events) == limit or event.register_position > register_position:
                break
            events.append(event)
        self._handed_out_of_line = len(events)
        position = self.cursor
        for _, ready in self._ready:
            if ready is not None:
                if len(events) == limit or ready.register_position > register_position:
                    break
                events.append(ready)
            position += 1
        self._handed_out = position
        return events, position

    def commit(self, position: int) -> None:
        """Let go of what was handed out: it is done up to this position."""
        assert self.cursor <= position <= max(self._handed_out, self.cursor), "committed what was never handed out"
        while self.cursor < position:
            self._ready.popleft()
            self.cursor += 1
        for _ in range(self._handed_out_of_line):
            self._out_of_line.popleft()
        self._handed_out_of_line = 0

    def waits_for(self) -> int:
        """The register position that the first event waits for, in line or out of it; 0 when there is none."""
        in_line = next((event.register_position for _, event in self._ready if event is not None), 0)
        return max(in_line, self._out_of_line[0][1].register_position) if self._out_of_line else in_line

    def _join(self) -> None:
        """Move on through what was early."""
        while True:
            if self._next in self._early:
                self._unreadable.pop(self._next, None)
                self._ready.append(self._early.pop(self._next))
            elif self._next in self._unreadable:
                self._ready.append((self._unreadable.pop(self._next), None))
                self._passed[self._next] = None
                drop_oldest(self._passed)
            else:
                return
            self._next += 1

    def _replace(self, offset: int, event: E) -> None:
        """Put a readable record in the place of an unreadable one, or hand it out out of line when that is past."""
        del self._passed[event.position]
        if event.position > self._handed_out and event.position > self.cursor:
            self._ready[event.position - self.cursor - 1] = (offset, event)
        else:
            self._out_of_line.append((offset, event))


def drop_oldest(remembered: dict[int, Any]) -> None:
    """Keep what is remembered of unreadable records within its bound."""
    if len(remembered) > limits.FEED_UNREADABLE_POSITIONS_MAX:
        del remembered[next(iter(remembered))]
