"""The embedded shape: PostgreSQL, the ledger and the gateway as one process tree on one machine.

A ledger on the real clock is served by several worker processes; a scenario's clock lives in one process, ours.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Self

from services.gateway.auth.issuer import TokenIssuer
from services.ledger.entrypoints.check import refuse_unfinished_restore
from services.ledger.storage import erasure_register_file
from services.ledger.storage.open_ledger import ClockKind, open_ledger
from services.runtime import limits
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.log import StructuredLog, silence_libraries
from services.runtime.otlp import read_otlp
from services.runtime.process import harden, stop_on_signals
from services.workers.fleet import Fleet, count_workers
from services.workers.messages import WorkerSettings

if TYPE_CHECKING:
    from services.ledger.main import LedgerProcess
    from services.single_process import SingleProcess

HOST = "127.0.0.1"


class Embedded:
    """A context: inside it the ledger is served at ``base_url``; leaving it stops everything in order."""

    def __init__(self, home: Path, *, issuer: Path, clock: ClockKind, port: int, lanes: int = 1) -> None:
        """Keep everything in ``home``; tokens are those of the development issuer in ``issuer``."""
        self._home = home
        self._vault_file = home / "vault" / "vault"
        self._issuer = issuer
        self._clock_kind = clock
        self._lanes = lanes
        self._socket = listen_on(port)
        self._workers = count_workers(os.environ.get("GROOTBOEK_WORKERS")) if clock == "system" else 1
        connections_max = limits.POSTGRES_CONNECTIONS_MAX * self._workers
        self._log = StructuredLog()
        self._postgres = EmbeddedPostgres(home / "postgres", {"max_connections": str(connections_max)}, log=self._log)
        self._fleet: Fleet | None = None
        self._single: SingleProcess | None = None
        self._ledger: LedgerProcess | None = None
        # With workers each of them exports its own; here it is only seen whether the settings are right.
        read_otlp(os.environ)

    @property
    def base_url(self) -> str:
        """Where the public API answers."""
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        harden()
        silence_libraries()
        self._conninfo = self._postgres.start()
        write_private(self._home / "conninfo", self._conninfo)
        write_private(self._home / "base-url", self.base_url)
        try:
            if self._workers > 1:
                self._fleet = self._start_fleet()
            else:
                self._single = self._make_single()
                self._ledger = self._single.start()
        except BaseException:
            self._postgres.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._fleet is not None:
            self._fleet.__exit__()
        if self._single is not None:
            self._single.stop()
        self._postgres.stop()

    def follow_wall_clock(self) -> None:
        """Let a scenario ledger's clock jump once to now and run along with the wall."""
        assert self._ledger is not None
        self._ledger.follow_wall_clock()

    def wait(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        with stop_on_signals() as stop:
            stop.wait()

    def _make_single(self) -> SingleProcess:
        """Load the ledger and the gateway only here: the parent of several workers serves nothing itself."""
        from services.single_process import SingleProcess, SingleSettings  # noqa: PLC0415

        settings = SingleSettings(
            conninfo=self._conninfo,
            home=self._home,
            vault_file=self._vault_file,
            issuer=self._issuer,
            clock_kind=self._clock_kind,
            lanes=self._lanes,
        )
        return SingleProcess(settings, self._socket, self._log)

    def _start_fleet(self) -> Fleet:
        """Make once what every worker opens, then start them all."""
        open_ledger(self._conninfo, self._lanes, self._clock_kind)
        refuse_unfinished_restore(self._conninfo, self._home / erasure_register_file.FOLDER)
        TokenIssuer.open(self._issuer)
        settings = WorkerSettings(
            number=0,
            workers=self._workers,
            conninfo=self._conninfo,
            vault_file=str(self._vault_file),
            home=str(self._home),
            issuer=str(self._issuer),
            metrics=str(self._home / "metrics"),
            clock_kind=self._clock_kind,
            lanes=self._lanes,
        )
        return Fleet(self._socket, settings, self._log).__enter__()


def listen_on(port: int) -> socket.socket:
    """A socket bound to the loopback address; not yet accepting."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read: it holds a password."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
