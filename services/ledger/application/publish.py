"""Publishing a lane: in order, without holes, and after any failure rather twice than not at all."""

from __future__ import annotations

from services.ledger.application.publish_ports import Lead, Outlet, Publication
from services.ledger.contract.errors import PositionMissing


class PublishLane:
    """Follows one lane and sends what it holds; of several publishers one leads.

    An event is sent only when every event before it was acknowledged, so that a topic never shows a later one while an
    earlier one may still be lost. Whatever fails, the next attempt begins after the cursor. A publisher that was fenced
    without knowing can only repeat what another one has sent or sends as well; readers know it by its position.
    """

    def __init__(self, *, lane: int, publication: Publication, outlet: Outlet) -> None:
        """Take the lane and its topic; nothing is read before the first ``step``."""
        self.lane = lane
        self._publication = publication
        self._outlet = outlet
        self._position = 0
        self.lead: Lead | None = None

    def step(self) -> int:
        """Publish the next chunk and remember it; how many events it had, 0 without any or while another one leads."""
        if self.lead is None:
            self._take_lead()
        return 0 if self.lead is None else self._publish(self.lead)

    def let_go(self) -> None:
        """Lead no more and forget what is under way; another ``step`` begins anew at the stored cursor."""
        self.lead = None
        self._outlet.close()
        self._publication.let_go()

    def _take_lead(self) -> None:
        """Lead when nobody else does; not before the topic was seen to be right."""
        lead = self._publication.take_lead()
        if lead is not None:
            self._outlet.open()
            self.lead, self._position = lead, lead.position

    def _publish(self, lead: Lead) -> int:
        """Send what comes next, then move the cursor: never the other way round."""
        events = self._publication.events_after(self._position)
        for expected, event in enumerate(events, self._position + 1):
            if event.position != expected:
                raise PositionMissing(self.lane, expected)
        if events:
            self._outlet.send(events)
            self._publication.move(lead, events[-1].position)
            self._position = events[-1].position
        return len(events)
