"""The distributed shape for tests: four processes as they run elsewhere, a real PostgreSQL and a real Kafka.

``shape`` is the fixture; ``distributed`` the context for who wants other lanes or a clock. Every test has a database,
topics, keys, a vault and a folder of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from kafka import KafkaConsumer, TopicPartition

from services.cli.distributed.layout import SERVICES, Layout, free_ports
from services.cli.distributed.processes import Distributed, is_ready
from services.gateway.auth.issuer import TokenIssuer
from services.ledger.contract.cloud_events import decode
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.open_ledger import ClockKind
from services.runtime.errors import GrootboekError
from services.runtime.log import MemoryLog
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[2]
SECONDS_MAX = 60.0


class Shape:
    """A running ledger of four processes; any of them may be killed, stopped and started."""

    def __init__(self, running: Distributed, outputs: Path, log: MemoryLog) -> None:
        """Take what runs."""
        self.running = running
        self.layout = running.layout
        self.outputs = outputs
        self.log = log

    @property
    def base_url(self) -> str:
        """Where the public API answers."""
        return self.running.base_url

    @property
    def owner(self) -> str:
        """How the owner of the database reaches it."""
        return self.layout.owner

    def pid(self, service: str) -> int:
        """The process id of a service; waits while it is being started again."""
        return int(wait_until(lambda: self.running.children[service].pid))

    def kill(self, service: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a service and wait until that process has gone; its parent starts another one."""
        pid = self.pid(service)
        os.kill(pid, number)
        wait_until(lambda: self.running.children[service].pid != pid)

    def wait_until_ready(self) -> None:
        """Wait until all four say that they are ready; what one said that does not is shown."""
        try:
            self.running.wait_until_ready()
        except GrootboekError:
            for service in SERVICES:
                print(f"--- {service}\n{self.said(service)[-4000:]}")
            raise

    def is_ready(self, service: str) -> bool:
        """Whether a service says so."""
        return is_ready(self.layout.internal[service])

    def said(self, service: str) -> str:
        """All that a service wrote, over all its lives."""
        return (self.outputs / f"{service}.log").read_text(encoding="utf-8")

    def token(self, party: str, scope: str, subject: tuple[str, str] | None = None) -> str:
        """A token of the issuer whom the gateway trusts."""
        return TokenIssuer.open(self.layout.issuer).issue(party, scope, subject)

    def environment(self, service: str, **other: str) -> dict[str, str]:
        """The environment in which one more process of a service would run, with some settings changed."""
        return {**self.layout.environment(service, os.environ), **other}

    def published(self) -> list[Any]:
        """All that stands on the topics, in the order of each partition; a lane after the other."""
        prefix, lanes = self.layout.kafka["GROOTBOEK_KAFKA_PREFIX"], self.layout.lanes
        places = {TopicPartition(f"{prefix}.events", lane): lane for lane in range(lanes)}
        places[TopicPartition(f"{prefix}.register", 0)] = REGISTER_LANE
        consumer = KafkaConsumer(
            bootstrap_servers=self.layout.kafka["GROOTBOEK_KAFKA_SERVERS"],
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        try:
            if not {place.topic for place in places} <= consumer.topics():
                return []
            consumer.assign(list(places))
            ends = consumer.end_offsets(list(places))
            found: list[Any] = []
            while any(consumer.position(place) < end for place, end in ends.items()):
                for place, records in consumer.poll(timeout_ms=500).items():
                    found += [decode(places[place], each.key, each.value, each.headers) for each in records]
            return sorted(found, key=lambda event: int(event.lane))
        finally:
            consumer.close()

    def stored(self) -> dict[tuple[int, int], tuple[Any, str]]:
        """(stream, topic) of every event in the database, by place."""
        with psycopg.connect(self.owner) as connection:
            rows = connection.execute("SELECT lane, notification_id, originator_id, topic FROM stored_events")
            return {(lane, position): (stream, topic) for lane, position, stream, topic in rows}

    def run_refused(self, service: str, **other: str) -> subprocess.CompletedProcess[str]:
        """Run one more process of a service that is expected not to start, with some settings changed."""
        return subprocess.run(
            [sys.executable, "-m", f"services.{service}"],
            cwd=PROJECT,
            env=self.environment(service, **{"GROOTBOEK_INTERNAL_PORT": str(free_ports(1)[0]), **other}),
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )


@contextmanager
def distributed(
    folder: Path,
    *,
    owner: str,
    servers: str,
    prefix: str,
    lanes: int = 1,
    clock: ClockKind = "system",
    replication: int = 1,
) -> Iterator[Shape]:
    """Four processes over the database of ``owner`` and the brokers at ``servers``, until the end of the block."""
    outputs, log = folder / "outputs", MemoryLog()
    outputs.mkdir(parents=True, exist_ok=True)
    internal = free_ports(len(SERVICES) + 1)
    layout = Layout(
        home=folder / "home",
        issuer=folder / "issuer",
        owner=owner,
        lanes=lanes,
        clock=clock,
        port=internal.pop(),
        kafka={
            "GROOTBOEK_KAFKA_SERVERS": servers,
            "GROOTBOEK_KAFKA_PREFIX": prefix,
            "GROOTBOEK_KAFKA_REPLICATION": str(replication),
            "GROOTBOEK_KAFKA_MIN_INSYNC": str(max(1, replication - 1)),
        },
        internal=dict(zip(SERVICES, internal, strict=True)),
    )
    layout.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(PROJECT))
        running = Distributed(layout, log, outputs=outputs)
        try:
            running.__enter__()
        except BaseException:
            print(*(path.read_text(encoding="utf-8")[-4000:] for path in sorted(outputs.glob("*.log"))), sep="\n")
            raise
    try:
        yield Shape(running, outputs, log)
    finally:
        running.__exit__()


@pytest.fixture
def make_shape(tmp_path: Path, empty_database: str, kafka: Any, topic_prefix: str) -> Iterator[Callable[..., Shape]]:
    """Give a function that starts the four processes; it takes ``lanes`` and ``clock``."""
    with ExitStack() as stack:

        def start(**how: Any) -> Shape:
            given = {"owner": empty_database, "servers": kafka.bootstrap, "prefix": topic_prefix, **how}
            return stack.enter_context(distributed(tmp_path, **given))

        yield start


@pytest.fixture
def shape(make_shape: Callable[..., Shape]) -> Shape:
    """Give a ledger of four processes on the real clock, with two lanes."""
    return make_shape(lanes=2)


def logged(text: str, event: str) -> list[dict[str, Any]]:
    """The lines of a log that say this."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    return [line for line in map(msgspec.json.decode, lines) if line.get("event") == event]
