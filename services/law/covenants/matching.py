"""Which annexes of two covenants are about the same approach; each annex has at most one fellow of a kind.

Names go first: of annexes that could be one by name those of one id, then those of one name as it stands, then those
that differ in the plural ("jeugdgroep" and "jeugdgroepen" in both of two copies are two). An annex that found its
fellow by name is not compared by anything weaker; nor is one whose id (as it stands, else less what is of its covenant)
the other covenant has too, save with that one: of "bijlage-1" and "bijlage-2" under two covenants the first is the
first, whatever table they share. What is left is the same only where nothing else could be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from services.law.covenants.approaches import Approach, Sameness
from services.law.covenants.words import fold
from services.law.governance import Covenant
from services.law.in_force import CovenantInForce


class Match(msgspec.Struct, frozen=True):
    """One annex of each covenant that are about the same approach, and how that is known."""

    first: Approach
    second: Approach
    sameness: Sameness

    @property
    def is_of_one_id(self) -> bool:
        """Whether the annexes have one id, as it stands or less what is of their covenants."""
        return self.first.has_id_of(self.second)

    @property
    def is_of_literal_id(self) -> bool:
        """Whether the annexes have one id as it stands."""
        return self.first.literal_id == self.second.literal_id

    @property
    def is_respelt(self) -> bool:
        """Whether one of the annexes has its name in the plural only."""
        return self.first.is_respelling_of(self.second)


def match_annexes(
    first: CovenantInForce, ours: Sequence[Approach], second: CovenantInForce, theirs: Sequence[Approach]
) -> tuple[Match, ...]:
    """The annexes of two covenants that are about the same approach."""
    compared = (Match(mine, yours, mine.compare(yours)) for mine in ours for yours in theirs)
    same = [match for match in compared if match.sameness is not Sameness.OTHER]
    named = _closest([match for match in same if match.sameness is Sameness.NAME])
    weaker = _without(named, same)
    literal = [match for match in weaker if match.is_of_literal_id]
    of_one_id = [*literal, *(match for match in _without(literal, weaker) if match.is_of_one_id)]
    alone = len(ours) == len(theirs) == 1
    left = [match for match in _only_ones(_without(of_one_id, weaker)) if alone or _tells(match)]
    found = (_judged(match, first, second) for match in (*named, *of_one_id, *left))
    return tuple(match for match in found if match is not None)


def is_one_purpose(first: Covenant, second: Covenant) -> bool:
    """Whether both state a purpose, and the same."""
    return bool(first.purpose and second.purpose) and fold(first.purpose or "") == fold(second.purpose or "")


def full_partners(covenant: CovenantInForce) -> frozenset[str]:
    """The partners of a day that are not incidental."""
    return frozenset(party for party, partner in covenant.taking_part.items() if partner.role == "partner")


def _closest(named: Sequence[Match]) -> list[Match]:
    """Those of one id, else of one name as it stands, else in another spelling: "jeugdgroep" beside "jeugdgroepen"."""
    of_literal_id = [match for match in named if match.is_of_literal_id]
    left = _without(of_literal_id, named)
    of_one_name = [match for match in left if not match.is_respelt]
    return [*of_literal_id, *of_one_name, *_without(of_one_name, left)]


def _without(found: Iterable[Match], matches: Iterable[Match]) -> list[Match]:
    """Those of ``matches`` whose annexes are both in none of ``found``."""
    taken = {approach for match in found for approach in (match.first, match.second)}
    return [match for match in matches if match.first not in taken and match.second not in taken]


def _only_ones(matches: Sequence[Match]) -> list[Match]:
    """Those whose annexes are in no other of them."""
    sides = [approach for match in matches for approach in (match.first, match.second)]
    return [match for match in matches if sides.count(match.first) == sides.count(match.second) == 1]


def _tells(match: Match) -> bool:
    """Whether a word says that it is the same: of the table, or a name that differs in its number only."""
    return match.sameness is Sameness.TABLE or not match.first.stems.isdisjoint(match.second.stems)


def _judged(match: Match, first: CovenantInForce, second: CovenantInForce) -> Match | None:
    """Where no word tells it: by one purpose, or by a whole text that is a copy; None when it is not the same."""
    if match.sameness is not Sameness.UNTOLD or is_one_purpose(first.covenant, second.covenant):
        return match
    is_copy = match.first.has_text_of(match.second) and _is_copy(first, second)
    return Match(match.first, match.second, Sameness.TEXT) if is_copy else None


def _is_copy(first: CovenantInForce, second: CovenantInForce) -> bool:
    """Whether both are about the same ground and have the same full partners."""
    return first.municipalities == second.municipalities and full_partners(first) == full_partners(second)
