"""Which positions of a lane were swept, by what the lane itself says."""

from __future__ import annotations

from bisect import bisect_right

import msgspec


class SweepMark(msgspec.Struct, frozen=True):
    """What the envelope of a sweep names; the rest is not looked at."""

    swept: tuple[tuple[int, int], ...] = ()


class SweptPositions:
    """The positions that sweeps name, as ranges that do not touch: neighbours fold into one as they go."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []
        self._added: list[tuple[int, int]] = []

    def add(self, position: int, envelope: bytes | None) -> bool:
        """Take what the sweep at ``position`` names; False, and nothing, when that cannot be: a fault of the event."""
        try:
            named = msgspec.json.decode(envelope or b"", type=SweepMark).swept
        except msgspec.MsgspecError:
            return False
        if any(not 0 < low <= high < position for low, high in named):
            return False
        self._added += named
        return True

    def __contains__(self, position: int) -> bool:
        if self._added:
            self._ranges, self._added = fold(sorted(self._ranges + self._added)), []
        place = bisect_right(self._ranges, (position, position))
        # The range that begins at the position itself, or the one before it.
        near = self._ranges[max(place - 1, 0) : place + 1]
        return any(low <= position <= high for low, high in near)


def fold(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """These sorted ranges without overlaps and gaps of nothing."""
    folded: list[tuple[int, int]] = []
    for low, high in ranges:
        if folded and low <= folded[-1][1] + 1:
            folded[-1] = (folded[-1][0], max(folded[-1][1], high))
        else:
            folded.append((low, high))
    return folded
