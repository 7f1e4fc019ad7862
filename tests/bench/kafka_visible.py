"""P6 through Kafka: acknowledged by the ledger of four processes until notifier has it in its own tables."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from services.runtime import limits
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.kafka import KafkaSettings, consumer_options, producer_options
from services.runtime.kafka_topics import ensure_topics
from services.runtime.postgres_place import remove_twin
from tests.bench import rooflines
from tests.bench.budgets import Measured, at_least, at_most
from tests.bench.client import Load, post_request, run_load
from tests.bench.ledger import OPERATIONS
from tests.bench.processor_time import ProcessorMeter, per_event, per_second
from tests.bench.workload import CONTROLLER, Workload, governance
from tests.support.distributed import Shape, distributed
from tests.support.kafka_broker import Broker, new_folder
from tests.support.published import settings_of_test

RATES: Final = tuple(int(rate) for rate in (os.environ.get("RATES") or "2000,5000").split(","))
"""What is asked, in events a second: the budget, and the goal of the design."""
SECONDS: Final = 60
# Systems that send all day send what gathered in a moment, each over a connection that it keeps.
BODIES_PER_SECOND: Final = 20
CONNECTIONS: Final = 4
WARM_EVENTS: Final = 5_000
# Seldom enough to cost the load little.
BARE_EVERY_SECONDS: Final = 2.0
LOOK_EVERY_SECONDS: Final = 0.005
SILENT_SECONDS_MAX: Final = 60.0
AT_REST_SECONDS: Final = 10.0
# A load generator that is a hair late has still sent what was asked.
REACHED: Final = 0.95
PREFIX: Final = "bench-visible"


class Stage(msgspec.Struct, frozen=True):
    """What a run needs: the four processes, their broker, and who counts what they cost."""

    shape: Shape
    settings: KafkaSettings
    meter: ProcessorMeter


class Followed:
    """When each position stood in the tables of notifier, with all that follows from it."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._positions: list[int] = []
        self._instants: list[float] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def wait_for(self, position: int) -> None:
        """Return when notifier is that far; fails when nothing came for a minute."""
        while not self._positions or self._positions[-1] < position:
            since = self._instants[-1] if self._instants else time.perf_counter()
            assert time.perf_counter() - since < SILENT_SECONDS_MAX, "notifier follows no more"
            self._done.wait(LOOK_EVERY_SECONDS)

    def first_seen(self, position: int) -> float:
        """The instant at which it was first seen there."""
        return self._instants[bisect_left(self._positions, position)]

    def close(self) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            while not self._done.wait(LOOK_EVERY_SECONDS):
                row = connection.execute("SELECT position FROM notifier.cursor WHERE lane = 0").fetchone()
                if row is not None and (not self._positions or row[0] > self._positions[-1]):
                    self._instants.append(time.perf_counter())
                    self._positions.append(int(row[0]))


