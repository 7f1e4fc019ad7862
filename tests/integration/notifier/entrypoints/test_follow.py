"""Several notifiers over one database: all follow, whatever lanes they are given; one decides and sends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from services.ledger.contract.errors import PositionMissing
from services.notifier.application.trace import NotifierTrace
from services.notifier.domain.errors import CursorMoved, NotifierBehind
from services.notifier.entrypoints.follow import FollowThread, ReadCursor
from services.notifier.storage.open_notifier import connect, open_notifier
from services.notifier.storage.store import PostgresStore
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import ensure_topics
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.support.kafka_broker import Broker
from tests.support.kafka_fixtures import Kafka
from tests.support.notifier import NOW, Event, FakeFeed, FakeLedger, RunningNotifier, erase_at
from tests.support.poison import Sound, sound_event
from tests.support.published import Publishing, open_feed, settings_of_test
from tests.support.waiting import wait_until

LANES = 4
LOOKS = "SELECT lane, array_agg(position ORDER BY position) FROM notifier.look GROUP BY lane ORDER BY lane"
pytestmark = pytest.mark.filterwarnings(r"ignore:unclosed <socket\.socket .* type=1, proto=6:ResourceWarning")


@contextmanager
def following(conninfo: str, settings: KafkaSettings, log: MemoryLog | None = None) -> Iterator[FollowThread]:
    """A notifier that follows whatever lanes the group gives it."""
    thread = FollowThread(
        conninfo=conninfo,
        make_feed=lambda read_cursor: open_feed(settings, read_cursor),
        on_followed=lambda: None,
        trace=NotifierTrace(),
        log=log or MemoryLog(),
        metrics=Metrics(),
    )
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


def owing_events(lane: int, first: int, count: int) -> list[Sound]:
    """Events that each bring a duty about a person of its own."""
    return [sound_event(lane, position, duties=("erase:politie",)) for position in range(first, first + count)]


def test_replicas_share_the_lanes_and_take_them_over(kafka: Kafka, topic_prefix: str, database: str) -> None:
    """Every event is followed, by whichever notifier; the cursor is at the end of each lane and the looks are whole."""
    settings = settings_of_test(kafka.bootstrap, topic_prefix)
    ensure_topics(settings, LANES)
    open_notifier(database)
    with closing(Publishing(settings)) as publishing, connect(database) as connection, ExitStack() as stack:
        store = PostgresStore(connection)

        def publish(first: int, count: int) -> None:
            for lane in range(LANES):
                publishing.publish(owing_events(lane, first, count))

        def is_followed(position: int) -> Callable[[], bool]:
            return lambda: store.cursor() == dict.fromkeys(range(LANES), position)

        publish(1, 100)
        with following(database, settings) as first:
            wait_until(is_followed(100))
            second = stack.enter_context(following(database, settings))
            publish(101, 100)
            wait_until(is_followed(200))
        publish(201, 100)
        wait_until(is_followed(300))
        assert (first.failure, second.failure) == (None, None)
        looks = dict(connection.execute(LOOKS).fetchall())
    assert looks == {lane: list(range(1, 301)) for lane in range(LANES)}


def test_a_broker_that_comes_late_is_waited_for(
    own_broker: Broker, topic_prefix: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notifier that starts before its broker follows as soon as that is there, and says what it waits for."""
    monkeypatch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 1)
    settings, log = settings_of_test(own_broker.bootstrap, topic_prefix), MemoryLog()
    open_notifier(database)
    with following(database, settings, log), connect(database) as connection:
        wait_until(lambda: log.written)
        own_broker.start()
        ensure_topics(settings, 1)
        with closing(Publishing(settings)) as publishing:
            publishing.publish(owing_events(0, 1, 5))
        wait_until(lambda: PostgresStore(connection).cursor() == {0: 5})
    assert {(event.name, fields["code"]) for event, fields in log.written} == {("following.retried", "kafka_away")}


