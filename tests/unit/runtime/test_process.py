"""Signals and hygiene of a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from services.runtime.process import AssertionsOff, StopSignal, refuse_without_assertions, stop_on_signals


def test_a_signal_asks_to_stop_once() -> None:
    """SIGTERM sets the stop signal and calls what waits for it; the former handler returns afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    called: list[str] = []
    with stop_on_signals() as stop:
        stop.call(lambda: called.append("first"))
        assert not stop.is_set
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
        stop.call(lambda: called.append("late"))
        stop.set()
    assert called == ["first", "late"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_waiting_has_an_end() -> None:
    """Waiting for a signal that does not come returns."""
    assert not StopSignal().wait(0)


def test_a_hardened_process_leaves_no_core() -> None:
    """After hardening the core limit is zero and other processes may not look into the memory."""
    script = (
        "import ctypes, resource; from services.runtime.process import harden; harden();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    dumpable = "0" if sys.platform == "linux" else "-1"
    assert result.stdout.strip() == f"(0, 0) {dumpable}"


def test_python_without_assertions_is_refused() -> None:
    """A process with assertions off does not start: they guard invariants."""
    with pytest.raises(AssertionsOff):
        refuse_without_assertions(assertions=False)
    script = "from services.runtime.process import harden; harden()"
    result = subprocess.run([sys.executable, "-O", "-c", script], capture_output=True, text=True, check=False)
    assert "AssertionsOff" in result.stderr
