"""The ledger, its companions and the gateway in one process: what a scenario's clock needs, since it lives in one."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from concurrent.futures import Future
from pathlib import Path

import msgspec
import uvicorn
import uvloop

from services.companions import Companions
from services.gateway.main import build_gateway
from services.ledger.main import LedgerProcess
from services.ledger.storage.open_ledger import ClockKind
from services.runtime import limits
from services.runtime.http import server_options
from services.runtime.log import StructuredLog
from services.runtime.metrics import Metrics
from services.runtime.otlp import open_telemetry
from services.workers.serving import NotifyingServer


class SingleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything stands: ``home`` with the vault and what notifier keeps, the folder of the token issuer."""

    conninfo: str
    home: Path
    vault_file: Path
    issuer: Path
    clock_kind: ClockKind
    lanes: int


class SingleProcess:
    """Serves on ``listener`` in a thread of ours."""

    def __init__(self, settings: SingleSettings, listener: socket.socket, log: StructuredLog) -> None:
        """Ready to start."""
        self._settings = settings
        self._socket = listener
        self._log = log
        self._metrics = Metrics()
        self._thread = threading.Thread(target=self._run_loop, name="ledger", daemon=True)
        self._started: Future[LedgerProcess] = Future()
        self._server: NotifyingServer | None = None

    def start(self) -> LedgerProcess:
        """Return the ledger when it serves; raises what kept it from starting."""
        self._thread.start()
        return self._started.result()

    def stop(self) -> None:
        """Answer what was asked, and end."""
        if self._server is not None:
            self._server.stop()
            self._thread.join(limits.SHUTDOWN_SECONDS_MAX + 5)

    def _run_loop(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the start
            if not self._started.done():
                self._started.set_exception(error)

    async def _serve(self) -> None:
        settings = self._settings
        telemetry = open_telemetry(os.environ, "grootboek", self._metrics)
        ledger = LedgerProcess(
            conninfo=settings.conninfo,
            vault_file=settings.vault_file,
            clock_kind=settings.clock_kind,
            lanes=settings.lanes,
            metrics=self._metrics,
            log=self._log,
            telemetry=telemetry,
        )
        await ledger.start()
        companions = Companions(
            ledger=ledger,
            conninfo=settings.conninfo,
            home=settings.home,
            metrics=self._metrics,
            log=self._log,
            telemetry=telemetry,
        )
        await companions.start()
        try:
            app = build_gateway(
                ledger=ledger.client,
                desk=companions.desk,
                issuer_folder=settings.issuer,
                metrics=self._metrics,
                log=self._log,
                telemetry=telemetry,
            )
            config = uvicorn.Config(app, lifespan="off", **server_options())
            self._server = NotifyingServer(config, lambda: self._started.set_result(ledger))
            await self._server.serve(sockets=[self._socket])
        finally:
            await companions.stop()
            await ledger.stop()
            await asyncio.to_thread(telemetry.close)
