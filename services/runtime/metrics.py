"""The metrics of a process, and their exposition in Prometheus' text format.

Every name stands in one `Literal`, so a misspelled metric is a type error; every label has a closed or bounded set of
values, and none of them says anything about a person.
"""

from __future__ import annotations

import bisect
import math
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from services.runtime.errors import GrootboekError, Kind

CounterName = Literal[
    # Requests by route template, method and status; the template never holds an id.
    "grootboek_requests_total",
    # Events committed, by lane.
    "grootboek_events_appended_total",
    # Operations by what became of them: stored, replayed, conflict, refused, failed.
    "grootboek_operations_total",
    # Batches that failed and were split, by lane.
    "grootboek_batches_bisected_total",
    # Hits and misses of the bounded caches.
    "grootboek_cache_total",
    # Messages by channel and what became of them: sent, postponed, failed, held.
    "grootboek_messages_total",
]
GaugeName = Literal[
    # Events waiting for a batch.
    "grootboek_append_queue_events",
    # Positions a projection is behind its lane.
    "grootboek_projection_lag_positions",
    # The last position of a lane.
    "grootboek_lane_position",
]
HistogramName = Literal[
    # Seconds from the arrival of a request to its answer, by route template.
    "grootboek_request_seconds",
    # Events per committed batch.
    "grootboek_append_batch_events",
    # Seconds a batch takes from its first statement to its commit.
    "grootboek_append_seconds",
    # Seconds from commit to visible in a projection.
    "grootboek_projection_seconds",
]
MetricName = CounterName | GaugeName | HistogramName
Labels = tuple[tuple[str, str], ...]

HELP: Final[Mapping[MetricName, str]] = {
    "grootboek_requests_total": "Requests answered.",
    "grootboek_events_appended_total": "Events committed.",
    "grootboek_operations_total": "Operations by outcome.",
    "grootboek_batches_bisected_total": "Batches that failed and were split.",
    "grootboek_cache_total": "Look-ups in bounded caches.",
    "grootboek_messages_total": "Messages by channel and outcome.",
    "grootboek_append_queue_events": "Events waiting for a batch.",
    "grootboek_projection_lag_positions": "Positions a projection is behind its lane.",
    "grootboek_lane_position": "Last position of a lane.",
    "grootboek_request_seconds": "Seconds from request to answer.",
    "grootboek_append_batch_events": "Events per committed batch.",
    "grootboek_append_seconds": "Seconds per committed batch.",
    "grootboek_projection_seconds": "Seconds from commit to visible.",
}
SECONDS_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
EVENTS_BOUNDS: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
BOUNDS: Final[Mapping[HistogramName, tuple[float, ...]]] = {
    "grootboek_request_seconds": SECONDS_BOUNDS,
    "grootboek_append_batch_events": EVENTS_BOUNDS,
    "grootboek_append_seconds": SECONDS_BOUNDS,
    "grootboek_projection_seconds": SECONDS_BOUNDS,
}
ADDED_GAUGES: Final = frozenset[GaugeName]({"grootboek_append_queue_events"})
# More label combinations than this mean that a label carries something unbounded, such as an id.
SERIES_MAX: Final = 20_000


class TooManySeries(GrootboekError):
    """A metric has more combinations of labels than any bounded label can give."""

    code = "too_many_series"
    remedy = "Find the label that carries ids or free text and take it out."
    kind = Kind.INTERNAL


class Observed(msgspec.Struct):
    """The state of one histogram series: count per bucket (the last is +Inf), sum and count."""

    buckets: list[int]
    total: float = 0.0
    count: int = 0


class MetricsSnapshot(msgspec.Struct, frozen=True):
    """Everything that one process measured, to be added to what others did."""

    counters: list[tuple[CounterName, Labels, float]]
    gauges: list[tuple[GaugeName, Labels, float]]
    observed: list[tuple[HistogramName, Labels, Observed]]


