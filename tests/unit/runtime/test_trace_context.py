"""The context of a trace: in and out of a header, and over the gap between a call and a batch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

from services.runtime import limits
from services.runtime.telemetry import Telemetry
from services.runtime.trace_context import (
    LaneOrigins,
    RecentOrigins,
    context_of,
    current_origins,
    extract,
    header_of,
    inject,
    on_behalf_of,
)

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def origin(number: int) -> SpanContext:
    """A context of its own."""
    context = context_of(f"{number:04x}{TRACE[4:]}", SPAN)
    assert context is not None
    return context


@pytest.mark.parametrize("flags", ["00", "01", "ff"])
@pytest.mark.parametrize("give", [str, str.encode, lambda text: f" {text}\t"])
def test_a_valid_header_is_read(flags: str, give: type[str]) -> None:
    """Version 00, as text or bytes: trace, span, and of the flags the one that we know."""
    context = extract(give(f"00-{TRACE}-{SPAN}-{flags}"))
    assert context is not None
    assert (f"{context.trace_id:032x}", f"{context.span_id:016x}", context.is_remote) == (TRACE, SPAN, True)
    assert context.trace_flags == int(flags, 16) & 1


def test_a_later_version_may_say_more() -> None:
    """Of a version that we do not know the first four fields are read."""
    assert extract(f"cc-{TRACE}-{SPAN}-01-what-the-future-brings") is not None
    assert extract(f"cc-{TRACE}-{SPAN}-01") is not None


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "00",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-0x",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"cc-{TRACE}-{SPAN}-01." + "x",
        f"cc-{TRACE}-{SPAN}-01-" + "x" * limits.TRACEPARENT_LENGTH_MAX,
        f"00-{TRACE}-{SPAN}-\u0660\u0661",
        b"\xff\xfe",
    ],
)
def test_an_invalid_header_is_ignored(header: str | bytes | None) -> None:
    """What is no traceparent by the letter of W3C is no context, and no error either."""
    assert extract(header) is None


@pytest.mark.parametrize("number", ["999990123", "99999012", "0999990123"])
def test_somebodys_number_is_no_trace(number: str) -> None:
    """An id of zeros and one short number, at either end or between them, may be a person's: it is ignored."""
    for trace in (number.rjust(32, "0"), number.ljust(32, "0"), number.center(32, "0")):
        assert extract(f"00-{trace}-{SPAN}-01") is None
    assert extract(f"00-{TRACE}-{number.rjust(16, '0')}-01") is None
    # The 64 bits of an older system behind zeros are no number of a person.
    assert extract(f"00-{SPAN.rjust(32, '0')}-{SPAN}-01") is not None


@given(st.integers(1 << 64, (1 << 128) - 1), st.integers(1 << 48, (1 << 64) - 1), st.sampled_from(["00", "01"]))
def test_what_is_sent_is_read_again(trace_id: int, span_id: int, flags: str) -> None:
    """A header that we write is the one that the next one reads."""
    header = f"00-{trace_id:032x}-{span_id:016x}-{flags}"
    context = extract(header)
    if context is not None:
        assert header_of(context) == header


@given(st.one_of(st.text(max_size=80), st.binary(max_size=80)))
def test_no_header_makes_it_fail(header: str | bytes) -> None:
    """Whatever stands in the header, reading it raises nothing."""
    extract(header)


def test_only_a_trace_is_sent_along() -> None:
    """Outside a span nothing is sent; inside one its ids are."""
    telemetry = Telemetry("test", processor=SimpleSpanProcessor(exporter := InMemorySpanExporter()))
    assert inject() is None
    with telemetry.span("ledger.call", parent=extract(f"00-{TRACE}-{SPAN}-00")):
        sent = extract(inject())
    (span,) = exporter.get_finished_spans()
    assert sent is not None
    assert span.context is not None
    assert (sent.trace_id, sent.span_id) == (span.context.trace_id, span.context.span_id)
    assert f"{sent.trace_id:032x}" == TRACE
    telemetry.close()


def test_a_batch_works_for_whom_it_was_gathered_from() -> None:
    """The origins of a batch come before the current span, within its block only."""
    assert current_origins() == ()
    with on_behalf_of((origin(1), origin(2))):
        assert current_origins() == (origin(1), origin(2))
        with on_behalf_of(()):
            assert current_origins() == ()
    assert current_origins() == ()


def test_recent_origins_are_bounded_and_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest key leaves, each key keeps no more than a span may link to, and nothing is given twice."""
    monkeypatch.setattr(limits, "TRACE_ORIGINS_KEPT_MAX", 2)
    monkeypatch.setattr(limits, "TRACE_LINKS_MAX", 2)
    recent = RecentOrigins()
    recent.note("a", (origin(1),))
    recent.note("b", (origin(1), origin(2)))
    recent.note("b", (origin(2), origin(3)))
    recent.note("c", (origin(4),))
    recent.note("d", ())
    assert recent.take("a") == ()
    assert recent.take("b") == (origin(1), origin(2))
    assert recent.take("b") == ()
    assert recent.take("c") == (origin(4),)


def test_a_lane_gives_the_origins_up_to_a_position(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has followed a lane so far gets whose events those were, once; the oldest leave first."""
    monkeypatch.setattr(limits, "TRACE_BATCHES_KEPT_MAX", 2)
    lanes = LaneOrigins()
    for position in (1, 5, 9):
        lanes.note([(0, position), (1, position)], (origin(position),))
    lanes.note([(2, 1)], ())
    assert lanes.take(0, 8) == [origin(5)]
    assert lanes.take(0, 9) == [origin(9)]
    assert (lanes.take(0, 99), lanes.take(2, 99), lanes.take(3, 99)) == ([], [], [])
    assert lanes.take(1, 99) == [origin(5), origin(9)]
