"""One partner's trace through four processes and Kafka."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.acceptance.test_traces_served import OPERATIONS, SPAN, TRACE, act, links_of, of_trace, only
from tests.bench.workload import CONTROLLER, governance
from tests.support.distributed import Shape
from tests.support.otlp_receiver import OtlpReceiver, attributes_of


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtlpReceiver]:
    """Where the four processes export to; before they start."""
    with OtlpReceiver() as started:
        monkeypatch.setenv("GROOTBOEK_OTLP_ENDPOINT", started.endpoint)
        yield started


def test_a_trace_goes_through_every_process(receiver: OtlpReceiver, shape: Shape) -> None:
    """From gateway to ledger by the call, from ledger to notifier by the event, and from notifier to what it sends."""
    with httpx.Client(base_url=shape.base_url, timeout=30) as client:
        registrar = {"Authorization": f"Bearer {shape.token('registrar', 'governance')}"}
        for path, body in governance()[:8]:
            assert client.post(path, json=body, headers=registrar).status_code == 201
        headers = {
            "Authorization": f"Bearer {shape.token(CONTROLLER, 'processing:write')}",
            "traceparent": f"00-{TRACE}-{SPAN}-01",
        }
        answer = client.post(OPERATIONS, json=act(1, traceId=TRACE, spanId=SPAN), headers=headers)
        assert answer.status_code == 201, answer.text
    receiver.wait_until(
        lambda: {"notifier.deliver", "gateway.request"} <= {span.name for span in of_trace(receiver.spans, TRACE)}
    )
    receiver.wait_until(lambda: any((TRACE, SPAN) in links_of(span) for span in receiver.named("ledger.publish")))
    assert receiver.services >= {"gateway", "ledger", "notifier"}
    ours = of_trace(receiver.spans, TRACE)
    call = only(ours, "ledger.call", only(ours, "gateway.request", bytes.fromhex(SPAN)).span_id)
    received = only(ours, "internal.request", call.span_id)
    assert attributes_of(received)["route"].endswith("/record")
    assert attributes_of(only(ours, "ledger.append", received.span_id))["events"] == 1
    # The consumer stands under the span that the event names, wherever it runs.
    only(ours, "notifier.follow", bytes.fromhex(SPAN))
    attended = only(ours, "notifier.attend", bytes.fromhex(SPAN))
    asked = only(ours, "ledger.call", attended.span_id)
    assert attributes_of(only(ours, "internal.request", asked.span_id))["route"].endswith("/duties_of")
    only(ours, "notifier.deliver", attended.span_id)
