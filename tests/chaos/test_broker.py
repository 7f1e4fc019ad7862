"""R5 and failover: the broker stops, dies, hangs or crawls under load; writes go on, the backlog drains in order."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import Clients, retry_all, set_up
from tests.support.chaos_figures import number_of, percentile, seed_of, tell
from tests.support.chaos_journal import Acts, Journal
from tests.support.chaos_oracle import judge
from tests.support.chaos_topics import count_unpublished, judge_topics, settings_of, wait_until_published
from tests.support.distributed import Shape, distributed
from tests.support.kafka_broker import HOST, Broker, Cluster, new_folder
from tests.support.kafka_fixtures import made
from tests.support.proxy import Mode, Proxy

OUTAGES: Final = number_of("OUTAGES", 1)
OUTAGE_SECONDS_MAX: Final = number_of("OUTAGE_SECONDS", 4)
FAILOVERS: Final = number_of("FAILOVERS", 3)
LANES: Final = 2
WRITE_SECONDS_MAX: Final = 15.0


class Story(msgspec.Struct):
    """A ledger of four processes that is written to while its brokers have a hard time."""

    shape: Shape
    clients: Clients
    moments: random.Random
    drained: list[float] = []
    backlogs: list[int] = []

    def writes_go_on(self) -> None:
        """A request of this moment is acknowledged, whatever the broker does."""
        self.clients.seconds_until_answered(time.monotonic(), WRITE_SECONDS_MAX)

    def drain(self) -> None:
        """Note how long it takes until what is recorded by now was published, or nearly so: writers go on."""
        self.backlogs.append(count_unpublished(self.shape.owner))
        begun = time.monotonic()
        wait_until_published(self.shape.owner)
        self.drained.append(time.monotonic() - begun)


@contextmanager
def telling(name: str, folder: Path, seed: int, faults: int, how: dict[str, str]) -> Iterator[Story]:
    """Write through the block, then hold ledger and topics to the journal and print the figures."""
    journal = Journal(folder / "journal.jsonl")
    owner, servers, prefix = how["owner"], how["servers"], how["prefix"]
    replication = 3 if "," in servers else 1
    with distributed(
        folder, owner=owner, servers=servers, prefix=prefix, lanes=LANES, replication=replication
    ) as shape:
        set_up(shape.base_url, shape.token("registrar", "governance"))
        token = shape.token(CONTROLLER, "processing:write")
        with Clients(shape, token, journal, Acts(seed)) as clients:
            story = Story(shape, clients, random.Random(seed + 1), [], [])
            yield story
        retry_all(shape.base_url, token, journal, ())
        judgement = judge(journal.file, shape.owner, shape.layout.vault_file)
        repeated = judge_topics(settings_of(servers, prefix), shape.owner, LANES)
    drained = f"drained p50 {percentile(story.drained, 0.5):.2f} s, max {max(story.drained):.2f} s"
    backlog = f"backlogs up to {max(story.backlogs)} events"
    tell(name, judgement, faults=faults, and_=f"{backlog}, {drained}, {repeated} records twice")


@pytest.fixture
def proxied_broker() -> Iterator[tuple[Broker, Proxy]]:
    """A broker whose clients reach it through a proxy only."""
    with Proxy((HOST, 0)) as proxy:
        address = {"advertised.listeners": f"PLAINTEXT://{HOST}:{proxy.port}"}
        broker = made(lambda: Broker(new_folder(), settings=address))
        proxy.upstream = (HOST, broker.port)
        broker.start()
        yield broker, proxy
        broker.remove()


@pytest.mark.chaos
def test_writes_outlive_the_broker(
    tmp_path: Path, empty_database: str, proxied_broker: tuple[Broker, Proxy], topic_prefix: str
) -> None:
    """Whatever happens to the broker, acts are acknowledged meanwhile and reach the topics afterwards, in order."""
    seed = seed_of("R5 broker")
    broker, proxy = proxied_broker
    how = {"owner": empty_database, "servers": f"{HOST}:{proxy.port}", "prefix": topic_prefix}
    with telling("R5 broker", tmp_path, seed, OUTAGES, how) as story:
        for number in range(OUTAGES):
            kinds = outages(broker, proxy)
            name, begin, end = kinds[(seed + number) % len(kinds)]
            seconds = story.moments.uniform(2.0, OUTAGE_SECONDS_MAX)
            print(f"outage {number}: {name} for {seconds:.1f} s")
            story.writes_go_on()
            begin()
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                story.writes_go_on()
            end()
            story.drain()


def outages(broker: Broker, proxy: Proxy) -> list[tuple[str, Callable[[], object], Callable[[], object]]]:
    """What can happen to a broker, and how it ends."""
    heal = partial(proxy.set, Mode.PASS)
    return [
        ("stopped", broker.stop, broker.start),
        ("killed", broker.kill, broker.start),
        ("hanging", broker.pause, broker.resume),
        ("half-open", partial(proxy.set, Mode.DEAF), heal),
        ("crawling", partial(proxy.set, Mode.TRICKLE), heal),
        ("cut off", partial(proxy.set, Mode.CUT), heal),
    ]


@pytest.mark.chaos
def test_failover_loses_and_reorders_nothing(
    tmp_path: Path, empty_database: str, kafka_cluster: Callable[..., Cluster], topic_prefix: str
) -> None:
    """Each time the leader of a partition dies another broker takes over; the topics hold the log, in its order."""
    seed = seed_of("failover")
    cluster = kafka_cluster(3)
    how = {"owner": empty_database, "servers": cluster.bootstrap, "prefix": topic_prefix}
    with telling("failover", tmp_path, seed, FAILOVERS, how) as story:
        for number in range(FAILOVERS):
            leader = cluster.leader_of(f"{topic_prefix}.events", number % LANES)
            story.writes_go_on()
            leader.kill()
            story.writes_go_on()
            story.drain()
            leader.start(wait=False)
            leader.wait_until_ready(len(cluster.brokers))
