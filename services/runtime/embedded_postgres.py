"""A real PostgreSQL 18 inside our own process tree, from the binaries of a wheel.

Only the wheel's binaries are used: its own start-up fails on a path with a space, opens parent folders to everyone when
run as root, and trusts all local users. Ours asks a random password over a private socket, listens on no network, and
ends with the process that started it, however that one ends.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.postgres_place import Place, choose_place

ROLE = "grootboek"
DATABASE = "grootboek"
PORT = 5432
PR_SET_PDEATHSIG = 1
LOG_TAIL_BYTES_MAX = 4_000

SETTINGS = {
    # Durability is the product: these are the defaults, stated so that nobody wonders.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # Appends come in bursts; rare and smooth checkpoints keep their latency even.
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
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


class PostgresDidNotStart(GrootboekError):
    """The embedded PostgreSQL did not start."""

    code = "postgres_did_not_start"
    remedy = "Read server.log in the data folder; it names the reason."
    kind = Kind.UNAVAILABLE


class PostgresInUse(GrootboekError):
    """Another process runs a server on this data folder."""

    code = "postgres_in_use"
    remedy = "Stop the other ledger that was started on the same folder, or give this one a folder of its own."
    kind = Kind.CONFLICT


class EmbeddedPostgres:
    """One server on one data folder: `start` gives its conninfo, `stop` ends it, `kill` lets it crash."""

    def __init__(self, data_directory: Path, settings: dict[str, str] | None = None) -> None:
        """Take the data folder and settings that differ from ours; nothing is touched before `start`."""
        self._directory = data_directory.absolute()
        self._settings = SETTINGS | (settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    def start(self) -> str:
        """Start the server, with a new cluster if there is none, and return its conninfo (holds the password)."""
        place = choose_place(self._directory)
        self._clear_remains(place)
        if not (place.cluster / "PG_VERSION").exists():
            create_cluster(place, self._directory)
        self._sockets = make_socket_directory(place, self._directory)
        self._process = self._launch(place)
        atexit.register(self.stop)
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self.conninfo

    @property
    def conninfo(self) -> str:
        """Return how to connect; only while the server runs."""
        password = (self._directory / "password").read_text(encoding="ascii").strip()
        return make_conninfo(host=str(self._sockets), port=PORT, user=ROLE, dbname=DATABASE, password=password)

    @property
    def pid(self) -> int | None:
        """Return the process id of the server, or None when it does not run."""
        return None if self._process is None else self._process.pid

    def stop(self) -> None:
        """End the server: open transactions are rolled back, everything acknowledged stands on disk."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Let the server crash as on a power cut of the process: SIGKILL to it and its children, no clean-up."""
        if self._process is not None:
            children = children_of(self._process.pid)
            self._process.kill()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        """Send the signal, wait, and remove the socket folder; SIGQUIT follows when the server lingers."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
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
        """Clear what a predecessor that was killed left: wait for its server to end, drop its lock and its socket."""
        lock = place.cluster / "postmaster.pid"
        if lock.exists():
            wait_for_predecessor(lock, place.cluster)
            lock.unlink(missing_ok=True)
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
            return run_guarded(command, place, output.fileno())

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


def create_cluster(place: Place, data_directory: Path) -> None:
    """Run initdb with a random password and data checksums, and make our database.

    A cluster is built beside its place and moved there whole: an interrupted start leaves nothing half.
    """
    unfinished = place.cluster.with_name("cluster.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password = data_directory / "password"
    write_private(password, secrets.token_urlsafe(32))
    handed_over = Path(tempfile.mkdtemp(prefix="grootboek-", dir="/tmp"))  # noqa: S108 - mkdtemp makes it private
    try:
        copy = handed_over / "password"
        write_private(copy, password.read_text(encoding="ascii"))
        for path in (unfinished, handed_over, copy):
            give_to(place, path)
        run_once(place, "initdb", initdb_options(unfinished, copy))
    finally:
        shutil.rmtree(handed_over, ignore_errors=True)
    # Single-user mode asks no password and needs no socket.
    run_once(
        place,
        "postgres",
        ["--single", "-D", str(unfinished), "-c", "log_min_messages=error", "postgres"],
        entered=f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n".encode("ascii"),
    )
    unfinished.rename(place.cluster)


def initdb_options(cluster: Path, password: Path) -> list[str]:
    """Return the options of initdb: a locale of its own (equal on every machine), checksums, scram everywhere."""
    return [
        f"--pgdata={cluster}",
        f"--username={ROLE}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--data-checksums",
        "--no-instructions",
    ]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first moment on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


def give_to(place: Place, path: Path) -> None:
    """Hand a file or folder that we made to the user the server runs as."""
    if place.user is not None:
        os.chown(path, place.user.uid, place.user.gid)


def make_socket_directory(place: Place, data_directory: Path) -> Path:
    """Make a private folder with a short name for the socket and remember it for whoever cleans up after a crash."""
    directory = Path(tempfile.mkdtemp(prefix="grootboek-", dir="/tmp"))  # noqa: S108 - mkdtemp makes it private
    assert len(os.fsencode(directory / f".s.PGSQL.{PORT}.lock")) <= limits.SOCKET_PATH_BYTES_MAX
    give_to(place, directory)
    (data_directory / "socket-directory").write_text(str(directory), encoding="utf-8")
    return directory


def environment_of(place: Place) -> dict[str, str]:
    """Return the environment of the server: nothing of ours, no PG* variable that would change its mind."""
    return {"PATH": str(place.binaries), "LC_ALL": "C", "TZ": "UTC"}


def run_once(place: Place, program: str, options: list[str], entered: bytes = b"") -> None:
    """Run a program of PostgreSQL to its end; raise PostgresDidNotStart with what it said when it fails."""
    try:
        subprocess.run(  # noqa: S603 - the program is the wheel's, the options are ours
            [str(place.binaries / program), *options],
            env=environment_of(place),
            cwd="/",
            input=entered,
            capture_output=True,
            check=True,
            **switch_user(place),
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout)[-LOG_TAIL_BYTES_MAX:].decode("utf-8", "replace").strip()
        raise PostgresDidNotStart(f"{program} failed: {said}") from error


def switch_user(place: Place) -> dict[str, object]:
    """Return the arguments that make a subprocess run as the unprivileged user, without root's groups."""
    if place.user is None:
        return {}
    return {"user": place.user.uid, "group": place.user.gid, "extra_groups": []}