class SharedFeed(FakeFeed):
    """A feed of lanes that others may follow too; it gives nothing before it is let go."""

    def __init__(self, events: Sequence[Event], read_cursor: ReadCursor, gate: threading.Event) -> None:
        super().__init__(events, read_cursor())
        self._gate = gate

    def poll(self, limit: int) -> tuple[Sequence[Event], Mapping[int, int]]:
        """The next events, after a moment."""
        self._gate.wait(0.02)
        return super().poll(limit) if self._gate.is_set() else ([], self.committed)

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def replica(
    conninfo: str, folder: Path, ledger: FakeLedger, gate: threading.Event, feed: type[SharedFeed] = SharedFeed
) -> Iterator[RunningNotifier]:
    """One notifier of several, whose feed is let go by ``gate``."""
    folder.mkdir(mode=0o700, exist_ok=True)
    make = lambda read_cursor: feed(ledger.events, read_cursor, gate)  # noqa: E731 - a lambda is what it takes
    with RunningNotifier(conninfo, folder, ledger, FakeClock(NOW), make) as notifier:
        yield notifier


def owe(ledger: FakeLedger) -> None:
    """Let the police owe an erasure."""
    ledger.owe(erase_at())
    ledger.append(duties=["erase:politie"])


def test_nothing_is_said_before_what_was_said_is_read_back(database: str, tmp_path: Path) -> None:
    """A notifier that lost its state says nothing until the feed was followed to where the ledger was at its start."""
    ledger, gate = FakeLedger(), threading.Event()
    gate.set()
    owe(ledger)
    with replica(database, tmp_path / "lost", ledger, gate) as notifier:
        notifier.catch_up()
    (said,) = ledger.recorded
    with connect(database) as connection:
        connection.execute("DROP SCHEMA notifier CASCADE")
        connection.execute("DELETE FROM schema_migration WHERE folder = 'notifier'")
    gate.clear()
    ledger.asked.clear()
    with replica(database, tmp_path / "new", ledger, gate) as notifier:
        waiting = threading.Thread(target=notifier.catch_up)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        assert ledger.asked == []
        gate.set()
        waiting.join(60)
        assert not waiting.is_alive()
        assert ledger.asked
    assert ledger.recorded == [said]


def test_catching_up_waits_for_what_others_follow(database: str, tmp_path: Path) -> None:
    """Catching up ends when all that had happened was followed and said, whoever follows it."""
    ledger, gate = FakeLedger(), threading.Event()
    with replica(database, tmp_path / "notifier", ledger, gate) as notifier:
        notifier.catch_up()
        owe(ledger)
        waiting = threading.Thread(target=notifier.catch_up)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        gate.set()
        waiting.join(60)
        assert [message.kind for message in ledger.recorded] == ["erase-owed"]


class GappedFeed(SharedFeed):
    """A feed that finds a gap."""

    def poll(self, limit: int) -> tuple[Sequence[Event], Mapping[int, int]]:
        """Say so."""
        raise PositionMissing(0, limit)


def test_a_gap_stops_following_for_good(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notifier that may not believe its feed says so to whoever asks how it is, and finishes nothing."""
    monkeypatch.setattr(limits, "NOTIFIER_CATCH_UP_SECONDS_MAX", 0.5)
    ledger, gate = FakeLedger(), threading.Event()
    owe(ledger)
    with replica(database, tmp_path / "notifier", ledger, gate, GappedFeed) as notifier:
        wait_until(lambda: notifier.process.failure)
        assert isinstance(notifier.process.failure, PositionMissing)
        gap = {"error": "PositionMissing", "code": "position_missing", "lane": 0, "position": 1000}
        assert notifier.logged("following.stopped") == [gap]


class OvertakenFeed(SharedFeed):
    """A feed whose lane somebody else moves on between two pieces, once."""

    overtaken: ClassVar[list[bool]] = []

    @property
    def committed(self) -> Mapping[int, int]:
        """Once, what was true a moment ago."""
        if not self.overtaken:
            self.overtaken.append(True)
            return {0: 7}
        return super().committed


def test_a_notifier_that_was_overtaken_begins_again(database: str, tmp_path: Path) -> None:
    """A cursor that is elsewhere is no fault: it goes on from where that is."""
    ledger, gate = FakeLedger(), threading.Event()
    gate.set()
    owe(ledger)
    with replica(database, tmp_path / "notifier", ledger, gate, OvertakenFeed) as notifier:
        notifier.catch_up()
        assert [message.kind for message in ledger.recorded] == ["erase-owed"]
        (retried,) = notifier.logged("following.retried")
        assert retried["code"] == CursorMoved.code
    assert not issubclass(CursorMoved, NotifierBehind)
