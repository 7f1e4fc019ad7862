"""The door in a test: the application before a recording ledger, with tokens of a test issuer and no network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from services.gateway.app import create_app
from services.gateway.auth.issuer import TokenIssuer
from services.gateway.auth.keys import make_keys
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.support.recording_desk import RecordingDesk
from tests.support.recording_ledger import RecordingLedger

OPERATIONS = "/v1/processing-operations"
ALL_SCOPES = "processing:write processing:read subject:access inquiry breach governance retention notice audit"
BSN = "999990019"
ACT: dict[str, Any] = {
    "id": "act-1",
    "operation": "make-available",
    "occurredAt": "2026-05-03T09:00:00Z",
    "controller": "politie",
    "subjects": [{"idType": "BSN", "id": BSN}],
}


class Door:
    """Asks the application; everything it leans on can be looked at."""

    def __init__(self) -> None:
        """Build an application of its own."""
        self.clock = FakeClock()
        self.issuer = TokenIssuer(make_keys(), self.clock, SeededIds(1))
        self.ledger = RecordingLedger()
        self.log = MemoryLog()
        self.metrics = Metrics()
        self.app = create_app(
            ledger=self.ledger,
            desk=RecordingDesk(self.ledger),
            tokens=self.issuer.verifier(),
            clock=self.clock,
            ids=SeededIds(2),
            log=self.log,
            metrics=self.metrics,
        )

    def token(self, scope: str = ALL_SCOPES, party: str = "politie", subject: tuple[str, str] | None = None) -> str:
        """Return a token of the test issuer."""
        return self.issuer.issue(party, scope, subject)

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = "",
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
        **how: Any,
    ) -> httpx.Response:
        """Ask once. Without a token a good one is sent; None sends none."""
        sent = list(headers.items()) if isinstance(headers, dict) else list(headers or ())
        if token is not None:
            sent.append(("Authorization", f"Bearer {token or self.token()}"))
        return asyncio.run(self._ask(method, path, headers=sent, **how))

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
            return await client.request(method, path, **how)

    def post_act(self, body: Any = None, **how: Any) -> httpx.Response:
        """POST an operation, as it is or as raw bytes."""
        if isinstance(body, bytes):
            headers = {"Content-Type": "application/json", **how.pop("headers", {})}
            return self.ask("POST", OPERATIONS, content=body, headers=headers, **how)
        return self.ask("POST", OPERATIONS, json=ACT if body is None else body, **how)

    def post_lines(self, body: bytes, **how: Any) -> httpx.Response:
        """POST a batch of lines."""
        headers = {"Content-Type": "application/x-ndjson", **how.pop("headers", {})}
        return self.ask("POST", OPERATIONS, content=body, headers=headers, **how)


def codes(response: httpx.Response) -> list[tuple[str, str]]:
    """Return pointer and code of every fault of a problem answer."""
    return [(fault["pointer"], fault["code"]) for fault in response.json().get("errors", ())]


def in_chunks(body: bytes, size: int) -> AsyncIterator[bytes]:
    """Return a body that arrives in chunks, without a Content-Length."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return chunks()


def endless(limit: int, seen: list[int]) -> AsyncIterator[bytes]:
    """Return a body that goes on and on; `seen` tells how many chunks were taken."""

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(limit):
            seen.append(number)
            yield b" " * 65_536

    return chunks()


def numbered(count: int) -> Iterator[dict[str, Any]]:
    """Return acts with ids of their own."""
    return ({**ACT, "id": f"act-{number}"} for number in range(count))
