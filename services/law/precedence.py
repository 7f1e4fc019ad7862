"""Which term holds, and which ones lost to it: the order in which rules about keeping data give way to each other.

First a hold: while a request, complaint, breach, court or restriction runs, nothing ends. Then a statutory minimum:
what must be kept under a norm until a day is not gone before it, whatever shorter maximum there is. Then storage
limitation (AVG 5(1)(e)): of all maxima the one that ends first. Whoever lost stays on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal

import msgspec

MaximumRule = Literal["act", "covenant-phase", "activity", "wpg-8", "wgs-maximum", "wgs-renewal", "bgs-not-taken-up"]
FileRule = Literal["jw-7-3-8", "wmo-5-3-4"]
TermRule = Literal[MaximumRule, FileRule]
HoldRule = Literal["legal-hold", "request", "complaint", "breach", "court", "restriction"]
KeepingRule = Literal[TermRule, "statutory-minimum", HoldRule]

# At equal ends the rule nearest to the act is named as the one that holds.
_NEARNESS: Final[dict[TermRule, int]] = {
    "act": 0,
    "covenant-phase": 1,
    "activity": 2,
    "wpg-8": 3,
    "bgs-not-taken-up": 4,
    "wgs-renewal": 5,
    "wgs-maximum": 6,
    "jw-7-3-8": 7,
    "wmo-5-3-4": 8,
}

FILE_RULES: Final = frozenset({"jw-7-3-8", "wmo-5-3-4"})
"""Terms for which a file must be kept (Jeugdwet 7.3.8, Wmo 5.3.4): minimums, which a shorter maximum gives way to."""


class Term(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A term that a rule gives, and the last day on which it runs: a maximum, or that for which a file is kept."""

    rule: TermRule
    period: str
    ends: date

    @property
    def printed(self) -> str:
        """As an envelope keeps what lost: ``<rule> <period> <end>``."""
        return f"{self.rule} {self.period} {self.ends.isoformat()}"


class Minimum(msgspec.Struct, frozen=True):
    """What a norm (a selection list, the Wpg) wants kept until and including a day."""

    norm: str
    until: date


class Hold(msgspec.Struct, frozen=True):
    """A proceeding for which nothing may go; ``reference`` says which one."""

    rule: HoldRule
    reference: str


class Claim(msgspec.Struct, frozen=True, rename="camel"):
    """A rule with a say in the end: ``says`` is its period, norm or proceeding; a hold has no end of its own."""

    rule: KeepingRule
    says: str
    ends: date | None


class Ruling(msgspec.Struct, frozen=True, rename="camel"):
    """The claim that holds, None when no rule says anything, and those that lost, the strongest first."""

    holds: Claim | None
    lost: tuple[Claim, ...] = ()

    @property
    def ends(self) -> date | None:
        """The last day; None while a hold lasts, and when no rule says."""
        return None if self.holds is None else self.holds.ends


def rule_on(terms: Iterable[Term], minimums: Iterable[Minimum] = (), holds: Iterable[Hold] = ()) -> Ruling:
    """Which of these claims holds; the order in which they are given does not matter."""
    claims = [Claim(hold.rule, hold.reference, None) for hold in sorted(holds, key=lambda h: (h.rule, h.reference))]
    kept = sorted(minimums, key=lambda minimum: (-minimum.until.toordinal(), minimum.norm))
    maxima = in_order(terms)
    binding = [m for m in kept if not maxima or m.until > maxima[0].ends]
    claims += [_of_minimum(minimum) for minimum in binding]
    claims += [Claim(term.rule, term.period, term.ends) for term in maxima]
    claims += [_of_minimum(minimum) for minimum in kept if minimum not in binding]
    return Ruling(claims[0], tuple(claims[1:])) if claims else Ruling(None)


def in_order(terms: Iterable[Term]) -> list[Term]:
    """The terms with the one that holds first: a file's that outlasts every maximum, else the maximum that ends first.

    Then the losers: the maxima by end, and the files that a maximum outlasts.
    """
    given = sorted(terms, key=_by_end)
    files = [term for term in reversed(given) if term.rule in FILE_RULES]
    if not files:
        return given
    maxima = [term for term in given if term.rule not in FILE_RULES]
    binding = [file for file in files if not maxima or file.ends > maxima[0].ends]
    return [*binding, *maxima, *(file for file in files if file not in binding)]


def _by_end(term: Term) -> tuple[date, int]:
    return term.ends, _NEARNESS[term.rule]


def _of_minimum(minimum: Minimum) -> Claim:
    return Claim("statutory-minimum", minimum.norm, minimum.until)
