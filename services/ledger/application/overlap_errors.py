"""What can be wrong with counting an overlap. The docstring is the message."""

from __future__ import annotations

from services.law.overlap import CELL_MIN, PARTIES_MAX, PARTIES_MIN
from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Kind


class OverlapOver(GrootboekError):
    """This overlap was counted, withdrawn or ran out of time: nothing can be handed in any more."""

    code = "overlap-over"
    kind = Kind.CONFLICT
    remedy = "Ask for a new one; its secret is new too."


class OverlapsTooMany(GrootboekError):
    """Your party asked for as many overlaps as a day allows."""

    code = "overlaps-too-many"
    kind = Kind.TOO_MANY
    remedy = "Wait for the time in Retry-After: asking again and again tells more than one count does."

    def __init__(self, retry_after_seconds: int) -> None:
        """Say in how many seconds the first ask of the day no longer counts."""
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


PARTIES_WRONG = FieldError(
    pointer="/parties",
    code="overlap-parties",
    message=f"A count is between {PARTIES_MIN} to {PARTIES_MAX} different parties that are registered.",
    remedy="Name each party once, by the id under which it is registered.",
)
PSEUDONYM_WRONG = FieldError(
    pointer="/pseudonyms",
    code="overlap-pseudonym",
    message="A pseudonym is the HMAC-SHA-256 of idType:id under the secret of this overlap, in 64 hex digits.",
    remedy="Work out each pseudonym with the secret that GET gives you; never send a number or a name.",
)
PSEUDONYMS_NUMBER = FieldError(
    pointer="/pseudonyms",
    code="overlap-persons",
    message=f"A party hands in {CELL_MIN} to {limits.OVERLAP_PERSONS_MAX} different persons.",
    remedy="With fewer the count would point at somebody: talk about them by another road that has its own ground.",
)
REGIME_MISSING = FieldError(
    pointer="/dataRegime",
    code="overlap-regime",
    message="Handing in pseudonyms of police data is a disclosure of police data.",
    remedy="Name the regime of the data (Wpg-8, Wpg-20 …) and the Wpg ground, with the decision where it needs one.",
)
