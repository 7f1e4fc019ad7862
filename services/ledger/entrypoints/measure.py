"""The thread that sets the gauges every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from services.ledger.application.measure import Measure
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.log import Log
from services.runtime.log_events import MEASURING_FAILED
from services.runtime.worker_thread import WorkerThread


class MeasureThread(WorkerThread):
    """Measures what this process has, and what the whole ledger has when ``leads`` says that it is ours to say."""

    def __init__(self, *, measure: Measure, leads: Callable[[], bool], log: Log) -> None:
        """Nothing is measured before the first pause is over."""
        super().__init__("measure")
        self._measure = measure
        self._leads = leads
        self._log = log

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
