"""The thread of a publisher: how it stands by, and what it says when it stops."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast
from uuid import UUID

import pytest

from services.ledger.application.publish import PublishLane
from services.ledger.application.publish_ports import Lead
from services.ledger.contract.cloud_events import RecordTooLarge
from services.ledger.contract.errors import PositionMissing
from services.ledger.domain.stored import StoredEvent
from services.ledger.entrypoints.lane_topic import LaneTopic
from services.ledger.entrypoints.publish import LanePublisherThread
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.kafka_topics import TopicConfiguredWrong
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics

LANE = 3
WAIT_SECONDS = 10.0
EVENT = StoredEvent(
    lane=LANE,
    position=1,
    stream_id=UUID(int=1, version=4),
    version=1,
    topic="ledger.erased.1",
    operation_id=None,
    envelope=None,
    state=None,
    leaf_hash=b"",
)


class Publication:
    """A lane with one event; who asks leads it or not."""

    def __init__(self, *, is_free: bool = True) -> None:
        """Count how often the lead is asked for."""
        self.is_free = is_free
        self.asked = 0

    def take_lead(self) -> Lead | None:
        """Lead, unless another one does."""
        self.asked += 1
        return Lead(1, 0) if self.is_free else None

    def events_after(self, position: int) -> list[StoredEvent]:
        """One event that is never published."""
        assert position == 0
        return [EVENT]

    def move(self, lead: Lead, position: int) -> None:
        """Never."""
        raise AssertionError((lead, position))

    def let_go(self) -> None:
        """Nothing is held."""


class Topic:
    """A topic at which every attempt ends in one fault."""

    def __init__(self, fault: GrootboekError | None = None) -> None:
        """Raise it at each send."""
        self.fault = fault

    def open(self) -> None:
        """Nothing is reached."""

    def send(self, events: object) -> None:
        """Fail."""
        assert self.fault is not None
        raise self.fault

    def close(self) -> None:
        """Nothing is open."""


def thread_of(publication: Publication, topic: Topic, log: MemoryLog) -> LanePublisherThread:
    """The thread of one lane."""
    publish = PublishLane(lane=LANE, publication=publication, outlet=topic)
    return LanePublisherThread(publish=publish, topic=cast(LaneTopic, topic), log=log, metrics=Metrics())


def happens(condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> bool:
    """Whether something that another thread does happens in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def test_who_stands_by_is_not_woken_by_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under load it would otherwise ask the database for the lead as often as anything is committed."""
    monkeypatch.setattr(limits, "PUBLISH_STANDBY_SECONDS", 60.0)
    publication = Publication(is_free=False)
    thread = thread_of(publication, Topic(), MemoryLog())
    thread.start()
    assert happens(lambda: publication.asked == 1)
    for _ in range(10):
        thread.wake()
        assert not happens(lambda: publication.asked > 1, seconds=0.02)
    thread.ask_to_stop()
    thread.wait_until_stopped(time.monotonic() + WAIT_SECONDS)


FAULTS = {
    "a gap": (PositionMissing(LANE, 7), 7, []),
    "an event that is too large": (RecordTooLarge(LANE, 8), 8, []),
    "a wrong topic": (
        TopicConfiguredWrong(["a.events: one", "b" * 300]),
        None,
        ["a.events: one", "b" * 200],
    ),
}


@pytest.mark.parametrize(("fault", "position", "said"), FAULTS.values(), ids=FAULTS)
def test_who_stops_says_what_is_to_be_repaired(fault: GrootboekError, position: int | None, said: list[str]) -> None:
    """The runbook sends the operator to the log: the place of the event, or every fault of the topic, stands there."""
    log = MemoryLog()
    thread = thread_of(Publication(), Topic(fault), log)
    thread.start()
    assert happens(lambda: thread.failure is fault)
    thread.wait_until_stopped(time.monotonic() + WAIT_SECONDS)
    written = [(event.name, fields) for event, fields in log.written]
    stopped = next(fields for name, fields in written if name == "publishing.stopped")
    assert stopped == {"lane": LANE, "position": position, "error": type(fault).__name__, "code": fault.code}
    assert [fields["fault"] for name, fields in written if name == "publishing.topic-wrong"] == said
