"""What stops a projection, loudly."""

from __future__ import annotations

from services.ledger.contract.positions import format_position
from services.runtime.errors import GrootboekError, Kind


class PositionMissing(GrootboekError):
    """A position of a lane is not there: events were lost or taken away."""

    code = "position_missing"
    kind = Kind.INTERNAL
    remedy = "Stop writing, run `grootboek verify`, and restore the ledger from a backup."

    def __init__(self, lane: int, position: int) -> None:
        """Name the first missing place."""
        super().__init__(f"Position {format_position(lane, position)} is not there: events were lost or taken away.")
        self.lane = lane
        self.position = position


class ProjectionStopped(GrootboekError):
    """The projections stopped and answer no question about new events."""

    code = "projection_stopped"
    kind = Kind.UNAVAILABLE
    remedy = "The ledger's log names the position at which it stopped; run `grootboek verify`."


class ShadowUnfinished(GrootboekError):
    """Another rebuild of the projections is under way."""

    code = "rebuild_under_way"
    kind = Kind.CONFLICT
    remedy = "Wait until the other rebuild has ended and start again."
