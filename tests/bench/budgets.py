"""One measurement per budget of the design (section 6); each yields what it saw beside the bound it is judged by."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Final

import httpx
import msgspec
import psycopg

from services.ledger.entrypoints.check import rebuild_projections
from tests.bench import rooflines
from tests.bench.client import post_request, run_load
from tests.bench.ledger import OPERATIONS, BenchLedger, bench_ledger
from tests.bench.workload import CONTROLLER, PERSONS, Workload, bsn_of

RUNS: Final = 3
INGEST_EVENTS: Final = 40_000
SINGLE_REQUESTS: Final = 8_000
ACCESS_EVENTS: Final = 1_000
ACCESS_READS: Final = 15
STEADY_RATE: Final = 2_000
STEADY_SECONDS: Final = 60
STEADY_BATCH: Final = 100
STEADY_COMMITS_EVERY: Final = 10


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the bench: the value for reading, the ratio and its bound for judging."""

    name: str
    value: float
    unit: str
    ratio: float
    bound: float
    against: str
    at_least: bool
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the budget is kept."""
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound

    def __str__(self) -> str:
        """The line that is printed."""
        sign, verdict = (">=" if self.at_least else "<="), ("ok" if self.ok else "short")
        must = f"{sign} {self.bound:g} x {self.against}"
        return f"{self.name} {self.value:,.1f} {self.unit} {self.ratio:.2f} {must} {verdict}  {self.note}".rstrip()


def at_least(name: str, value: float, unit: str, peer: float, bound: float, against: str, note: str = "") -> Measured:
    """A value that must reach ``bound`` times its peer."""
    ratio = value / peer
    return Measured(
        name=name, value=value, unit=unit, ratio=ratio, bound=bound, against=against, at_least=True, note=note
    )


def at_most(name: str, value: float, unit: str, peer: float, bound: float, against: str, note: str = "") -> Measured:
    """A value that may be at most ``bound`` times its peer."""
    ratio = value / peer
    return Measured(
        name=name, value=value, unit=unit, ratio=ratio, bound=bound, against=against, at_least=False, note=note
    )


def measure_p1(events: int) -> Iterator[Measured]:
    """Ingest over HTTP, NDJSON of 500 on four connections, against bare COPY and the stock library."""
    known, fresh, copies, stocks = [], [], [], []
    count = min(events, INGEST_EVENTS)
    with bench_ledger() as ledger:
        ledger.ingest(Workload(0).lines(min(count, 5_000)))
        for run in range(RUNS):
            lines = Workload(run + 1).lines(count)
            before = ledger.event_count()
            known.append(count / ledger.ingest(lines).seconds)
            assert ledger.event_count() - before == count, "an acknowledged event is missing or doubled"
            ledger.check(lines[count // 2])
            newcomers = Workload(run + 11, all_new=True, first_person=(run + 1) * 300_000).lines(count // 2)
            fresh.append(len(newcomers) / ledger.ingest(newcomers).seconds)
            ledger.wait_until_projected()
            copies.append(rooflines.copy_rate(ledger.conninfo))
            stocks.append(rooflines.stock_rate(ledger.conninfo, b"x" * 600))
    rate, copy, stock = (statistics.median(values) for values in (known, copies, stocks))
    new_rate = statistics.median(fresh)
    yield at_least("P1", rate, "events/s", copy, 0.15, "COPY", f"COPY {copy:,.0f}/s")
    yield at_least("P1", rate, "events/s", stock, 15, "stock one by one", f"stock {stock:,.0f}/s")
    yield at_least("P1", new_rate, "events/s all-new", rate, 0.5, "known persons")


def measure_p2(events: int) -> Iterator[Measured]:
    """One event per request over 64 connections, against a FastAPI no-op."""
    count = min(events, SINGLE_REQUESTS)
    rates, noops, tails = [], [], []
    with bench_ledger() as ledger:
        token = ledger.token(CONTROLLER, "processing:write")
        ledger.ingest(Workload(0).lines(2_000))
        for run in range(RUNS):
            lines = Workload(run + 21).lines(count)
            requests = [post_request(OPERATIONS, token, line) for line in lines]
            load = run_load(ledger.port, requests, 64)
            assert load.statuses == {201: count}, load.statuses
            rates.append(count / load.seconds)
            tails.append(load.percentile(0.99))
            ledger.wait_until_projected()
            ledger.check(lines[0])
            noops.append(rooflines.noop_rate(lines))
    rate, noop = statistics.median(rates), statistics.median(noops)
    note = f"no-op {noop:,.0f}/s, p99 {statistics.median(tails) * 1000:.0f} ms"
    yield at_least("P2", rate, "requests/s", noop, 0.30, "no-op", note)


def measure_store(events: int) -> Iterator[Measured]:
    """P3, P5 and P8 on one filled ledger: access answer, rebuild, disk per event."""
    with bench_ledger() as ledger:
        person = PERSONS * 9
        ledger.ingest(Workload(31).lines_about(person, ACCESS_EVENTS))
        small = max(events // 10, ACCESS_EVENTS)
        lines = fill(ledger, Workload(32), small)
        early = access_seconds(ledger, person)
        fill(ledger, Workload(33), events - small)
        late = access_seconds(ledger, person)
        note = f"{late * 1000:.0f} ms at {events:,}, {early * 1000:.0f} ms at {small:,}"
        yield at_most("P3", late * 1000, "ms", early * 1000, 1.5, "that at a tenth of the events", note)
        yield measure_disk(ledger, lines)
        yield measure_rebuild(ledger)


def fill(ledger: BenchLedger, workload: Workload, count: int) -> list[bytes]:
    """Ingest ``count`` events in bounded portions; returns the last portion's lines."""
    lines: list[bytes] = []
    for at in range(0, count, 50_000):
        lines = workload.lines(min(50_000, count - at))
        ledger.ingest(lines)
        print(f"  filled {at + len(lines):,} of {count:,}", flush=True)
    ledger.wait_until_projected()
    return lines


