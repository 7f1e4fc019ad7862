"""What the same machine can do without us: bare COPY, the stock library, a bare commit, a FastAPI no-op."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from tests.bench.client import post_request, run_load

COPY_ROWS: Final = 40_000
STOCK_EVENTS: Final = 1_500
NOOP_REQUESTS: Final = 12_000
_COPY: Final = "COPY bench_events FROM STDIN (FORMAT BINARY)"


def copy_rate(conninfo: str) -> float:
    """Rows per second of one bare binary COPY of stored rows into an equal table with all its indexes."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_events")
        connection.execute("CREATE TABLE bench_events (LIKE stored_events INCLUDING ALL)")
        binary = _dump_rows(connection)
        begun = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(binary)
        seconds = time.perf_counter() - begun
        row = connection.execute("SELECT count(*) FROM bench_events").fetchone()
        connection.execute("DROP TABLE bench_events")
    assert row is not None
    return float(row[0]) / seconds


def _dump_rows(connection: psycopg.Connection, rows: int = COPY_ROWS) -> bytes:
    statement = f"COPY (SELECT * FROM stored_events WHERE lane = 0 LIMIT {rows}) TO STDOUT (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        return b"".join(bytes(part) for part in copy)


def stock_rate(conninfo: str, state: bytes) -> float:
    """Events per second of the stock library, one insert each, with our state size."""
    parts = conninfo_to_dict(conninfo)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS stock CASCADE")
        connection.execute("CREATE SCHEMA stock")
    datastore = PostgresDatastore(
        dbname=str(parts["dbname"]),
        host=str(parts["host"]),
        port=str(parts.get("port", 5432)),
        user=str(parts["user"]),
        password=str(parts.get("password", "")),
        schema="stock",
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stock_events")
    recorder.create_table()
    begun = time.perf_counter()
    for _ in range(STOCK_EVENTS):
        event = StoredEvent(originator_id=uuid.uuid4(), originator_version=1, topic="bench", state=state)
        recorder.insert_events([event])
    seconds = time.perf_counter() - begun
    datastore.close()
    return STOCK_EVENTS / seconds


class BareCommits:
    """Commits one bare COPY of a batch now and then, beside the load, so that both meet the same machine."""

    def __init__(self, conninfo: str, rows: int) -> None:
        """Take a batch of stored rows and an empty table like theirs."""
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._connection.execute("DROP TABLE IF EXISTS bench_commit")
        self._connection.execute("CREATE TABLE bench_commit (LIKE stored_events INCLUDING ALL)")
        self._binary = _dump_rows(self._connection, rows)
        self.seconds: list[float] = []

    def commit(self) -> None:
        """Measure one commit."""
        self._connection.execute("TRUNCATE bench_commit")
        begun = time.perf_counter()
        with self._connection.cursor() as cursor, cursor.copy("COPY bench_commit FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(self._binary)
        self.seconds.append(time.perf_counter() - begun)

    def close(self) -> float:
        """End, and return the median."""
        self._connection.execute("DROP TABLE bench_commit")
        self._connection.close()
        return statistics.median(self.seconds)


def noop_rate(bodies: Sequence[bytes]) -> float:
    """Requests per second of a FastAPI route that does nothing, same server, client and bodies."""
    requests = [post_request("/noop", "none", bodies[number % len(bodies)]) for number in range(NOOP_REQUESTS)]
    with _noop_server() as port:
        run_load(port, requests[:1_000], 64)
        return len(requests) / run_load(port, requests, 64).seconds


@contextmanager
def _noop_server() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.noop", str(port)])
    try:
        _wait_until_open(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)
