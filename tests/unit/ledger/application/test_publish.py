"""Publishing a lane: every failure between reading, sending and remembering, and publishers that are not alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.application.publish import PublishLane
from services.ledger.application.publish_ports import Lead, PublisherFenced, SendFailed
from services.ledger.contract.errors import PositionMissing
from services.ledger.domain.stored import StoredEvent

LANE = 3
EVENTS = 12


class Crash(Exception):
    """The process is gone."""


class Lane:
    """A lane and its cursor in memory. Whoever asks leads: nothing but the epoch keeps publishers apart."""

    def __init__(self, positions: Sequence[int] = range(1, EVENTS + 1), chunk: int = 3) -> None:
        """Hold events at these positions and hand out so many at a time."""
        self.events = [event_at(position) for position in positions]
        self.cursor = self.epoch = 0
        self.chunk = chunk
        self.held_by: object | None = None

    def publication(self, *, exclusive: bool = False) -> Publication:
        """The lane as one publisher sees it."""
        return Publication(self, exclusive=exclusive)


class Publication:
    """The lane as one publisher sees it."""

    def __init__(self, lane: Lane, *, exclusive: bool) -> None:
        """Take part with a lock that works, or without."""
        self._lane = lane
        self._exclusive = exclusive
        self.before_move: Callable[[], None] = lambda: None

    def take_lead(self) -> Lead | None:
        """Lead, unless the lock works and is another's."""
        if self._exclusive and self._lane.held_by not in (None, self):
            return None
        self._lane.held_by = self
        self._lane.epoch += 1
        return Lead(self._lane.epoch, self._lane.cursor)

    def events_after(self, position: int) -> list[StoredEvent]:
        """The next chunk."""
        return [event for event in self._lane.events if event.position > position][: self._lane.chunk]

    def move(self, lead: Lead, position: int) -> None:
        """Move the cursor of the newest lead."""
        self.before_move()
        if lead.epoch != self._lane.epoch:
            raise PublisherFenced
        self._lane.cursor = position

    def let_go(self) -> None:
        """Let the next one lead."""
        if self._lane.held_by is self:
            self._lane.held_by = None


class Topic:
    """A topic in memory: what it got, in order."""

    def __init__(self) -> None:
        """Begin empty."""
        self.positions: list[int] = []

    def outlet(self) -> Outlet:
        """The topic as one publisher sees it."""
        return Outlet(self)


