"""In what two covenants at one table clash, or one with itself, on a day. What counts stands in ``contradictions``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from services.law.covenants.approaches import Sameness
from services.law.covenants.matching import Match, full_partners, is_one_purpose
from services.law.covenants.reports import Point
from services.law.covenants.synonyms import PHASES
from services.law.covenants.tables import Table
from services.law.covenants.terms import canonical_term
from services.law.covenants.words import fold
from services.law.governance import Annex, Arrangement, Covenant
from services.law.in_force import CovenantInForce

DUTIES: Final = (("contact_point", "contactPoint"), ("informs", "informs"), ("reports_breach", "reportsBreach"))
_NO_ARRANGEMENT: Final = Arrangement()


def retention_points(table: Table) -> Iterator[Point]:
    """Terms for one phase, and for the ledger's record, that differ."""
    matches = _of_one_purpose(table)
    for match in matches:
        ours, theirs = terms_of(match.first.annex), terms_of(match.second.annex)
        for phase in sorted(ours.keys() & theirs.keys()):
            if ours[phase] != theirs[phase]:
                yield Point(phase, ours[phase], theirs[phase], _ids(match))
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


def own_parties_points(covenant: CovenantInForce, day: date) -> Iterator[Point]:
    """A duty given to somebody who is no partner on the day, and a party that is partner in two ways."""
    given = covenant.stated.arrangement or _NO_ARRANGEMENT
    for field, name in DUTIES:
        party = getattr(given, field)
        if party and covenant.partners and party not in covenant.partners:
            yield Point(name, party, None)
    for party in sorted(covenant.partners):
        if roles_on(covenant.covenant, party, day) == {"partner", "incidental"}:
            yield Point(party, "partner", "incidental")


def regime_points(table: Table) -> Iterator[Point]:
    """Regimes that differ."""
    first, second = table.first.covenant.regime, table.second.covenant.regime
    if first is not None and second is not None and first != second:
        yield Point("regime", str(first), str(second))


def validity_points(covenant: Covenant) -> Iterator[Point]:
    """Partners whose whole window lies outside the covenant's: they never take part."""
    ends = covenant.valid_until or date.max
    for partner in covenant.partners:
        begins, until = partner.from_ or covenant.valid_from, partner.until or ends
        if begins > ends or until < covenant.valid_from:
            yield Point(partner.party, f"{begins}/{until}", f"{covenant.valid_from}/{ends}")


def terms_of(annex: Annex | None) -> dict[str, str]:
    """The terms of an annex by phase, both in the words of the contract."""
    stated = {} if annex is None else annex.retention
    return {PHASES.get(fold(phase), fold(phase)): canonical_term(term) for phase, term in stated.items()}


def roles_on(covenant: Covenant, party: str, day: date) -> set[str]:
    """Every role that a party has on a day."""
    return {
        partner.role
        for partner in covenant.partners
        if partner.party == party and (partner.from_ or day) <= day <= (partner.until or day)
    }


def _duty_points(table: Table) -> Iterator[Point]:
    first, second = (side.covenant.arrangement or _NO_ARRANGEMENT for side in (table.first, table.second))
    for field, name in DUTIES:
        ours, theirs = getattr(first, field), getattr(second, field)
        if ours != theirs and {ours, theirs} <= set(table.partners):
            yield Point(name, ours, theirs)


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
