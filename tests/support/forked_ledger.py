"""A whole gateway and ledger on a PostgreSQL of the test's choice, in a process that may die as often as need be.

`Zygote` is a process that has loaded everything and opened nothing; each ledger is forked off it, which takes a tenth
of the time of a start from nothing. Without retention and notifier nothing runs in it but what a test asks and the
threads that follow the log; with Kafka it publishes, and both run in it too, notifier as a reader of the topics.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import httpx
import uvicorn
import uvloop

from services.gateway.auth.issuer import TokenIssuer
from services.gateway.main import build_gateway
from services.ledger.client.feed.kafka_feed import KafkaFeed
from services.ledger.main import LedgerProcess
from services.notifier.entrypoints.follow import ReadCursor
from services.notifier.entrypoints.history import StatusHistory
from services.notifier.main import NotifierProcess
from services.retention.main import RetentionProcess
from services.runtime import limits
from services.runtime.http import server_options
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import ensure_topics
from services.runtime.log import StructuredLog, silence_libraries
from services.runtime.metrics import Metrics
from services.runtime.postgres_process import die_with_parent
from services.workers.serving import NotifyingServer
from tests.support.chaos_topics import settings_of
from tests.support.served import PROJECT, free_port
from tests.support.waiting import wait_until

START_SECONDS_MAX: Final = 60.0

Serve = Callable[[str, Path, int, int, tuple[str, str] | None], Coroutine[Any, Any, None]]
"""Serves a ledger until its process is killed: conninfo, folder, port, lanes, and where a Kafka is."""


class Zygote:
    """A context: inside it ledgers can be forked; leaving it ends all of them."""

    def __init__(self, module: str = "tests.support.forked_ledger") -> None:
        """Fork what ``module`` serves, which calls ``main`` when it is run."""
        self._module = module

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def fork(self, **settings: Any) -> int:
        """Fork a ledger off; its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(settings) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class ForkedLedger:
    """A ledger on a database: started, killed, started again."""

    def __init__(
        self,
        zygote: Zygote,
        folder: Path,
        conninfo: str,
        *,
        lanes: int = 1,
        bounds: Mapping[str, float] | None = None,
        kafka: tuple[str, str] | None = None,
    ) -> None:
        """Keep its vault and everything else in ``folder``; ``bounds`` are limits that a test has no time for.

        ``kafka`` is where a broker is and the prefix of the topics.
        """
        self._zygote = zygote
        self._kafka = kafka
        self._bounds = dict(bounds or {})
        self._lanes = lanes
        self.folder = folder
        self.conninfo = conninfo
        self.vault_file = folder / "vault" / "vault"
        self.log = folder / "ledger.log"
        self.issuer = TokenIssuer.open(folder / "issuer")
        self.port = 0
        self.pid = 0

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def token(self, party: str, scope: str) -> str:
        """A token for it."""
        return self.issuer.issue(party, scope)

    def start(self) -> None:
        """Fork it and wait until it is ready."""
        self.port = self.port or free_port()
        self.pid = self._zygote.fork(
            conninfo=self.conninfo,
            folder=str(self.folder),
            port=self.port,
            lanes=self._lanes,
            log=str(self.log),
            bounds=self._bounds,
            kafka=self._kafka,
        )
        wait_until(self.is_ready, START_SECONDS_MAX, "a forked ledger does not get ready")

    def is_ready(self) -> bool:
        """Whether it says so; fails when it has ended."""
        assert self.is_alive(), self.log.read_text(encoding="utf-8")[-4_000:]
        try:
            return httpx.get(f"{self.base_url}/readyz", timeout=20).status_code == 200
        except httpx.TransportError:
            return False

    def is_alive(self) -> bool:
        """Whether the process runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """End it at once."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        wait_until(lambda: not self.is_alive(), START_SECONDS_MAX, "a killed ledger lives")

    def count_resources(self) -> dict[str, int]:
        """How many threads it has, and how many files and connections are open."""
        process = Path(f"/proc/{self.pid}")
        return {name: len(list((process / name).iterdir())) for name in ("task", "fd")}

    def threads(self) -> dict[str, int]:
        """Its threads by name, with the numbers that the kernel knows them by."""
        file = self.folder / f"threads-{self.pid}"
        file.unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)
        wait_until(file.exists, START_SECONDS_MAX, "the ledger does not tell its threads")
        threads: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
        return threads


