"""Ports between two real ends: tokens, encryption, large bodies, traces, and a server that drains."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.ledger.contract.errors import IdempotencyConflict, say_as_ours
from services.ledger.contract.messages import Caller, Receipt, Submission
from services.ledger.contract.remote import LEDGER, RETENTION
from services.runtime.clock import SystemClock
from services.runtime.errors import GrootboekError
from services.runtime.http import Asgi
from services.runtime.http_server import AddressTaken, HttpServer, ServerEnded, TlsFiles
from services.runtime.ids import SeededIds
from services.runtime.internal_http import internal_app
from services.runtime.log import Log, MemoryLog
from services.runtime.log_events import SERVICE_REFUSED
from services.runtime.metrics import Metrics
from services.runtime.remote.client import RemoteFault, ServiceRefused, ServiceUnreachable, remote
from services.runtime.remote.server import RemoteServer, Served
from services.runtime.remote.transport import HttpTransport
from services.runtime.service_tokens import ServiceUnknown
from services.runtime.telemetry import OFF, Telemetry
from tests.support.recording import act, submission
from tests.support.recording_ledger import RecordingLedger, receipt_for
from tests.support.remote import CALLEE, guard_of, say_ready, tokens_of
from tests.support.scripted_server import until

HOST = "127.0.0.1"
CALLER = Caller(party="politie", scopes=frozenset({"processing:write"}))


class SlowLedger(RecordingLedger):
    """A ledger that answers its records when it is let."""

    def __init__(self) -> None:
        """Begin shut."""
        super().__init__()
        self.open = asyncio.Event()

    async def record(self, caller: Caller, submissions: Sequence[Submission]) -> list[Receipt | GrootboekError]:
        """Answer as soon as it may."""
        self.note("record", caller, tuple(submissions))
        await self.open.wait()
        return [receipt_for(each.key) for each in submissions]


def app_of(ledger: object, telemetry: Telemetry = OFF, log: MemoryLog | None = None) -> Asgi:
    """Return the internal application of a ledger, on the clock of the wall."""
    chosen = log or MemoryLog()
    served = [Served(port=LEDGER, implementation=ledger, translate=say_as_ours)]
    ports = RemoteServer(served, guard=guard_of(LEDGER.name, clock=SystemClock()), log=chosen)
    return internal_app(
        ready=say_ready, ports=ports, ids=SeededIds(4), log=chosen, metrics=Metrics(), telemetry=telemetry
    )


@asynccontextmanager
async def serving(app: Asgi, tls: TlsFiles | None = None) -> AsyncIterator[HttpServer]:
    """Serve an application at a free port."""
    server = HttpServer(app, host=HOST, port=0, tls=tls)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def calling(
    server: HttpServer, tls: ssl.SSLContext | None = None, service: str = "gateway", log: Log | None = None
) -> AsyncIterator[HttpTransport]:
    """Call a server as a service, with tokens of now."""
    tokens = tokens_of(service, SystemClock())
    scheme = "http" if tls is None else "https"
    transport = HttpTransport(
        f"{scheme}://{HOST}:{server.port}", token=lambda: tokens.token(CALLEE), tls=tls, log=log or MemoryLog()
    )
    try:
        yield transport
    finally:
        await transport.close()


def make_certificate(folder: Path) -> TlsFiles:
    """Make a certificate of this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(certificate=folder / "certificate.pem", key=folder / "key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    files.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return files


def test_a_large_batch_and_its_answers_cross_the_road() -> None:
    """Thousands of acts go in one call; every receipt and every error comes back in its place."""
    ledger = RecordingLedger()
    ledger.failing_keys = {"k17": IdempotencyConflict()}
    many = [submission(act(name="n" * 200), f"k{number}") for number in range(4_000)]

    async def main() -> list[Any]:
        async with serving(app_of(ledger)) as server, calling(server) as transport:
            return await remote(LEDGER, transport).record(CALLER, many)

    answers = asyncio.run(main())
    assert list(ledger.submissions) == many
    assert isinstance(answers[17], IdempotencyConflict)
    assert [each.id for each in answers if isinstance(each, Receipt)] == [
        each.key for each in many if each.key != "k17"
    ]


def test_many_calls_at_once_each_get_their_own_answer() -> None:
    """Answers are never given to somebody else, however many calls are under way."""

    async def main() -> None:
        async with serving(app_of(RecordingLedger())) as server, calling(server) as transport:
            ledger = remote(LEDGER, transport)
            keys = [f"k{number}" for number in range(400)]
            answers = await asyncio.gather(*(ledger.read_operation(CALLER, key) for key in keys))
            assert [answer["id"] for answer in answers] == keys

    asyncio.run(main())


def test_calls_are_encrypted_where_there_is_a_certificate(tmp_path: Path) -> None:
    """Over TLS the same calls give the same answers, and a server that cannot be believed is not spoken to."""
    files = make_certificate(tmp_path)
    believing = ssl.create_default_context(cafile=str(files.certificate))

    async def main() -> None:
        async with serving(app_of(RecordingLedger()), files) as server:
            async with calling(server, believing) as transport:
                assert await remote(LEDGER, transport).checkpoint(0) == "grootboek\n0\n"
            async with calling(server, ssl.create_default_context()) as transport:
                with pytest.raises(ServiceUnreachable):
                    await remote(LEDGER, transport).checkpoint(0)

    asyncio.run(main())


def test_another_service_or_port_is_not_served() -> None:
    """A service without rights, or a port that is not here, is a fault of how things were put together."""
    log, told = MemoryLog(), MemoryLog()

    async def main() -> None:
        async with serving(app_of(RecordingLedger(), log=log)) as server:
            async with calling(server, service="retention", log=told) as transport:
                with pytest.raises(ServiceRefused) as refused:
                    await remote(LEDGER, transport).ready()
                assert refused.value.code == "service-unknown"
            async with calling(server) as transport:
                with pytest.raises(RemoteFault):
                    await remote(RETENTION, transport).due_days()

    asyncio.run(main())
    assert {fields["code"] for event, fields in log.written if event.name == "call.refused"} == {
        "service-unknown",
        "verb-unknown",
    }
    assert told.written[-1] == (
        SERVICE_REFUSED,
        {"route": "/internal/v1/ledger/ready", "code": "service-unknown", "remedy": ServiceUnknown.remedy},
    )


def test_a_trace_goes_on_in_the_other_process() -> None:
    """The span of the server lies under the one in which the call was made, in the same trace."""
    spans = InMemorySpanExporter()
    telemetry = Telemetry("test", processor=SimpleSpanProcessor(spans))

    async def main() -> None:
        async with serving(app_of(RecordingLedger(), telemetry)) as server, calling(server) as transport:
            with telemetry.span("ledger.call", port="LedgerClient", verb="ready"):
                await remote(LEDGER, transport).ready()

    asyncio.run(main())
    inner, outer = spans.get_finished_spans()
    assert (inner.name, outer.name) == ("internal.request", "ledger.call")
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert inner.context.trace_id == outer.context.trace_id
    assert (inner.attributes or {})["route"] == "/internal/v1/ledger/ready"


def test_a_server_that_stops_answers_what_it_was_asked() -> None:
    """Who was being answered gets his answer; who comes later finds nobody."""

    async def main() -> None:
        ledger = SlowLedger()
        server = HttpServer(app_of(ledger), host=HOST, port=0)
        await server.start()
        async with calling(server) as transport:
            port = remote(LEDGER, transport)
            asked = asyncio.create_task(port.record(CALLER, [submission(act(), "k")]))
            await until(lambda: bool(ledger.asked))
            stopping = asyncio.create_task(server.stop())
            await until(lambda: not is_listening(server.port))
            assert not stopping.done()
            ledger.open.set()
            assert [each.id for each in await asked if isinstance(each, Receipt)] == ["k"]
            await stopping
            with pytest.raises(ServiceUnreachable):
                await port.ready()

    asyncio.run(main())


def is_listening(port: int) -> bool:
    """Tell whether somebody accepts connections at a port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def test_a_server_that_cannot_listen_says_so(tmp_path: Path) -> None:
    """A port that is taken and a key that is none are errors of the start, which end no process by themselves."""

    async def main() -> None:
        async with serving(app_of(RecordingLedger())) as server:
            with pytest.raises(AddressTaken):
                await HttpServer(app_of(RecordingLedger()), host=HOST, port=server.port).start()
        files = make_certificate(tmp_path)
        files.key.write_bytes(b"no key")
        with pytest.raises(ServerEnded):
            await HttpServer(app_of(RecordingLedger()), host=HOST, port=0, tls=files).start()

    asyncio.run(main())


def test_everybody_on_this_machine_may_ask_how_it_is() -> None:
    """Liveness, readiness and metrics need no token."""

    async def main() -> list[int]:
        async with serving(app_of(RecordingLedger())) as server, httpx.AsyncClient() as client:
            here = f"http://{HOST}:{server.port}"
            return [(await client.get(here + path)).status_code for path in ("/livez", "/readyz", "/metrics", "/")]

    assert asyncio.run(main()) == [200, 200, 200, 404]