def access_seconds(ledger: BenchLedger, person: int) -> float:
    """The median time of the whole access report of a person with 1,000 events."""
    body = {
        "id": f"access-{time.time_ns()}",
        "subject": {"idType": "BSN", "id": bsn_of(person)},
        "receivedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "receivedBy": CONTROLLER,
        "requestedBy": {"role": "subject"},
    }
    request = ledger.post("/v1/access-requests", body, CONTROLLER, "subject:access", "access-request")
    token = ledger.token(CONTROLLER, "subject:access", ("BSN", bsn_of(person)))
    headers = {"Authorization": f"Bearer {token}", "Grootboek-Purpose": "access-request"}
    times = []
    with httpx.Client(base_url=ledger.base_url, headers=headers, timeout=60) as http:
        for _ in range(ACCESS_READS):
            begun = time.perf_counter()
            answer = http.get(f"/v1/access-requests/{request['id']}/report")
            times.append(time.perf_counter() - begun)
            assert answer.text.count('"type":"operation"') >= ACCESS_EVENTS, answer.status_code
    return statistics.median(times)


def measure_disk(ledger: BenchLedger, lines: Sequence[bytes]) -> Measured:
    """P8: every relation of the ledger, indexes and projections included, per event."""
    with psycopg.connect(ledger.conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        row = connection.execute(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchone()
    assert row is not None
    per_event = float(row[0]) / ledger.event_count()
    line = statistics.mean(len(line) + 1 for line in lines)
    return at_most("P8", per_event, "bytes/event", line, 3, "the NDJSON line", f"line {line:.0f} bytes")


def measure_rebuild(ledger: BenchLedger) -> Measured:
    """P5: all projections rebuilt and swapped, against bare COPY."""
    events = ledger.event_count()
    begun = time.perf_counter()
    rebuild_projections(ledger.conninfo)
    rate = events / (time.perf_counter() - begun)
    copy = statistics.median(rooflines.copy_rate(ledger.conninfo) for _ in range(RUNS))
    return at_least("P5", rate, "events/s", copy, 0.25, "COPY", f"COPY {copy:,.0f}/s")


def measure_p6(events: int) -> Iterator[Measured]:
    """Acknowledged to visible at a steady 2,000 events per second."""
    seconds = min(STEADY_SECONDS, max(5, events // STEADY_RATE))
    with bench_ledger() as ledger:
        ledger.ingest(Workload(0).lines(5_000))
        ledger.wait_until_projected()
        bare = rooflines.BareCommits(ledger.conninfo, STEADY_BATCH)
        delays = steady_delays(ledger, seconds, bare)
        commit = bare.close()
    ordered = sorted(delays)
    p99 = ordered[int(0.99 * len(ordered))]
    medians = f"median {statistics.median(ordered) * 1000:.1f} ms, bare commit of 100 events {commit * 1000:.1f} ms"
    note = f"{medians}, {seconds} s"
    yield at_most("P6", p99 * 1000, "ms p99", commit * 1000, 10, "median commit of such a batch", note)


def steady_delays(ledger: BenchLedger, seconds: int, bare: rooflines.BareCommits) -> list[float]:
    """Send 20 bodies of 100 events a second; per body the time from its answer to its last event in the projections."""
    batches = STEADY_RATE // STEADY_BATCH * seconds
    lines = Workload(61).lines(batches * STEADY_BATCH)
    token = ledger.token(CONTROLLER, "processing:write")
    acknowledged: list[tuple[int, float]] = []
    seen: list[tuple[int, float]] = []
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(ledger.conninfo, seen, done))
    watcher.start()
    begun = time.perf_counter()
    with httpx.Client(base_url=ledger.base_url, timeout=60) as http:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        for number in range(batches):
            body = b"\n".join(lines[number * STEADY_BATCH : (number + 1) * STEADY_BATCH])
            answer = http.post(OPERATIONS, content=body, headers=headers)
            last = json.loads(answer.text.strip().rpartition("\n")[2])
            acknowledged.append((int(last["position"].rpartition("-")[2]), time.perf_counter()))
            if number % STEADY_COMMITS_EVERY == 0:
                bare.commit()
            time.sleep(max(0.0, begun + (number + 1) * STEADY_BATCH / STEADY_RATE - time.perf_counter()))
    ledger.wait_until_projected()
    done.set()
    watcher.join()
    return [max(0.0, _first_seen(seen, position) - instant) for position, instant in acknowledged]


def _watch(conninfo: str, seen: list[tuple[int, float]], done: threading.Event) -> None:
    statement = "SELECT min(position) FROM projection.cursor WHERE lane = 0"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while not done.is_set():
            row = connection.execute(statement).fetchone()
            if row is not None and row[0] is not None and (not seen or row[0] > seen[-1][0]):
                seen.append((int(row[0]), time.perf_counter()))
            done.wait(0.001)


def _first_seen(seen: list[tuple[int, float]], position: int) -> float:
    low, high = 0, len(seen) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if seen[middle][0] >= position else (middle + 1, high)
    return seen[low][1]
