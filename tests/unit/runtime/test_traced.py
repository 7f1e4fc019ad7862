"""A port whose calls are seen."""

from __future__ import annotations

import asyncio
from typing import Generic, Protocol

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.ledger.contract.client import LedgerClient
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.traced import traced
from tests.support.recording_ledger import RecordingLedger


class Adder(Protocol):
    """A port."""

    async def add(self, first: int, second: int = 1) -> int:
        """Add."""
        ...


class RealAdder:
    """Its implementation."""

    async def add(self, first: int, second: int = 1) -> int:
        """Add two numbers; the first must be positive."""
        if first < 0:
            raise ValueError("999990019")
        return first + second


def test_with_telemetry_off_the_port_is_itself() -> None:
    """Nothing stands between caller and port where nobody looks."""
    adder = RealAdder()
    assert traced(Adder, adder, OFF) is adder


def test_every_call_is_a_span() -> None:
    """Arguments, answers and errors pass; the span names port and verb, and of an error its class."""
    exporter = InMemorySpanExporter()
    telemetry = Telemetry("test", processor=SimpleSpanProcessor(exporter))
    real: Adder = RealAdder()
    adder = traced(Adder, real, telemetry)
    assert asyncio.run(adder.add(2)) == 3
    assert asyncio.run(adder.add(2, second=3)) == 5
    with pytest.raises(ValueError, match="999990019"):
        asyncio.run(adder.add(-1))
    spans = exporter.get_finished_spans()
    assert [(span.name, dict(span.attributes or {})) for span in spans] == [
        ("ledger.call", {"port": "Adder", "verb": "add"})
    ] * 3
    assert spans[2].status.description == "ValueError"
    assert "999990019" not in "".join(span.to_json() for span in spans)


def test_the_client_of_the_ledger_has_no_call_unseen() -> None:
    """Every method of the client port is wrapped."""
    telemetry = Telemetry("test", processor=SimpleSpanProcessor(InMemorySpanExporter()))
    recording: LedgerClient = RecordingLedger()
    ledger = traced(LedgerClient, recording, telemetry)
    ports = [each for each in LedgerClient.__mro__ if each not in (Protocol, Generic, object)]
    methods = {name for each in ports for name in vars(each) if not name.startswith("_")}
    assert methods == {name for name in vars(type(ledger)) if not name.startswith("_")}
    assert len(ports) > 1
    assert len(methods) > 20
