"""Every metric there is: its type, unit, labels and meaning. What is not in this list cannot be measured.

A label has a closed or bounded set of values (a lane, a route template, a word of a closed list), and none of them says
anything about a person, an operation or a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

CounterName = Literal[
    "grootboek_requests_total",
    "grootboek_events_appended_total",
    "grootboek_operations_total",
    "grootboek_batches_bisected_total",
    "grootboek_append_retries_total",
    "grootboek_messages_total",
    "grootboek_events_published_total",
    "grootboek_publisher_restarts_total",
    "grootboek_dead_letters_total",
    "grootboek_dead_letters_replayed_total",
    "grootboek_retention_failures_total",
]
GaugeName = Literal[
    "grootboek_append_queue_events",
    "grootboek_lane_position",
    "grootboek_consumer_lag_events",
    "grootboek_consumer_lag_seconds",
    "grootboek_leader",
    "grootboek_stopped",
    "grootboek_door_open",
    "grootboek_keys_cached",
    "grootboek_obligations_overdue",
    "grootboek_clocks_at_risk",
    "grootboek_days_due",
    "grootboek_erasures_open",
    "grootboek_outbox_messages",
    "grootboek_outbox_age_seconds",
]
HistogramName = Literal[
    "grootboek_request_seconds",
    "grootboek_append_batch_events",
    "grootboek_append_seconds",
    "grootboek_projection_seconds",
]
MetricName = CounterName | GaugeName | HistogramName
Kind = Literal["counter", "gauge", "histogram"]
Unit = Literal[
    "batches",
    "clocks",
    "days",
    "doors",
    "erasures",
    "events",
    "failures",
    "keys",
    "leaders",
    "messages",
    "obligations",
    "operations",
    "position",
    "processes",
    "records",
    "requests",
    "restarts",
    "retries",
    "seconds",
]


class Metric(msgspec.Struct, frozen=True):
    """What one metric is."""

    kind: Kind
    unit: Unit
    meaning: str
    labels: frozenset[str] = frozenset()


def counter(unit: Unit, meaning: str, *labels: str) -> Metric:
    """Define what only grows."""
    return Metric("counter", unit, meaning, frozenset(labels))


def gauge(unit: Unit, meaning: str, *labels: str) -> Metric:
    """Define what goes up and down."""
    return Metric("gauge", unit, meaning, frozenset(labels))


def histogram(unit: Unit, meaning: str, *labels: str) -> Metric:
    """Define what is counted in buckets."""
    return Metric("histogram", unit, meaning, frozenset(labels))


METRICS: Final[Mapping[MetricName, Metric]] = {
    # --- the road of an act ---
    "grootboek_requests_total": counter(
        "requests", "Requests answered, by route template, method and status.", "route", "method", "status"
    ),
    "grootboek_request_seconds": histogram("seconds", "From the arrival of a request to its answer.", "route"),
    "grootboek_door_open": gauge("doors", "1 while a gateway process takes calls from outside."),
    "grootboek_append_queue_events": gauge("events", "Events waiting for a batch."),
    "grootboek_append_batch_events": histogram("events", "Events per committed batch."),
    "grootboek_append_seconds": histogram("seconds", "From the first statement of a batch to its commit."),
    "grootboek_events_appended_total": counter("events", "Events committed.", "lane"),
    "grootboek_operations_total": counter(
        "operations", "Operations by what the append said: stored, claimed, stale, unstorable.", "outcome"
    ),
    "grootboek_append_retries_total": counter(
        "retries", "Commits tried again: connection, conflict, full, intervention, other.", "reason"
    ),
    "grootboek_batches_bisected_total": counter("batches", "Batches that failed and were split."),
    "grootboek_lane_position": gauge("position", "Last position of a lane.", "lane"),
    "grootboek_keys_cached": gauge("keys", "Secrets and streams remembered: days, dossiers, streams.", "cache"),
    # --- who follows the lanes: projector, sealer, publisher, notifier ---
    "grootboek_consumer_lag_events": gauge("events", "Events that a consumer has not seen yet.", "consumer", "lane"),
    "grootboek_consumer_lag_seconds": gauge(
        "seconds", "Age of the oldest event that a consumer has not seen yet.", "consumer", "lane"
    ),
    "grootboek_leader": gauge(
        "leaders",
        "1 while this process does the work that one does for all (of lane: a number or all).",
        "role",
        "lane",
    ),
    "grootboek_stopped": gauge("processes", "1 when a fault ended this work for good; absent otherwise.", "role"),
    "grootboek_projection_seconds": histogram("seconds", "Time to apply one batch of a lane to the projections."),
    "grootboek_events_published_total": counter("events", "Events that Kafka has acknowledged.", "lane"),
    "grootboek_publisher_restarts_total": counter(
        "restarts", "Times a publisher threw its producer away and began anew from its cursor.", "lane", "reason"
    ),
    "grootboek_dead_letters_total": counter(
        "records", "Records put aside because they could not be read.", "consumer", "reason"
    ),
    "grootboek_dead_letters_replayed_total": counter("records", "Dead letters that were handed out again.", "consumer"),
    # --- what is owed ---
    "grootboek_obligations_overdue": gauge(
        "obligations", "Duties past their moment and not met: inform, erase.", "kind"
    ),
    "grootboek_clocks_at_risk": gauge(
        "clocks", "Statutory clocks due within 24 hours (due-soon) or past (overdue).", "clock", "state"
    ),
    "grootboek_days_due": gauge("days", "Days that have passed and whose keys still live."),
    "grootboek_erasures_open": gauge("erasures", "Erasures that can go on and are not complete."),
    "grootboek_retention_failures_total": counter("failures", "Steps of retention that failed.", "step"),
    # --- messages ---
    "grootboek_messages_total": counter("messages", "Messages by what became of an attempt.", "channel", "outcome"),
    "grootboek_outbox_messages": gauge(
        "messages", "Messages in the outbox: waiting to leave, or unrecorded in the ledger.", "state"
    ),
    "grootboek_outbox_age_seconds": gauge("seconds", "How long the oldest waiting message has waited."),
}
SECONDS_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
EVENTS_BOUNDS: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
BOUNDS: Final[Mapping[HistogramName, tuple[float, ...]]] = {
    "grootboek_request_seconds": SECONDS_BOUNDS,
    "grootboek_append_batch_events": EVENTS_BOUNDS,
    "grootboek_append_seconds": SECONDS_BOUNDS,
    "grootboek_projection_seconds": SECONDS_BOUNDS,
}
# Of several processes on one machine these add up; of the others the farthest or the largest counts.
ADDED_GAUGES: Final = frozenset[GaugeName]({"grootboek_append_queue_events", "grootboek_keys_cached"})
