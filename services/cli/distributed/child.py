"""One process of the distributed shape: started, started again when it ends although nobody told it to, and stopped."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.log import Log
from services.runtime.log_events import PROCESS_ENDED
from services.runtime.postgres_process import die_with_parent
from services.runtime.restart_pauses import RestartPauses
from services.runtime.service import REFUSED


class ProcessRefused(GrootboekError):
    """One of the processes does not start; it has said why."""

    code = "process_refused"
    kind = Kind.UNAVAILABLE
    remedy = "Repair what it said before this line."


class Child:
    """Keeps one process alive from a thread of its own, which the kernel takes for the parent of the process."""

    def __init__(
        self, service: str, environment: Mapping[str, str], folder: Path, log: Log, *, output: Path | None = None
    ) -> None:
        """Run ``python -m services.<service>`` in ``folder``.

        What it says goes to the end of the file ``output``, by default where our own lines go.
        """
        self.service = service
        self._output = output
        self._environment = dict(environment)
        self._folder = folder
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self.refused = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=service, daemon=True)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def start(self) -> None:
        """Start it; once."""
        self._thread.start()

    def stop(self) -> None:
        """Let it answer what it was asked, and end; one that does not end in time is killed."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        if self._thread.is_alive():
            self._thread.join(2 * limits.SHUTDOWN_SECONDS_MAX)
            self._signal(signal.SIGKILL)
            self._thread.join()

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(number)

    def _keep(self) -> None:
        """Run one after another; one that refuses to start has no successor."""
        pauses = RestartPauses.of_processes()
        while not self._stopping.is_set():
            begun = time.monotonic()
            status = self._run_once()
            if self._stopping.is_set():
                return
            pause = pauses.seconds_after(time.monotonic() - begun)
            self._log.write(PROCESS_ENDED, service=self.service, status=status, restart_seconds=pause)
            if status == REFUSED:
                self.refused.set()
                return
            self._stopping.wait(pause)

    def _run_once(self) -> object:
        """Run one to its end: its exit status, or the name of what hindered its start, which may pass."""
        try:
            self._process = self._launch()
        except Exception as error:  # noqa: BLE001 - a thread that dies in silence keeps nobody alive
            return type(error).__name__
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        return self._process.wait()

    def _launch(self) -> subprocess.Popen[bytes]:
        """In a session of its own, so that Ctrl-C reaches us and not it; the kernel ends it with us."""
        with contextlib.ExitStack() as stack:
            output = None if self._output is None else stack.enter_context(self._output.open("ab"))
            return subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", f"services.{self.service}"],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - two system calls, no lock is taken
            )
