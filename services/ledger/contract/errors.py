"""What the ledger can answer instead of a receipt. The docstring is the message."""

from __future__ import annotations

from services.law.errors import IdentifierError, LawError
from services.ledger.contract.messages import RefusedSubject, VerdictAnswer
from services.ledger.contract.positions import format_position
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected


class IdempotencyConflict(GrootboekError):
    """This key was used before with another body."""

    code = "idempotency-conflict"
    kind = Kind.CONFLICT
    remedy = "Send the same body again, or choose a new key."


class IntentRefused(GrootboekError):
    """This act may not be done: the judgement found a violation."""

    code = "intent-refused"
    kind = Kind.FORBIDDEN
    remedy = "See the findings of the verdict: each names what would make it allowed."

    def __init__(self, verdict: VerdictAnswer, subjects: tuple[RefusedSubject, ...]) -> None:
        super().__init__()
        self.verdict = verdict
        self.subjects = subjects


class IntentConfirmed(GrootboekError):
    """This intent was confirmed before, under another key: it is a fact already."""

    code = "intent-confirmed"
    kind = Kind.CONFLICT
    remedy = "Correct that fact where it went otherwise; an act of its own is recorded as a fact of its own."


class NotFound(GrootboekError):
    """There is nothing here, or nothing that you may see."""

    code = "not-found"
    kind = Kind.NOT_FOUND
    remedy = "Check the id and whether your party takes part in it."


class NotAllowed(GrootboekError):
    """Your token does not allow this call."""

    code = "not-allowed"
    kind = Kind.FORBIDDEN
    remedy = "Ask for a token with the scope this call needs, for the party concerned."


class ProjectionBehind(GrootboekError):
    """The answer would not yet show the position you asked for."""

    code = "projection_behind"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "Ask again after the time in Retry-After."


class LedgerBusy(GrootboekError):
    """The ledger cannot take more now; nothing of this request was stored."""

    code = "ledger-busy"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "Send the same request again after the time in Retry-After."


class RecordEnded(GrootboekError):
    """The record has ended: what is gone by its term is not taken back."""

    code = "record-ended"
    kind = Kind.CONFLICT
    remedy = "Set a later end before the record ends; place a hold in time where a proceeding asks for it."


class NotStored(GrootboekError):
    """The ledger could not store this operation; nothing of it was kept."""

    code = "not-stored"
    kind = Kind.INTERNAL
    remedy = "Report the trace id of this answer to the operator of the ledger; sending it again will not help."


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


def missing_place(error: BaseException) -> dict[str, int]:
    """Return lane and position of what is missing, for the log of whoever stops at it; nothing for another fault."""
    return {"lane": error.lane, "position": error.position} if isinstance(error, PositionMissing) else {}


def identifier_fault(place: str, error: IdentifierError) -> FieldError:
    """Return the fault of an identifier that stands at a place of a body: in its kind, or in its number."""
    return FieldError(pointer=f"{place}/{error.field}", code=error.code, message=str(error), remedy=error.remedy)


def as_rejection(error: LawError) -> Rejected:
    """Return what the law finds malformed as a rejection with that one fault."""
    return Rejected((FieldError(pointer="", code=error.code, message=str(error), remedy=error.remedy),))


def say_as_ours(error: Exception) -> GrootboekError | None:
    """Return an error of the law as a caller in another process is told it; None for any other."""
    return as_rejection(error) if isinstance(error, LawError) else None
