"""Where work comes from: the context of a trace, in and out of a header, and over the gaps between a call and a batch.

Only `traceparent` of W3C Trace Context is read and written. `tracestate` and `baggage` can hold anything a partner
likes, so they are neither looked at nor sent on.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import SpanContext, TraceFlags

from services.runtime import limits

TRACEPARENT: Final = "traceparent"
HEADER: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
VERSION_KNOWN: Final = "00"
VERSION_NEVER: Final = "ff"
# Nine digits and nothing else are no random number but somebody's: ten, so that one more digit hides nothing.
NUMBER_DIGITS_MAX: Final = 10

Origins = tuple[SpanContext, ...]
"""The spans that a piece of work is done for; empty when nobody traces."""

_ON_BEHALF: Final[ContextVar[Origins | None]] = ContextVar("grootboek_origins", default=None)


def extract(header: str | bytes | None) -> SpanContext | None:
    """Return the context that a `traceparent` header names; None when there is none or it is invalid.

    An id that holds nothing but a short number is taken for somebody's number and ignored like an invalid one.
    """
    if header is None or len(header) > limits.TRACEPARENT_LENGTH_MAX:
        return None
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    found = HEADER.fullmatch(text.strip(" \t"))
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == VERSION_NEVER or (version == VERSION_KNOWN and more):
        return None
    return context_of(trace_id, span_id, TraceFlags(int(flags, 16) & TraceFlags.SAMPLED))


def context_of(trace_id: str, span_id: str, flags: TraceFlags = SAMPLED) -> SpanContext | None:
    """Return the remote context of two ids in hex; None when they are zero or somebody's number."""
    if is_number(trace_id) or is_number(span_id):
        return None
    context = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=flags)
    return context if context.is_valid else None


def is_number(digits: str) -> bool:
    """Tell whether an id is zero, or zeros around so few decimal digits that they may be a citizen's number."""
    core = digits.strip("0")
    return len(core) <= NUMBER_DIGITS_MAX and (not core or core.isdigit())


def inject() -> str | None:
    """Return the `traceparent` header of the current span, to be sent along; None when nobody traces."""
    context = trace.get_current_span().get_span_context()
    return header_of(context) if context.is_valid else None


def header_of(context: SpanContext) -> str:
    """Return the `traceparent` header of a context."""
    return f"{VERSION_KNOWN}-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & 1:02x}"


def current_origins() -> Origins:
    """Return the spans that the work at hand is done for: those of its batch, else the current one."""
    named = _ON_BEHALF.get()
    if named is not None:
        return named
    context = trace.get_current_span().get_span_context()
    return (context,) if context.is_valid else ()


@contextmanager
def on_behalf_of(origins: Origins) -> Iterator[None]:
    """Do a block for these spans: a batch that was gathered from several calls."""
    token = _ON_BEHALF.set(origins)
    try:
        yield
    finally:
        _ON_BEHALF.reset(token)


def bounded(origins: Iterable[SpanContext]) -> Origins:
    """Return each origin once, and no more of them than a span may link to."""
    found: dict[tuple[int, int], SpanContext] = {}
    for each in origins:
        found.setdefault((each.trace_id, each.span_id), each)
        if len(found) == limits.TRACE_LINKS_MAX:
            break
    return tuple(found.values())


class RecentOrigins:
    """Remembers in this process, for a while, whom something was done for, by a key that leaves it nowhere."""

    def __init__(self) -> None:
        """Begin empty; the oldest leaves when there are too many."""
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Origins] = OrderedDict()

    def note(self, key: Hashable, origins: Origins) -> None:
        """Remember these with what is remembered already."""
        if not origins:
            return
        with self._lock:
            self._known[key] = bounded((*self._known.pop(key, ()), *origins))
            while len(self._known) > limits.TRACE_ORIGINS_KEPT_MAX:
                self._known.popitem(last=False)

    def take(self, key: Hashable) -> Origins:
        """Return what is remembered, once."""
        with self._lock:
            return self._known.pop(key, ())


class LaneOrigins:
    """Remembers in this process whose events stand at which positions, until somebody has followed the lane so far."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._lanes: dict[int, deque[tuple[int, Origins]]] = {}

    def note(self, heads: Iterable[tuple[int, int]], origins: Origins) -> None:
        """Remember for whom these (lane, last position) were written."""
        if not origins:
            return
        with self._lock:
            for lane, position in heads:
                kept = self._lanes.setdefault(lane, deque(maxlen=limits.TRACE_BATCHES_KEPT_MAX))
                kept.append((position, origins))

    def take(self, lane: int, until: int) -> Sequence[SpanContext]:
        """Return the origins of what stands up to a position, once."""
        found: list[SpanContext] = []
        with self._lock:
            kept = self._lanes.get(lane)
            while kept and kept[0][0] <= until:
                found += kept.popleft()[1]
        return found
