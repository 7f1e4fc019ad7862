"""What every process of the distributed shape shows to ours only: does it live, is it ready, its metrics, its ports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from services.runtime.errors import GrootboekError, Kind
from services.runtime.hosts import is_loopback
from services.runtime.http import (
    TEMPLATE_KEY,
    Answer,
    Asgi,
    MethodNotAllowed,
    OuterDoor,
    Receive,
    Scope,
    Send,
    problem_answer,
    send_answer,
)
from services.runtime.ids import Ids
from services.runtime.log import Log
from services.runtime.metrics import Metrics
from services.runtime.remote.ports import PREFIX
from services.runtime.telemetry import Telemetry

LIVE: Final = "/livez"
READY: Final = "/readyz"
METRICS: Final = "/metrics"
METRICS_MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"
READS: Final = frozenset({"GET", "HEAD"})

Ready = Callable[[], Awaitable[Mapping[str, Any]]]
"""Says how a process is; raises when it cannot do its work."""


class NotReady(GrootboekError):
    """This process cannot do its work at this moment."""

    code = "not-ready"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "See `cause`, and the log of this process."


class PathUnknown(GrootboekError):
    """There is nothing at this address."""

    code = "path-unknown"
    kind = Kind.NOT_FOUND
    remedy = "Ask /livez, /readyz or /metrics, or call a port of this process."


class PlainHttpRefused(GrootboekError):
    """Calls between our services would cross the network unencrypted."""

    code = "plain-http-refused"
    remedy = "Give TLS files and https addresses, or set GROOTBOEK_MESH_ENCRYPTS=true where a mesh encrypts traffic."


def internal_app(*, ready: Ready, ports: Asgi, ids: Ids, log: Log, metrics: Metrics, telemetry: Telemetry) -> OuterDoor:
    """Return the application behind a door of its own; `ports` is a RemoteServer."""
    app = InternalApp(ready=ready, ports=ports, metrics=metrics)
    return OuterDoor(app, ids=ids, log=log, metrics=metrics, telemetry=telemetry, span="internal.request")


class InternalApp:
    """Three questions that any machine may ask, and the ports."""

    def __init__(self, *, ready: Ready, ports: Asgi, metrics: Metrics) -> None:
        """Ask `ready` how things are; hand calls to `ports`."""
        self._ready = ready
        self._ports = ports
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        if path.startswith(PREFIX):
            await self._ports(scope, receive, send)
            return
        await send_answer(send, await self._answer(scope, path))

    async def _answer(self, scope: Scope, path: str) -> Answer:
        """Answer one of the three questions."""
        if path not in {LIVE, READY, METRICS}:
            return problem_answer(PathUnknown())
        scope[TEMPLATE_KEY] = path
        if scope["method"] not in READS:
            return problem_answer(MethodNotAllowed(tuple(sorted(READS))))
        if path == LIVE:
            return Answer(200, msgspec.json.encode({"status": "ok"}))
        if path == METRICS:
            return Answer(200, self._metrics.exposition().encode(), METRICS_MEDIA)
        return await self._readiness()

    async def _readiness(self) -> Answer:
        """Say how the process is: 503 for whatever keeps it from its work, an error of any kind."""
        try:
            return Answer(200, msgspec.json.encode(await self._ready()))
        except Exception as error:  # noqa: BLE001 - whatever it is, the process is not ready
            cause = error.code if isinstance(error, GrootboekError) else type(error).__name__
            return problem_answer(NotReady(), cause=cause)


def check_listening(host: str, *, has_tls: bool, mesh_encrypts: bool) -> None:
    """Raise PlainHttpRefused when others on the network could read what is said at this address."""
    if not (has_tls or mesh_encrypts or is_loopback(host)):
        raise PlainHttpRefused


def check_calling(url: str, *, mesh_encrypts: bool) -> None:
    """Raise PlainHttpRefused when others on the network could read what is said to this address."""
    parts = urlsplit(url)
    if not (parts.scheme == "https" or mesh_encrypts or is_loopback(parts.hostname or "")):
        raise PlainHttpRefused
