"""The life of a process: what it waits for, what it refuses, and what it says of itself meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.runtime.errors import FieldError, GrootboekError, Rejected, Unavailable
from services.runtime.http import answer_not_found
from services.runtime.log import MemoryLog
from services.runtime.remote.client import RemoteFault, ServiceRefused
from services.runtime.service import REFUSED, Service, ToldToStop, lines_of, run_service
from services.runtime.service_settings import InternalSettings

SETTINGS = InternalSettings(
    host="127.0.0.1",
    port=0,
    tls=None,
    ca_file=None,
    mesh_encrypts=False,
    service_key=Path(),
    service_keys=Path(),
)


class Broken(GrootboekError):
    """This does not pass by itself."""

    code = "broken"
    remedy = "Repair it."


def play(story: Callable[[Service, MemoryLog], Coroutine[Any, Any, None]]) -> MemoryLog:
    """Run a story with a service of its own."""
    log = MemoryLog()

    async def run() -> None:
        async with asyncio.timeout(20):
            await story(Service("ledger", log=log), log)

    asyncio.run(run())
    return log


def test_what_passes_is_waited_for_and_said() -> None:
    """Another service that is away, or that fails, is asked again; how long it took is told at the end."""
    errors: list[Exception] = [Unavailable(), RemoteFault("status 500"), ServiceRefused("service-unknown")]

    async def attempt() -> str:
        if errors:
            raise errors.pop(0)
        return "there"

    async def story(service: Service, _: MemoryLog) -> None:
        assert await service.wait_for("postgres", attempt) == "there"

    said = [(event.name, fields["dependency"], fields.get("code")) for event, fields in play(story).written]
    assert said == [
        ("dependency.awaited", "postgres", "unavailable"),
        ("dependency.awaited", "postgres", "remote-fault"),
        ("dependency.awaited", "postgres", "service-unknown"),
        ("dependency.ready", "postgres", None),
    ]


def test_what_does_not_pass_is_not_waited_for() -> None:
    """An error that somebody has to repair ends the start."""

    async def attempt() -> None:
        raise Broken

    async def story(service: Service, log: MemoryLog) -> None:
        with pytest.raises(Broken):
            await service.wait_for("postgres", attempt)
        assert log.written == []

    play(story)


def test_who_is_told_to_stop_while_waiting_stops() -> None:
    """The wait ends at once."""

    async def attempt() -> None:
        raise Unavailable

    async def story(service: Service, _: MemoryLog) -> None:
        waiting = asyncio.create_task(service.wait_for("postgres", attempt))
        await asyncio.sleep(0)
        service.stop()
        with pytest.raises(ToldToStop):
            await waiting

    play(story)


def test_it_says_truly_whether_it_is_ready() -> None:
    """Alive from the first moment, not ready while it waits, for what it names; ready; and no more at its end."""

    async def story(service: Service, log: MemoryLog) -> None:
        arrived, drained = asyncio.Event(), asyncio.Event()

        async def attempt() -> None:
            if not arrived.is_set():
                raise Unavailable

        async def ready() -> dict[str, str]:
            return {"status": "ready"}

        async def drain() -> None:
            assert (await asking.get("/readyz")).json()["cause"] == "ending"
            drained.set()

        async with AsyncExitStack() as stack:
            await service.listen(SETTINGS, stack)
            assert service._server is not None
            asking = await stack.enter_async_context(
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{service._server.port}")
            )
            assert (await asking.get("/livez")).status_code == 200
            assert (await asking.get("/readyz")).json()["cause"] == "waits-for-start"
            waiting = asyncio.create_task(service.wait_for("kafka", attempt))
            await asyncio.sleep(0)
            answer = await asking.get("/readyz")
            assert (answer.status_code, answer.json()["cause"]) == (503, "waits-for-kafka")
            called = await asking.post("/internal/v1/ledger/ready", json={})
            assert (called.status_code, called.headers["retry-after"]) == (503, "1")
            arrived.set()
            await waiting
            working = asyncio.create_task(service.work(answer_not_found, ready, drain=drain))
            await asyncio.sleep(0)
            assert (await asking.get("/readyz")).json() == {"status": "ready"}
            assert (await asking.post("/internal/v1/ledger/ready", json={})).status_code == 404
            service.stop()
            await working
        assert drained.is_set()

    play(story)


@pytest.fixture
def soft(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave this process, which is that of the tests, as it is."""
    for name in ("harden", "silence_libraries", "settle_collector"):
        monkeypatch.setattr(f"services.runtime.service.{name}", lambda: None)


@pytest.mark.usefixtures("soft")
def test_a_signal_ends_it_in_order(capfd: pytest.CaptureFixture[str]) -> None:
    """SIGTERM drains and ends with status 0; what the stack holds is closed."""
    closed: list[str] = []

    async def serve(service: Service, stack: AsyncExitStack) -> None:
        stack.callback(closed.append, "closed")
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        await service.work(answer_not_found, never)

    assert run_service("ledger", serve) == 0
    assert closed == ["closed"]
    assert '"process.stopped"' in capfd.readouterr().err


async def never() -> dict[str, str]:
    """Is not asked."""
    raise AssertionError


@pytest.mark.usefixtures("soft")
@pytest.mark.parametrize(("error", "status"), [(Broken(), REFUSED), (Unavailable(), os.EX_TEMPFAIL)])
def test_what_keeps_it_from_starting_is_said(
    capfd: pytest.CaptureFixture[str], error: GrootboekError, status: int
) -> None:
    """On stderr, with the remedy; the status tells whether another start is of use."""

    async def serve(_: Service, __: AsyncExitStack) -> None:
        raise error

    assert run_service("notifier", serve) == status
    said = capfd.readouterr().err
    assert f"grootboek notifier: {error.message} {error.remedy}" in said
    assert '"process.start-refused"' in said


@pytest.mark.usefixtures("soft")
def test_a_fault_of_ours_is_said_without_what_it_quotes(capfd: pytest.CaptureFixture[str]) -> None:
    """One line of the log with class and place; no stack, and nothing of a message that may hold a value."""

    async def serve(_: Service, __: AsyncExitStack) -> None:
        raise ValueError("999990019")

    assert run_service("ledger", serve) == os.EX_SOFTWARE
    (line,) = capfd.readouterr().err.splitlines()
    assert '"process.failed"' in line
    assert '"ValueError"' in line
    assert "test_service.py" in line
    assert "999990019" not in line


def test_every_fault_is_a_line_of_its_own() -> None:
    """Setting, what is wrong and what to do."""
    fault = FieldError(pointer="/GROOTBOEK_LANES", code="x", message="No number.", remedy="Give one.")
    assert lines_of("ledger", Rejected((fault,)))[1:] == ["  GROOTBOEK_LANES: No number. Give one."]
