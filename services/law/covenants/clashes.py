"""In what two covenants at one table clash on a day. What counts stands in ``contradictions``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from services.law.covenants.approaches import Approach, Sameness
from services.law.covenants.matching import Match, full_partners, is_one_purpose
from services.law.covenants.phase_terms import differing_terms, inherited_phases, terms_of
from services.law.covenants.reports import Point
from services.law.covenants.tables import Table
from services.law.covenants.terms import canonical_term
from services.law.governance import Arrangement
from services.law.in_force import CovenantInForce

DUTIES: Final = (("contact_point", "contactPoint"), ("informs", "informs"), ("reports_breach", "reportsBreach"))
NO_ARRANGEMENT: Final = Arrangement()


def retention_points(table: Table) -> Iterator[Point]:
    """Terms for one phase, and for the ledger's record, that differ."""
    matches = _of_one_purpose(table)
    for match in matches:
        ours, theirs = _terms(match.first, table.first), _terms(match.second, table.second)
        for phase, first_term, second_term in differing_terms(ours, theirs):
            yield Point(phase, first_term, second_term, _ids(match))
    first, second = (side.covenant.record_retention for side in (table.first, table.second))
    if matches and first and second and canonical_term(first) != canonical_term(second):
        yield Point("recordRetention", first, second)


def purpose_points(table: Table) -> Iterator[Point]:
    """Purposes that differ, of an approach that is surely the same."""
    first, second = table.first.covenant, table.second.covenant
    if not first.purpose or not second.purpose or is_one_purpose(first, second):
        return
    sure = [match for match in table.matches if _is_sure(match, table)]
    if sure:
        yield Point("purpose", first.purpose, second.purpose, tuple(i for match in sure for i in _ids(match)))


def parties_points(table: Table) -> Iterator[Point]:
    """Full partners of one that the other does not have as such, and duties that each gives to another."""
    first, second = table.first, table.second
    ours, theirs = full_partners(first), full_partners(second)
    if _of_one_purpose(table) and 2 * len(ours & theirs) >= min(len(ours), len(theirs)) > 0:
        missing = set() if _covers_more(first, second) else ours - theirs
        missing |= set() if _covers_more(second, first) else theirs - ours
        for party in sorted(missing):
            yield Point(party, _role(first, party), _role(second, party))
        yield from _duty_points(table)


def regime_points(table: Table) -> Iterator[Point]:
    """Regimes that differ."""
    first, second = table.first.covenant.regime, table.second.covenant.regime
    if first is not None and second is not None and first != second:
        yield Point("regime", str(first), str(second))


def _terms(approach: Approach, covenant: CovenantInForce) -> dict[str, str]:
    """The terms of an annex; what the covenant says itself goes before its umbrella, in whatever words."""
    if approach.annex is None:
        return {}
    return terms_of(approach.annex.retention, inherited_phases(approach.annex.id, covenant.origins))


def _duty_points(table: Table) -> Iterator[Point]:
    first, second = table.first, table.second
    given, other = (side.covenant.arrangement or NO_ARRANGEMENT for side in (first, second))
    for field, name in DUTIES:
        ours, theirs = getattr(given, field), getattr(other, field)
        if ours != theirs and _acts_here(ours, first, second) and _acts_here(theirs, second, first):
            yield Point(name, ours, theirs)


def _acts_here(party: str | None, covenant: CovenantInForce, other: CovenantInForce) -> bool:
    """Whether a party that does a duty takes part in both, or incidentally in its own covenant, for the same ground.

    A full partner of one of them is told as such.
    """
    if party in other.partners:
        return party in covenant.partners
    return party in covenant.incidental and not _covers_more(covenant, other)


def _of_one_purpose(table: Table) -> list[Match]:
    """Those whose terms and people have to be the same: of one name, or not for two purposes (AVG 5(1)(e))."""
    first, second = table.first.covenant, table.second.covenant
    kinds = {Sameness.NAME}
    if not first.purpose or not second.purpose or is_one_purpose(first, second):
        kinds |= {Sameness.TABLE, Sameness.UNTOLD}
    return [match for match in table.matches if match.sameness in kinds]


def _is_sure(match: Match, table: Table) -> bool:
    """By name or by the whole text; where only the table tells it, by one id of the annexes and the same people."""
    if match.sameness is not Sameness.TABLE:
        return True
    return match.is_of_one_id and full_partners(table.first) == full_partners(table.second)


def _covers_more(first: CovenantInForce, second: CovenantInForce) -> bool:
    """Whether the first covers ground that the second does not: somebody may take part in it for that."""
    if not first.municipalities or not second.municipalities:
        return bool(second.municipalities)
    return not first.municipalities <= second.municipalities


def _role(covenant: CovenantInForce, party: str) -> str | None:
    partner = covenant.taking_part.get(party)
    return None if partner is None else partner.role


def _ids(match: Match) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_stated(approach.id for approach in (match.first, match.second))))


def _stated(ids: Iterable[str | None]) -> Iterator[str]:
    return (annex_id for annex_id in ids if annex_id is not None)
