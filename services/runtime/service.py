"""How a process of the distributed shape lives: it listens, waits for what it needs, works till told to end, drains."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final, TypeVar

import uvloop

from services.runtime import limits
from services.runtime.errors import GrootboekError, Rejected
from services.runtime.gate import Ending, Gate, WaitsFor
from services.runtime.http import Asgi, place_of
from services.runtime.http_server import HttpServer
from services.runtime.ids import SystemIds
from services.runtime.internal_http import Ready, internal_app
from services.runtime.log import Log, StructuredLog, silence_libraries
from services.runtime.log_events import (
    DEPENDENCY_AWAITED,
    DEPENDENCY_READY,
    PROCESS_FAILED,
    PROCESS_STARTED,
    PROCESS_STOPPED,
    START_REFUSED,
)
from services.runtime.metrics import Metrics
from services.runtime.otlp import open_telemetry
from services.runtime.process import STOP_SIGNALS, harden, settle_collector
from services.runtime.remote.client import RemoteFault
from services.runtime.service_settings import InternalSettings

T = TypeVar("T")
REFUSED: Final = os.EX_CONFIG
"""The status of a process that will not start until somebody repairs something: starting it again is in vain."""


class ToldToStop(Exception):
    """The process was told to stop before it was ready."""


class Service:
    """What every process has: a name, a log, metrics, telemetry, a gate, and whoever may tell it to stop."""

    def __init__(self, name: str, *, log: Log | None = None) -> None:
        """Begin with everything but a server; within the event loop."""
        self.name = name
        self.ids = SystemIds()
        self.log = log or StructuredLog()
        self.metrics = Metrics()
        self.telemetry = open_telemetry(os.environ, name, self.metrics)
        self.gate = Gate()
        self._stop = asyncio.Event()
        self._server: HttpServer | None = None

    async def listen(self, settings: InternalSettings, stack: AsyncExitStack) -> None:
        """Answer our own services from now on: first that we live, and are not ready; ``stack`` closes it all."""
        stack.callback(self.telemetry.close)
        app = internal_app(
            ready=self.gate.ready,
            ports=self.gate,
            ids=self.ids,
            log=self.log,
            metrics=self.metrics,
            telemetry=self.telemetry,
        )
        self._server = HttpServer(app, host=settings.host, port=settings.port, tls=settings.tls)
        stack.push_async_callback(self._server.stop)
        await self._server.start()

    async def wait_for(self, dependency: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """What ``attempt`` returns once it does; what may pass is tried again, ever more rarely, and said.

        Raises what does not pass by itself, and ToldToStop.
        """
        self.gate.shut(WaitsFor(dependency))
        begun, pause, waited = time.monotonic(), limits.DEPENDENCY_RETRY_SECONDS_MIN, False
        while True:
            try:
                found = await attempt()
            except (GrootboekError, RemoteFault) as error:
                code = code_of(error)
                seconds = round(time.monotonic() - begun, 1)
                self.log.write(DEPENDENCY_AWAITED, service=self.name, dependency=dependency, seconds=seconds, code=code)
            else:
                if waited:
                    seconds = round(time.monotonic() - begun, 1)
                    self.log.write(DEPENDENCY_READY, service=self.name, dependency=dependency, seconds=seconds)
                return found
            waited = True
            if await self._is_stopped_within(pause):
                raise ToldToStop
            pause = min(2 * pause, limits.DEPENDENCY_RETRY_SECONDS_MAX)

    async def work(self, ports: Asgi, ready: Ready, drain: Callable[[], Awaitable[None]] | None = None) -> None:
        """Be open for calls until told to stop; then take no more of them and finish those under way.

        ``drain`` does so for another door of this process, before ours to our own services is closed.
        """
        self.gate.open(ports, ready)
        settle_collector()
        self.log.write(PROCESS_STARTED, service=self.name)
        await self._stop.wait()
        self.gate.shut(Ending())
        if drain is not None:
            await drain()
        if self._server is not None:
            await self._server.stop()

    def stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    async def _is_stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return False
        return True


def run_service(name: str, serve: Callable[[Service, AsyncExitStack], Awaitable[None]]) -> int:
    """Run a process to its end; its exit status. What keeps it from starting is said where an operator looks."""
    silence_libraries()
    log = StructuredLog()
    try:
        harden()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_live(name, log, serve))
    except ToldToStop:
        return os.EX_OK
    except GrootboekError as error:
        log.write(START_REFUSED, service=name, code=error.code)
        print("\n".join(lines_of(name, error)), file=sys.stderr)  # noqa: T201 - an operator reads it
        return os.EX_TEMPFAIL if error.retryable else REFUSED
    except Exception as error:  # noqa: BLE001 - a stack would quote whatever the process stumbled on
        log.write(PROCESS_FAILED, service=name, error=type(error).__name__, where=place_of(error))
        return os.EX_SOFTWARE
    return os.EX_OK


async def _live(name: str, log: Log, serve: Callable[[Service, AsyncExitStack], Awaitable[None]]) -> None:
    """From the first signal on it ends in order; the second one ends it at once."""
    service = Service(name, log=log)
    loop = asyncio.get_running_loop()

    def heed(number: int) -> None:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
        service.stop()

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, heed, number)
    async with AsyncExitStack() as stack:
        await serve(service, stack)
    log.write(PROCESS_STOPPED, service=name)


def code_of(error: GrootboekError | RemoteFault) -> str:
    """What is said of an error that passes; one that does not pass by itself is raised."""
    if isinstance(error, RemoteFault):
        # Another service fails or does not know us: its repair is not ours to wait for, but to wait does no harm.
        return error.code
    if not error.retryable:
        raise error
    return error.code


def lines_of(name: str, error: GrootboekError) -> list[str]:
    """What is wrong and how to repair it, for a person; no value of a setting stands in it."""
    lines = [f"grootboek {name}: {error.message} {error.remedy}"]
    if isinstance(error, Rejected):
        lines += [f"  {fault.pointer.lstrip('/')}: {fault.message} {fault.remedy}" for fault in error.errors]
    return lines
