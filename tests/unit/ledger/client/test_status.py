"""How far a ledger is, as another process asks it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import msgspec
import pytest

from services.ledger.application.ports import EventReader
from services.ledger.client.status import InProcessStatus
from services.ledger.contract.clock import ClockState
from services.ledger.contract.cloud_events import decode, encode
from services.ledger.contract.errors import PositionMissing
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.contract.remote import STATUS
from services.ledger.contract.status import LedgerStatus
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits
from services.runtime.clock import Clock, FakeClock, ScenarioClock, SystemClock
from tests.support.envelopes import make_envelope
from tests.support.remote import over_remote

NOW = datetime(2026, 5, 3, 9, tzinfo=UTC)


class Lane:
    """Reads events out of a list."""

    def __init__(self, events: list[StoredEvent]) -> None:
        """Hold these."""
        self.events = events
        self.wanted: list[int] = []

    def events_after(self, lane: int, position: int, limit: int) -> list[StoredEvent]:
        """The events of a lane after a position."""
        self.wanted.append(limit)
        return [each for each in self.events if each.lane == lane and each.position > position][:limit]

    def heads(self) -> dict[int, int]:
        """The last position of every lane."""
        return {each.lane: each.position for each in self.events}


def stored(position: int, lane: int = 0, *, is_swept: bool = False) -> StoredEvent:
    """An event of a person's lane, or one of the register."""
    has_envelope = not is_swept and lane != REGISTER_LANE
    return StoredEvent(
        lane=lane,
        position=position,
        stream_id=UUID(int=position),
        version=position,
        topic=PROCESSING_RECORDED if lane != REGISTER_LANE else "services.ledger:Party.Registered",
        operation_id=None,
        envelope=msgspec.json.encode(make_envelope(register_position=4)) if has_envelope else None,
        state=None if is_swept else bytes(range(256)),
        leaf_hash=bytes(32),
    )


def status(events: list[StoredEvent], clock: Clock | None = None) -> tuple[LedgerStatus, Lane]:
    """The status of a ledger with these events, asked from another process."""
    reader = Lane(events)
    port = InProcessStatus(
        reader=cast(EventReader, reader), positions=lambda: {0: 2, 1: 0}, told_by=clock or FakeClock(NOW)
    )
    return over_remote(STATUS, port), reader


def test_events_are_what_the_topic_would_have_said() -> None:
    """Every event of a lane, swept ones and those of the register too, arrives as from its topic, byte for byte."""
    events = [stored(1), stored(2, is_swept=True), stored(3), stored(1, REGISTER_LANE), stored(2, REGISTER_LANE)]
    port, _ = status(events)
    for lane, count in ((0, 3), (REGISTER_LANE, 2)):
        found = asyncio.run(port.events_after(lane, 0, 10))
        records = [encode(each) for each in events if each.lane == lane]
        assert found == [decode(lane, record.key, record.value, record.headers) for record in records]
        assert [each.position for each in found] == list(range(1, count + 1))
    first, swept = asyncio.run(port.events_after(0, 0, 2))
    assert (first.envelope, first.content, first.register_position) == (events[0].envelope, events[0].state, 4)
    assert (swept.envelope, swept.content) == (None, None)


def test_events_are_given_from_a_position_on_and_in_bounds() -> None:
    """No more than asked, and however much is asked no more than the bound."""
    port, reader = status([stored(position) for position in range(1, 6)])
    assert [each.position for each in asyncio.run(port.events_after(0, 2, 2))] == [3, 4]
    assert asyncio.run(port.events_after(0, 5, 2)) == []
    asyncio.run(port.events_after(0, 0, 10**9))
    assert reader.wanted == [2, 2, limits.REMOTE_EVENTS_MAX]


def test_a_hole_is_told_and_never_passed_over() -> None:
    """A missing position stops whoever fills in from here, and names the place."""
    port, _ = status([stored(1), stored(3)])
    with pytest.raises(PositionMissing) as missing:
        asyncio.run(port.events_after(0, 0, 10))
    assert (missing.value.lane, missing.value.position) == (0, 2)


def test_heads_and_what_is_applied_are_told_per_lane() -> None:
    """Lanes are numbers on both sides."""
    port, _ = status([stored(1), stored(2), stored(1, REGISTER_LANE)])
    assert asyncio.run(port.heads()) == {0: 2, REGISTER_LANE: 1}
    assert asyncio.run(port.applied()) == {0: 2, 1: 0}


def test_the_clock_is_told_as_it_stands() -> None:
    """A scenario's clock stands still or runs along with the wall; a ledger of the real world follows it always."""
    scenario = ScenarioClock(NOW)
    port, _ = status([], scenario)
    assert asyncio.run(port.clock()) == ClockState(kind="scenario", now=NOW, follows_wall=False)
    scenario.follow(SystemClock())
    assert asyncio.run(port.clock()).follows_wall
    real, _ = status([])
    assert asyncio.run(real.clock()) == ClockState(kind="system", now=NOW, follows_wall=True)
