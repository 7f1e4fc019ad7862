"""Traces with OpenTelemetry: named spans with allow-listed attributes, exported nowhere unless the operator asks.

Telemetry is never the road a ledger record travels: it may be sampled and lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, Literal

from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import INVALID_SPAN, Span, Tracer

from services.runtime.errors import GrootboekError, Kind

SpanName = Literal[
    "gateway.request", "ledger.append", "ledger.judge", "ledger.read", "ledger.project", "ledger.checkpoint"
]
# What a span may say. Ids of lanes and counts, never of persons, operations or cases.
ATTRIBUTES: Final[Mapping[SpanName, frozenset[str]]] = {
    "gateway.request": frozenset({"route", "method", "status"}),
    "ledger.append": frozenset({"lane", "events", "operations"}),
    "ledger.judge": frozenset({"operations"}),
    "ledger.read": frozenset({"what", "purpose", "items"}),
    "ledger.project": frozenset({"projection", "lane", "events"}),
    "ledger.checkpoint": frozenset({"lane"}),
}
INSTRUMENTATION: Final = "grootboek"
NOWHERE: Final[AbstractContextManager[Span]] = nullcontext(INVALID_SPAN)


class UnknownSpanAttribute(GrootboekError):
    """A span was given an attribute that it does not allow."""

    code = "unknown_span_attribute"
    remedy = "Add the attribute in telemetry.py if it can never hold personal data; leave it out otherwise."
    kind = Kind.INTERNAL


class Telemetry:
    """Makes spans; without a processor or exporter they cost next to nothing and go nowhere."""

    def __init__(
        self, service: str, *, exporter: SpanExporter | None = None, processor: SpanProcessor | None = None
    ) -> None:
        """Name the service; give an exporter (production) or a processor (tests) to see the spans."""
        self._provider: TracerProvider | None = None
        chosen = processor or (BatchSpanProcessor(exporter) if exporter else None)
        if chosen is not None:
            self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
            self._provider.add_span_processor(chosen)
        self._tracer: Tracer | None = self._provider.get_tracer(INSTRUMENTATION) if self._provider else None

    def span(self, name: SpanName, **attributes: str | float) -> AbstractContextManager[Span]:
        """Open a span around a block; raise UnknownSpanAttribute on an attribute the span does not allow.

        An exception marks the span as failed by its class only: its message might quote a value.
        """
        if not attributes.keys() <= ATTRIBUTES[name]:
            raise UnknownSpanAttribute
        # Where nobody looks no span is made: this stands in the road of every request.
        return NOWHERE if self._tracer is None else _recorded(self._tracer, name, attributes)

    def close(self) -> None:
        """Export what is left and end."""
        if self._provider is not None:
            self._provider.shutdown()


@contextmanager
def _recorded(tracer: Tracer, name: SpanName, attributes: Mapping[str, str | float]) -> Iterator[Span]:
    """Open a span that is exported."""
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def current_trace_id() -> str | None:
    """Return the 32 hex digits of the current trace, or None outside a recorded one."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None
