"""Traces with OpenTelemetry: named spans with allow-listed attributes, exported nowhere unless the operator asks.

Telemetry is never the road a ledger record travels: it may be sampled and lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, Literal

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import INVALID_SPAN, Link, NonRecordingSpan, Span, SpanContext, Tracer

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.trace_context import Origins, bounded, current_origins

SpanName = Literal[
    # A partner's request, from its first byte to its answer; continues the partner's trace.
    "gateway.request",
    # One call of a port by whoever uses it, in the same process or another.
    "ledger.call",
    # The same call as the other process receives it.
    "internal.request",
    # Judging and sealing a batch of operations.
    "ledger.judge",
    # One transaction that appends a batch.
    "ledger.append",
    # One batch of a lane applied to the projections.
    "ledger.project",
    # The trees brought up to the heads and signed.
    "ledger.checkpoint",
    # One batch of a lane sent to Kafka, until it is acknowledged.
    "ledger.publish",
    # Events taken from the feed.
    "notifier.follow",
    # The duties of one person looked at.
    "notifier.attend",
    # One attempt to deliver a message by its channel.
    "notifier.deliver",
    # One step of a round of retention that had something to do.
    "retention.step",
]
# What a span may say: closed lists and counts, never an id of a person, operation or case.
ATTRIBUTES: Final[Mapping[SpanName, frozenset[str]]] = {
    "gateway.request": frozenset({"route", "method", "status"}),
    "ledger.call": frozenset({"port", "verb"}),
    "internal.request": frozenset({"route", "method", "status"}),
    "ledger.judge": frozenset({"operations"}),
    "ledger.append": frozenset({"lane", "events", "operations"}),
    "ledger.project": frozenset({"lane", "events"}),
    "ledger.checkpoint": frozenset(),
    "ledger.publish": frozenset({"lane", "events"}),
    "notifier.follow": frozenset({"events"}),
    "notifier.attend": frozenset(),
    "notifier.deliver": frozenset({"kind", "channel", "outcome", "attempt"}),
    "retention.step": frozenset({"step"}),
}
INSTRUMENTATION: Final = "grootboek"
EVERY_TRACE: Final = 1.0


class UnknownSpanAttribute(GrootboekError):
    """A span was given an attribute that it does not allow."""

    code = "unknown_span_attribute"
    remedy = "Add the attribute in telemetry.py if it can never hold personal data; leave it out otherwise."
    kind = Kind.INTERNAL


class OpenSpan:
    """A span while it is open: takes attributes that are known later, and later origins."""

    __slots__ = ("_name", "_span")

    def __init__(self, name: SpanName, span: Span) -> None:
        """Write on `span`, as far as its name allows."""
        self._name = name
        self._span = span

    def note(self, **attributes: str | float) -> None:
        """Add attributes; raise UnknownSpanAttribute on one that the span does not allow."""
        if not attributes.keys() <= ATTRIBUTES[self._name]:
            raise UnknownSpanAttribute
        self._span.set_attributes(attributes)

    def link(self, origins: Iterable[SpanContext]) -> None:
        """Say for whom this was done, as far as a span may."""
        for origin in bounded(origins):
            self._span.add_link(origin)


NOWHERE: Final[Mapping[SpanName, AbstractContextManager[OpenSpan]]] = {
    name: nullcontext(OpenSpan(name, INVALID_SPAN)) for name in ATTRIBUTES
}


class Telemetry:
    """Makes spans; without a processor they cost next to nothing and go nowhere."""

    def __init__(
        self,
        service: str,
        *,
        processor: SpanProcessor | None = None,
        ratio: float = EVERY_TRACE,
        resource: Resource | None = None,
        stop_beside: Callable[[], None] | None = None,
    ) -> None:
        """Name the service; give a processor to see the spans of this share of all traces.

        The share is chosen by trace id, so that all processes keep the same traces. What a partner says about sampling
        does not count: it is our own operator who pays for and looks at these spans. ``stop_beside`` ends what else is
        exported.
        """
        self._stop_beside = stop_beside
        self._provider: TracerProvider | None = None
        self._tracer: Tracer | None = None
        if processor is not None:
            self._provider = TracerProvider(
                sampler=TraceIdRatioBased(ratio),
                resource=resource or Resource({SERVICE_NAME: service}),
                shutdown_on_exit=False,
            )
            self._provider.add_span_processor(processor)
            self._tracer = self._provider.get_tracer(INSTRUMENTATION)

    @property
    def is_on(self) -> bool:
        """Whether anybody looks; what costs something only a trace needs is left out when not."""
        return self._tracer is not None

    def origins(self) -> Origins:
        """Return the spans that the work at hand is done for; none when nobody looks."""
        return () if self._tracer is None else current_origins()

    def span(
        self, name: SpanName, *, parent: SpanContext | None = None, **attributes: str | float
    ) -> AbstractContextManager[OpenSpan]:
        """Open a span around a block, under the current one or a remote parent.

        Raise UnknownSpanAttribute on an attribute the span does not allow. An exception marks the span as failed by its
        class only: its message might quote a value.
        """
        if not attributes.keys() <= ATTRIBUTES[name]:
            raise UnknownSpanAttribute
        # Where nobody looks no span is made: this stands in the road of every request.
        if self._tracer is None:
            return NOWHERE[name]
        return _recorded(self._tracer, name, None if parent is None else _under(parent), (), attributes)

    def batch_span(
        self, name: SpanName, origins: Iterable[SpanContext], **attributes: str | float
    ) -> AbstractContextManager[OpenSpan]:
        """Open a span around a block that is done for several: under the only origin, else a trace with links."""
        if not attributes.keys() <= ATTRIBUTES[name]:
            raise UnknownSpanAttribute
        if self._tracer is None:
            return NOWHERE[name]
        known = bounded(origins)
        if len(known) == 1:
            return _recorded(self._tracer, name, _under(known[0]), (), attributes)
        return _recorded(self._tracer, name, Context(), known, attributes)

    def close(self) -> None:
        """Export what is left and end; a collector that does not answer holds up nobody for long (blocking)."""
        ends = [self._provider.shutdown] if self._provider is not None else []
        ends += [self._stop_beside] if self._stop_beside is not None else []
        threads = [threading.Thread(target=end, name="telemetry-end", daemon=True) for end in ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(limits.EXPORT_SECONDS_MAX)


OFF: Final = Telemetry("off")
"""The telemetry of whoever was given none."""


def _under(parent: SpanContext) -> Context:
    """Return a context of which `parent` is the current span and nothing else is known."""
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())


@contextmanager
def _recorded(
    tracer: Tracer, name: SpanName, context: Context | None, links: Origins, attributes: Mapping[str, str | float]
) -> Iterator[OpenSpan]:
    """Open a span that is exported."""
    with tracer.start_as_current_span(
        name,
        context=context,
        links=[Link(each) for each in links],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield OpenSpan(name, span)
        except BaseException as error:
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def current_trace_id() -> str | None:
    """Return the 32 hex digits of the current trace, or None outside a recorded one."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None
