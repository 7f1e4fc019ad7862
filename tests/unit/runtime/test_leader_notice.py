"""Who leads is told once per change."""

from __future__ import annotations

from services.runtime.leader_notice import LeaderNotice
from services.runtime.log import MemoryLog
from services.runtime.log_events import LEADERSHIP_GAINED, LEADERSHIP_LOST
from services.runtime.metrics import Metrics


def test_changes_are_told_and_nothing_else() -> None:
    """Who leads from the first moment on is shown and not logged; a take-over and a loss are both."""
    log, metrics, lost = MemoryLog(), Metrics(), []
    notice = LeaderNotice("publisher", log=log, metrics=metrics, lane=3, on_lost=lambda: lost.append(1))
    for leads in (True, True, False, False, True):
        notice.tell(leads=leads, epoch=7)
    assert [event for event, _ in log.written] == [LEADERSHIP_LOST, LEADERSHIP_GAINED]
    assert log.written[0][1] == {"role": "publisher", "lane": 3, "epoch": 7}
    assert metrics.value("grootboek_leader", role="publisher", lane=3) == 1
    assert lost == [1]


def test_who_stands_by_is_shown_as_such() -> None:
    """A second process shows 0 from its start, so that nobody leading can be seen."""
    log, metrics = MemoryLog(), Metrics()
    LeaderNotice("projector", log=log, metrics=metrics).tell(leads=False)
    assert 'grootboek_leader{lane="all",role="projector"} 0' in metrics.exposition()
    assert log.written == []


def test_a_fault_that_ends_the_work_is_shown() -> None:
    """It is not a loss to another one, but an end; the log of the work itself says why."""
    log, metrics = MemoryLog(), Metrics()
    notice = LeaderNotice("sealer", log=log, metrics=metrics)
    notice.tell(leads=True)
    notice.stopped()
    assert metrics.value("grootboek_stopped", role="sealer") == 1
    assert 'grootboek_leader{lane="all",role="sealer"} 0' in metrics.exposition()
    assert log.written == []
