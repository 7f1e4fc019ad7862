"""The threads that publish the lanes to Kafka: one per lane, which leads or stands by."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import psycopg

from services.ledger.application.publish import PublishLane
from services.ledger.application.publish_ports import PublisherFenced, SendFailed
from services.ledger.contract.cloud_events import RecordTooLarge
from services.ledger.contract.errors import PositionMissing
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.entrypoints.lane_topic import LaneTopic
from services.ledger.storage.publication import LanePublication
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.kafka import KafkaSettings, check_kafka
from services.runtime.kafka_topics import KafkaAway, TopicConfiguredWrong
from services.runtime.leader_notice import LeaderNotice
from services.runtime.log import VALUE_LENGTH_MAX, Log
from services.runtime.log_events import PUBLISHING_RETRIED, PUBLISHING_STOPPED, TOPIC_WRONG
from services.runtime.metrics import Metrics
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.worker_thread import WorkerThread

Setback = Literal["fenced", "send-failed", "broker-away", "database-away"]
PASSING: Final = (psycopg.Error, PublisherFenced, SendFailed, KafkaAway)


class LanePublisherThread(WorkerThread):
    """Publishes one lane as its events come. A wrong topic or a hole in the lane stops it for good (``failure``)."""

    def __init__(self, *, publish: PublishLane, topic: LaneTopic, log: Log, metrics: Metrics) -> None:
        """Several may run beside one another, on any machine: one leads, the others wait for it to let go."""
        super().__init__(f"publisher-{publish.lane}")
        self._publish = publish
        self._topic = topic
        self._log = log
        self._metrics = metrics
        self._notice = LeaderNotice("publisher", log=log, metrics=metrics, lane=publish.lane)
        self._woken = threading.Event()
        self._setbacks = 0
        self.failure: GrootboekError | None = None

    def _hurry(self) -> None:
        self.wake()

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait until it has let go; what Kafka has not acknowledged by the deadline the next leader sends once more."""
        if self._thread.ident is None:
            return
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            self._topic.close()
            self._thread.join(limits.SHUTDOWN_SECONDS_MAX)

    def wake(self) -> None:
        """Say that there may be new events; from any thread, at no cost."""
        self._woken.set()

    def _run(self) -> None:
        """Work until told to stop, or until the ledger or the topic itself is at fault."""
        while not self._stopping.is_set() and self.failure is None:
            self._woken.clear()
            try:
                self._work()
            except PASSING as error:
                self._fall_back(error)
            except GrootboekError as error:
                self._fail(error)
            except Exception as error:  # noqa: BLE001 - whatever a library raised: begin anew rather than end unseen
                self._fall_back(error)
        self._publish.let_go()

    def _work(self) -> None:
        """One chunk, and a rest that lets events gather; none while there is more than a chunk of them."""
        published = self._publish.step()
        lead = self._publish.lead
        self._notice.tell(leads=lead is not None, epoch=lead.epoch if lead else None)
        if published:
            self._setbacks = 0
            self._metrics.count("grootboek_events_published_total", published, lane=self._publish.lane)
            self._stopping.wait(limits.PUBLISH_PAUSE_SECONDS if published < limits.PUBLISH_CALM_EVENTS_MAX else 0)
        else:
            self._rest(leads=lead is not None)

    def _rest(self, *, leads: bool) -> None:
        """Wait for events; who stands by waits for the lead alone, however much is committed meanwhile."""
        if leads:
            self._woken.wait(limits.PUBLISH_POLL_SECONDS)
        else:
            self._stopping.wait(limits.PUBLISH_STANDBY_SECONDS)

    def _fall_back(self, error: Exception) -> None:
        """Throw away what was under way, and after a rest begin again at the stored cursor."""
        if self._stopping.is_set():
            return
        self._publish.let_go()
        self._notice.tell(leads=False)
        reason = reason_of(error)
        sqlstate = error.sqlstate if isinstance(error, psycopg.Error) else None
        rest = min(limits.PUBLISH_RETRY_SECONDS_MIN * 2**self._setbacks, limits.PUBLISH_RETRY_SECONDS_MAX)
        self._setbacks = min(self._setbacks + 1, limits.PUBLISH_DOUBLINGS_MAX)
        self._log.write(
            PUBLISHING_RETRIED,
            lane=self._publish.lane,
            reason=reason,
            error=type(error).__name__,
            sqlstate=sqlstate,
            retry_seconds=rest,
        )
        self._metrics.count("grootboek_publisher_restarts_total", lane=self._publish.lane, reason=reason)
        self._stopping.wait(rest)

    def _fail(self, error: GrootboekError) -> None:
        """Stop for good."""
        self.failure = error
        self._notice.stopped()
        lane = self._publish.lane
        # A missing event, or one that no topic takes; a fault of the topic is of no event.
        position = error.position if isinstance(error, (PositionMissing, RecordTooLarge)) else None
        self._log.write(PUBLISHING_STOPPED, lane=lane, position=position, error=type(error).__name__, code=error.code)
        if isinstance(error, TopicConfiguredWrong):
            for fault in error.faults:
                self._log.write(TOPIC_WRONG, lane=lane, fault=fault[:VALUE_LENGTH_MAX])


class PublisherThreads:
    """The publishers of all lanes of a ledger, that of the register among them."""

    def __init__(
        self,
        *,
        conninfo: str,
        settings: KafkaSettings,
        lanes: int,
        log: Log,
        metrics: Metrics,
        telemetry: Telemetry = OFF,
    ) -> None:
        """Refuse settings that are wrong or unsafe; reach nothing before ``start``."""
        check_kafka(settings)
        self._threads = {
            lane: make_publisher(
                conninfo, settings, lane=lane, lanes=lanes, log=log, metrics=metrics, telemetry=telemetry
            )
            for lane in [*range(lanes), REGISTER_LANE]
        }

    def start(self) -> None:
        """Start all; once."""
        for thread in self._threads.values():
            thread.start()

    def stop(self) -> None:
        """End all, and wait until they have."""
        for thread in self._threads.values():
            thread.ask_to_stop()
        deadline = time.monotonic() + limits.PUBLISH_STOP_SECONDS_MAX
        for thread in self._threads.values():
            thread.wait_until_stopped(deadline)

    def wake(self, lanes: Iterable[int]) -> None:
        """Say that there may be new events in these lanes; from any thread, at no cost."""
        for lane in lanes:
            self._threads[lane].wake()

    @property
    def failures(self) -> Sequence[GrootboekError]:
        """What stopped publishers for good; empty while all is well."""
        return [thread.failure for thread in self._threads.values() if thread.failure is not None]


def make_publisher(
    conninfo: str,
    settings: KafkaSettings,
    *,
    lane: int,
    lanes: int,
    log: Log,
    metrics: Metrics,
    telemetry: Telemetry = OFF,
) -> LanePublisherThread:
    """The publisher of one lane."""
    topic = LaneTopic(settings, lane=lane, lanes=lanes, telemetry=telemetry)
    publish = PublishLane(lane=lane, publication=LanePublication(conninfo, lane), outlet=topic)
    return LanePublisherThread(publish=publish, topic=topic, log=log, metrics=metrics)


def reason_of(error: Exception) -> Setback:
    """What kind of setback an error is."""
    if isinstance(error, PublisherFenced):
        return "fenced"
    if isinstance(error, psycopg.Error):
        return "database-away"
    return "broker-away" if isinstance(error, KafkaAway) else "send-failed"
