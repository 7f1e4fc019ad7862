"""How the four processes live: they wait for what they need, outlive each other and their broker, and end in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from services.cli.distributed.child import Child
from services.cli.distributed.layout import SERVICES, Layout, free_ports
from services.cli.prepare_database import prepare_database
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime.log import MemoryLog
from tests.support.distributed import PROJECT, Shape, distributed, logged
from tests.support.kafka_broker import Broker
from tests.support.postgres import new_data_directory
from tests.support.served import descendants, free_port
from tests.support.waiting import wait_until

OPERATIONS = "/v1/processing-operations"
SECONDS_MAX = 90.0
Json = dict[str, Any]


class Partner:
    """A partner system that sends the same act under the same key until it is acknowledged, as the contract says."""

    def __init__(self, shape: Shape) -> None:
        """Register the college."""
        self._shape = shape
        self._headers = {"Authorization": f"Bearer {shape.token('college', 'processing:write processing:read')}"}
        registrar = {"Authorization": f"Bearer {shape.token('registrar', 'governance')}"}
        body = {"id": "college", "kind": "public-body"}
        assert self._send("/v1/parties", body, registrar).status_code == 201

    def record(self, *persons: int) -> list[str]:
        """Record an act; the positions that it got. Every answer but an acknowledgement must ask to try again."""
        body = {
            "id": str(uuid4()),
            "operation": "record",
            "occurredAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "controller": "college",
            "subjects": [{"idType": "urn:test", "id": f"person-{person}"} for person in persons],
            "dataCategories": ["name"],
        }
        answer = self._send(OPERATIONS, body, self._headers)
        assert answer.status_code == 201, answer.text
        return [subject["position"] for subject in answer.json()["subjects"]]

    def _send(self, path: str, body: Json, headers: dict[str, str]) -> httpx.Response:
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            try:
                answer = httpx.post(f"{self._shape.base_url}{path}", json=body, headers=headers, timeout=30)
            except httpx.TransportError:
                # The gateway itself is away.
                assert time.monotonic() < deadline
                continue
            if answer.status_code != 503:
                return answer
            assert "retry-after" in answer.headers
            assert time.monotonic() < deadline, answer.text


@contextmanager
def writing(partner: Partner) -> Iterator[list[str]]:
    """Four writers at work for as long as the block lasts; the list holds every position they got."""
    done, places = threading.Event(), list[str]()

    def write(first: int) -> None:
        person = first
        while not done.is_set():
            places.extend(partner.record(person % 50, 1000 + person))
            person += 4

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(write, number) for number in range(4)]
        try:
            yield places
        finally:
            done.set()
            for each in working:
                each.result()


def wait_for_more(acknowledged: Sequence[str], count: int) -> None:
    """Wait until so many more were acknowledged."""
    wanted = len(acknowledged) + count
    wait_until(lambda: len(acknowledged) >= wanted, SECONDS_MAX)


def assert_nothing_lost(shape: Shape, acknowledged: Sequence[str]) -> None:
    """What was acknowledged is stored once, positions have no gaps; the topics hold all of it in order, but repeats."""
    stored = shape.stored()
    assert len(acknowledged) == len(set(acknowledged)) > 0
    places = {tuple(map(int, place.split("-"))) for place in acknowledged}
    assert places <= stored.keys()
    lanes = [*range(shape.layout.lanes), REGISTER_LANE]
    heads = {lane: max((position for own, position in stored if own == lane), default=0) for lane in lanes}
    assert len(stored) == sum(heads.values())
    wait_until(lambda: {(event.lane, event.position) for event in shape.published()} >= stored.keys(), SECONDS_MAX)
    newest = dict.fromkeys(lanes, 0)
    for event in shape.published():
        # After a crash a publisher may repeat, but it never goes past a position that it had not sent.
        assert event.position <= newest[event.lane] + 1
        newest[event.lane] = max(newest[event.lane], event.position)
        assert stored[event.lane, event.position] == (event.stream_id, event.topic)
    assert newest == heads


def test_any_process_may_be_killed_under_load(shape: Shape) -> None:
    """One after the other they are killed while partners write, and come back: nothing lost, doubled or reordered."""
    partner = Partner(shape)
    with writing(partner) as acknowledged:
        for service in ("ledger", "notifier", "gateway", "retention", "ledger"):
            shape.kill(service)
            wait_for_more(acknowledged, 20)
        shape.wait_until_ready()
    assert_nothing_lost(shape, acknowledged)
    ended = [fields["service"] for event, fields in shape.log.written if event.name == "process.ended"]
    assert ended == ["ledger", "notifier", "gateway", "retention", "ledger"]


def test_a_process_that_is_told_to_end_answers_first(shape: Shape) -> None:
    """SIGTERM to the ledger and then to the gateway, under load: each drains, ends with status 0, and says so."""
    partner = Partner(shape)
    with writing(partner) as acknowledged:
        for service in ("ledger", "gateway"):
            wait_until(lambda: len(acknowledged) > 20, SECONDS_MAX)
            shape.kill(service, signal.SIGTERM)
            shape.wait_until_ready()
    assert_nothing_lost(shape, acknowledged)
    statuses = [fields["status"] for event, fields in shape.log.written if event.name == "process.ended"]
    assert statuses == [0, 0]
    for service in ("ledger", "gateway"):
        assert len(logged(shape.said(service), "process.stopped")) == 1


def test_two_ledgers_of_which_one_dies(shape: Shape, tmp_path: Path) -> None:
    """A second process that publishes too changes nothing; when the first one dies it takes over where that was."""
    port = free_port()
    environment = shape.environment("ledger", GROOTBOEK_INTERNAL_PORT=str(port), PYTHONPATH=str(PROJECT))
    second = Child("ledger", environment, PROJECT, MemoryLog(), output=tmp_path / "second.log")
    second.start()
    try:
        wait_until(lambda: answers(port, "/readyz"))
        partner = Partner(shape)
        with writing(partner) as acknowledged:
            wait_until(lambda: len(acknowledged) > 100, SECONDS_MAX)
            shape.kill("ledger")
            wait_for_more(acknowledged, 100)
        assert_nothing_lost(shape, acknowledged)
        with psycopg.connect(shape.owner) as connection:
            rows = connection.execute("SELECT epoch FROM publication").fetchall()
        # Each lane had one leader after the other: the first process, and then the second or the one that came back.
        assert all(epoch == 2 for (epoch,) in rows), rows
    finally:
        second.stop()


def test_the_broker_is_away_at_the_start(tmp_path: Path, empty_database: str, own_broker: Broker) -> None:
    """Acts are recorded and answered without it; when it comes, all that waited goes out in order."""
    how: Any = {"owner": empty_database, "servers": own_broker.bootstrap, "prefix": "late"}
    with distributed(tmp_path, lanes=2, **how) as shape:
        partner = Partner(shape)
        acknowledged = [place for person in range(30) for place in partner.record(person)]
        assert logged(shape.said("ledger"), "dependency.awaited")[-1]["dependency"] == "kafka"
        own_broker.start()
        assert_nothing_lost(shape, acknowledged)
        assert shape.is_ready("ledger")


def answers(port: int, path: str, status: int = 200) -> httpx.Response | None:
    """The answer of a process when it has this status."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5)
    except httpx.TransportError:
        return None
    return answer if answer.status_code == status else None


