"""A served ledger that exports its telemetry: one partner's trace from the door to the projections and the channel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from services.runtime.metric_names import METRICS
from services.runtime.telemetry import ATTRIBUTES
from tests.bench.workload import CONTROLLER, bsn_of, governance
from tests.support.otlp_receiver import OtlpReceiver, attributes_of
from tests.support.served import Served, served

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER_TRACE, OTHER_SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
OPERATIONS = "/v1/processing-operations"
KEY = "0198f0c1-7c1e-7000-8000-{:012d}"


def act(number: int, **more: Any) -> dict[str, Any]:
    """An act that nobody told the person about."""
    return {
        "id": KEY.format(number),
        "operation": "make-available",
        "occurredAt": "2026-05-01T10:00:00+02:00",
        "subjects": [{"idType": "BSN", "id": bsn_of(number)}],
        "dataCategories": ["name"],
        "controller": CONTROLLER,
        "recipients": [{"party": "politie"}],
        "covenant": {"id": "veiligheidshuis-0", "annex": "jeugdgroepen"},
    } | more


def record(ledger: Served, body: dict[str, Any], **headers: str) -> None:
    """Record an act with headers of ours."""
    token = ledger.token(CONTROLLER, "processing:write")
    sent = {"Authorization": f"Bearer {token}"} | headers
    answer = httpx.post(f"{ledger.base_url}{OPERATIONS}", json=body, headers=sent, timeout=30)
    assert answer.status_code == 201, answer.text


def of_trace(spans: list[Span], trace: str) -> list[Span]:
    """The spans of one trace."""
    return [span for span in spans if span.trace_id.hex() == trace]


def links_of(span: Span) -> set[tuple[str, str]]:
    """What a span is done for, as (trace, span)."""
    return {(link.trace_id.hex(), link.span_id.hex()) for link in span.links}


def test_a_partners_trace_goes_on_to_projection_and_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the partner's span stand request, call, judgement and append; projection, notifier and message follow it.

    The event was perhaps appended by another worker than projects it: then the projection links to the span that the
    act itself names.
    """
    monkeypatch.setenv("GROOTBOEK_WORKERS", "2")
    with OtlpReceiver() as receiver:
        monkeypatch.setenv("GROOTBOEK_OTLP_ENDPOINT", receiver.endpoint)
        with served(tmp_path) as ledger:
            token = ledger.token("registrar", "governance")
            for path, body in governance()[:8]:
                url = f"{ledger.base_url}{path}"
                answer = httpx.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)
                assert answer.status_code == 201
            named = act(1, traceId=TRACE, spanId=SPAN)
            record(ledger, named, traceparent=f"00-{TRACE}-{SPAN}-00", tracestate="canary=1", baggage="canary=2")
            receiver.wait_until(lambda: bool(receiver.named("notifier.deliver")))
            # What is no traceparent begins a trace of our own.
            record(ledger, act(2), traceparent=f"00-{OTHER_TRACE}-{OTHER_SPAN}")
            receiver.wait_until(lambda: len(receiver.named("ledger.append")) > 1)
    check_trace(receiver)
    assert not of_trace(receiver.spans, OTHER_TRACE)
    assert not [body for body in receiver.raw if b"canary" in body]
    for span in receiver.spans:
        assert attributes_of(span).keys() <= ATTRIBUTES[span.name]  # type: ignore[index]
    assert "grootboek" in receiver.services
    check_metrics(receiver)


def only(spans: list[Span], name: str, parent: bytes) -> Span:
    """The one span of this name under a parent."""
    (found,) = [span for span in spans if span.name == name and span.parent_span_id == parent]
    return found


def check_trace(receiver: OtlpReceiver) -> None:
    """Each span of the partner's trace stands under the one that caused it."""
    ours = of_trace(receiver.spans, TRACE)
    request = only(ours, "gateway.request", bytes.fromhex(SPAN))
    assert attributes_of(request) == {"method": "POST", "route": OPERATIONS, "status": 201}
    call = only(ours, "ledger.call", request.span_id)
    assert attributes_of(call) == {"port": "LedgerClient", "verb": "record"}
    assert attributes_of(only(ours, "ledger.judge", call.span_id)) == {"operations": 1}
    appended = only(ours, "ledger.append", call.span_id)
    assert attributes_of(appended) == {"lane": 0, "events": 1, "operations": 1}
    followed = [span for span in receiver.named("ledger.project") if is_after(span, call)]
    assert attributes_of(followed[0]) == {"lane": 0, "events": 1}
    attended = only(ours, "notifier.attend", only(ours, "notifier.follow", bytes.fromhex(SPAN)).parent_span_id)
    asked = only(ours, "ledger.call", attended.span_id)
    assert attributes_of(asked) == {"port": "NotifierCommands", "verb": "duties_of"}
    delivered = only(ours, "notifier.deliver", attended.span_id)
    assert attributes_of(delivered)["outcome"] == "delivered"


def is_after(span: Span, call: Span) -> bool:
    """Whether a span was done for what a call wrote, by the process that wrote it or by another one."""
    return span.parent_span_id == call.span_id or (TRACE, SPAN) in links_of(span)


def check_metrics(receiver: OtlpReceiver) -> None:
    """What is exported stands in the closed list, with its unit and kind."""
    assert {metric.name for metric in receiver.metrics} <= set(METRICS)
    assert {"grootboek_requests_total", "grootboek_append_seconds", "grootboek_lane_position"} <= {
        metric.name for metric in receiver.metrics
    }
    for metric in receiver.metrics:
        known = METRICS[metric.name]  # type: ignore[index]
        assert metric.unit == known.unit
        assert metric.WhichOneof("data") == {"counter": "sum", "gauge": "gauge", "histogram": "histogram"}[known.kind]


def test_a_ledger_does_not_start_where_telemetry_would_be_overheard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address in clear on another machine is refused at the start, with the remedy, and nothing is made."""
    monkeypatch.setenv("GROOTBOEK_OTLP_ENDPOINT", "http://collector.example.org:4318")
    done = Served(tmp_path).command("serve")
    assert done.returncode == 1
    assert "GROOTBOEK_OTLP_PLAINTEXT" in done.stderr
    assert not (tmp_path / "home" / "postgres").exists()
