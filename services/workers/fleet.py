"""The parent's side of several workers: shares what they share, and hands each accepted connection to the next one."""

from __future__ import annotations

import os
import select
import shutil
import socket
import threading
from pathlib import Path
from typing import Self

import msgspec

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.log import Log
from services.runtime.siblings import make_shared_memory
from services.workers.member import Member
from services.workers.messages import WorkerSettings


class WorkersInvalid(GrootboekError):
    """The number of worker processes is not within its bounds."""

    code = "workers_invalid"
    remedy = f"Set GROOTBOEK_WORKERS to a number from 1 to {limits.WORKERS_MAX}, or leave it out."
    kind = Kind.REJECTED


def count_workers(wanted: str | None) -> int:
    """How many workers serve: as many as ``wanted`` says, else one per processor and at most two."""
    if not wanted:
        return min(limits.WORKERS_DEFAULT_MAX, os.cpu_count() or 1)
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) <= len(str(limits.WORKERS_MAX))
    if not is_number or not 1 <= int(wanted) <= limits.WORKERS_MAX:
        raise WorkersInvalid
    return int(wanted)


class Fleet:
    """A context: inside it the workers serve what connects to a socket; leaving it drains and stops them."""

    def __init__(self, listener: socket.socket, settings: WorkerSettings, log: Log) -> None:
        """Accept on ``listener`` for ``settings.workers`` workers; ``settings.number`` is filled in for each."""
        self._listener = listener
        self._settings = settings
        self._pipes = [os.pipe() for _ in range(settings.workers)]
        self._memory = make_shared_memory(settings.workers)
        self._members = [self._make_member(number, log) for number in range(settings.workers)]
        self._next = 0
        self._stopping = threading.Event()
        self._stop_heard, self._stop_said = os.pipe()
        self._thread = threading.Thread(target=self._accept, name="accept", daemon=True)

    def __enter__(self) -> Self:
        metrics = Path(self._settings.metrics)
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(mode=0o700, parents=True)
        for member in self._members:
            member.start()
        try:
            for member in self._members:
                member.wait_until_serving()
        except BaseException:
            self._stop_members()
            raise
        self._listener.listen(limits.LISTEN_BACKLOG)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        os.close(self._stop_said)
        self._thread.join()
        self._listener.close()
        self._stop_members()

    def _make_member(self, number: int, log: Log) -> Member:
        """A worker with its own ears and everybody else's mouths."""
        for pipe in self._pipes[number]:
            os.set_blocking(pipe, False)
        mouths = [mouth for other, (_, mouth) in enumerate(self._pipes) if other != number]
        settings = msgspec.structs.replace(self._settings, number=number)
        return Member(settings, [self._memory, self._pipes[number][0], *mouths], log)

    def _stop_members(self) -> None:
        """Ask all to stop, then wait for all."""
        for member in self._members:
            member.ask_to_stop()
        for member in self._members:
            member.join()
        for descriptor in (self._memory, self._stop_heard, *(end for pipe in self._pipes for end in pipe)):
            os.close(descriptor)

    def _accept(self) -> None:
        """Hand over what connects until told to stop."""
        listening = self._listener.fileno()
        while not self._stopping.is_set():
            ready, _, _ = select.select([listening, self._stop_heard], [], [])
            if listening in ready:
                with accept(self._listener) as connection:
                    self._hand(connection)

    def _hand(self, connection: socket.socket) -> None:
        """Give a connection to the next worker that can take it; wait while there is none."""
        while not self._stopping.is_set():
            for _ in self._members:
                member = self._members[self._next]
                self._next = (self._next + 1) % len(self._members)
                if member.hand(connection):
                    return
            self._stopping.wait(limits.WORKER_BUSY_SECONDS)


def accept(listener: socket.socket) -> socket.socket:
    """Accept one connection; small answers go out at once (Nagle's algorithm is off)."""
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
