"""What a piece of work says of what is left."""

from __future__ import annotations

from enum import Enum


class Progress(Enum):
    """``MORE``: something was done, there may be more. ``BEHIND``: what is left waits for the projections."""

    MORE = "more"
    BEHIND = "behind"
    DONE = "done"
