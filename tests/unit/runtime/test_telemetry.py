"""Spans."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from services.runtime.telemetry import Telemetry, UnknownSpanAttribute, current_trace_id


def test_spans_carry_their_attributes() -> None:
    """A span is exported with its name and allowed attributes, and gives the trace id while it is open."""
    exporter = InMemorySpanExporter()
    telemetry = Telemetry("test", processor=SimpleSpanProcessor(exporter))
    with telemetry.span("ledger.append", lane=0, events=3):
        inside = current_trace_id()
    telemetry.close()
    (span,) = exporter.get_finished_spans()
    assert span.name == "ledger.append"
    assert dict(span.attributes or {}) == {"lane": 0, "events": 3}
    assert span.context is not None
    assert inside == format(span.context.trace_id, "032x")


def test_unknown_attributes_are_refused() -> None:
    """An attribute that is not listed raises, with or without an exporter."""
    with pytest.raises(UnknownSpanAttribute), Telemetry("test").span("ledger.append", subject="999990019"):
        pass


def test_a_failed_span_names_the_error_and_not_its_message() -> None:
    """The message of an exception, which may quote a value, stays out of the span."""
    exporter = InMemorySpanExporter()
    telemetry = Telemetry("test", processor=SimpleSpanProcessor(exporter))
    with pytest.raises(ValueError, match="999990019"), telemetry.span("ledger.judge"):
        raise ValueError("999990019")
    (span,) = exporter.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert "999990019" not in span.to_json()
    assert span.status.description == "ValueError"


def test_without_exporter_nothing_is_traced() -> None:
    """By default spans go nowhere and there is no trace id."""
    with Telemetry("test").span("ledger.judge"):
        assert current_trace_id() is None