class Metrics:
    """Counts, gauges and histograms of one process; safe between threads."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._lock = threading.Lock()
        self._counters: dict[tuple[CounterName, Labels], float] = {}
        self._gauges: dict[tuple[GaugeName, Labels], float] = {}
        self._observed: dict[tuple[HistogramName, Labels], Observed] = {}

    def count(self, name: CounterName, amount: float = 1, /, **labels: str | int) -> None:
        """Add `amount` to a counter."""
        self.count_series(name, as_labels(labels), amount)

    def count_series(self, name: CounterName, labels: Labels, amount: float = 1) -> None:
        """Add `amount` to a counter whose labels were made before by `as_labels`."""
        key = (name, labels)
        with self._lock:
            self._counters[key] = self._counters.get(key, 0) + amount
            self._check_bound()

    def set(self, name: GaugeName, value: float, /, **labels: str | int) -> None:
        """Set a gauge."""
        with self._lock:
            self._gauges[name, as_labels(labels)] = value
            self._check_bound()

    def observe(self, name: HistogramName, value: float, /, **labels: str | int) -> None:
        """Put one value in a histogram."""
        self.observe_series(name, as_labels(labels), value)

    def observe_series(self, name: HistogramName, labels: Labels, value: float) -> None:
        """Put one value in a histogram whose labels were made before by `as_labels`."""
        key = (name, labels)
        with self._lock:
            observed = self._observed.get(key)
            if observed is None:
                observed = self._observed[key] = Observed([0] * (len(BOUNDS[name]) + 1))
                self._check_bound()
            observed.buckets[bisect.bisect_left(BOUNDS[name], value)] += 1
            observed.total += value
            observed.count += 1

    def value(self, name: CounterName | GaugeName, /, **labels: str | int) -> float:
        """Return the present value of a counter or gauge, 0 when nothing was measured."""
        key: Any = (name, as_labels(labels))
        with self._lock:
            return self._counters.get(key, 0) or self._gauges.get(key, 0)

    def snapshot(self) -> MetricsSnapshot:
        """Return a copy of everything measured."""
        with self._lock:
            return MetricsSnapshot(
                [(name, labels, value) for (name, labels), value in self._counters.items()],
                [(name, labels, value) for (name, labels), value in self._gauges.items()],
                [
                    (name, labels, Observed(list(each.buckets), each.total, each.count))
                    for (name, labels), each in self._observed.items()
                ],
            )

    def merge(self, snapshot: MetricsSnapshot) -> None:
        """Add what another process measured: counts and queues add up, of positions the farthest stands."""
        with self._lock:
            for name, labels, value in snapshot.counters:
                self._counters[name, labels] = self._counters.get((name, labels), 0) + value
            for gauge, labels, value in snapshot.gauges:
                present = self._gauges.get((gauge, labels), 0)
                self._gauges[gauge, labels] = present + value if gauge in ADDED_GAUGES else max(present, value)
            for histogram, labels, other in snapshot.observed:
                own = self._observed.setdefault((histogram, labels), Observed([0] * len(other.buckets)))
                own.buckets = [mine + theirs for mine, theirs in zip(own.buckets, other.buckets, strict=True)]
                own.total += other.total
                own.count += other.count
            self._check_bound()

    def exposition(self) -> str:
        """Write all series in Prometheus' text format, version 0.0.4."""
        with self._lock:
            values: list[tuple[tuple[MetricName, Labels], float]] = sorted(
                [*self._counters.items(), *self._gauges.items()]
            )
            observed = sorted(
                (key, Observed(list(each.buckets), each.total, each.count)) for key, each in self._observed.items()
            )
        lines: list[str] = []
        previous = ""
        for (name, labels), value in values:
            lines += heading(name, previous)
            lines.append(f"{name}{render_labels(labels)} {render_number(value)}")
            previous = name
        for (histogram, labels), series in observed:
            lines += heading(histogram, previous)
            lines += histogram_lines(histogram, labels, series)
            previous = histogram
        return "".join(f"{line}\n" for line in lines)

    def _check_bound(self) -> None:
        """Raise TooManySeries when a label turns out to be unbounded."""
        if len(self._counters) + len(self._gauges) + len(self._observed) > SERIES_MAX:
            raise TooManySeries


def as_labels(labels: Mapping[str, str | int]) -> Labels:
    """Return labels in a fixed order, as part of a key."""
    return tuple(sorted((name, str(value)) for name, value in labels.items()))


def heading(name: MetricName, previous: str) -> list[str]:
    """Return the HELP and TYPE lines before the first series of a metric."""
    if name == previous:
        return []
    kind = "histogram" if name in BOUNDS else "counter" if name.endswith("_total") else "gauge"
    return [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {kind}"]


def histogram_lines(name: HistogramName, labels: Labels, observed: Observed) -> Iterable[str]:
    """Return the cumulative buckets, the sum and the count of one series."""
    running = 0
    for bound, count in zip((*BOUNDS[name], math.inf), observed.buckets, strict=True):
        running += count
        yield f"{name}_bucket{render_labels((*labels, ('le', render_number(bound))))} {running}"
    yield f"{name}_sum{render_labels(labels)} {render_number(observed.total)}"
    yield f"{name}_count{render_labels(labels)} {observed.count}"


def render_labels(labels: Labels) -> str:
    """Write labels as `{name="value",…}` with the escapes of the format."""
    if not labels:
        return ""
    escaped = ((name, value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")) for name, value in labels)
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"


def render_number(value: float) -> str:
    """Write a number as the format has it."""
    if value == math.inf:
        return "+Inf"
    return repr(int(value)) if value == int(value) else repr(value)
