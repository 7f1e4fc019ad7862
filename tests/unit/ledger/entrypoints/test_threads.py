"""The threads of the ledger: none of them ends unseen, whatever a fault of ours makes it raise."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from services.ledger.contract.errors import ProjectionBehind
from services.ledger.entrypoints import project
from services.ledger.entrypoints.measure import MeasureThread
from services.ledger.entrypoints.project import ProjectorThread
from services.ledger.entrypoints.seal import SealerThread
from services.ledger.storage.projections.errors import ProjectionStopped
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.support.waiting import wait_until


class Faulty:
    """Raises what nobody foresaw, whatever it is asked for; ``asked`` counts how often."""

    def __init__(self) -> None:
        self.asked = 0

    def __getattr__(self, _: str) -> Any:
        return self.ask

    def ask(self, *_: object) -> None:
        """Count, and raise."""
        self.asked += 1
        raise KeyError("unforeseen")


def test_a_projector_that_meets_a_fault_of_ours_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops for good and everybody hears: who waits for a position, who looks at the metrics, the log."""
    log, metrics = MemoryLog(), Metrics()
    monkeypatch.setattr(project, "connect", Faulty().ask)
    projector = ProjectorThread(conninfo="", log=log, metrics=metrics)
    projector.start()
    wait_until(lambda: projector.failure)
    projector.stop()
    with pytest.raises(ProjectionStopped) as stopped:
        projector.wait_for(0, 1)
    assert not isinstance(stopped.value, ProjectionBehind)
    assert metrics.value("grootboek_stopped", role="projector") == 1
    assert [(event.name, fields["error"]) for event, fields in log.written] == [("projection.stopped", "KeyError")]


def test_a_sealer_that_meets_a_fault_of_ours_says_so() -> None:
    """It stops for good, in the metrics and in the log."""
    log, metrics = MemoryLog(), Metrics()
    sealer: Any = Faulty()
    thread = SealerThread(sealer=sealer, log=log, metrics=metrics)
    thread.start()
    wait_until(lambda: thread.failure)
    thread.stop()
    assert metrics.value("grootboek_stopped", role="sealer") == 1
    assert [(event.name, fields["error"]) for event, fields in log.written] == [("sealing.stopped", "KeyError")]


def test_who_measures_goes_on_after_a_fault_of_ours() -> None:
    """A figure that cannot be had is missing, and the others are looked at again the next time."""
    log, asked = MemoryLog(), threading.Event()

    class Measure(Faulty):
        def forget_ledger(self) -> None:
            asked.set()

    measure: Any = Measure()
    thread = MeasureThread(measure=measure, leads=lambda: True, log=log)
    thread.step()
    assert asked.is_set()
    assert [(event.name, fields["error"]) for event, fields in log.written] == [("measuring.failed", "KeyError")]