def run_guarded(command: list[str], place: Place, output: int) -> subprocess.Popen[bytes]:
    """Start the server so that the kernel ends it (SIGQUIT) when our process dies, even by SIGKILL.

    The kernel watches the thread that started the child, so that thread is one that lives as long as the server.
    """
    started: list[subprocess.Popen[bytes] | BaseException] = []
    ready = threading.Event()

    def keep() -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is ours
                command,
                env=environment_of(place),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - two system calls, no lock is taken
                **switch_user(place),
            )
        except BaseException as error:  # noqa: BLE001 - handed to the caller below
            started.append(error)
            ready.set()
            return
        started.append(process)
        ready.set()
        process.wait()

    threading.Thread(target=keep, name="postgres-keeper", daemon=True).start()
    ready.wait()
    first = started[0]
    if isinstance(first, BaseException):
        raise first
    return first


def die_with_parent() -> Callable[[], None] | None:
    """Return what a child calls before it becomes the server, or None where the kernel cannot watch parents."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0)
        # The parent may have died just before the kernel was asked.
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def wait_for_predecessor(lock: Path, cluster: Path) -> None:
    """Wait until the server that holds `lock` has ended; raise PostgresInUse when it goes on.

    A process that merely got the same number since then is not it: the server stands in its cluster's folder.
    """
    first_line = lock.read_text(encoding="utf-8").partition("\n")[0].strip()
    pid = int(first_line) if first_line.isdigit() else 0
    deadline = time.monotonic() + limits.POSTGRES_PREDECESSOR_SECONDS_MAX
    while pid and runs_in(pid, cluster):
        if time.monotonic() > deadline:
            raise PostgresInUse
        time.sleep(limits.POSTGRES_POLL_SECONDS)


def runs_in(pid: int, cluster: Path) -> bool:
    """Tell whether process `pid` lives and has `cluster` as its working folder (or cannot be looked at)."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve()
    except (ProcessLookupError, FileNotFoundError):
        return False
    except PermissionError:
        # A server of another user on our data folder: it is not ours to end or to ignore.
        return True


def children_of(pid: int) -> list[int]:
    """Return the process ids of the children of `pid` (empty where the kernel does not list them)."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
