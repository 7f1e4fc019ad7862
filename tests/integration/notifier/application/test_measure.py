"""What the metrics say of notifier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from services.notifier.application.measure import MeasureNotifier
from services.notifier.domain.errors import FollowedTooFar
from services.notifier.storage.statements import COUNT_OVERDUE
from services.runtime import limits
from services.runtime.errors import Unavailable
from tests.support.notifier import NOW, busy, duty_at, erase_at
from tests.support.notifier_world import World


class FeedLanes:
    """The lanes of the fake ledger, from which one may be cut off."""

    def __init__(self, world: World) -> None:
        """Lane 0 and the register's."""
        self._world = world
        self.away = False

    def heads(self) -> Mapping[int, int]:
        """How far the lanes are."""
        if self.away:
            raise Unavailable
        return {0: len(self._world.ledger.events), 9999: 50}

    def envelope_after(self, lane: int, position: int) -> bytes | None:
        """The envelope of the next event."""
        assert lane == 0
        return self._world.ledger.events[position].envelope


@pytest.fixture
def lanes(world: World) -> FeedLanes:
    """The lanes of the world's ledger."""
    return FeedLanes(world)


@pytest.fixture
def measure(world: World, monkeypatch: pytest.MonkeyPatch) -> MeasureNotifier:
    """A measure that measures whenever it is asked."""
    monkeypatch.setattr(limits, "GAUGES_SECONDS", 0)
    return MeasureNotifier(clock=world.clock, metrics=world.metrics)


def test_lag_counts_what_was_not_followed(world: World, measure: MeasureNotifier, lanes: FeedLanes) -> None:
    """In events and since the oldest of them; the register's lane is followed by nobody here."""
    world.ledger.append()
    world.ledger.append()
    world.clock.advance(seconds=90)
    measure.step(world.store, lanes)
    assert world.metrics.value("grootboek_consumer_lag_events", consumer="notifier", lane=0) == 2
    assert world.metrics.value("grootboek_consumer_lag_seconds", consumer="notifier", lane=0) == 90
    world.settle()
    measure.step(world.store, lanes)
    assert world.metrics.value("grootboek_consumer_lag_events", consumer="notifier", lane=0) == 0
    assert world.metrics.value("grootboek_consumer_lag_seconds", consumer="notifier", lane=0) == 0
    assert 'lane="9999"' not in world.metrics.exposition()


def test_duties_past_their_moment_are_counted_by_kind(world: World, measure: MeasureNotifier, lanes: FeedLanes) -> None:
    """Only those that still ask something of somebody: a duty that was met late is none."""
    world.ledger.owe(
        duty_at(due=NOW + timedelta(days=1)),
        duty_at(obligation="inform-2", due=NOW + timedelta(days=9)),
        duty_at(obligation="inform-3", due=NOW + timedelta(days=1), state="done"),
        erase_at(due=NOW + timedelta(days=1)),
        erase_at(obligation="erase-2", due=NOW + timedelta(days=1), state="confirmed"),
    )
    world.ledger.append(duties=["inform:college"])
    world.settle()
    measure.step(world.store, lanes)
    assert world.metrics.value("grootboek_obligations_overdue", kind="inform") == 0
    world.settle(days=2)
    measure.step(world.store, lanes)
    assert world.metrics.value("grootboek_obligations_overdue", kind="inform") == 1
    assert world.metrics.value("grootboek_obligations_overdue", kind="erase") == 1


def test_the_outbox_tells_how_long_the_oldest_waits(world: World, measure: MeasureNotifier, lanes: FeedLanes) -> None:
    """As long as the channel does not take it, and no longer."""
    world.channels["folder"].answers = [busy()] * limits.MESSAGE_ATTEMPTS_MAX
    world.ledger.owe(duty_at(due=NOW + timedelta(days=1)))
    world.ledger.append(duties=["inform:college"])
    world.settle()
    world.settle(hours=2)
    measure.step(world.store, lanes)
    assert world.metrics.value("grootboek_outbox_messages", state="waiting") == 1
    assert world.metrics.value("grootboek_outbox_age_seconds") == 7200
    world.channels["folder"].answers.clear()
    world.settle(days=1)
    measure.step(world.store, lanes)
    assert world.metrics.value("grootboek_outbox_messages", state="waiting") == 0
    assert world.metrics.value("grootboek_outbox_messages", state="unrecorded") == 0
    assert world.metrics.value("grootboek_outbox_age_seconds") == 0


def test_a_ledger_that_is_away_leaves_the_rest_told(world: World, measure: MeasureNotifier, lanes: FeedLanes) -> None:
    """What stands in notifier's own tables is measured all the same; who leads no more takes everything back."""
    lanes.away = True
    world.ledger.append()
    measure.step(world.store, lanes)
    exposed = world.metrics.exposition()
    assert "grootboek_outbox_age_seconds 0" in exposed
    assert "lag" not in exposed
    measure.step(world.store, None)
    measure.forget()
    assert not {gauge for gauge, _, _ in world.metrics.snapshot().gauges}


def test_a_ledger_that_went_back_in_time_stops_everything(
    world: World, measure: MeasureNotifier, lanes: FeedLanes
) -> None:
    """It gives out positions again that were followed before, and whoever went on would pass over what stands there."""
    for _ in range(3):
        world.ledger.append()
    world.settle()
    world.ledger.events.pop()
    with pytest.raises(FollowedTooFar, match="0-3"):
        measure.step(world.store, lanes)
    assert not FollowedTooFar.retryable


def test_the_database_is_asked_seldom(world: World, lanes: FeedLanes) -> None:
    """However often notifier has something to do."""
    measure = MeasureNotifier(clock=world.clock, metrics=world.metrics)
    measure.step(world.store, lanes)
    world.ledger.append()
    measure.step(world.store, lanes)
    assert world.metrics.value("grootboek_consumer_lag_events", consumer="notifier", lane=0) == 0


def test_the_index_of_overdue_duties_serves_its_statement(world: World) -> None:
    """The condition of the index is that of the statement, so that counting touches overdue duties only."""
    with world.connection.transaction():
        world.connection.execute("SET LOCAL enable_seqscan TO off")
        plan = world.connection.execute("EXPLAIN " + COUNT_OVERDUE, (NOW,)).fetchall()
    assert "duty_overdue" in "".join(line for (line,) in plan)
