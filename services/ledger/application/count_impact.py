"""How many persons and records a breach hits: those of one identifier counted by the projection, linked ones here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.ledger.application.ports import Bounds
from services.ledger.application.sources import Place, Sources
from services.ledger.domain.holdings import DELETES, HoldingRow, names

Window = tuple[datetime, datetime]


def count_impact(
    sources: Sources, party: str, window: Window, categories: Sequence[str], known_at: datetime
) -> tuple[int, int]:
    """(persons, records): a person under several identifiers counts once, and a delete under one holds for all."""
    linked = sources.projections.linked_held(party, known_at)
    persons, records = sources.projections.impact_counts(party, *window, categories, known_at, linked)
    closure = sources.directory.closure(linked, known_at)
    groups = {frozenset(group) for group in closure.values()}
    everyone = sorted({place for group in groups for place in group})
    rows = sources.projections.holding_acts(everyone, Bounds(as_of=window[1], as_known_at=known_at))
    by_place: dict[Place, list[HoldingRow]] = {}
    for row in rows:
        if row.party == party:
            by_place.setdefault((row.lane, row.stream_id), []).append(row)
    for group in groups:
        held = count_held([row for place in group for row in by_place.get(place, ())], window[0], frozenset(categories))
        persons += held > 0
        records += held
    return persons, records


def count_held(rows: Iterable[HoldingRow], begins: datetime, categories: frozenset[str]) -> int:
    """The acts of one party on one person that still carried one of the categories when the window began, or later."""
    acts = list(rows)
    deletes = [act for act in acts if act.effect == DELETES]
    return sum(
        any(
            not any(ends_before(gone, act, name, begins) for gone in deletes)
            for name in act.categories
            if not categories or name in categories
        )
        for act in acts
        if act.effect != DELETES
    )


def ends_before(gone: HoldingRow, act: HoldingRow, category: str, begins: datetime) -> bool:
    """Whether a delete ended the category of the act before the window, or at the moment of the act itself."""
    return names(gone, category) and act.occurred_at <= gone.occurred_at <= max(act.occurred_at, begins)
