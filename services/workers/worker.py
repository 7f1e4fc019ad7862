"""One worker process: a whole gateway and ledger, fed with connections by its parent (``python -m … <descriptor>``)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

import msgspec
import uvicorn
import uvloop

from services.companions import Companions
from services.gateway.main import build_gateway
from services.ledger.main import LedgerProcess
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.http import server_options
from services.runtime.log import StructuredLog, silence_libraries
from services.runtime.otlp import open_telemetry
from services.runtime.process import harden
from services.runtime.shared_metrics import SharedMetrics
from services.runtime.siblings import SharedPositions, Siblings
from services.workers.messages import Report, WorkerSettings
from services.workers.serving import HandedServer


class Worker:
    """Serves until its parent closes the channel, goes away, or sends SIGTERM."""

    def __init__(self, channel: socket.socket, settings: WorkerSettings, siblings: Siblings) -> None:
        """Take the channel to the parent and what came over it."""
        self._channel = channel
        self._settings = settings
        self._siblings = siblings
        self._metrics = SharedMetrics(Path(settings.metrics), settings.number)
        self._log = StructuredLog()
        self._server: HandedServer | None = None

    async def serve(self) -> None:
        """Open the ledger, take connections, and close everything in order."""
        settings = self._settings
        telemetry = open_telemetry(os.environ, "grootboek", self._metrics)
        ledger = LedgerProcess(
            conninfo=settings.conninfo,
            vault_file=Path(settings.vault_file),
            clock_kind=settings.clock_kind,
            lanes=settings.lanes,
            metrics=self._metrics,
            log=self._log,
            siblings=self._siblings,
            telemetry=telemetry,
        )
        await ledger.start()
        companions = Companions(
            ledger=ledger,
            conninfo=settings.conninfo,
            home=Path(settings.home),
            metrics=self._metrics,
            log=self._log,
            telemetry=telemetry,
        )
        if settings.number == 0:
            # One worker is enough, and the first is started again when it ends.
            await companions.start()
        else:
            await companions.open_desk()
        sharing = asyncio.create_task(self._share_metrics())
        try:
            app = build_gateway(
                ledger=ledger.client,
                desk=companions.desk,
                issuer_folder=Path(settings.issuer),
                metrics=self._metrics,
                log=self._log,
                telemetry=telemetry,
            )
            config = uvicorn.Config(app, lifespan="off", **server_options())
            self._server = HandedServer(config, lambda: self._begin(ledger))
            await self._server.serve(sockets=[])
        finally:
            sharing.cancel()
            await companions.stop()
            await ledger.stop()
            await asyncio.to_thread(telemetry.close)
            self._metrics.share()

    def _begin(self, ledger: LedgerProcess) -> None:
        """Take connections and nudges from now on, and tell the parent."""
        assert self._server is not None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave)
        loop.add_reader(self._siblings.ears, ledger.listen)
        self._channel.setblocking(False)
        loop.add_reader(self._channel, self._take)
        self._channel.send(msgspec.json.encode(Report()))

    def _take(self) -> None:
        """Take one message of the parent: a connection, or the end."""
        assert self._server is not None
        message, descriptors, _, _ = socket.recv_fds(self._channel, limits.WORKER_MESSAGE_BYTES_MAX, 1)
        for descriptor in descriptors:
            self._server.take(socket.socket(fileno=descriptor))
        if not message:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._server.stop()

    def _leave(self) -> None:
        """Stop by a signal of our own: the parent hears it and hands over nothing more."""
        assert self._server is not None
        self._channel.shutdown(socket.SHUT_WR)
        self._server.stop()

    async def _share_metrics(self) -> None:
        """Leave our metrics to the siblings about once a second."""
        while True:
            await asyncio.to_thread(self._metrics.share)
            await asyncio.sleep(limits.METRICS_SHARED_SECONDS)


def receive_settings(channel: socket.socket) -> tuple[WorkerSettings, Siblings]:
    """Take the parent's first message and the descriptors that came with it."""
    message, descriptors, _, _ = socket.recv_fds(channel, limits.WORKER_MESSAGE_BYTES_MAX, limits.WORKERS_MAX + 2)
    settings = msgspec.json.decode(message, type=WorkerSettings)
    memory, ears, *mouths = descriptors
    positions = SharedPositions(memory, settings.workers)
    return settings, Siblings(number=settings.number, positions=positions, ears=ears, mouths=mouths)


def main() -> int:
    """Run a worker; what keeps it from starting is told to the parent."""
    harden()
    silence_libraries()
    channel = socket.socket(fileno=int(sys.argv[1]))
    worker = Worker(channel, *receive_settings(channel))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(worker.serve())
    except Exception as error:  # noqa: BLE001 - the parent tells it, where somebody reads it
        fault = f"{error.message} {error.remedy}" if isinstance(error, GrootboekError) else repr(error)
        with contextlib.suppress(OSError):
            channel.send(msgspec.json.encode(Report(fault=fault)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