def test_a_ledger_waits_for_its_database(tmp_path: Path, empty_database: str) -> None:
    """It lives and says what it waits for; once the database was made ready it is ready too. SIGTERM ends the wait."""
    ports = free_ports(len(SERVICES))
    layout = Layout(
        home=tmp_path / "home",
        issuer=tmp_path / "issuer",
        owner=empty_database,
        lanes=1,
        clock="system",
        port=free_port(),
        kafka={"GROOTBOEK_KAFKA_SERVERS": f"127.0.0.1:{free_port()}"},
        internal=dict(zip(SERVICES, ports, strict=True)),
    )
    layout.make()
    passwords, output = layout.passwords(), tmp_path / "ledger.log"
    environment = {**layout.environment("ledger", os.environ), "PYTHONPATH": str(PROJECT)}

    def start() -> Child:
        child = Child("ledger", environment, PROJECT, MemoryLog(), output=output)
        child.start()
        wait_until(lambda: answers(ports[0], "/livez"))
        return child

    child = start()
    refused = wait_until(lambda: answers(ports[0], "/readyz", 503))
    assert refused.json()["cause"] in {"waits-for-start", "waits-for-postgres"}
    wait_until(lambda: logged(output.read_text(encoding="utf-8"), "dependency.awaited"))
    child.stop()
    assert not logged(output.read_text(encoding="utf-8"), "process.started")
    child = start()
    prepare_database(empty_database, lanes=1, clock_kind="system", passwords=passwords)
    wait_until(lambda: answers(ports[0], "/readyz"))
    child.stop()
    said = logged(output.read_text(encoding="utf-8"), "dependency.awaited")
    assert {(line["dependency"], line["code"]) for line in said} <= {
        ("postgres", "database-away"),
        ("postgres", "schema_behind"),
        ("kafka", "kafka_away"),
    }


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that an unprivileged server can reach, and remove it afterwards."""
    found = new_data_directory().parent
    yield found
    subprocess.run(["rm", "-rf", str(found)], check=True)


def up(folder: Path, servers: str, prefix: str) -> subprocess.Popen[bytes]:
    """``grootboek up --distributed`` in a folder, with an embedded PostgreSQL, once it says that it serves."""
    command = ["up", "--distributed", "--kafka", servers, "--lanes", "2", "--home", str(folder / "home")]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GROOTBOEK_")},
        "PYTHONPATH": str(PROJECT),
        "GROOTBOEK_PORT": str(free_port()),
        "GROOTBOEK_KAFKA_PREFIX": prefix,
        "GROOTBOEK_KAFKA_REPLICATION": "1",
        "GROOTBOEK_KAFKA_MIN_INSYNC": "1",
    }
    output = folder / "up.log"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli.main", *command],
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )

    def serves() -> bool:
        text = output.read_text(encoding="utf-8")
        assert process.poll() is None, text[-4000:]
        return "Serving at" in text

    wait_until(serves, SECONDS_MAX)
    return process


def below(process: subprocess.Popen[bytes]) -> list[int]:
    """Everything that runs under it: the four, and PostgreSQL with its own."""
    found = descendants(process.pid)
    assert len(found) > len(SERVICES)
    return found


def is_gone(pid: int) -> bool:
    """Whether a process has ended (one that nobody has taken note of yet is a zombie: Z)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_the_command_starts_all_and_takes_all_with_it(folder: Path, kafka: Any, topic_prefix: str, end: str) -> None:
    """One command and everything runs; ended in order or killed, it leaves no process behind."""
    process = up(folder, kafka.bootstrap, topic_prefix)
    try:
        base_url = (folder / "home" / "base-url").read_text(encoding="utf-8")
        ready = httpx.get(f"{base_url}/readyz", timeout=30)
        assert ready.status_code == 200, ready.text
        pids = below(process)
        stop: Callable[[], None] = getattr(process, end)
        stop()
        assert process.wait(SECONDS_MAX) == (0 if end == "terminate" else -signal.SIGKILL)
        wait_until(lambda: all(map(is_gone, pids)))
    finally:
        process.kill()
        process.wait()
