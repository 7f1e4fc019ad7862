"""Ports over a road without a network: the server's application is asked directly, all else is the real thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from services.runtime.clock import Clock, FakeClock
from services.runtime.http import Asgi, Message
from services.runtime.ids import Ids, SeededIds
from services.runtime.internal_http import internal_app
from services.runtime.log import Log, MemoryLog
from services.runtime.metrics import Metrics
from services.runtime.remote.client import RAISED_NAME, Reply, remote
from services.runtime.remote.ports import Port, Verb
from services.runtime.remote.server import RemoteServer, Served, Translate, translate_nothing
from services.runtime.service_tokens import ServiceGuard, ServiceTokens
from services.runtime.telemetry import OFF
from tests.support.service_keys import key_of

P = TypeVar("P")
CALLER = "gateway"
CALLEE = "ledger"


class LoopTransport:
    """Implements Transport over an application in the same event loop; what went over it can be looked at."""

    def __init__(self, app: Asgi, token: Callable[[], str]) -> None:
        """Call `app` with tokens of `token`."""
        self._app = app
        self._token = token
        self.sent: list[bytes] = []

    async def post(self, verb: Verb, body: bytes) -> Reply:
        """Bring a call to the application."""
        self.sent.append(body)
        return await ask_app(self._app, verb.path, body, {"authorization": f"Bearer {self._token()}"})


async def ask_app(
    app: Asgi, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, method: str = "POST"
) -> Reply:
    """Make one request of an application."""
    sent: list[Message] = []
    waiting = [{"type": "http.request", "body": body}]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }

    async def receive() -> Message:
        return waiting.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, answer = sent
    return Reply(start["status"], answer["body"], RAISED_NAME in dict(start["headers"]))


async def say_ready() -> Mapping[str, Any]:
    """Be ready."""
    return {"status": "ready"}


def tokens_of(service: str = CALLER, clock: Clock | None = None, ids: Ids | None = None) -> ServiceTokens:
    """Return what a service signs its calls with."""
    return ServiceTokens(service, key_of(service), clock=clock or FakeClock(), ids=ids or SeededIds(3))


def guard_of(*ports: str, callers: frozenset[str] = frozenset({CALLER}), clock: Clock | None = None) -> ServiceGuard:
    """Return the guard of the ledger, which lets these callers call these ports."""
    keys = {name: key_of(name) for name in callers}
    return ServiceGuard(CALLEE, keys, dict.fromkeys(ports, callers), clock=clock or FakeClock())


def server_app(
    *served: tuple[Port[Any], object], translate: Translate = translate_nothing, log: Log | None = None
) -> Asgi:
    """Return the internal application of a process that serves these ports to the gateway."""
    chosen = log or MemoryLog()
    ports = RemoteServer(
        [Served(port=port, implementation=each, translate=translate) for port, each in served],
        guard=guard_of(*(port.name for port, _ in served)),
        log=chosen,
    )
    return internal_app(ready=say_ready, ports=ports, ids=SeededIds(4), log=chosen, metrics=Metrics(), telemetry=OFF)


def over_remote(port: Port[P], implementation: object, translate: Translate = translate_nothing) -> P:
    """Return a port as another process would see this implementation."""
    app = server_app((port, implementation), translate=translate)
    tokens = tokens_of()
    return remote(port, LoopTransport(app, lambda: tokens.token(CALLEE)))