def main(serve: Serve) -> None:
    """Fork a ledger for every line of settings, until nobody is left to send one."""
    # Who is not waited for leaves nothing behind when it dies.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Made here, it watches over this process: in the child the kernel is asked to end it with us.
    end_with_us = die_with_parent(signal.SIGKILL)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            if end_with_us is not None:
                end_with_us()
            run(serve, **json.loads(line))
            os._exit(0)
        print(child, flush=True)


def run(
    serve: Serve,
    *,
    conninfo: str,
    folder: str,
    port: int,
    lanes: int,
    log: str,
    bounds: dict[str, float],
    kafka: tuple[str, str] | None,
) -> None:
    """Serve a ledger until the process is killed, under shorter bounds; what it says goes to the file ``log``."""
    for name, bound in bounds.items():
        assert hasattr(limits, name)
        setattr(limits, name, bound)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    silence_libraries()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(conninfo, Path(folder), port, lanes, kafka))


async def serve_all(conninfo: str, folder: Path, port: int, lanes: int, kafka: tuple[str, str] | None) -> None:
    """Open the ledger and the door, and with Kafka all that stands beside them."""
    log, metrics = StructuredLog(), Metrics()
    settings = None if kafka is None else settings_of(*kafka)
    if settings is not None:
        ensure_topics(settings, lanes)
    ledger = LedgerProcess(
        conninfo=conninfo,
        vault_file=folder / "vault" / "vault",
        clock_kind="system",
        lanes=lanes,
        metrics=metrics,
        log=log,
        publish=settings,
    )
    await ledger.start()
    if settings is not None:
        await start_beside(ledger, conninfo, folder, settings, log, metrics)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, partial(tell_threads, folder))
    app = build_gateway(ledger=ledger.client, issuer_folder=folder / "issuer", metrics=metrics, log=log)
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        server = NotifyingServer(uvicorn.Config(app, lifespan="off", **server_options()), lambda: None)
        await server.serve(sockets=[listener])


async def start_beside(
    ledger: LedgerProcess, conninfo: str, folder: Path, settings: KafkaSettings, log: StructuredLog, metrics: Metrics
) -> None:
    """Start retention, and a notifier that reads the topics as one in a process of its own does."""
    status = ledger.ports().status
    history = StatusHistory(status, asyncio.get_running_loop())

    def make_feed(read_cursor: ReadCursor) -> KafkaFeed:
        return KafkaFeed(settings, group="notifier", read_cursor=read_cursor, history=history, log=log, metrics=metrics)

    notifier = NotifierProcess(
        conninfo=conninfo,
        commands=ledger.notifier_commands,
        letters=ledger.letter_commands,
        make_shared_feed=make_feed,
        has_seen=ledger.has_seen,
        folder=folder / "notifier",
        clock=ledger.clock,
        log=log,
        metrics=metrics,
        status=status,
    )
    await notifier.start()
    await RetentionProcess(commands=ledger.retention_commands, clock=ledger.clock, log=log).start()


def tell_threads(folder: Path) -> None:
    """Write down which thread has which number."""
    # The main thread still carries the number of the process it was forked off.
    threads = {thread.name: thread.native_id for thread in threading.enumerate()} | {"MainThread": os.getpid()}
    unfinished = folder / f"threads-{os.getpid()}.unfinished"
    unfinished.write_text(json.dumps(threads), encoding="utf-8")
    unfinished.rename(unfinished.with_suffix(""))


if __name__ == "__main__":
    main(serve_all)
