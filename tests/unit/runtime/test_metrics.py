"""Metrics and their exposition."""

from __future__ import annotations

import threading
from typing import get_args

import pytest

from services.runtime import limits
from services.runtime.metric_names import BOUNDS, METRICS, CounterName, GaugeName, HistogramName
from services.runtime.metrics import Metrics, TooManySeries, UnknownLabel


def test_exposition_of_counters_and_gauges() -> None:
    """Series stand under one heading per metric, sorted, with their labels."""
    measured = Metrics()
    measured.count("grootboek_requests_total", route="/v1/parties", method="GET", status=200)
    measured.count("grootboek_requests_total", 2, route="/v1/parties", method="POST", status=201)
    measured.set("grootboek_consumer_lag_events", 7, consumer="projector", lane=0)
    assert measured.exposition().splitlines() == [
        "# HELP grootboek_consumer_lag_events Events that a consumer has not seen yet.",
        "# TYPE grootboek_consumer_lag_events gauge",
        'grootboek_consumer_lag_events{consumer="projector",lane="0"} 7',
        "# HELP grootboek_requests_total Requests answered, by route template, method and status.",
        "# TYPE grootboek_requests_total counter",
        'grootboek_requests_total{method="GET",route="/v1/parties",status="200"} 1',
        'grootboek_requests_total{method="POST",route="/v1/parties",status="201"} 2',
    ]


def test_histogram_buckets_are_cumulative() -> None:
    """A value counts in its bucket and every larger one; a value on a bound counts below it."""
    measured = Metrics()
    for value in (1, 3, 5000):
        measured.observe("grootboek_append_batch_events", value)
    lines = measured.exposition().splitlines()
    assert 'grootboek_append_batch_events_bucket{le="1"} 1' in lines
    assert 'grootboek_append_batch_events_bucket{le="5"} 2' in lines
    assert 'grootboek_append_batch_events_bucket{le="1000"} 2' in lines
    assert 'grootboek_append_batch_events_bucket{le="+Inf"} 3' in lines
    assert "grootboek_append_batch_events_sum 5004" in lines
    assert "grootboek_append_batch_events_count 3" in lines


def test_counts_survive_threads() -> None:
    """Counts of several threads add up."""
    measured = Metrics()

    def work() -> None:
        for _ in range(2000):
            measured.count("grootboek_operations_total", outcome="stored")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert measured.value("grootboek_operations_total", outcome="stored") == 8000


def test_label_values_are_escaped() -> None:
    """Quotes, backslashes and line ends cannot break out of a label."""
    measured = Metrics()
    measured.count("grootboek_operations_total", outcome='a"b\\c\nd')
    assert r'{outcome="a\"b\\c\nd"} 1' in measured.exposition()


def test_an_unbounded_label_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label that carries ids shows itself before it fills the memory."""
    monkeypatch.setattr(limits, "SERIES_MAX", 3)
    measured = Metrics()
    for number in range(3):
        measured.count("grootboek_requests_total", route=f"/v1/parties/{number}", method="GET", status=200)
    with pytest.raises(TooManySeries):
        measured.count("grootboek_requests_total", route="/v1/parties/3", method="GET", status=200)


def test_a_label_that_is_not_listed_is_refused() -> None:
    """A metric has the labels of the list, no more and no fewer."""
    measured = Metrics()
    with pytest.raises(UnknownLabel):
        measured.count("grootboek_events_appended_total", lane=0, party="politie")
    with pytest.raises(UnknownLabel):
        measured.set("grootboek_lane_position", 7)
    with pytest.raises(UnknownLabel):
        measured.observe("grootboek_request_seconds", 0.1, route="/v1/parties", method="GET")
    assert measured.exposition() == ""


def test_a_gauge_is_forgotten() -> None:
    """Who no longer leads shows no stale figures; those of others and other gauges stay."""
    measured = Metrics()
    for consumer in ("projector", "sealer"):
        for lane in (0, 1):
            measured.set("grootboek_consumer_lag_events", 7, consumer=consumer, lane=lane)
    measured.set("grootboek_lane_position", 7, lane=0)
    measured.forget("grootboek_consumer_lag_events", consumer="projector")
    assert "projector" not in measured.exposition()
    assert measured.exposition().count("sealer") == 2
    measured.forget("grootboek_consumer_lag_events")
    assert [line for line in measured.exposition().splitlines() if not line.startswith("#")] == [
        'grootboek_lane_position{lane="0"} 7'
    ]


def test_every_metric_is_explained() -> None:
    """Each name of the closed lists has its type, unit and meaning, and each histogram its bounds."""
    kinds = {"counter": CounterName, "gauge": GaugeName, "histogram": HistogramName}
    for kind, names in kinds.items():
        assert {name for name, metric in METRICS.items() if metric.kind == kind} == set(get_args(names))
    assert all(metric.meaning.endswith(".") for metric in METRICS.values())
    assert {name for name in METRICS if name.endswith("_total")} == set(get_args(CounterName))
    assert set(BOUNDS) == set(get_args(HistogramName))
    assert {name for name in METRICS if "_seconds" in name} == {n for n, m in METRICS.items() if m.unit == "seconds"}
