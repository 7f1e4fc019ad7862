"""Says in the log and the metrics who does the work that one process does for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from services.runtime.log import Log
from services.runtime.log_events import LEADERSHIP_GAINED, LEADERSHIP_LOST
from services.runtime.metrics import Metrics

Role = Literal["projector", "sealer", "publisher", "notifier", "retention"]
ALL_LANES: Final = "all"


class LeaderNotice:
    """Tells changes only. Who leads from its first moment on took over from nobody, and says nothing in the log."""

    def __init__(
        self,
        role: Role,
        *,
        log: Log,
        metrics: Metrics | None,
        lane: int | None = None,
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        """Speak for one role, of one lane where each lane has its own leader; ``on_lost`` when it is ours no more."""
        self._on_lost = on_lost
        self._role = role
        self._log = log
        self._metrics = metrics
        self._lane = lane
        self._leads: bool | None = None

    def tell(self, *, leads: bool, epoch: int | None = None) -> None:
        """Say whether this process leads now."""
        before, self._leads = self._leads, leads
        if before is leads:
            return
        self._show(leads=leads)
        if before is not None:
            event = LEADERSHIP_GAINED if leads else LEADERSHIP_LOST
            self._log.write(event, role=self._role, lane=self._lane, epoch=epoch)

    def stopped(self) -> None:
        """Show that a fault has ended this work for good; the log says which, elsewhere."""
        self._leads = False
        self._show(leads=False)
        if self._metrics is not None:
            self._metrics.set("grootboek_stopped", 1, role=self._role)

    def _show(self, *, leads: bool) -> None:
        if not leads:
            self._on_lost()
        if self._metrics is not None:
            lane = ALL_LANES if self._lane is None else self._lane
            self._metrics.set("grootboek_leader", int(leads), role=self._role, lane=lane)
