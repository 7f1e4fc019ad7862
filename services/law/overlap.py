"""How many persons several parties have in common, and in all: sizes only, small ones not told (AVG 5(1)(c)).

Whoever takes part knows its own persons, so a size of one or two would tell which of them the others know: everything
below ``CELL_MIN`` is told as "fewer than". That the sizes of the whole follow from those told cannot be helped, and
does not make the count anonymous: it stays a processing of personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Final

import msgspec

CELL_MIN: Final = 3
"""The smallest number of persons that is told. The question of the field is about groups of three (S39)."""

PARTIES_MIN: Final = 2
PARTIES_MAX: Final = 6
"""With more parties the sizes of all their intersections would tell more than any of them asks."""


class Size(msgspec.Struct, frozen=True, rename="camel"):
    """How many persons these parties have together or in common; ``size`` None: fewer than ``CELL_MIN``, zero too."""

    parties: tuple[str, ...]
    size: int | None


class OverlapCount(msgspec.Struct, frozen=True, rename="camel"):
    """The answer: all persons once, and those that each two or more parties have in common."""

    union: Size
    intersections: tuple[Size, ...]
    fewer_than: int = CELL_MIN


def count_overlap(persons_by_party: Mapping[str, frozenset[bytes]]) -> OverlapCount:
    """Count what two to ``PARTIES_MAX`` parties handed in, whatever stands for a person being equal for all of them."""
    parties = sorted(persons_by_party)
    assert PARTIES_MIN <= len(parties) <= PARTIES_MAX, "a count is between a few parties"
    together = frozenset[bytes]().union(*persons_by_party.values())
    return OverlapCount(
        union=_size(parties, together),
        intersections=tuple(
            _size(some, frozenset.intersection(*(persons_by_party[party] for party in some)))
            for number in range(PARTIES_MIN, len(parties) + 1)
            for some in combinations(parties, number)
        ),
    )


def _size(parties: tuple[str, ...] | list[str], persons: frozenset[bytes]) -> Size:
    return Size(tuple(parties), len(persons) if len(persons) >= CELL_MIN else None)
