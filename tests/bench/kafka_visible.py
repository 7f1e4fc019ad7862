"""P6 through Kafka: acknowledged by the ledger of four processes until handed out by a consumer of its topic."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from services.runtime import limits
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.kafka import KafkaSettings, consumer_options, producer_options
from services.runtime.kafka_topics import ensure_topics
from tests.bench import rooflines
from tests.bench.budgets import Measured, at_most
from tests.bench.ledger import OPERATIONS
from tests.bench.workload import CONTROLLER, Workload, governance
from tests.support.distributed import Shape, distributed
from tests.support.kafka_broker import Broker, new_folder
from tests.support.published import open_feed, settings_of_test

RATE: Final = int(os.environ.get("RATE") or 2_000)
SECONDS: Final = 60
BATCH: Final = 100
WARM_BATCHES: Final = 50
BARE_EVERY: Final = 10
PREFIX: Final = "bench-visible"


class Arrivals:
    """When each position was handed out by a feed of a group of its own."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()
        self.seen: dict[int, float] = {}

    def wait_for(self, position: int) -> None:
        """Return when this position was handed out, or the consumer has ended."""
        while position not in self.seen and self._thread.is_alive():
            self._done.wait(0.01)

    def close(self) -> None:
        """End the consumer."""
        self._done.set()
        self._thread.join()

    def _follow(self) -> None:
        with closing(open_feed(self._settings, dict, group="bench")) as feed:
            while not self._done.is_set():
                events, cursor = feed.poll(1_000)
                instant = time.perf_counter()
                self.seen.update({event.position: instant for event in events})
                feed.commit(cursor)


class BareTrip:
    """Sends a bare batch now and then and waits for it, beside the load, so that both meet the same machine."""

    def __init__(self, settings: KafkaSettings) -> None:
        ensure_topics(settings, 1)
        self._topic = settings.events_topic
        self._producer = KafkaProducer(**producer_options(settings, "bare") | {"linger_ms": 0})
        self._consumer = KafkaConsumer(**consumer_options(settings, "bare", None))
        self._consumer.assign([TopicPartition(self._topic, 0)])
        self.seconds: list[float] = []

    def make(self, records: int = BATCH, value: bytes = b"x" * 1_000) -> None:
        """Measure one trip."""
        begun = time.perf_counter()
        for _ in range(records):
            self._producer.send(self._topic, value, partition=0)
        self._producer.flush()
        got = 0
        while got < records:
            got += sum(map(len, self._consumer.poll(timeout_ms=1_000).values()))
        self.seconds.append(time.perf_counter() - begun)

    def close(self) -> float:
        """End, and return the median; the first ones met a broker that had compiled nothing yet."""
        self._producer.close()
        self._consumer.close()
        return statistics.median(self.seconds[len(self.seconds) // 10 :])


def measure_p6_kafka(events: int) -> Iterator[Measured]:
    """Send bodies of 100 events at a steady rate; per body the time from its answer until its last event comes out."""
    seconds = min(SECONDS, max(5, events // RATE))
    with shape_of_four() as (shape, settings), ExitStack() as stack:
        for path, body in governance():
            post(shape, path, body)
        arrivals = stack.enter_context(closing(Arrivals(settings)))
        send(shape, arrivals, Workload(0).lines(WARM_BATCHES * BATCH), None, None)
        commits = rooflines.BareCommits(shape.owner, BATCH)
        trips = BareTrip(settings_of_test(settings.servers[0], f"{PREFIX}-bare"))
        lines = Workload(61).lines(RATE // BATCH * seconds * BATCH)
        delays, took = send(shape, arrivals, lines, commits, trips)
        commit, trip = commits.close(), trips.close()
    ordered = sorted(delays)
    p99 = ordered[int(0.99 * len(ordered))]
    note = (
        f"median {statistics.median(ordered) * 1000:.1f} ms at {len(lines) / took:,.0f}/s;"
        f" bare commit {commit * 1000:.1f} ms, bare trip {trip * 1000:.1f} ms, of 100 events each"
    )
    yield at_most("P6K", p99 * 1000, "ms p99", (commit + trip) * 1000, 10, "bare commit and trip of such a batch", note)


@contextmanager
def shape_of_four() -> Iterator[tuple[Shape, KafkaSettings]]:
    """Four processes over a PostgreSQL and a Kafka of their own."""
    folder = Path(tempfile.mkdtemp(prefix="grootboek-bench-"))
    broker = Broker(new_folder(), say=print)
    postgres = EmbeddedPostgres(folder / "postgres", {"max_connections": str(2 * limits.POSTGRES_CONNECTIONS_MAX)})
    try:
        broker.start()
        owner = postgres.start()
        with distributed(folder, owner=owner, servers=broker.bootstrap, prefix=PREFIX) as shape:
            yield shape, settings_of_test(broker.bootstrap, PREFIX)
    finally:
        postgres.stop()
        broker.remove()
        shutil.rmtree(folder, ignore_errors=True)


def post(shape: Shape, path: str, body: object) -> None:
    """One entry of the register."""
    headers = {"Authorization": f"Bearer {shape.token('registrar', 'governance')}"}
    answer = httpx.post(shape.base_url + path, json=body, headers=headers, timeout=60)
    assert answer.is_success, answer.text


def send(
    shape: Shape, arrivals: Arrivals, lines: list[bytes], commits: rooflines.BareCommits | None, trips: BareTrip | None
) -> tuple[list[float], float]:
    """The delay of each body, and how long sending took; bare work now and then when there is any."""
    acknowledged: list[tuple[int, float]] = []
    token = shape.token(CONTROLLER, "processing:write")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    begun = time.perf_counter()
    with httpx.Client(base_url=shape.base_url, headers=headers, timeout=60) as http:
        for number in range(len(lines) // BATCH):
            answer = http.post(OPERATIONS, content=b"\n".join(lines[number * BATCH : (number + 1) * BATCH]))
            last = json.loads(answer.text.strip().rpartition("\n")[2])
            acknowledged.append((int(last["position"].rpartition("-")[2]), time.perf_counter()))
            if commits is not None and trips is not None and number % BARE_EVERY == 0:
                commits.commit()
                trips.make()
            time.sleep(max(0.0, begun + (number + 1) * BATCH / RATE - time.perf_counter()))
    took = time.perf_counter() - begun
    arrivals.wait_for(max(position for position, _ in acknowledged))
    return [max(0.0, arrivals.seen[position] - instant) for position, instant in acknowledged], took
