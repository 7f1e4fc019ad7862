"""One place in the fleet: starts its worker, hands it connections, and starts another one when it dies."""

from __future__ import annotations

import array
import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

import msgspec

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.log import Log
from services.runtime.log_events import WORKER_ENDED
from services.runtime.postgres_process import die_with_parent
from services.runtime.restart_pauses import RestartPauses
from services.workers.messages import CONNECTION, Report, WorkerSettings


class WorkerDidNotStart(GrootboekError):
    """A worker process did not start."""

    code = "worker_did_not_start"
    remedy = "Repair what it says, or look at what it wrote to stderr; GROOTBOEK_WORKERS=1 serves without workers."
    kind = Kind.UNAVAILABLE


class Member:
    """Keeps one worker alive from a thread of its own, which the kernel takes for the worker's parent."""

    def __init__(self, settings: WorkerSettings, shared: Sequence[int], log: Log) -> None:
        """``shared`` are the descriptors that go with the settings; they stay ours, for the next worker here."""
        self._settings = settings
        self._shared = shared
        self._log = log
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._serving = False
        self._started: Future[None] = Future()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"worker-{settings.number}", daemon=True)

    def start(self) -> None:
        """Start the worker; once."""
        self._thread.start()

    def wait_until_serving(self) -> None:
        """Wait for the first start; raises WorkerDidNotStart with what the worker said."""
        try:
            self._started.result(limits.WORKER_START_SECONDS_MAX)
        except TimeoutError:
            raise WorkerDidNotStart("A worker process does not get ready.") from None

    def hand(self, connection: socket.socket) -> bool:
        """Give the worker an accepted connection; False when there is none that serves or its channel is full."""
        descriptors = array.array("i", [connection.fileno()])
        with self._lock:
            if self._channel is None or not self._serving:
                return False
            try:
                self._channel.sendmsg(
                    [CONNECTION], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)], socket.MSG_DONTWAIT
                )
            except OSError:
                return False
        return True

    def ask_to_stop(self) -> None:
        """Let the worker answer what it was handed and end; no other one follows."""
        self._stopping.set()
        with self._lock:
            self._serving = False
            if self._channel is not None:
                with contextlib.suppress(OSError):
                    self._channel.shutdown(socket.SHUT_WR)

    def join(self) -> None:
        """Wait until the worker has ended; one that does not end in time is killed."""
        self._thread.join(limits.SHUTDOWN_SECONDS_MAX + limits.SHUTDOWN_SECONDS_MAX)
        if self._thread.is_alive() and self._process is not None:
            self._process.kill()
            self._thread.join()

    def _keep(self) -> None:
        """Run one worker after another; one that could not even start the first time has no successor."""
        pauses = RestartPauses.of_processes()
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                status: object = self._run_once()
            except Exception as error:  # noqa: BLE001 - a worker that cannot be started is tried again later
                if not self._started.done():
                    self._started.set_exception(error)
                    return
                status = type(error).__name__
            if self._stopping.is_set():
                return
            pause = pauses.seconds_after(time.monotonic() - begun)
            self._log.write(WORKER_ENDED, worker=self._settings.number, status=status, restart_seconds=pause)
            self._stopping.wait(pause)

    def _run_once(self) -> int:
        """Start a worker, wait until it serves, and until it ends; its exit status."""
        channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with channel:
            with theirs:
                process = self._process = launch(theirs)
            try:
                self._attend(channel, process)
            finally:
                with self._lock:
                    self._serving, self._channel = False, None
                channel.close()
                status = process.wait()
        return status

    def _attend(self, channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
        """Tell a worker what to do and stay until its end of the channel closes."""
        socket.send_fds(channel, [msgspec.json.encode(self._settings)], list(self._shared))
        with self._lock:
            self._channel = channel
            if self._stopping.is_set():
                channel.shutdown(socket.SHUT_WR)
        message = channel.recv(limits.WORKER_MESSAGE_BYTES_MAX)
        if not message:
            raise WorkerDidNotStart(f"A worker process ended while it started (status {process.wait()}).")
        report = msgspec.json.decode(message, type=Report)
        if report.fault is not None:
            raise WorkerDidNotStart(f"A worker process did not start: {report.fault}")
        with self._lock:
            self._serving = not self._stopping.is_set()
        if not self._started.done():
            self._started.set_result(None)
        # A worker that serves says nothing more until it ends, or until something breaks it.
        channel.recv(limits.WORKER_MESSAGE_BYTES_MAX)


def launch(channel: socket.socket) -> subprocess.Popen[bytes]:
    """Start a worker in a session of its own, so that Ctrl-C reaches us and not it; the kernel ends it with us."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "services.workers.worker", str(channel.fileno())],
        stdin=subprocess.DEVNULL,
        pass_fds=[channel.fileno()],
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - two system calls, no lock is taken
    )
