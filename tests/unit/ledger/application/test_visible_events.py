from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID

import pytest

from services.ledger.application.ports import EventReader
from services.ledger.application.retention_ports import KeptLines, Place
from services.ledger.application.visible_events import VisibleEvents
from services.ledger.domain.stored import StoredEvent
from services.ledger.storage.memory import MemoryLedger
from services.runtime.clock import FakeClock
from tests.support.operations import prepare_many

# Half past eleven in the evening of 10 September in London is the 11th in Amsterdam.
NOW = datetime(2026, 9, 10, 22, 30, tzinfo=UTC)


class ToldHidden:
    """Lines that are hidden because the test says so."""

    def __init__(self, *hidden: Place) -> None:
        """Hide these."""
        self.asked: list[tuple[list[Place], date]] = []
        self._hidden = frozenset(hidden)

    def hidden(self, places: Sequence[Place], today: date) -> frozenset[Place]:
        """Those of these places that are to be hidden."""
        self.asked.append((list(places), today))
        return self._hidden & frozenset(places)


@pytest.fixture
def events() -> MemoryLedger:
    """Three events of one person in one lane."""
    ledger = MemoryLedger()
    asyncio.run(ledger.append(prepare_many(3, streams=[UUID(int=1, version=4)])))
    return ledger


def visible(events: EventReader, lines: ToldHidden) -> VisibleEvents:
    """The events as they may be shown."""
    return VisibleEvents(events=events, lines=cast(KeptLines, lines), clock=FakeClock(NOW))


def shapes(found: Sequence[StoredEvent]) -> list[tuple[int, bool]]:
    """The position of each event, and whether anything of it is shown."""
    assert all((event.envelope is None) == (event.state is None) for event in found)
    return [(event.position, event.envelope is not None) for event in found]


def test_what_is_hidden_looks_swept_by_whatever_road_it_is_read(events: MemoryLedger) -> None:
    """By operation, stream, place and log the hidden event keeps its place and leaf, and shows nothing else."""
    reader = visible(events, ToldHidden((0, 2)))
    expected = [(1, True), (2, False), (3, True)]
    stream = events.events_after(0, 0, 9)[0].stream_id
    operations = [event.operation_id for event in events.events_after(0, 0, 9) if event.operation_id is not None]
    assert shapes(reader.events_of_operation(operations)) == expected
    assert shapes(reader.events_of_stream(0, stream)) == expected
    assert shapes(reader.events_of_stream(0, stream, 2)) == expected[:2]
    assert [event.position for event in reader.clear_of_streams([(0, stream)])] == [1, 3]
    assert reader.lengths_of_streams([(0, stream)]) == {(0, stream): 3}
    assert shapes(reader.events_at([(0, 3), (0, 2)])) == [(3, True), (2, False)]
    assert shapes(reader.events_after(0, 1, 1)) == [(2, False)]
    assert reader.heads() == events.heads()
    assert [event.leaf_hash for event in reader.events_at([(0, 2)])] == [
        event.leaf_hash for event in events.events_at([(0, 2)])
    ]


def test_the_day_is_that_of_amsterdam_and_nothing_is_asked_about_nothing(events: MemoryLedger) -> None:
    """What is hidden is asked for the local day; for no events there is no question."""
    lines = ToldHidden()
    reader = visible(events, lines)
    assert reader.events_at([]) == []
    assert reader.events_of_operation([UUID(int=99)]) == []
    assert lines.asked == []
    assert reader.events_at([(0, 1)]) == events.events_at([(0, 1)])
    assert lines.asked == [([(0, 1)], date(2026, 9, 11))]
