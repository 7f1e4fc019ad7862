"""What holds for every answer of the door: headers, problems, paths, methods, telemetry."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.gateway.app import create_app
from services.gateway.catalogue import CALLS
from services.gateway.openapi import render
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy
from services.runtime import limits
from services.runtime.http import OuterDoor, Send, problem_of
from services.runtime.ids import SeededIds
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from services.runtime.telemetry import Telemetry
from tests.support.door import BSN, OPERATIONS, Door

COMMON = {
    "api-version": "1.0.0",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "referrer-policy": "no-referrer",
}


@pytest.fixture
def door() -> Door:
    """Return a door of its own."""
    return Door()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/v1/openapi.json", 200),
        ("GET", "/nothing", 404),
        ("PUT", OPERATIONS, 405),
        ("POST", OPERATIONS, 415),
        ("POST", f"{OPERATIONS}/", 404),
        ("GET", "/healthz/", 404),
        ("OPTIONS", OPERATIONS, 405),
        ("BREW", OPERATIONS, 405),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("GET", "/healthz//", 404),
    ],
)
def test_every_answer_has_the_common_headers(door: Door, method: str, path: str, status: int) -> None:
    """Version and security headers stand on every answer; a trailing slash is another path, not a redirect."""
    response = door.ask(method, path)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in COMMON} == COMMON
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status


def test_every_path_of_the_catalogue_leads_to_its_own_call(door: Door) -> None:
    """A path is counted under its own template, whether it goes straight from the door or through the router."""
    for path in {call.path for call in CALLS}:
        allowed = ", ".join(sorted(call.method for call in CALLS if call.path == path))
        assert door.ask("PUT", path.replace("{", "").replace("}", "")).headers["allow"] == allowed
        assert door.metrics.value("grootboek_requests_total", route=path, method="PUT", status=405) == 1


def test_a_500_has_the_common_headers_too(door: Door) -> None:
    """An answer to a fault of ours is no different."""
    door.ledger.failing = ZeroDivisionError()
    response = door.post_act()
    assert response.status_code == 500
    assert {name: response.headers.get(name) for name in COMMON} == COMMON


def test_a_wrong_method_names_the_right_ones(door: Door) -> None:
    """405 comes with Allow, which names every method of the path."""
    assert door.ask("DELETE", "/v1/parties").headers["allow"] == "GET, POST"


def test_only_the_description_is_open_to_other_origins(door: Door) -> None:
    """CORS is for /openapi.json alone, which everybody may read without a token."""
    description = door.ask("GET", "/openapi.json", token=None, headers={"Origin": "https://example.org"})
    assert description.headers["access-control-allow-origin"] == "*"
    assert description.content == render()
    for path in ("/healthz", OPERATIONS):
        response = door.ask("GET", path, headers={"Origin": "https://example.org"})
        assert "access-control-allow-origin" not in response.headers


def test_what_is_public_answers_head(door: Door) -> None:
    """HEAD works where everybody may look, and is no way around the record of a read."""
    assert door.ask("HEAD", "/healthz", token=None).status_code == 200
    assert door.ask("HEAD", "/openapi.json", token=None).status_code == 200
    assert door.ask("HEAD", f"{OPERATIONS}/act-1", headers={"Grootboek-Purpose": "operations"}).status_code == 405


@pytest.mark.parametrize(
    ("accept", "status"),
    [("*/*", 200), ("application/*", 200), ("application/json;q=0.5, text/html", 200), ("text/html", 406)],
)
def test_accept_is_honoured(door: Door, accept: str, status: int) -> None:
    """A caller that accepts nothing we have gets 406, before the ledger is asked."""
    headers = {"Accept": accept, "Grootboek-Purpose": "access-request"}
    assert door.ask("GET", "/v1/access-requests/r/report", headers=headers).status_code == status
    assert len(door.ledger.asked) == (1 if status == 200 else 0)


def test_calls_of_later_issues_are_not_there(door: Door) -> None:
    """What is not built yet gives 404, not an empty promise."""
    for path in ("/v1/traces", "/v1/data-processing-operations", "/v1/breaches/a/ap-form"):
        assert door.ask("POST", path, json={}).status_code == 404


def test_metrics_and_spans_hold_templates_only() -> None:
    """An id in a path stands in no metric, span or log line; only the template of its route does."""
    exporter = InMemorySpanExporter()
    door = Door()
    door.app = create_app(
        ledger=door.ledger,
        tokens=door.issuer.verifier(),
        clock=door.clock,
        log=door.log,
        metrics=door.metrics,
        telemetry=Telemetry("test", processor=SimpleSpanProcessor(exporter)),
    )
    door.ask("GET", f"{OPERATIONS}/canary-id/proof")
    door.ask("GET", "/canary-path")
    door.ask("CANARYMETHOD", OPERATIONS)
    door.post_act(b"canary-body")
    spans = [(span.name, dict(span.attributes or {})) for span in exporter.get_finished_spans()]
    assert spans[:2] == [
        ("ledger.call", {"port": "LedgerClient", "verb": "prove"}),
        ("gateway.request", {"method": "GET", "route": f"{OPERATIONS}/{{id}}/proof", "status": 200}),
    ]
    template = f"{OPERATIONS}/{{id}}/proof"
    assert door.metrics.value("grootboek_requests_total", route=template, method="GET", status=200) == 1
    assert "canary" not in (repr(spans) + door.metrics.exposition() + repr(door.log.written)).lower()


@pytest.mark.parametrize("where", ["path", "query", "header"])
def test_long_heads_are_refused(door: Door, where: str) -> None:
    """An address or headers longer than any of ours give 400 before anything looks at them."""
    path = {"path": "/v1/" + "x" * limits.URL_BYTES_MAX, "query": f"{OPERATIONS}?a={'x' * limits.URL_BYTES_MAX}"}
    headers = {"X-Long": "x" * limits.HEADER_BYTES_MAX} if where == "header" else {}
    response = door.ask("GET", path.get(where, OPERATIONS), headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "head-too-large")


class Busy:
    """An application that holds every request until it is let go."""

    def __init__(self) -> None:
        """Hold."""
        self.go = asyncio.Event()
        self.entered = asyncio.Semaphore(0)

    async def __call__(self, _: Any, __: Any, send: Send) -> None:
        """Answer 204 when let go."""
        self.entered.release()
        await self.go.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_concurrency_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request above the bound gets 503 with Retry-After at once; whether the process lives is always told."""
    monkeypatch.setattr(limits, "REQUESTS_CONCURRENT_MAX", 2)

    async def run() -> list[int]:
        busy = Busy()
        outer = OuterDoor(busy, ids=SeededIds(), log=MemoryLog(), metrics=Metrics(), telemetry=Telemetry("test"))
        statuses: list[int] = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        def request(path: str) -> Any:
            return outer(
                {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}, receive, send
            )

        waiting = [asyncio.create_task(request("/v1/x")) for _ in range(2)]
        for _ in waiting:
            await busy.entered.acquire()
        await request("/v1/x")
        alive = asyncio.create_task(request("/healthz"))
        await busy.entered.acquire()
        busy.go.set()
        await asyncio.gather(*waiting, alive)
        return statuses

    assert asyncio.run(run()) == [503, 204, 204, 204]


