"""Runs a function in a child of this process, so that what it imports dies with it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

FAILED = 70
"""Exit code of a child whose function raised."""


def start_child(run: Callable[[], int], *, seconds_max: int) -> int:
    """The pid of a child that runs the function quietly and exits with what it returned; an alarm ends it."""
    pid = os.fork()
    if pid:
        return pid
    code = FAILED
    signal.alarm(seconds_max)
    with suppress(BaseException):
        _be_quiet()
        code = run()
    os._exit(code)


def exit_code(status: int) -> int:
    """What a waited-for child exited with; negative when a signal ended it."""
    return os.waitstatus_to_exitcode(status)


def run_in_child(run: Callable[[], int], *, seconds_max: int) -> int:
    """Run the function in a child and wait for it."""
    pid = start_child(run, seconds_max=seconds_max)
    return exit_code(os.waitpid(pid, 0)[1])


def _be_quiet() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
