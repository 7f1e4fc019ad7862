"""A ledger served by a process of its own, as a user would start it, that tests may kill whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from services.cli.home import issuer_folder
from services.gateway.auth.issuer import TokenIssuer

PROJECT = Path(__file__).parents[2]
START_SECONDS_MAX = 60


class Served:
    """One running process tree on one home folder."""

    def __init__(self, folder: Path, *, home: Path | None = None, lanes: int = 1, clock: str = "system") -> None:
        """Take the folder it works in, and another one for its data if need be; nothing runs before `start`."""
        self.folder = folder
        self.home = home or folder / "home"
        self.log = folder / "server.log"
        self._lanes = lanes
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._has_asked = False
        self.port = 0

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def conninfo(self) -> str:
        """How to reach its PostgreSQL."""
        return (self.home / "conninfo").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self.port = free_port()
        with self.log.open("ab") as log:
            self._process = self._launch(log)
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log.read_text(encoding="utf-8")[-4000:]
            if is_ready(self.base_url):
                return
        raise TimeoutError(self.log.read_text(encoding="utf-8")[-4000:])

    @property
    def postmaster(self) -> int:
        """The process id of its PostgreSQL."""
        assert self._process is not None
        (pid,) = [pid for pid in children(self._process.pid) if b"postgres\0-D" in command_of(pid)]
        return pid

    def kill(self) -> None:
        """SIGKILL the process and everything below it, at once."""
        assert self._process is not None
        for pid in [self._process.pid, *descendants(self._process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=60)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another subcommand of ``grootboek`` on the same home."""
        return subprocess.run(
            [sys.executable, "-m", "services.cli.main", *arguments],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def token(self, party: str, scope: str, subject: str | None = None) -> str:
        """A development token: the first, and each for a person, from the command that a developer would use."""
        if self._has_asked and subject is None:
            # A process for each takes a fifth of a second; the key is the same.
            return TokenIssuer.open(self.folder / issuer_folder()).issue(party, scope)
        self._has_asked = True
        extra = ["--subject", subject] if subject else []
        done = self.command("token", "--party", party, "--scope", scope, *extra)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "services.cli.main", "serve", "--lanes", str(self._lanes)]
        return subprocess.Popen(command, cwd=self.folder, env=self._environment(), stdout=log, stderr=log)

    def _environment(self) -> dict[str, str]:
        ours = {
            "PYTHONPATH": str(PROJECT),
            "GROOTBOEK_HOME": str(self.home),
            "GROOTBOEK_PORT": str(self.port),
            "GROOTBOEK_CLOCK": self._clock,
        }
        return {**os.environ, **ours}


@contextmanager
def served(folder: Path, *, home: Path | None = None, lanes: int = 1, clock: str = "system") -> Iterator[Served]:
    """A started ledger that is stopped at the end."""
    ledger = Served(folder, home=home, lanes=lanes, clock=clock)
    ledger.start()
    try:
        yield ledger
    finally:
        ledger.stop()


def is_ready(base_url: str) -> bool:
    """Whether a ledger answers that it is ready."""
    try:
        return httpx.get(f"{base_url}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        time.sleep(0.05)
        return False


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """All processes below one, deepest last."""
    return [each for child in children(pid) for each in (child, *descendants(child))]


def children(pid: int) -> list[int]:
    """The processes just below one."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text(encoding="ascii").split()]


def command_of(pid: int) -> bytes:
    """How a process was started; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
