"""The processes of an embedded PostgreSQL: run one to its end, run the server so that it cannot outlive us."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.postgres_place import Place

PR_SET_PDEATHSIG = 1
LOG_TAIL_BYTES_MAX = 4_000


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


class Switch(TypedDict, total=False):
    """The arguments of a subprocess that runs as another user."""

    user: int
    group: int
    extra_groups: list[int]


def switch_user(place: Place) -> Switch:
    """Return the arguments that make a subprocess run as the unprivileged user, without root's groups."""
    if place.user is None:
        return {}
    return {"user": place.user.uid, "group": place.user.gid, "extra_groups": []}


def launch_guarded(command: list[str], place: Place, output: int) -> subprocess.Popen[bytes]:
    """Start the server so that the kernel ends it (SIGQUIT) when our process dies, even by SIGKILL.

    The kernel watches the thread that starts the child, so call it from one that lives as long as the server.
    """
    return subprocess.Popen(  # noqa: S603 - the command is ours
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


def die_with_parent(how: signal.Signals = signal.SIGQUIT) -> Callable[[], None] | None:
    """Return what a child calls before it becomes its program, or None where the kernel cannot watch parents."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        # The parent may have died just before the kernel was asked.
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def wait_for_predecessor(cluster: Path) -> None:
    """Wait until nothing of an earlier server runs on `cluster`; raise PostgresInUse when it goes on.

    Its children too: when the server itself was killed they end within moments, and until then the data are theirs.
    """
    deadline = time.monotonic() + limits.POSTGRES_PREDECESSOR_SECONDS_MAX
    while anybody_runs_in(cluster):
        if time.monotonic() > deadline:
            raise PostgresInUse
        time.sleep(limits.POSTGRES_POLL_SECONDS)


def anybody_runs_in(cluster: Path) -> bool:
    """Tell whether any process has `cluster` as its working folder, as every process of a server has.

    One that we may not look at is of another user: PostgreSQL itself refuses a folder that is not its user's.
    """
    folder = cluster.resolve()
    return any(working_folder(entry) == folder for entry in Path("/proc").glob("[0-9]*"))


def working_folder(process: Path) -> Path | None:
    """Return the working folder of a process of /proc; None of one that has ended or is not ours to look at."""
    try:
        return (process / "cwd").resolve(strict=True)
    except (ProcessLookupError, FileNotFoundError, PermissionError):
        return None


def children_of(pid: int) -> list[int]:
    """Return the process ids of the children of `pid` (empty where the kernel does not list them)."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
