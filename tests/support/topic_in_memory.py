"""A topic in memory with the manners of a real one: it repeats, shuffles, wears away and changes hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from services.ledger.client.feed.lane_puller import Headers, Poison, Unreadable
from services.ledger.client.feed.ports import Polled
from services.runtime import limits


class Numbered(msgspec.Struct, frozen=True):
    """An event that is nothing but its place."""

    lane: int
    position: int
    register_position: int = 0


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A record: readable when its value says so; the rest stands in its key, to keep the reading out of the way."""

    partition: int
    offset: int
    event: Numbered | None = None
    claimed: int | None = None
    headers: Headers = ()
    topic: str = "events"
    key: bytes | None = None
    value: bytes | None = None


def read_written(record: object) -> Numbered | Unreadable:
    """Read a record of this topic."""
    assert isinstance(record, Written)
    return Unreadable("bad-json", record.claimed) if record.event is None else record.event


def is_replay(headers: Headers) -> bool:
    """Whether a record of this topic was sent back."""
    return any(name == "replay" for name, _ in headers)


class TopicInMemory:
    """Implements TopicLog for one member of the group; ``log`` and ``settled`` are shared by all of them."""

    def __init__(self, log: dict[int, list[Written]], settled: dict[int, int], piece: int = 1_000) -> None:
        self.piece = piece
        self.log = log
        self.settled = settled
        self.starts: dict[int, int] = dict.fromkeys(log, 0)
        self.rewinds: list[int] = []
        self._positions: dict[int, int] = {}
        self._held: set[int] = set()
        self._lost: set[int] = set()
        self._assigned: set[int] = set()

    def assign(self, lanes: Sequence[int]) -> None:
        """Take all lanes away and give these, as an eager group does."""
        self._lost |= set(self._positions)
        self._assigned = set(lanes)
        self._positions = {lane: max(self.settled.get(lane, 0), self.starts[lane]) for lane in lanes}
        self._held = set()

    def wear_away(self, lane: int, start: int) -> None:
        """Forget what is older than this offset."""
        self.starts[lane] = start

    def poll(self, limit: int, seconds: float) -> Polled:
        """The next records of every lane that is not held."""
        del seconds
        lost, self._lost = frozenset(self._lost), set()
        assigned, self._assigned = frozenset(self._assigned), set()
        records: dict[int, list[Written]] = {}
        for lane, position in self._positions.items():
            if lane not in self._held:
                found = self.log[lane][max(position, self.starts[lane]) :][: min(limit, self.piece)]
                if found:
                    records[lane] = found
                    self._positions[lane] = found[-1].offset + 1
        return Polled(lost=lost, assigned=assigned, records=records)

    def begin(self, lane: int) -> int:
        """Begin a little before what was settled last."""
        settled = self.settled.get(lane, 0)
        self._positions[lane] = max(settled - limits.FEED_LOOK_BACK_RECORDS, self.starts[lane])
        return settled

    def settle(self, offsets: Mapping[int, int]) -> None:
        """Keep it for the next member."""
        self.settled.update(offsets)

    def is_at_end(self, lane: int) -> bool:
        """Whether nothing is left."""
        return self._positions[lane] >= len(self.log[lane])

    def is_worn_away(self, lane: int) -> bool:
        """Whether there was something once."""
        return self.starts[lane] == len(self.log[lane]) > 0

    def rewind(self, lane: int) -> None:
        """Begin again."""
        self.rewinds.append(lane)
        self._positions[lane] = self.starts[lane]

    def hold(self, lane: int, *, is_held: bool) -> None:
        """Give nothing of it for a while."""
        (self._held.add if is_held else self._held.discard)(lane)


class DeadLettersInMemory:
    """Keeps what is set aside."""

    def __init__(self) -> None:
        self.put_aside: list[Poison] = []

    def put(self, poison: Sequence[Poison]) -> None:
        """Keep it."""
        self.put_aside += poison

    def places(self) -> list[tuple[int, int]]:
        """(partition, offset) of each, in order of arrival."""
        return [(poison.record.partition, poison.record.offset) for poison in self.put_aside]


class RegisterInMemory:
    """Moves on as the test says; one step more each time somebody waits."""

    def __init__(self, known: int = 0, *, creeps: bool = False) -> None:
        self.known = known
        self.asked: list[int] = []
        self._creeps = creeps

    def position(self, wanted: int) -> int:
        """What is known."""
        self.asked.append(wanted)
        self.known += self._creeps
        return self.known


class HistoryInMemory:
    """The ledger: it has every event of these lanes."""

    def __init__(self, events: Mapping[int, Sequence[Numbered]]) -> None:
        self._events = events
        self.asked: list[tuple[int, int]] = []

    def heads(self) -> Mapping[int, int]:
        """How far each lane is."""
        return {lane: max((event.position for event in events), default=0) for lane, events in self._events.items()}

    def events_after(self, lane: int, position: int, limit: int) -> Sequence[Numbered]:
        """The events after a position."""
        self.asked.append((lane, position))
        return [event for event in self._events.get(lane, ()) if event.position > position][:limit]


class Effects:
    """A consumer that stores its cursor with its effect, and only where the cursor stands where the feed thinks."""

    def __init__(self) -> None:
        self.cursor: dict[int, int] = {}
        self.seen: dict[int, list[int]] = {}

    def apply(self, events: Sequence[Numbered], before: Mapping[int, int], after: Mapping[int, int]) -> bool:
        """Store; whether the cursor was where it was thought to be."""
        if any(self.cursor.get(lane, 0) != position for lane, position in before.items()):
            return False
        for event in events:
            self.seen.setdefault(event.lane, []).append(event.position)
        self.cursor.update(after)
        return True
