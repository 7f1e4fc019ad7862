"""Metrics and their exposition."""

from __future__ import annotations

import threading
from typing import get_args

import pytest

from services.runtime import metrics
from services.runtime.metrics import Metrics, TooManySeries


def test_exposition_of_counters_and_gauges() -> None:
    """Series stand under one heading per metric, sorted, with their labels."""
    measured = Metrics()
    measured.count("grootboek_requests_total", route="/v1/parties", method="GET", status=200)
    measured.count("grootboek_requests_total", 2, route="/v1/parties", method="POST", status=201)
    measured.set("grootboek_projection_lag_positions", 7, projection="holdings", lane=0)
    assert measured.exposition().splitlines() == [
        "# HELP grootboek_projection_lag_positions Positions a projection is behind its lane.",
        "# TYPE grootboek_projection_lag_positions gauge",
        'grootboek_projection_lag_positions{lane="0",projection="holdings"} 7',
        "# HELP grootboek_requests_total Requests answered.",
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
            measured.count("grootboek_cache_total", cache="streams", result="hit")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert measured.value("grootboek_cache_total", cache="streams", result="hit") == 8000


def test_label_values_are_escaped() -> None:
    """Quotes, backslashes and line ends cannot break out of a label."""
    measured = Metrics()
    measured.count("grootboek_operations_total", outcome='a"b\\c\nd')
    assert r'{outcome="a\"b\\c\nd"} 1' in measured.exposition()


def test_an_unbounded_label_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label that carries ids shows itself before it fills the memory."""
    monkeypatch.setattr(metrics, "SERIES_MAX", 3)
    measured = Metrics()
    for number in range(3):
        measured.count("grootboek_requests_total", route=f"/v1/parties/{number}")
    with pytest.raises(TooManySeries):
        measured.count("grootboek_requests_total", route="/v1/parties/3")


def test_every_metric_is_explained() -> None:
    """Each name has its help text and each histogram its bounds."""
    names = {
        name for group in (metrics.CounterName, metrics.GaugeName, metrics.HistogramName) for name in get_args(group)
    }
    assert set(metrics.HELP) == names
    assert set(metrics.BOUNDS) == set(get_args(metrics.HistogramName))
