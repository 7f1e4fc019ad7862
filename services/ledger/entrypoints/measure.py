"""The thread that sets the gauges every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from services.ledger.application.measure import Measure
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.log import Log
from services.runtime.log_events import MEASURING_FAILED


class MeasureThread:
    """Measures what this process has, and what the whole ledger has when ``leads`` says that it is ours to say."""

    def __init__(self, *, measure: Measure, leads: Callable[[], bool], log: Log) -> None:
        """Nothing is measured before the first pause is over."""
        self._measure = measure
        self._leads = leads
        self._log = log
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; once."""
        assert self._thread is None, "started twice"
        self._thread = threading.Thread(target=self._run, name="measure", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the measurement at hand and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(limits.SHUTDOWN_SECONDS_MAX)

    def _run(self) -> None:
        while not self._stopping.wait(limits.GAUGES_SECONDS):
            self.step()

    def step(self) -> None:
        """Measure once; what cannot be looked up is said by nobody, and tried again."""
        try:
            self._measure.measure_own()
            if self._leads():
                self._measure.measure_ledger(time.monotonic())
                return
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end all measuring in silence
            code = error.code if isinstance(error, GrootboekError) else None
            sqlstate = getattr(error, "sqlstate", None)
            self._log.write(MEASURING_FAILED, error=type(error).__name__, code=code, sqlstate=sqlstate)
        self._measure.forget_ledger()
