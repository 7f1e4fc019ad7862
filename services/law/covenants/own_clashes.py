"""In what one covenant clashes with itself on a day. What counts stands in ``contradictions``.

Read is its own text: what it takes from its umbrella is told of that one, and what joined it later goes before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from services.law.covenants.approaches import name_within
from services.law.covenants.clashes import DUTIES, NO_ARRANGEMENT
from services.law.covenants.phase_terms import differing_terms, terms_in_two_words, terms_of
from services.law.covenants.reports import Point
from services.law.covenants.spelling import in_one_word
from services.law.covenants.words import fold
from services.law.governance import Annex, Arrangement, Covenant
from services.law.in_force import CovenantInForce
from services.law.register import DayView


def own_parties_points(covenant: CovenantInForce, view: DayView) -> Iterator[Point]:
    """A duty given to somebody who is no partner on the day, and a party that is partner in two ways.

    A duty that its umbrella gives to the same party may be spelt out as well as left to it.
    """
    given, above = covenant.stated.arrangement or NO_ARRANGEMENT, _arrangement_above(covenant, view)
    for field, name in DUTIES:
        party = getattr(given, field)
        if party and covenant.partners and party not in covenant.partners and party != getattr(above, field):
            yield Point(name, party, None)
    for party in _in_two_roles(covenant.stated):
        if roles_on(covenant.stated, party, view.day) == {"partner", "incidental"}:
            yield Point(party, "partner", "incidental")


def own_retention_points(covenant: CovenantInForce, _: DayView) -> Iterator[Point]:
    """Terms for one phase that differ, in one annex or in two of one approach."""
    annexes = list(_own_annexes(covenant))
    for annex in annexes:
        for phase, first_term, second_term in terms_in_two_words(annex.retention):
            yield Point(phase, first_term, second_term, (annex.id,))
    for first, second in _alike(annexes):
        if is_one_approach(first, second):
            yield from _between(first, second)


def validity_points(covenant: CovenantInForce, _: DayView) -> Iterator[Point]:
    """Partners whose whole window lies outside the covenant's: they never take part."""
    stated = covenant.stated
    ends = stated.valid_until or date.max
    for partner in stated.partners:
        begins, until = partner.from_ or stated.valid_from, partner.until or ends
        if begins > ends or until < stated.valid_from:
            yield Point(partner.party, f"{begins}/{until}", window_of(stated))


def window_of(covenant: Covenant) -> str:
    """From its first day to its last; what has no end ends with the calendar."""
    return f"{covenant.valid_from}/{covenant.valid_until or date.max}"


def is_one_approach(first: Annex, second: Annex) -> bool:
    """Whether two annexes of one covenant have one id, or one name and no other consultation or work process.

    Towns and words for any annex tell them apart here ("jeugd-middelstad", "jeugd-dorp-b"): one hand wrote both.
    """
    if in_one_word(fold(first.id)) == in_one_word(fold(second.id)):
        return True
    tables = ((first.consultation, second.consultation), (first.work_process, second.work_process))
    if any(mine and yours and fold(mine) != fold(yours) for mine, yours in tables):
        return False
    ids = _name_of(first.id), _name_of(second.id)
    return ids[0] == ids[1] if all(ids) else not _names_of(first).isdisjoint(_names_of(second))


def roles_on(covenant: Covenant, party: str, day: date) -> set[str]:
    """Every role that a party has on a day."""
    return {
        partner.role
        for partner in covenant.partners
        if partner.party == party and (partner.from_ or day) <= day <= (partner.until or day)
    }


def _arrangement_above(covenant: CovenantInForce, view: DayView) -> Arrangement:
    above = covenant.stated.umbrella
    umbrella = view.covenants[above] if isinstance(above, str) else None
    return NO_ARRANGEMENT if umbrella is None else umbrella.covenant.arrangement or NO_ARRANGEMENT


def _in_two_roles(covenant: Covenant) -> list[str]:
    """The parties that are partner in two ways, if perhaps not on one day."""
    full, incidental = ({p.party for p in covenant.partners if p.role == role} for role in ("partner", "incidental"))
    return sorted(full & incidental)


def _own_annexes(covenant: CovenantInForce) -> Iterator[Annex]:
    """The annexes of its own text that are in force, and that no addendum has replaced."""
    replaced = {origin.field for origin in covenant.origins if origin.source == "addendum"}
    for annex in covenant.stated.annexes:
        if annex.id in covenant.annexes and f"/annexes/{annex.id}" not in replaced:
            yield annex


def _alike(annexes: Sequence[Annex]) -> list[tuple[Annex, Annex]]:
    """Every two annexes that have an id or a name in common, in order."""
    numbers_by_word: dict[str, list[int]] = {}
    for number, annex in enumerate(annexes):
        for word in {in_one_word(fold(annex.id))} | _names_of(annex):
            numbers_by_word.setdefault(word, []).append(number)
    pairs = {pair for numbers in numbers_by_word.values() for pair in combinations(numbers, 2)}
    return [(annexes[one], annexes[other]) for one, other in sorted(pairs)]


def _between(first: Annex, second: Annex) -> Iterator[Point]:
    ours, theirs = terms_of(first.retention), terms_of(second.retention)
    for phase, first_term, second_term in differing_terms(ours, theirs):
        yield Point(phase, first_term, second_term, tuple(dict.fromkeys((first.id, second.id))))


def _names_of(annex: Annex) -> frozenset[str]:
    return frozenset(filter(None, (_name_of(annex.id), _name_of(annex.name))))


def _name_of(text: str | None) -> str:
    """An id or a name, however it is hyphenated; empty when it tells nothing."""
    return in_one_word(name_within(text or ""))
