"""The gauges of a whole ledger: how far its followers are behind, and how old what they have not seen is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from services.ledger.application.measure import Measure
from services.ledger.contract.errors import PositionMissing
from services.ledger.domain.stored import StoredEvent
from services.ledger.entrypoints.measure import MeasureThread
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.log import MemoryLog
from services.runtime.log_events import MEASURING_FAILED
from services.runtime.metrics import Metrics
from tests.support.recording import NOW


class Counted:
    """Stands for keys, people and clocks: what they count is given."""

    def __init__(self, count: Any) -> None:
        """Count this."""
        self._count = count
        self.asked = 0

    def cached(self) -> Any:
        """The count of a cache."""
        return self._count

    def count(self, _: object) -> Any:
        """The count of clocks."""
        self.asked += 1
        return self._count


class Lanes:
    """A reader of lanes whose events were recorded a minute apart, the newest now."""

    def __init__(self, heads: dict[int, int]) -> None:
        """These positions are there."""
        self.heads_now = heads
        self.swept: set[tuple[int, int]] = set()
        self.missing: set[tuple[int, int]] = set()
        self.failure: Exception | None = None

    def heads(self) -> dict[int, int]:
        """How far the lanes are."""
        if self.failure is not None:
            raise self.failure
        return dict(self.heads_now)

    def events_at(self, places: Sequence[tuple[int, int]]) -> list[StoredEvent]:
        """The events there."""
        return [self._event(lane, position) for lane, position in places]

    def _event(self, lane: int, position: int) -> StoredEvent:
        if (lane, position) in self.missing:
            raise PositionMissing(lane, position)
        recorded = NOW - timedelta(minutes=self.heads_now[lane] - position)
        envelope = None if (lane, position) in self.swept else msgspec.json.encode({"recordedAt": recorded})
        return StoredEvent(
            lane=lane,
            position=position,
            stream_id=UUID(int=1),
            version=1,
            topic="x",
            operation_id=None,
            envelope=envelope,
            state=None,
            leaf_hash=b"",
        )


class World:
    """A measure over lanes, with followers that stand where they are put."""

    def __init__(self) -> None:
        """Two lanes; the publisher follows one of them only."""
        self.lanes = Lanes({0: 10, 1: 4})
        self.positions: dict[str, dict[int, int]] = {"projector": {0: 10}, "sealer": {0: 7, 1: 4}, "publisher": {1: 4}}
        self.clocks = Counted({("rights-request", "overdue"): 2})
        self.metrics, self.log = Metrics(), MemoryLog()
        self.leads = True
        reader: Any = self.lanes
        clocks: Any = self.clocks
        keys: Any = Counted({"days": 3, "dossiers": 5})
        people: Any = Counted(7)
        names: Iterable[Any] = ("projector", "sealer", "publisher")
        self.measure = Measure(
            reader=reader,
            followers={name: partial(self.positions.__getitem__, name) for name in names},
            clocks=clocks,
            keys=keys,
            people=people,
            clock=FakeClock(NOW),
            metrics=self.metrics,
        )
        self.thread = MeasureThread(measure=self.measure, leads=lambda: self.leads, log=self.log)

    def lag(self, consumer: str, lane: int) -> tuple[float, float]:
        """Events and seconds."""
        return (
            self.metrics.value("grootboek_consumer_lag_events", consumer=consumer, lane=lane),
            self.metrics.value("grootboek_consumer_lag_seconds", consumer=consumer, lane=lane),
        )


@pytest.fixture
def world() -> World:
    """A world."""
    return World()


def test_lag_is_counted_in_events_and_in_seconds(world: World) -> None:
    """A follower is behind by what it has not seen, and as long as the oldest of that has been there."""
    world.thread.step()
    assert world.lag("projector", 0) == (0, 0)
    # Of a lane from which nothing was applied yet, everything is unseen.
    assert world.lag("projector", 1) == (4, 180)
    assert world.lag("sealer", 0) == (3, 120)
    assert world.lag("publisher", 1) == (0, 0)
    assert 'consumer="publisher",lane="0"' not in world.metrics.exposition()
    world.positions["sealer"] = {0: 10, 1: 4}
    world.thread.step()
    assert world.lag("sealer", 0) == (0, 0)


def test_what_was_swept_or_is_missing_has_no_age(world: World) -> None:
    """The number of events is told all the same, and the other lanes too."""
    world.positions["projector"] = {0: 5, 1: 2}
    world.lanes.swept.add((0, 6))
    world.lanes.missing.add((1, 3))
    world.thread.step()
    assert (world.lag("projector", 0), world.lag("projector", 1)) == ((5, 0), (2, 0))
    assert world.lag("sealer", 0) == (3, 120)
    assert world.log.written == []


def test_every_process_tells_its_own_and_one_tells_the_rest(world: World) -> None:
    """Who does not lead says what it remembers and nothing else; who leads no more takes back what it said."""
    world.leads = False
    world.thread.step()
    exposed = world.metrics.exposition()
    assert 'grootboek_keys_cached{cache="dossiers"} 5' in exposed
    assert 'grootboek_keys_cached{cache="streams"} 7' in exposed
    assert "lag" not in exposed
    assert "clocks" not in exposed
    world.leads = True
    world.thread.step()
    assert "lag" in world.metrics.exposition()
    assert world.metrics.value("grootboek_clocks_at_risk", clock="rights-request", state="overdue") == 2
    world.leads = False
    world.thread.step()
    assert world.metrics.exposition() == exposed


@pytest.mark.parametrize("failure", [psycopg.OperationalError("999990019"), PositionMissing(0, 1)])
def test_what_cannot_be_looked_up_is_said_by_nobody(world: World, failure: Exception) -> None:
    """The log says so without a value, no stale figure stays, and the next time is tried."""
    world.thread.step()
    world.lanes.failure = failure
    world.thread.step()
    ((event, fields),) = world.log.written
    assert event is MEASURING_FAILED
    assert fields["error"] == type(failure).__name__
    assert "999990019" not in repr(fields)
    assert "lag" not in world.metrics.exposition()
    world.lanes.failure = None
    world.thread.step()
    assert world.lag("sealer", 0) == (3, 120)


def test_the_clocks_are_counted_seldom(world: World) -> None:
    """They are days and weeks; looking at thousands of lines for them every moment would be waste."""
    world.measure.measure_ledger(100.0)
    world.measure.measure_ledger(100.0 + limits.CLOCK_GAUGES_SECONDS - 1)
    assert world.clocks.asked == 1
    world.measure.measure_ledger(100.0 + limits.CLOCK_GAUGES_SECONDS)
    assert world.clocks.asked == 2


def test_the_thread_measures_until_it_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works by itself, and ends when told."""
    monkeypatch.setattr(limits, "GAUGES_SECONDS", 0.001)
    world.thread.start()
    for _ in range(20_000):
        if world.lag("sealer", 0) == (3, 120):
            break
        world.thread._stopping.wait(0.001)
    world.thread.stop()
    assert world.lag("sealer", 0) == (3, 120)
    assert world.thread._thread is not None
    assert not world.thread._thread.is_alive()
