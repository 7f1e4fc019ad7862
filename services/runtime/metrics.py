"""The metrics of a process, and their exposition in Prometheus' text format; what there is says `metric_names`."""

from __future__ import annotations

import bisect
import math
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.metric_names import (
    ADDED_GAUGES,
    BOUNDS,
    METRICS,
    CounterName,
    GaugeName,
    HistogramName,
    MetricName,
)

Labels = tuple[tuple[str, str], ...]


class TooManySeries(GrootboekError):
    """A metric has more combinations of labels than any bounded label can give."""

    code = "too_many_series"
    remedy = "Find the label that carries ids or free text and take it out."
    kind = Kind.INTERNAL


class UnknownLabel(GrootboekError):
    """A metric was given other labels than it has."""

    code = "unknown_label"
    remedy = "Give the labels that metric_names.py lists for it, or change that list."
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

    def begin(self, name: CounterName, /, **labels: str | int) -> None:
        """Show a counter at zero: Prometheus sees no increase in a series that begins with its first count."""
        self.count(name, 0, **labels)

    def count_series(self, name: CounterName, labels: Labels, amount: float = 1) -> None:
        """Add `amount` to a counter whose labels were made before by `as_labels`."""
        key = (name, labels)
        with self._lock:
            present = self._counters.get(key)
            if present is None:
                self._admit(name, labels)
            self._counters[key] = (present or 0) + amount

    def set(self, name: GaugeName, value: float, /, **labels: str | int) -> None:
        """Set a gauge."""
        key = (name, as_labels(labels))
        with self._lock:
            if key not in self._gauges:
                self._admit(*key)
            self._gauges[key] = value

    def forget(self, name: GaugeName, /, **labels: str | int) -> None:
        """Show a gauge no more, as far as it has these labels: what nobody looks after any longer would be a lie."""
        with self._lock:
            gone = [key for key in self._gauges if key[0] == name and set(as_labels(labels)) <= set(key[1])]
            for key in gone:
                del self._gauges[key]

    def observe(self, name: HistogramName, value: float, /, **labels: str | int) -> None:
        """Put one value in a histogram."""
        self.observe_series(name, as_labels(labels), value)

    def observe_series(self, name: HistogramName, labels: Labels, value: float) -> None:
        """Put one value in a histogram whose labels were made before by `as_labels`."""
        key = (name, labels)
        with self._lock:
            observed = self._observed.get(key)
            if observed is None:
                self._admit(name, labels)
                observed = self._observed[key] = Observed([0] * (len(BOUNDS[name]) + 1))
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

    def _admit(self, name: MetricName, labels: Labels) -> None:
        """Look at a series when it first appears: its labels must be those of the metric."""
        if {label for label, _ in labels} != METRICS[name].labels:
            raise UnknownLabel
        self._check_bound(1)

    def _check_bound(self, more: int = 0) -> None:
        """Raise TooManySeries when a label turns out to be unbounded."""
        if len(self._counters) + len(self._gauges) + len(self._observed) + more > limits.SERIES_MAX:
            raise TooManySeries


def as_labels(labels: Mapping[str, str | int]) -> Labels:
    """Return labels in a fixed order, as part of a key."""
    return tuple(sorted((name, str(value)) for name, value in labels.items()))


def heading(name: MetricName, previous: str) -> list[str]:
    """Return the HELP and TYPE lines before the first series of a metric."""
    if name == previous:
        return []
    return [f"# HELP {name} {METRICS[name].meaning}", f"# TYPE {name} {METRICS[name].kind}"]


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
