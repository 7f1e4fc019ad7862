"""Whose traces a batch belongs to: one caller's, several callers' by links, and never the first caller's for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

from services.ledger.contract.topics import PROCESSING_RECORDED
from services.ledger.entrypoints.project import ProjectorThread
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.writer import AppendWriter
from services.runtime import limits
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from services.runtime.telemetry import Telemetry
from services.runtime.trace_context import LaneOrigins, context_of
from tests.support.envelopes import insert_events, make_envelope
from tests.support.operations import prepare_many

TRACES = [f"{number:02x}f7651916cd43dd8448eb211c80319c" for number in range(1, 60)]
SPAN = "b7ad6b7169203331"


def remote(trace: str) -> SpanContext:
    """The span of a partner."""
    context = context_of(trace, SPAN)
    assert context is not None
    return context


def trace_of(span: ReadableSpan) -> str:
    """The trace of a span."""
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Where the spans go."""
    return InMemorySpanExporter()


@pytest.fixture
def telemetry(exporter: InMemorySpanExporter) -> Iterator[Telemetry]:
    """Telemetry that is on."""
    made = Telemetry("test", processor=SimpleSpanProcessor(exporter))
    yield made
    made.close()


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    """The finished spans of a name."""
    return [span for span in exporter.get_finished_spans() if span.name == name]


def append_from(database: str, telemetry: Telemetry, rounds: list[list[str]]) -> AppendWriter:
    """One append for each trace; those of a round at once, the rounds one after the other."""
    open_ledger(database, 1, "system")
    writer = AppendWriter(conninfo=database, telemetry=telemetry)

    async def call(trace: str) -> None:
        with telemetry.span("ledger.call", parent=remote(trace), port="test", verb="append"):
            await writer.append(prepare_many(2))

    async def story() -> None:
        async with asyncio.timeout(60):
            await writer.start()
            for traces in rounds:
                await asyncio.gather(*map(call, traces))
            await writer.stop()

    asyncio.run(story())
    return writer


def test_a_batch_of_one_caller_stands_in_his_trace(
    database: str, telemetry: Telemetry, exporter: InMemorySpanExporter
) -> None:
    """Also the second one's: the writer was started by the first and works for everybody."""
    writer = append_from(database, telemetry, [TRACES[:1], TRACES[1:2]])
    assert [f"{origin.trace_id:032x}" for origin in writer.lane_origins.take(0, 4)] == TRACES[:2]
    appends = named(exporter, "ledger.append")
    assert [trace_of(span) for span in appends] == TRACES[:2]
    assert [dict(span.attributes or {}) for span in appends] == [{"lane": 0, "events": 2, "operations": 2}] * 2
    assert [span.links for span in appends] == [(), ()]


def test_a_batch_of_many_callers_links_to_some_of_them(
    database: str, telemetry: Telemetry, exporter: InMemorySpanExporter
) -> None:
    """It has a trace of its own, with a link for each origin, up to the bound."""
    append_from(database, telemetry, [TRACES])
    appends = named(exporter, "ledger.append")
    assert sum((span.attributes or {})["operations"] for span in appends) == 2 * len(TRACES)  # type: ignore[misc]
    large = max(appends, key=lambda span: len(span.links))
    assert len(large.links) == min(limits.TRACE_LINKS_MAX, len(TRACES) - len(appends) + 1)
    assert large.parent is None
    assert trace_of(large) not in TRACES
    linked = {f"{link.context.trace_id:032x}" for link in large.links}
    assert linked < set(TRACES)


def test_the_projection_of_a_batch_follows_its_caller(
    database: str, telemetry: Telemetry, exporter: InMemorySpanExporter
) -> None:
    """In the process that wrote it the projector knows whose batch it applies."""
    open_ledger(database, 1, "system")
    origins = LaneOrigins()
    origins.note([(0, 4)], (remote(TRACES[2]),))
    insert_acts(database, {}, {}, {}, {})
    project(database, telemetry, origins, 4)
    (applied,) = named(exporter, "ledger.project")
    assert trace_of(applied) == TRACES[2]
    assert dict(applied.attributes or {}) == {"lane": 0, "events": 4}


def test_the_projection_links_to_the_spans_that_acts_name(
    database: str, telemetry: Telemetry, exporter: InMemorySpanExporter
) -> None:
    """In another process the stored events say whose they are; one that says nothing, or a number, has no link."""
    open_ledger(database, 1, "system")
    number = "999990123".rjust(32, "0")
    insert_acts(
        database,
        {"trace_id": TRACES[0], "span_id": SPAN},
        {"trace_id": TRACES[1], "span_id": None},
        {"trace_id": number, "span_id": SPAN},
        {},
    )
    project(database, telemetry, LaneOrigins(), 4)
    (applied,) = named(exporter, "ledger.project")
    assert [(f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}") for link in applied.links] == [
        (TRACES[0], SPAN)
    ]


def insert_acts(database: str, *acts: dict[str, Any]) -> None:
    """Store acts on one person with these fields in their envelopes."""
    with psycopg.connect(database, autocommit=True) as connection:
        events = [(0, UUID(int=1, version=4), PROCESSING_RECORDED, make_envelope(**each)) for each in acts]
        insert_events(connection, events)


def project(database: str, telemetry: Telemetry, origins: LaneOrigins, until: int) -> None:
    """Let a projector apply what is there."""
    metrics = Metrics()
    projector = ProjectorThread(
        conninfo=database, log=MemoryLog(), metrics=metrics, telemetry=telemetry, origins=origins
    )
    projector.start()
    try:
        projector.wait_for(0, until, 20)
    finally:
        projector.stop()
    assert 'grootboek_leader{lane="all",role="projector"} 1' in metrics.exposition()
    assert "grootboek_projection_seconds_count 1" in metrics.exposition()
