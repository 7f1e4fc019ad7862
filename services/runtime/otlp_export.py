"""Exports spans and metrics over OTLP/HTTP (protobuf): from queues with bounds, in threads of their own.

What a collector does not take in time is dropped. `OTEL_EXPORTER_OTLP_HEADERS`, the standard variable, may hold what
the collector wants to see of us, such as a token.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from services.runtime import limits
from services.runtime.ids import SystemIds
from services.runtime.metric_names import BOUNDS, METRICS, MetricName
from services.runtime.metrics import Labels, Metrics, MetricsSnapshot, Observed
from services.runtime.otlp import OtlpSettings
from services.runtime.telemetry import INSTRUMENTATION, Telemetry

TRACES: Final = "/v1/traces"
METRICS_PATH: Final = "/v1/metrics"


def export(settings: OtlpSettings, service: str, metrics: Metrics) -> Telemetry:
    """Return a telemetry whose spans are exported, and export `metrics` beside it until it is closed."""
    options: dict[str, Any] = {
        "certificate_file": settings.ca_file,
        "timeout": limits.EXPORT_SECONDS_MAX,
        "compression": Compression.Gzip,
        "max_request_size": limits.EXPORT_BYTES_MAX,
    }
    # Processes of one service are told apart by a number that says nothing about the machine.
    resource = Resource({SERVICE_NAME: service, SERVICE_INSTANCE_ID: SystemIds().random_bytes(8).hex()})
    processor = BatchSpanProcessor(
        OTLPSpanExporter(f"{settings.endpoint}{TRACES}", **options),
        max_queue_size=limits.SPANS_QUEUED_MAX,
        max_export_batch_size=limits.SPANS_PER_EXPORT_MAX,
        schedule_delay_millis=limits.SPANS_EXPORT_SECONDS * 1_000,
    )
    pusher = MetricsPusher(metrics, OTLPMetricExporter(f"{settings.endpoint}{METRICS_PATH}", **options), resource)
    pusher.start()
    return Telemetry(service, processor=processor, ratio=settings.ratio, resource=resource, stop_beside=pusher.stop)


class MetricsPusher:
    """Sends all metrics every some seconds; a failed one is not repeated, since the next says more."""

    def __init__(self, metrics: Metrics, exporter: OTLPMetricExporter, resource: Resource) -> None:
        """Send `metrics` with `exporter`."""
        self._metrics = metrics
        self._exporter = exporter
        self._resource = resource
        self._since = time.time_ns()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics-export", daemon=True)

    def start(self) -> None:
        """Start the thread; once."""
        self._thread.start()

    def stop(self) -> None:
        """Send once more, and end."""
        self._stopping.set()
        self._thread.join(limits.EXPORT_SECONDS_MAX)
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._stopping.wait(limits.METRICS_EXPORT_SECONDS):
            self._push()
        self._push()

    def _push(self) -> None:
        data = data_of(self._metrics.snapshot(), self._resource, self._since, time.time_ns())
        if data.resource_metrics:
            self._exporter.export(data)


def data_of(snapshot: MetricsSnapshot, resource: Resource, since: int, now: int) -> MetricsData:
    """Return everything measured as OpenTelemetry has it; `since` and `now` in nanoseconds since 1970."""
    numbers: dict[MetricName, list[NumberDataPoint]] = defaultdict(list)
    for name, labels, value in (*snapshot.counters, *snapshot.gauges):
        numbers[name].append(NumberDataPoint(dict(labels), since, now, value))
    observed: dict[MetricName, list[HistogramDataPoint]] = defaultdict(list)
    for histogram, labels, series in snapshot.observed:
        observed[histogram].append(_histogram_point(labels, series, BOUNDS[histogram], since, now))
    metrics = [*map(_of_numbers, numbers.items()), *map(_of_buckets, observed.items())]
    if not metrics:
        return MetricsData(resource_metrics=[])
    scope = ScopeMetrics(scope=InstrumentationScope(INSTRUMENTATION), metrics=metrics, schema_url="")
    return MetricsData(resource_metrics=[ResourceMetrics(resource=resource, scope_metrics=[scope], schema_url="")])


def _of_numbers(item: tuple[MetricName, list[NumberDataPoint]]) -> Metric:
    """Return a counter or a gauge."""
    name, points = item
    metric = METRICS[name]
    data: Sum | Gauge = (
        Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True) if metric.kind == "counter" else Gauge(points)
    )
    return Metric(name, metric.meaning, metric.unit, data)


def _of_buckets(item: tuple[MetricName, list[HistogramDataPoint]]) -> Metric:
    """Return a histogram."""
    name, points = item
    return Metric(name, METRICS[name].meaning, METRICS[name].unit, Histogram(points, AggregationTemporality.CUMULATIVE))


def _histogram_point(
    labels: Labels, series: Observed, bounds: Iterable[float], since: int, now: int
) -> HistogramDataPoint:
    """Return one series; the smallest and the largest value are not kept, and left out."""
    unknown: Any = None
    return HistogramDataPoint(
        attributes=dict(labels),
        start_time_unix_nano=since,
        time_unix_nano=now,
        count=series.count,
        sum=series.total,
        bucket_counts=series.buckets,
        explicit_bounds=tuple(bounds),
        min=unknown,
        max=unknown,
    )
