"""How much poison is an accident, and from where on it is a fault of whoever writes the topic, or of ours."""

from __future__ import annotations

from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind


class TooMuchPoison(GrootboekError):
    """So many records cannot be read that setting them aside would be losing them."""

    code = "too-much-poison"
    kind = Kind.INTERNAL
    remedy = (
        "See `grootboek dead-letters list` for the reasons. Update this process when it does not know newer events; or"
        " stop whoever writes what is no event, move the group past that with `kafka-consumer-groups --reset-offsets`,"
        " and start this process again: an event that is passed over is noticed."
    )


class PoisonLimit:
    """Counts poison by the number of the record, so that healthy records cost nothing."""

    def __init__(self) -> None:
        """Begin with none."""
        self._last = -1
        self._in_row = 0
        self._stretch = 0
        self._in_stretch = 0

    def count(self, number: int) -> None:
        """Count the record with this number as poison; TooMuchPoison beyond a bound."""
        self._in_row = self._in_row + 1 if number == self._last + 1 else 1
        self._last = number
        stretch = number // limits.POISON_STRETCH_RECORDS
        self._in_stretch = self._in_stretch + 1 if stretch == self._stretch else 1
        self._stretch = stretch
        allowed = limits.POISON_RATIO_MAX * limits.POISON_STRETCH_RECORDS
        if self._in_row > limits.POISON_IN_ROW_MAX or self._in_stretch > allowed:
            raise TooMuchPoison