class Outlet:
    """The topic as one publisher sees it; a chunk arrives whole or not at all."""

    def __init__(self, topic: Topic) -> None:
        """Send to this topic."""
        self._topic = topic
        self.opened = 0
        self.before_send: Callable[[], None] = lambda: None
        self.after_send: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Count how often."""
        self.opened += 1

    def send(self, events: Sequence[StoredEvent]) -> None:
        """Put a chunk on the topic."""
        self.before_send()
        self._topic.positions += [event.position for event in events]
        self.after_send()

    def close(self) -> None:
        """Nothing waits here."""


def event_at(position: int) -> StoredEvent:
    """An event of the lane."""
    return StoredEvent(
        lane=LANE,
        position=position,
        stream_id=UUID(int=position),
        version=1,
        topic="ledger.processing-recorded.1",
        operation_id=None,
        envelope=b"{}",
        state=b"",
        leaf_hash=bytes(32),
    )


def assert_without_holes(positions: Sequence[int]) -> None:
    """Each position follows one that was there already."""
    newest = 0
    for position in positions:
        assert position <= newest + 1, positions
        newest = max(newest, position)


def drain(lane: Lane, topic: Topic) -> None:
    """Let a publisher that has no bad luck finish the work."""
    last = PublishLane(lane=LANE, publication=lane.publication(), outlet=topic.outlet())
    while last.step():
        pass


def test_a_lane_is_published_chunk_by_chunk_until_its_head() -> None:
    """Everything arrives once and in order, and the cursor follows."""
    lane, topic = Lane(), Topic()
    publish = PublishLane(lane=LANE, publication=lane.publication(), outlet=topic.outlet())
    assert [publish.step() for _ in range(5)] == [3, 3, 3, 3, 0]
    assert topic.positions == list(range(1, EVENTS + 1))
    assert lane.cursor == EVENTS


def test_a_publisher_begins_at_the_stored_cursor() -> None:
    """What was remembered is not sent again."""
    lane, topic = Lane(), Topic()
    lane.cursor = 9
    drain(lane, topic)
    assert topic.positions == [10, 11, 12]


def test_one_leads_and_the_other_stands_by_until_it_lets_go() -> None:
    """The lock decides; who stands by reaches no topic."""
    lane, topic = Lane(), Topic()
    outlets = topic.outlet(), topic.outlet()
    first, second = (
        PublishLane(lane=LANE, publication=lane.publication(exclusive=True), outlet=outlet) for outlet in outlets
    )
    assert (first.step(), second.step()) == (3, 0)
    assert (second.lead, outlets[1].opened) == (None, 0)
    first.let_go()
    assert second.step() == 3
    assert topic.positions == [1, 2, 3, 4, 5, 6]


def test_who_was_fenced_learns_it_from_its_cursor_and_has_only_repeated() -> None:
    """Two publishers started by mistake: order stays, nothing is missing, something comes twice."""
    lane, topic = Lane(), Topic()
    first = PublishLane(lane=LANE, publication=lane.publication(), outlet=topic.outlet())
    second = PublishLane(lane=LANE, publication=lane.publication(), outlet=topic.outlet())
    first.step()
    second.step()
    with pytest.raises(PublisherFenced):
        first.step()
    assert topic.positions == [1, 2, 3, 4, 5, 6, 4, 5, 6]
    drain(lane, topic)
    assert_without_holes(topic.positions)


@pytest.mark.parametrize("lost", [1, 2, 3, 7])
def test_a_hole_in_the_lane_stops_before_anything_behind_it_is_sent(lost: int) -> None:
    """A missing position is loss or tampering: nobody makes it look whole."""
    lane, topic = Lane([position for position in range(1, EVENTS + 1) if position != lost]), Topic()
    publish = PublishLane(lane=LANE, publication=lane.publication(), outlet=topic.outlet())
    with pytest.raises(PositionMissing, match=f"{LANE}-{lost} "):
        list(iter(publish.step, 0))
    assert max(topic.positions, default=0) < lost


def fail(error: type[Exception]) -> Callable[[], None]:
    """Something that goes wrong."""

    def raise_it() -> None:
        raise error

    return raise_it


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["fine", "not-sent", "sent-unsure", "crash-before", "crash-between", "crash-at-cursor"]),
            st.integers(0, 2),
        ),
        max_size=25,
    ),
    st.integers(1, 5),
)
def test_whatever_fails_and_whoever_else_publishes_nothing_is_skipped(
    history: list[tuple[str, int]], chunk: int
) -> None:
    """Of three publishers without a lock each may fail at any point, and go on not knowing that it was fenced."""
    lane, topic = Lane(chunk=chunk), Topic()
    publications = [lane.publication() for _ in range(3)]
    outlets = [topic.outlet() for _ in range(3)]
    publishers = [
        PublishLane(lane=LANE, publication=publication, outlet=outlet)
        for publication, outlet in zip(publications, outlets, strict=True)
    ]
    for what, who in history:
        outlets[who].before_send = fail(SendFailed if what == "not-sent" else Crash) if what in BEFORE else fine
        outlets[who].after_send = fail(SendFailed if what == "sent-unsure" else Crash) if what in AFTER else fine
        publications[who].before_move = fail(Crash) if what == "crash-at-cursor" else fine
        try:
            publishers[who].step()
        except (SendFailed, PublisherFenced, Crash):
            publishers[who].let_go()
    drain(lane, topic)
    assert_without_holes(topic.positions)
    assert set(topic.positions) == set(range(1, EVENTS + 1))
    assert lane.cursor == EVENTS


BEFORE = ("not-sent", "crash-before")
AFTER = ("sent-unsure", "crash-between")


def fine() -> None:
    """Nothing goes wrong."""


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(1, 5))
def test_a_chunk_that_arrives_late_only_repeats(steps: list[int], chunk: int) -> None:
    """A publisher hangs with a chunk in hand while others go on; when it arrives at last, all of it is known."""
    lane, topic = Lane(chunk=chunk), Topic()
    outlet = topic.outlet()
    late = PublishLane(lane=LANE, publication=lane.publication(), outlet=outlet)

    def others() -> None:
        for count in steps:
            other = PublishLane(lane=LANE, publication=lane.publication(), outlet=topic.outlet())
            for _ in range(count):
                other.step()

    outlet.before_send = others
    with pytest.raises(PublisherFenced):
        late.step()
    drain(lane, topic)
    assert_without_holes(topic.positions)
    assert set(topic.positions) == set(range(1, EVENTS + 1))
