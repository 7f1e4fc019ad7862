"""``make bench [ONLY=P1,P2|kafka] [EVENTS=n]``: print one line per budget and end with 1 when one is short."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from subprocess import run
from typing import Final

from tests.bench.budgets import Measured, measure_p1, measure_p2, measure_p6, measure_store
from tests.bench.forgetting import measure_p4, measure_p7
from tests.bench.judging import measure_p10
from tests.bench.kafka import measure_p11
from tests.bench.kafka_consumer import measure_p12
from tests.bench.kafka_visible import measure_p6_kafka
from tests.bench.lanes import measure_lanes

EVENTS: Final = 1_000_000
BENCHES: Final[tuple[tuple[frozenset[str], Callable[[int], Iterator[Measured]]], ...]] = (
    (frozenset({"P1"}), measure_p1),
    (frozenset({"P2"}), measure_p2),
    (frozenset({"P4"}), measure_p4),
    (frozenset({"P6"}), measure_p6),
    (frozenset({"P7"}), measure_p7),
    (frozenset({"P3", "P5", "P8"}), measure_store),
    (frozenset({"P10"}), measure_p10),
    (frozenset({"P11"}), measure_p11),
    (frozenset({"P12"}), measure_p12),
    (frozenset({"P6K"}), measure_p6_kafka),
    (frozenset({"LANES"}), measure_lanes),
)
GROUPS: Final[Mapping[str, frozenset[str]]] = {"KAFKA": frozenset({"P11", "P12", "P6K"})}
"""Names that stand for several budgets."""


def main(arguments: Sequence[str]) -> int:
    """Run the benches asked for, each in a process of its own, so that none is measured in what another left."""
    events = int(os.environ.get("EVENTS") or EVENTS)
    if arguments:
        return measure_here(frozenset(arguments), events)
    named = filter(None, os.environ.get("ONLY", "").upper().split(","))
    only = frozenset(budget for name in named for budget in GROUPS.get(name, {name}))
    print(f"{os.cpu_count()} cores, {events:,} events, fsync on, client on the same cores", flush=True)
    wanted = filter(None, [names & only if only else names for names, _ in BENCHES])
    commands = [[sys.executable, "-m", "tests.bench", *sorted(names)] for names in wanted]
    return max([run(command, check=False).returncode for command in commands], default=0)


def measure_here(only: frozenset[str], events: int) -> int:
    """Print these budgets, which one bench measures together; 1 when one of them is short."""
    (measure,) = (measure for names, measure in BENCHES if names & only)
    short = 0
    for measured in measure(events):
        if measured.name in only:
            short += not measured.ok
            print(measured, flush=True)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
