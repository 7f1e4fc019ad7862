"""What a process shows of itself: it lives, it is ready or not, its metrics; and what crosses a network in clear."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from services.ledger.contract.errors import LedgerBusy
from services.runtime.errors import GrootboekError
from services.runtime.http import Asgi
from services.runtime.ids import SeededIds
from services.runtime.internal_http import PlainHttpRefused, check_calling, check_listening, internal_app
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from services.runtime.remote.client import Reply
from services.runtime.remote.server import RemoteServer
from services.runtime.telemetry import OFF
from tests.support.remote import ask_app, guard_of


def make_app(failing: Exception | None = None) -> Asgi:
    """Return the application of a process that is ready, or not."""

    async def ready() -> Mapping[str, Any]:
        if failing is not None:
            raise failing
        return {"status": "ready", "projectionLag": 3}

    log = MemoryLog()
    ports = RemoteServer([], guard=guard_of(), log=log)
    return internal_app(ready=ready, ports=ports, ids=SeededIds(1), log=log, metrics=Metrics(), telemetry=OFF)


def get(app: Asgi, path: str, method: str = "GET") -> Reply:
    """Ask one question."""
    return asyncio.run(ask_app(app, path, method=method))


def test_it_lives_and_is_ready() -> None:
    """Both are 200; readiness says how things are."""
    app = make_app()
    assert get(app, "/livez").status == 200
    answer = get(app, "/readyz")
    assert (answer.status, msgspec.json.decode(answer.body)) == (200, {"status": "ready", "projectionLag": 3})


@pytest.mark.parametrize(
    ("failing", "cause"),
    [(LedgerBusy(), "ledger-busy"), (GrootboekError(), "internal_error"), (OSError("/secret/path"), "OSError")],
)
def test_what_cannot_work_is_not_ready_and_lives(failing: Exception, cause: str) -> None:
    """Whatever keeps it from its work makes it 503 with the cause by name; it is not started again for that."""
    app = make_app(failing)
    answer = get(app, "/readyz")
    assert (answer.status, msgspec.json.decode(answer.body)["cause"]) == (503, cause)
    assert b"secret" not in answer.body
    assert get(app, "/livez").status == 200


def test_metrics_are_told() -> None:
    """The text of Prometheus, which counts the questions as well."""
    app = make_app()
    get(app, "/livez")
    assert b'route="/livez"' in get(app, "/metrics").body


@pytest.mark.parametrize("path", ["/", "/livez/", "/healthz", "/internal", "/internal/v1", "/v1/parties"])
def test_nothing_else_is_here(path: str) -> None:
    """Other paths are 404."""
    assert get(make_app(), path).status == 404


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_questions_are_asked_by_get(path: str) -> None:
    """No other method asks them."""
    assert get(make_app(), path, "POST").status == 405
    assert get(make_app(), path, "HEAD").status == 200


@pytest.mark.parametrize(
    ("host", "has_tls", "mesh_encrypts", "is_safe"),
    [
        ("127.0.0.1", False, False, True),
        ("::1", False, False, True),
        ("localhost", False, False, True),
        ("0.0.0.0", False, False, False),
        ("::", False, False, False),
        ("10.0.0.8", False, False, False),
        ("ledger", False, False, False),
        ("", False, False, False),
        ("0.0.0.0", True, False, True),
        ("0.0.0.0", False, True, True),
    ],
)
def test_a_server_in_clear_stays_on_its_machine(
    *, host: str, has_tls: bool, mesh_encrypts: bool, is_safe: bool
) -> None:
    """Without TLS or a mesh that encrypts nobody else may reach it."""
    if is_safe:
        check_listening(host, has_tls=has_tls, mesh_encrypts=mesh_encrypts)
    else:
        with pytest.raises(PlainHttpRefused):
            check_listening(host, has_tls=has_tls, mesh_encrypts=mesh_encrypts)


@pytest.mark.parametrize(
    ("url", "mesh_encrypts", "is_safe"),
    [
        ("http://127.0.0.1:8100", False, True),
        ("http://[::1]:8100", False, True),
        ("https://ledger:8100", False, True),
        ("http://ledger:8100", True, True),
        ("http://ledger:8100", False, False),
        ("http://127.0.0.1.example:8100", False, False),
        ("http://127.0.0.1@ledger:8100", False, False),
        ("http://", False, False),
    ],
)
def test_a_call_in_clear_stays_on_this_machine(*, url: str, mesh_encrypts: bool, is_safe: bool) -> None:
    """Without TLS or a mesh that encrypts only this machine is called."""
    if is_safe:
        check_calling(url, mesh_encrypts=mesh_encrypts)
    else:
        with pytest.raises(PlainHttpRefused):
            check_calling(url, mesh_encrypts=mesh_encrypts)