class BareTrip:
    """Sends a bare batch now and then and waits for it, beside the load, so that both meet the same machine."""

    def __init__(self, settings: KafkaSettings, records: int) -> None:
        ensure_topics(settings, 1)
        self._topic, self._records = settings.events_topic, records
        self._producer = KafkaProducer(**producer_options(settings, "bare") | {"linger_ms": 0})
        self._consumer = KafkaConsumer(**consumer_options(settings, "bare", None))
        place = TopicPartition(self._topic, 0)
        self._consumer.assign([place])
        self._consumer.seek_to_end(place)
        # Where the end is, is asked now and not at the first poll.
        self._consumer.position(place)
        self.seconds: list[float] = []

    def make(self, value: bytes = b"x" * 1_000) -> None:
        """Measure one trip."""
        begun = time.perf_counter()
        for _ in range(self._records):
            self._producer.send(self._topic, value, partition=0)
        self._producer.flush()
        got = 0
        while got < self._records:
            got += sum(map(len, self._consumer.poll(timeout_ms=1_000).values()))
        self.seconds.append(time.perf_counter() - begun)

    def close(self) -> float:
        """End, and return the median; the first ones met a broker that had compiled nothing yet."""
        self._producer.close()
        self._consumer.close()
        return statistics.median(self.seconds[len(self.seconds) // 10 :])


class BareWork:
    """Commits and trips of a bare batch beside the load, from a thread of its own."""

    def __init__(self, stage: Stage, records: int) -> None:
        self._commits = rooflines.BareCommits(stage.shape.owner, records)
        self._trips = BareTrip(settings_of_test(stage.settings.servers[0], f"{PREFIX}-bare"), records)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def close(self) -> tuple[float, float]:
        """End, and return the median of each in seconds."""
        self._done.set()
        self._thread.join()
        return self._commits.close(), self._trips.close()

    def _work(self) -> None:
        while not self._done.wait(BARE_EVERY_SECONDS):
            self._commits.commit()
            self._trips.make()


def measure_p6_kafka(events: int) -> Iterator[Measured]:
    """At each rate: what was sent of it, and per body the time from its answer until notifier has its last event."""
    with stage_of_four() as stage, ExitStack() as stack:
        for path, body in governance():
            post(stage.shape, path, body)
        followed = stack.enter_context(closing(Followed(stage.shape.owner)))
        delays_of(send(stage, RATES[0], requests_for(stage, RATES[0], WARM_EVENTS, seed=0)), followed)
        stage.meter.lap()
        time.sleep(AT_REST_SECONDS)
        print(f"  at rest: {per_second(stage.meter.lap(), AT_REST_SECONDS)}", flush=True)
        for seed, rate in enumerate(RATES, 61):
            yield from measure_at(stage, followed, rate, min(SECONDS * rate, max(5 * rate, events)), seed)


def measure_at(stage: Stage, followed: Followed, rate: int, count: int, seed: int) -> Iterator[Measured]:
    """One rate; the line of the costs is for reading, beside the two that are judged."""
    requests = requests_for(stage, rate, count, seed)
    bare = BareWork(stage, rate // BODIES_PER_SECOND)
    stage.meter.lap()
    load = send(stage, rate, requests)
    delays = sorted(delays_of(load, followed))
    costs = per_event(stage.meter.lap(), count)
    commit, trip = bare.close()
    print(f"  asked {rate:,}/s: {costs}", flush=True)
    p99 = delays[int(0.99 * len(delays))]
    batch = f"of {rate // BODIES_PER_SECOND} events"
    note = (
        f"asked {rate:,}/s, median {statistics.median(delays) * 1000:.1f} ms;"
        f" bare commit {commit * 1000:.1f} ms, bare trip {trip * 1000:.1f} ms, {batch} each"
    )
    yield at_least("P6K", count / load.seconds, "events/s sent", rate, REACHED, f"{rate:,}/s asked")
    yield at_most("P6K", p99 * 1000, "ms p99", (commit + trip) * 1000, 10, "bare commit and trip of such a batch", note)


@contextmanager
def stage_of_four() -> Iterator[Stage]:
    """Four processes over a PostgreSQL and a Kafka of their own."""
    folder = Path(tempfile.mkdtemp(prefix="grootboek-bench-"))
    broker = Broker(new_folder(), say=print)
    postgres = EmbeddedPostgres(folder / "postgres", {"max_connections": str(2 * limits.POSTGRES_CONNECTIONS_MAX)})
    try:
        broker.start()
        owner = postgres.start()
        with distributed(folder, owner=owner, servers=broker.bootstrap, prefix=PREFIX) as shape:
            assert broker.pid is not None
            parts = {"client": os.getpid(), "Kafka": broker.pid}
            parts |= {service: shape.pid(service) for service in shape.running.children}
            yield Stage(shape, settings_of_test(broker.bootstrap, PREFIX), ProcessorMeter(parts, owner))
    finally:
        postgres.stop()
        broker.remove()
        remove_twin(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def post(shape: Shape, path: str, body: object) -> None:
    """One entry of the register."""
    headers = {"Authorization": f"Bearer {shape.token('registrar', 'governance')}"}
    answer = httpx.post(shape.base_url + path, json=body, headers=headers, timeout=60)
    assert answer.is_success, answer.text


def requests_for(stage: Stage, rate: int, count: int, seed: int) -> list[bytes]:
    """The bodies of so many events at this rate, made before the clock starts."""
    token, size = stage.shape.token(CONTROLLER, "processing:write"), rate // BODIES_PER_SECOND
    lines = Workload(seed).lines(count // size * size)
    bodies = [b"\n".join(lines[at : at + size]) for at in range(0, len(lines), size)]
    return [post_request(OPERATIONS, token, body, "application/x-ndjson") for body in bodies]


def send(stage: Stage, rate: int, requests: list[bytes]) -> Load:
    """Send at this rate, or as fast as they are taken when that is slower; all must be taken."""
    size = rate // BODIES_PER_SECOND
    load = run_load(stage.shape.layout.port, requests, CONNECTIONS, keep_bodies=True, every_seconds=size / rate)
    assert sum(body.count(b'"leafHash"') for body in load.bodies) == size * len(requests), load.statuses
    return load


def delays_of(load: Load, followed: Followed) -> list[float]:
    """Per body the seconds from its answer until its last event was seen; 0 when that came first."""
    positions = [last_position(body) for body in load.bodies]
    followed.wait_for(max(positions))
    pairs = zip(positions, load.answered, strict=True)
    return [max(0.0, followed.first_seen(position) - instant) for position, instant in pairs]


def last_position(body: bytes) -> int:
    """The position of the last event of an answer."""
    last = json.loads(body.strip().rpartition(b"\n")[2])
    return int(last["position"].rpartition("-")[2])
