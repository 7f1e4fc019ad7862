"""A real PostgreSQL 18 inside our own process tree, from the binaries of a wheel.

Only the wheel's binaries are used: its own start-up fails on a path with a space, opens parent folders to everyone when
run as root, and trusts all local users. Ours asks a random password over a private socket, listens on no network, and
ends with the process that started it, however that one ends.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from services.runtime import limits
from services.runtime.log import Log, StructuredLog
from services.runtime.postgres_cluster import DATABASE, PORT, ROLE, create_cluster, make_socket_directory
from services.runtime.postgres_keeper import PostgresKeeper
from services.runtime.postgres_place import Place, choose_place
from services.runtime.postgres_process import (
    LOG_TAIL_BYTES_MAX,
    PostgresDidNotStart,
    children_of,
    launch_guarded,
    wait_for_predecessor,
)

SETTINGS = {
    # Durability is the product: these are the defaults, stated so that nobody wonders.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # Appends come in bursts; rare and smooth checkpoints keep their latency even.
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    # Compressing full-page images costs the processor more than the log saves.
    "wal_compression": "off",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": str(limits.POSTGRES_CONNECTIONS_MAX),
    # Our statements are short; compiling them costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    # No network: only a socket in a folder of our own.
    "listen_addresses": "",
    "port": str(PORT),
    # An error's detail and statement may hold values of fields; the log keeps neither.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}


# Of version 2 and of version 1 of control groups; without a bound the first says "max".
CONTAINER_MEMORY = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def shared_buffers_for(memory_bytes: int) -> str:
    """What the server keeps at hand itself: a share of the memory, which others use too."""
    share = memory_bytes // limits.POSTGRES_MEMORY_SHARE
    kept = min(max(share, limits.POSTGRES_BUFFERS_BYTES_MIN), limits.POSTGRES_BUFFERS_BYTES_MAX)
    return f"{kept // 2**20}MB"


def memory_at_hand(bounds: Iterable[Path] = CONTAINER_MEMORY) -> int:
    """The bytes of memory of the machine, or of the container if that has less, by what its files ``bounds`` say."""
    said = [bound.read_text(encoding="ascii").strip() for bound in bounds if bound.is_file()]
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *(int(text) for text in said if text.isdecimal())])


class EmbeddedPostgres:
    """One server on one data folder: `start` gives its conninfo, `stop` ends it, `kill` lets it crash.

    One that ends by itself, killed or out of disk, is started again on the same socket: its conninfo stays good.
    """

    def __init__(self, data_directory: Path, settings: dict[str, str] | None = None, *, log: Log | None = None) -> None:
        """Take the data folder and settings that differ from ours; nothing is touched before `start`."""
        self._directory = data_directory.absolute()
        buffers = {"shared_buffers": shared_buffers_for(memory_at_hand())}
        self._settings = SETTINGS | buffers | (settings or {})
        self._log = log or StructuredLog()
        self._keeper: PostgresKeeper | None = None
        self._sockets: Path | None = None
        self._owner = os.getpid()

    def start(self) -> str:
        """Start the server, with a new cluster if there is none, and return its conninfo (holds the password)."""
        place = choose_place(self._directory)
        self._clear_remains(place)
        self._remove_sockets()
        if not (place.cluster / "PG_VERSION").exists():
            create_cluster(place, self._directory)
        self._sockets = make_socket_directory(place, self._directory)
        keeper = self._keeper = PostgresKeeper(
            launch=partial(self._launch, place), clear=partial(self._clear_remains, place), log=self._log
        )
        atexit.register(self.stop)
        try:
            keeper.start()
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise
        keeper.keep()
        return self.conninfo

    @property
    def conninfo(self) -> str:
        """Return how to connect; only while the server runs."""
        password = (self._directory / "password").read_text(encoding="ascii").strip()
        return make_conninfo(host=str(self._sockets), port=PORT, user=ROLE, dbname=DATABASE, password=password)

    @property
    def pid(self) -> int | None:
        """Return the process id of the server, or None when it does not run."""
        process = self._process
        return None if process is None else process.pid

    @property
    def _process(self) -> subprocess.Popen[bytes] | None:
        """The present server."""
        return None if self._keeper is None else self._keeper.process

    def stop(self) -> None:
        """End the server: open transactions are rolled back, everything acknowledged stands on disk.

        A process that was forked off ours has no say in it, so its exit leaves the server alone.
        """
        if os.getpid() == self._owner:
            self._end(signal.SIGINT)

    def kill(self) -> None:
        """Let the server crash as on a power cut of the process: SIGKILL to it and its children, no clean-up."""
        process = None if self._keeper is None else self._keeper.let_go()
        if process is not None:
            children = children_of(process.pid)
            process.kill()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        """Send the signal, wait, and remove the socket folder; SIGQUIT follows when the server lingers."""
        atexit.unregister(self.stop)
        keeper, self._keeper = self._keeper, None
        process = None if keeper is None else keeper.let_go()
        if process is not None and process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(limits.POSTGRES_STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(limits.POSTGRES_STOP_SECONDS_MAX)
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def _clear_remains(self, place: Place) -> None:
        """Clear what a server that was killed left: wait for its processes to end, drop its lock and its socket."""
        wait_for_predecessor(place.cluster)
        (place.cluster / "postmaster.pid").unlink(missing_ok=True)
        if self._sockets is not None:
            for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
                (self._sockets / name).unlink(missing_ok=True)

    def _remove_sockets(self) -> None:
        """Remove the socket folder of a predecessor that could not do so itself."""
        remembered = self._directory / "socket-directory"
        if remembered.exists():
            shutil.rmtree(remembered.read_text(encoding="utf-8"), ignore_errors=True)

    def _launch(self, place: Place) -> subprocess.Popen[bytes]:
        """Run the server in a session of its own, so that Ctrl-C reaches us and not it."""
        log = self._directory / "server.log"
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        settings = self._settings | {"unix_socket_directories": str(self._sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(place.binaries / "postgres"), "-D", str(place.cluster), *options]
        with log.open("ab") as output:
            return launch_guarded(command, place, output.fileno())

    def _wait_until_ready(self) -> None:
        """Wait until the server answers; raise PostgresDidNotStart when it ends or stays silent."""
        deadline = time.monotonic() + limits.POSTGRES_START_SECONDS_MAX
        process = self._process
        assert process is not None
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.conninfo, connect_timeout=limits.POSTGRES_CONNECT_SECONDS_MAX).close()
            except psycopg.OperationalError:
                if process.poll() is not None:
                    break
                time.sleep(limits.POSTGRES_POLL_SECONDS)
            else:
                return
        raise PostgresDidNotStart(f"The embedded PostgreSQL did not start: {self._log_tail()}")

    def _log_tail(self) -> str:
        """Return the end of the server's log."""
        text = (self._directory / "server.log").read_bytes()[-LOG_TAIL_BYTES_MAX:]
        return text.decode("utf-8", "replace").strip()

    def __repr__(self) -> str:
        """Show the folder and whether the server runs."""
        return f"EmbeddedPostgres({str(self._directory)!r}, pid={self.pid})"
