"""Which calls to the kernel a piece of work makes, and what becomes of it when one of them fails or is the last.

`strace` is attached to single threads only while the work is done, so its counters begin at the work: the n-th call of
a name in the recording is the n-th one in a run that breaks it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from tests.support.missing import find_program, need

CALLS: Final = (
    *("sendto", "recvfrom", "sendmsg", "recvmsg", "read", "write", "writev", "pwrite64", "pwritev"),
    *("openat", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink", "ftruncate"),
)
"""What a path says to the network and to the disk."""
LINE: Final = re.compile(r"^(?:(?P<thread>\d+) +)?(?:\d+\.\d+ )?(?P<call>[a-z0-9_]+)\(", re.MULTILINE)
ATTACH_SECONDS_MAX: Final = 30


class Point(msgspec.Struct, frozen=True, order=True):
    """The n-th call of a name by a thread that has a part in the work."""

    role: str
    call: str
    number: int

    def __str__(self) -> str:
        """As a test names it."""
        return f"{self.role}:{self.call}:{self.number}"


def need_strace() -> None:
    """Fail, or skip for ``ALLOW_MISSING=strace``, where other processes cannot be traced."""
    problem = find_program("strace", "install the package strace")
    if problem is None and os.geteuid() != 0:
        problem = "Only root may trace any process: run this as root, or in a container with CAP_SYS_PTRACE"
    need("strace", problem)


@contextmanager
def tracing(threads: Sequence[int], output: Path, *injections: str) -> Iterator[None]:
    """Trace threads while the context lasts; what they called stands in ``output`` afterwards."""
    command = ["strace", "--quiet=exit,personality", "-o", str(output), f"--trace={','.join(CALLS)}"]
    command += [f"--inject={injection}" for injection in injections]
    command += [part for thread in threads for part in ("-p", str(thread))]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for _ in threads:
            said = process.stderr.readline()
            assert "attached" in said, said + process.stderr.read()
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=ATTACH_SECONDS_MAX)


def count_calls(output: Path, roles: dict[int, str]) -> list[Point]:
    """Every call that was traced, as points, in order of thread and name."""
    counted: Counter[tuple[str, str]] = Counter()
    only = next(iter(roles.values())) if len(roles) == 1 else ""
    for found in LINE.finditer(output.read_text(encoding="utf-8", errors="replace")):
        role = roles[int(found["thread"])] if found["thread"] else only
        counted[role, found["call"]] += 1
    return sorted(
        Point(role, call, number) for (role, call), count in counted.items() for number in range(1, count + 1)
    )


def killing(point: Point) -> str:
    """End the process as it enters the call."""
    return f"{point.call}:signal=KILL:when={point.number}"


def failing(point: Point) -> str:
    """Let the call fail with EIO, without being made."""
    return f"{point.call}:error=EIO:when={point.number}"
