"""What stops a projection, loudly."""

from __future__ import annotations

from services.runtime.errors import GrootboekError, Kind


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