def test_a_client_that_goes_away_is_no_fault(door: Door) -> None:
    """A body that ends in a disconnect is neither recorded nor logged as a failure of ours."""

    async def run() -> None:
        messages = iter([{"type": "http.request", "body": b'{"a"', "more_body": True}, {"type": "http.disconnect"}])

        async def receive() -> Any:
            return next(messages)

        async def send(_: Any) -> None:
            raise AssertionError("nobody is there to answer")

        headers = [
            (b"authorization", f"Bearer {door.token()}".encode()),
            (b"content-type", b"application/json"),
        ]
        scope = {
            "type": "http",
            "method": "POST",
            "path": OPERATIONS,
            "raw_path": OPERATIONS.encode(),
            "query_string": b"",
            "headers": headers,
            "http_version": "1.1",
            "scheme": "http",
            "root_path": "",
        }
        await door.app(scope, receive, send)

    asyncio.run(run())
    assert door.ledger.asked == []
    assert [event.name for event, _ in door.log.written] == ["request.answered"]


def test_problems_of_faults_of_ours_do_not_tell_their_message() -> None:
    """What broke inside is for the log: below 500 the message is told, from 500 on the class's sentence only."""
    told = [problem_of(error)["detail"] for error in (IdempotencyConflict("exact"), LedgerBusy("canary"))]
    assert told == ["exact", "The ledger cannot take more now; nothing of this request was stored."]


def test_every_call_is_documented_once() -> None:
    """No two calls share a name, or a method and path."""
    assert len({call.name for call in CALLS}) == len(CALLS)
    assert len({(call.method, call.path) for call in CALLS}) == len(CALLS)


def test_a_browser_cannot_be_told_a_number_it_sent(door: Door) -> None:
    """A path that is a citizen's number is unknown, and stands in no answer."""
    response = door.ask("GET", f"/v1/{BSN}")
    assert response.status_code == 404
    assert BSN not in response.text + door.metrics.exposition() + repr(door.log.written)
