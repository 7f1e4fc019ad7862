"""The embedded PostgreSQL as real processes."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.runtime import limits
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.log import MemoryLog
from services.runtime.log_events import POSTGRES_ENDED
from services.runtime.postgres_process import PostgresDidNotStart, PostgresInUse
from tests.support.postgres import new_data_directory

CHILD = """
import sys, threading
from pathlib import Path
from services.runtime.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
# Started from a thread that ends at once: the server must live as long as the process, not as the thread.
thread = threading.Thread(target=server.start)
thread.start()
thread.join()
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """Give a data folder with a space in its path and remove it afterwards."""
    directory = new_data_directory()
    yield directory
    shutil.rmtree(directory.parent)


def lives(pid: int) -> bool:
    """Tell whether process `pid` runs; one that has ended and waits to be collected by its parent does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def ends(pid: int) -> bool:
    """Wait until process `pid` has ended; tell whether it did in time."""
    deadline = time.monotonic() + limits.POSTGRES_STOP_SECONDS_MAX
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(limits.POSTGRES_POLL_SECONDS)
    return not lives(pid)


def test_committed_rows_survive_a_crash(directory: Path) -> None:
    """After SIGKILL to all its processes the server recovers what it had committed, and only that."""
    server = EmbeddedPostgres(directory)
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number integer)")
        connection.execute("INSERT INTO kept VALUES (1)")
        open_transaction = psycopg.connect(server.conninfo)
        open_transaction.execute("INSERT INTO kept VALUES (2)")
        server.kill()
        open_transaction.close()
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
    server.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT])
def test_a_server_that_ends_by_itself_is_started_again(directory: Path, how: signal.Signals) -> None:
    """A server that was killed by somebody else comes back on the same socket, told to the log; a stopped one stays."""
    log = MemoryLog()
    server = EmbeddedPostgres(directory, log=log)
    conninfo = server.start()
    first = server.pid
    assert first is not None
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number integer)")
    for round_number in range(2):
        ended = server.pid
        assert ended is not None
        os.kill(ended, how)
        with connect_again(conninfo) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert server.pid != ended
        assert [event for event, _ in log.written] == [POSTGRES_ENDED] * (round_number + 1)
    last = server.pid
    server.stop()
    assert last is not None
    assert ends(last)
    assert server.pid is None
    assert len(log.written) == 2


def connect_again(conninfo: str) -> psycopg.Connection[Any]:
    """Connect as soon as a server answers."""
    deadline = time.monotonic() + limits.POSTGRES_STOP_SECONDS_MAX
    while True:
        try:
            connection: psycopg.Connection[Any] = psycopg.connect(conninfo)
            connection.execute("SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(limits.POSTGRES_POLL_SECONDS)
        else:
            return connection


def test_the_server_is_private(directory: Path) -> None:
    """It listens on no network, asks for the password, and neither password nor data can be read by others."""
    server = EmbeddedPostgres(directory)
    with psycopg.connect(server.start()) as connection:
        row = connection.execute("SELECT current_setting('listen_addresses'), current_setting('data_checksums')")
        assert row.fetchone() == ("", "on")
    without = server.conninfo.partition(" password=")[0]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(without)
    assert stat.S_IMODE((directory / "password").stat().st_mode) == 0o600
    sockets = Path((directory / "socket-directory").read_text(encoding="utf-8"))
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    server.stop()
    assert not sockets.exists()


def test_a_second_server_on_the_same_folder_is_refused(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers never share a folder; the first one goes on undisturbed."""
    monkeypatch.setattr(limits, "POSTGRES_PREDECESSOR_SECONDS_MAX", 0.1)
    first = EmbeddedPostgres(directory)
    conninfo = first.start()
    with pytest.raises(PostgresInUse):
        EmbeddedPostgres(directory).start()
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    first.stop()


def test_a_lock_of_a_process_that_is_gone_does_not_hinder(directory: Path) -> None:
    """A lock file that names a process which is no server of this folder is dropped."""
    server = EmbeddedPostgres(directory)
    server.start()
    locks = [path for path in (directory / "cluster", *Path("/var/lib").glob("grootboek/*/cluster")) if path.is_dir()]
    server.stop()
    assert locks
    (locks[0] / "postmaster.pid").write_text(f"{os.getpid()}\n", encoding="ascii")
    server.start()
    server.stop()


def test_a_wrong_setting_is_told_with_its_reason(directory: Path) -> None:
    """A server that does not start says why, and leaves no process and no socket behind."""
    server = EmbeddedPostgres(directory, {"work_mem": "nonsense"})
    with pytest.raises(PostgresDidNotStart, match="work_mem"):
        server.start()
    assert server.pid is None
    assert not Path((directory / "socket-directory").read_text(encoding="utf-8")).exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_dies_with_its_parent(directory: Path, how: signal.Signals) -> None:
    """When our process is killed the server ends too, and the next start recovers."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        pid = int(child.stdout.readline())
        assert lives(pid)
        child.send_signal(how)
        child.wait()
    assert ends(pid)
    server = EmbeddedPostgres(directory)
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()


def test_a_forked_process_leaves_the_server_alone(directory: Path) -> None:
    """The exit of a process that was forked off does not end the server of its parent."""
    server = EmbeddedPostgres(directory)
    conninfo = server.start()
    server._owner = os.getpid() + 1
    server.stop()
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server._owner = os.getpid()
    server.stop()
    assert server.pid is None
