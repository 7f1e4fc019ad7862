"""Whether, where to and how much telemetry is exported."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runtime import limits
from services.runtime.metrics import Metrics
from services.runtime.otlp import (
    CA_FILE,
    ENDPOINT,
    PLAINTEXT,
    RATIO,
    OtlpInvalid,
    OtlpUnsafe,
    open_telemetry,
    read_otlp,
)
from services.runtime.telemetry import OFF
from services.runtime.trace_context import inject
from tests.support.otlp_receiver import OtlpReceiver, attributes_of


def test_nothing_is_exported_by_default() -> None:
    """Without an address there is no exporter, no thread and no trace."""
    assert read_otlp({}) is None
    assert read_otlp({ENDPOINT: " "}) is None
    telemetry = open_telemetry({PLAINTEXT: "true", RATIO: "nonsense"}, "ledger", Metrics())
    assert telemetry is OFF
    with telemetry.span("ledger.call", port="LedgerClient", verb="record"):
        assert inject() is None


@pytest.mark.parametrize(
    "endpoint",
    ["http://localhost:4318", "http://127.0.0.1:4318/", "http://[::1]:4318", "https://collector.example.org"],
)
def test_what_nobody_overhears_is_accepted(endpoint: str) -> None:
    """Clear text on this machine, TLS to any other."""
    settings = read_otlp({ENDPOINT: endpoint})
    assert settings is not None
    assert settings.endpoint == endpoint.rstrip("/")


@pytest.mark.parametrize(
    "host", ["collector.example.org", "10.0.0.7", "0.0.0.0", "127.0.0.1.example.org", "localhost.x"]
)
def test_clear_text_to_another_machine_is_refused(host: str) -> None:
    """Unless the operator says that the network itself encrypts."""
    environment = {ENDPOINT: f"http://{host}:4318"}
    with pytest.raises(OtlpUnsafe):
        read_otlp(environment)
    with pytest.raises(OtlpUnsafe):
        read_otlp(environment | {PLAINTEXT: "yes"})
    assert read_otlp(environment | {PLAINTEXT: "true"}) is not None


@pytest.mark.parametrize(
    "endpoint",
    [
        "collector:4318",
        "grpc://collector:4317",
        "https://",
        "https://user:secret@collector",
        "https://collector/?a=b",
        "https://collector/#a",
        "https://collector:port",
        "https://collector:99999",
        "https://[::1",
    ],
)
def test_an_address_that_is_none_is_refused(endpoint: str) -> None:
    """It is named by its setting and never repeated: it may hold a secret."""
    with pytest.raises(OtlpInvalid) as caught:
        read_otlp({ENDPOINT: endpoint})
    assert ENDPOINT in caught.value.message
    assert "secret" not in caught.value.message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Who repairs a setting need not start three times."""
    environment = {ENDPOINT: "collector", CA_FILE: str(tmp_path / "missing.pem"), RATIO: "1.5"}
    with pytest.raises(OtlpInvalid) as caught:
        read_otlp(environment)
    assert all(name in caught.value.message for name in environment)


@pytest.mark.parametrize("ratio", ["-0.1", "1.1", "nan", "half"])
def test_a_share_lies_between_nothing_and_everything(ratio: str) -> None:
    """Anything else is refused."""
    with pytest.raises(OtlpInvalid, match=RATIO):
        read_otlp({ENDPOINT: "https://collector", RATIO: ratio})


def test_spans_and_metrics_arrive() -> None:
    """What was measured arrives as it was, when the process ends at the latest."""
    metrics = Metrics()
    metrics.count("grootboek_events_appended_total", 3, lane=1)
    metrics.set("grootboek_append_queue_events", 7)
    for seconds in (0.0001, 0.3, 60):
        metrics.observe("grootboek_append_seconds", seconds)
    with OtlpReceiver() as receiver:
        telemetry = open_telemetry({ENDPOINT: receiver.endpoint}, "ledger", metrics)
        with telemetry.span("ledger.call", port="LedgerClient", verb="record"):
            sent = inject()
        telemetry.close()
    (span,) = receiver.spans
    assert sent is not None
    assert (span.trace_id.hex(), span.span_id.hex()) == tuple(sent.split("-")[1:3])
    assert attributes_of(span) == {"port": "LedgerClient", "verb": "record"}
    assert "ledger" in receiver.services
    measured = {metric.name: metric for metric in receiver.metrics}
    (counted,) = measured["grootboek_events_appended_total"].sum.data_points
    assert (counted.as_double or counted.as_int, counted.attributes[0].value.string_value) == (3, "1")
    assert measured["grootboek_events_appended_total"].sum.is_monotonic
    (waiting,) = measured["grootboek_append_queue_events"].gauge.data_points
    assert (waiting.as_double or waiting.as_int) == 7
    (observed,) = measured["grootboek_append_seconds"].histogram.data_points
    assert (observed.count, list(observed.bucket_counts)) == (3, [1, *[0] * 7, 1, *[0] * 4, 1])
    assert list(observed.explicit_bounds)[:2] == [0.001, 0.0025]
    assert not observed.HasField("min")


def test_a_share_of_nothing_exports_no_span() -> None:
    """The share is chosen by trace, whatever its caller thinks of sampling."""
    with OtlpReceiver() as receiver:
        telemetry = open_telemetry({ENDPOINT: receiver.endpoint, RATIO: "0"}, "ledger", Metrics())
        with telemetry.span("ledger.call", port="LedgerClient", verb="record"):
            sent = inject()
        telemetry.close()
    assert receiver.spans == []
    assert sent is not None
    assert sent.endswith("-00")


def test_what_a_slow_collector_does_not_take_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue has a bound, nobody waits for it, and the end is bounded too."""
    monkeypatch.setattr(limits, "SPANS_QUEUED_MAX", 16)
    monkeypatch.setattr(limits, "SPANS_PER_EXPORT_MAX", 16)
    monkeypatch.setattr(limits, "EXPORT_SECONDS_MAX", 0.2)
    with OtlpReceiver(status=503) as receiver:
        telemetry = open_telemetry({ENDPOINT: receiver.endpoint}, "ledger", Metrics())
        for _ in range(1_000):
            with telemetry.span("ledger.checkpoint"):
                pass
        telemetry.close()
    assert receiver.spans == []
