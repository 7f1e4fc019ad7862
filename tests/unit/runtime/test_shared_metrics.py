from __future__ import annotations

from pathlib import Path

from services.runtime.metrics import Metrics
from services.runtime.shared_metrics import SharedMetrics


def measure(metrics: Metrics, times: int) -> None:
    """Measure something of every kind."""
    metrics.count("grootboek_events_appended_total", times, lane=0)
    metrics.set("grootboek_append_queue_events", times)
    metrics.set("grootboek_lane_position", 10 * times, lane=0)
    metrics.observe("grootboek_append_batch_events", times)


def test_whoever_is_asked_adds_up_what_all_measured(tmp_path: Path) -> None:
    """Counts, queues and histograms are added; of positions the farthest stands."""
    workers = [SharedMetrics(tmp_path, number) for number in range(3)]
    for times, metrics in enumerate(workers, start=1):
        measure(metrics, times)
        metrics.share()
    for metrics in workers:
        lines = metrics.exposition().splitlines()
        assert 'grootboek_events_appended_total{lane="0"} 6' in lines
        assert "grootboek_append_queue_events 6" in lines
        assert 'grootboek_lane_position{lane="0"} 30' in lines
        assert 'grootboek_append_batch_events_bucket{le="2"} 2' in lines
        assert "grootboek_append_batch_events_sum 6" in lines
        assert "grootboek_append_batch_events_count 3" in lines
    assert workers[0].value("grootboek_events_appended_total", lane=0) == 1


def test_a_worker_that_comes_back_counts_on(tmp_path: Path) -> None:
    """Counters of a predecessor go on, so that none runs back; its queue died with it."""
    first = SharedMetrics(tmp_path, 0)
    measure(first, 5)
    first.share()
    second = SharedMetrics(tmp_path, 0)
    measure(second, 1)
    lines = second.exposition().splitlines()
    assert 'grootboek_events_appended_total{lane="0"} 6' in lines
    assert "grootboek_append_queue_events 1" in lines


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """A snapshot of other software, or half a one beside it, changes nothing."""
    metrics = SharedMetrics(tmp_path, 0)
    measure(metrics, 1)
    (tmp_path / "worker-1").write_bytes(b"\x93nonsense")
    (tmp_path / "worker-2.new").write_bytes(b"")
    assert 'grootboek_events_appended_total{lane="0"} 1' in metrics.exposition().splitlines()
