"""R1: each of the four processes, the broker and backends of PostgreSQL are killed at random moments under load."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg
import pytest

from services.cli.distributed.layout import SERVICES
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import Clients, retry_all, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Heard, Journal
from tests.support.chaos_oracle import judge
from tests.support.chaos_topics import judge_topics, settings_of
from tests.support.distributed import Shape, distributed
from tests.support.kafka_broker import Broker
from tests.support.postgres import new_data_directory
from tests.support.waiting import wait_until

KILLS: Final = number_of("KILLS", 10)
LANES: Final = 2
BACK_SECONDS_MAX: Final = 60.0
RECEIPTS_AGAIN: Final = 20
BACKENDS: Final = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'grootboek-%'"


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server that this test may break."""
    directory = new_data_directory()
    server = EmbeddedPostgres(directory)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(directory.parent)


@pytest.mark.chaos
def test_any_process_may_die(tmp_path: Path, postgres: EmbeddedPostgres, own_broker: Broker, topic_prefix: str) -> None:
    """After each kill all four are ready again by themselves; nothing acknowledged is lost, doubled or reordered."""
    seed = seed_of("R1 processes")
    moments, journal = random.Random(seed + 1), Journal(tmp_path / "journal.jsonl")
    servers = own_broker.start().bootstrap
    ready: list[float] = []
    slowest: dict[str, float] = {}
    owner = postgres.conninfo
    with distributed(tmp_path, owner=owner, servers=servers, prefix=topic_prefix, lanes=LANES) as shape:
        set_up(shape.base_url, shape.token("registrar", "governance"))
        token = shape.token(CONTROLLER, "processing:write")
        victims = {service: kill_of(shape, service) for service in SERVICES}
        victims |= {"broker": lambda: restart(own_broker), "backend": lambda: kill_backend(postgres.conninfo, moments)}
        order = order_of(list(victims), moments)
        with Clients(shape, token, journal, Acts(seed)) as clients:
            for victim in order:
                time.sleep(moments.uniform(0.05, 1.0))  # the random moment of the kill
                killed = time.monotonic()
                victims[victim]()
                clients.seconds_until_answered(killed, BACK_SECONDS_MAX)
                wait_until(lambda: all(map(shape.is_ready, SERVICES)), BACK_SECONDS_MAX, f"not ready after {victim}")
                ready.append(time.monotonic() - killed)
                slowest[victim] = max(slowest.get(victim, 0.0), round(ready[-1], 2))
        acknowledged = journal.keys(Heard.ACKNOWLEDGED)
        retry_all(shape.base_url, token, journal, moments.sample(acknowledged, min(RECEIPTS_AGAIN, len(acknowledged))))
        judgement = judge(journal.file, shape.owner, shape.layout.vault_file)
        repeated = judge_topics(settings_of(servers, topic_prefix), shape.owner, LANES)
    told = {"kills": KILLS, "of_them": dict(Counter(order)), "slowest_seconds": slowest, "published_twice": repeated}
    tell("R1 processes", judgement, ready, **told)


def order_of(victims: list[str], moments: random.Random) -> list[str]:
    """Whom to kill: everybody as often, in an order of chance."""
    order = [victims[number % len(victims)] for number in range(KILLS)]
    moments.shuffle(order)
    return order


def kill_of(shape: Shape, service: str) -> Callable[[], None]:
    """What kills a service; its parent starts another one."""
    return lambda: shape.kill(service)


def restart(broker: Broker) -> None:
    """Kill the broker and start it again on what it had written."""
    broker.kill()
    broker.start()


def kill_backend(conninfo: str, moments: random.Random) -> None:
    """SIGKILL one backend of ours; PostgreSQL then ends all of them and recovers."""
    with psycopg.connect(conninfo) as connection:
        pids = [pid for (pid,) in connection.execute(BACKENDS)]
    with suppress(ProcessLookupError):
        os.kill(moments.choice(sorted(pids)), signal.SIGKILL)
