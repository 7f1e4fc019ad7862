"""Keeps the server of an embedded PostgreSQL running: one that ends although nobody told it to is started again."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

from services.runtime import limits
from services.runtime.log import Log
from services.runtime.log_events import POSTGRES_ENDED
from services.runtime.restart_pauses import RestartPauses


class PostgresKeeper:
    """One server after another, from a thread that lives as long as they do: the kernel takes it for their parent.

    The first one is only kept once somebody says that it works (`keep`): a server that cannot even start has no
    successor.
    """

    def __init__(self, *, launch: Callable[[], subprocess.Popen[bytes]], clear: Callable[[], None], log: Log) -> None:
        """Take what starts a server and what clears away the remains of one that ended."""
        self._launch = launch
        self._clear = clear
        self._log = log
        self._launched = threading.Event()
        self._stopping = threading.Event()
        self._kept = False
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="postgres-keeper", daemon=True)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the first server; raise what hindered it."""
        self._thread.start()
        self._launched.wait()
        if self._fault is not None:
            raise self._fault

    def keep(self) -> None:
        """Start another server whenever this one ends, from now on."""
        self._kept = True

    def let_go(self) -> subprocess.Popen[bytes] | None:
        """Start no other server any more; the present one is handed back, to be ended."""
        self._stopping.set()
        return self.process

    def _run(self) -> None:
        """Run servers until told to let go."""
        pauses = RestartPauses(
            shortest_seconds=limits.POSTGRES_RESTART_SECONDS_MIN,
            longest_seconds=limits.POSTGRES_RESTART_SECONDS_MAX,
            steady_seconds=limits.POSTGRES_STEADY_SECONDS,
        )
        while not self._stopping.is_set():
            begun = time.monotonic()
            status = self._run_once()
            if self._stopping.is_set() or not self._kept:
                return
            pause = pauses.seconds_after(time.monotonic() - begun)
            self._log.write(POSTGRES_ENDED, status=status, restart_seconds=pause)
            self._stopping.wait(pause)

    def _run_once(self) -> object:
        """Run a server to its end: its exit status, or the name of what hindered its start."""
        try:
            if self._kept:
                self._clear()
            self.process = self._launch()
        except Exception as error:  # noqa: BLE001 - told to who starts the first; later ones are tried again
            self._fault = None if self._launched.is_set() else error
            return type(error).__name__
        finally:
            self._launched.set()
        if self._stopping.is_set():
            # Whoever told us to let go did not see this one.
            self.process.terminate()
        return self.process.wait()
