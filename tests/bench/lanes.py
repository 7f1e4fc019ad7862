"""Ingest with one, two and four lanes on the same machine: what a lane costs when there are no cores for it."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Final

from tests.bench.budgets import INGEST_EVENTS, RUNS, Measured, at_least
from tests.bench.ledger import bench_ledger
from tests.bench.workload import Workload

LANES: Final = (1, 2, 4)
# No budget of the design: on cores that are all in use already, more lanes may cost a batch of smaller parts, not more.
BOUND: Final = 0.7


def measure_lanes(events: int) -> Iterator[Measured]:
    """The same acts into ledgers of one, two and four lanes."""
    one = 0.0
    for lanes in LANES:
        rate = ingest_rate(lanes, min(events, INGEST_EVENTS))
        one = one or rate
        yield at_least("LANES", rate, f"events/s in {lanes}", one, BOUND, "one lane")


def ingest_rate(lanes: int, count: int) -> float:
    """Acknowledged events per second, median of some runs, each checked."""
    rates = []
    with bench_ledger(lanes) as ledger:
        ledger.ingest(Workload(0).lines(min(count, 5_000)))
        for run in range(RUNS):
            lines = Workload(run + 1).lines(count)
            before = ledger.event_count()
            rates.append(count / ledger.ingest(lines).seconds)
            assert ledger.event_count() - before == count, "an acknowledged event is missing or doubled"
            ledger.wait_until_projected()
            ledger.check(lines[count // 2])
    return statistics.median(rates)
