"""What to do about a position that does not come while later ones are here."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from services.runtime import limits


class Move(Enum):
    """``FINE``: go on. ``REWIND``: read the log from its start. ``FILL``: the log begins too late, ask the ledger.

    ``STOP``: the position is in no log although earlier and later ones are: it was lost or taken away.
    """

    FINE = "fine"
    REWIND = "rewind"
    FILL = "fill"
    STOP = "stop"


class GapWatch:
    """Watches one lane.

    A gap is nothing yet while so few records came behind it that they may only have been shuffled, and while the end
    of the log was reached a moment ago. Then the log is read again from its start, once: whoever begins at an offset
    beyond the cursor finds the rest there. A gap that is still open is either the start of the log, of which time has
    taken the rest, or a loss.
    """

    def __init__(self) -> None:
        """Begin without a gap."""
        self._missing: int | None = None
        self._records = 0
        self._since = 0.0
        self._has_rewound = False
        self._oldest: int | None = None

    def saw(self, position: int) -> None:
        """Note a readable record, whatever its place in the order."""
        if self._missing is not None:
            self._records += position > self._missing
            if self._oldest is None or position < self._oldest:
                self._oldest = position

    def judge(self, missing: int | None, now: float, is_at_end: Callable[[], bool]) -> Move:
        """What to do about the position ``missing``; None when nothing is."""
        if missing is None:
            self._missing, self._has_rewound = None, False
            return Move.FINE
        if missing != self._missing:
            # What was missing came, so the log holds it.
            self._begin(missing, now, oldest=self._missing)
        if not self._is_ripe(now, is_at_end):
            return Move.FINE
        if not self._has_rewound:
            self._has_rewound = True
            self._begin(missing, now, oldest=None)
            return Move.REWIND
        # What comes before the gap is in the log, so the log does not begin behind it.
        return Move.STOP if self._oldest is not None and self._oldest < missing else Move.FILL

    def _begin(self, missing: int, now: float, *, oldest: int | None) -> None:
        self._missing, self._since, self._records, self._oldest = missing, now, 0, oldest

    def _is_ripe(self, now: float, is_at_end: Callable[[], bool]) -> bool:
        """Whether the missing record would have come by now if it were only late."""
        if self._records > limits.FEED_SHUFFLED_RECORDS_MAX:
            return True
        has_waited = self._has_rewound or now - self._since >= limits.FEED_GAP_SECONDS
        return has_waited and is_at_end()
