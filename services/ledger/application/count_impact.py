"""How many persons and records a breach hits: those of one identifier counted by the projection, all others here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from services.ledger.application.leak import Leak
from services.ledger.application.ports import Bounds
from services.ledger.application.sources import Place, Sources
from services.ledger.domain.holdings import DELETES, HoldingRow, keep_supplied, names, person_of


def count_impact(sources: Sources, leak: Leak) -> tuple[int, int]:
    """(persons, records): a person under several identifiers counts once, and a delete under one holds for all.

    An act of the party itself that is named hits whom it is about, whatever is held; it is a record like any other.
    """
    party, known_at, (begins, until) = leak.party, leak.known_at, leak.window
    looked_at = {*sources.projections.linked_held(party, known_at), *map(person_of, leak.named)}
    groups = {frozenset(group) for group in sources.directory.closure(sorted(looked_at), known_at).values()}
    everyone = sorted({place for group in groups for place in group})
    told = leak.controllers
    persons, records = sources.projections.impact_counts(leak.held_window, everyone, sorted(told))
    rows = sources.projections.holding_acts(everyone, Bounds(as_of=until, as_known_at=known_at))
    mine = (row for row in keep_supplied(rows, party, told) if row.party == party)
    held, named = group_by_stream(mine), group_by_stream(leak.named)
    for group in groups:
        own = [row for place in group for row in held.get(place, ())]
        hit = [row for place in group for row in named.get(place, ())]
        hit += surviving_acts(own, begins, leak.categories)
        acts = {(row.lane, row.position) for row in hit}
        persons += bool(acts)
        records += len(acts)
    return persons, records


def listed_streams(rows: Iterable[HoldingRow], begins: datetime, categories: Collection[str]) -> frozenset[Place]:
    """The streams that a page of the impact lists for one party's acts: a delete there ends what stands there only."""
    streams = group_by_stream(rows)
    return frozenset(place for place, acts in streams.items() if surviving_acts(acts, begins, categories))


def surviving_acts(acts: Sequence[HoldingRow], begins: datetime, categories: Collection[str]) -> list[HoldingRow]:
    """The acts of one party on one person that still carried one of the categories when the window began, or later."""
    deletes = [act for act in acts if act.effect == DELETES]
    return [
        act
        for act in acts
        if act.effect != DELETES
        and any(
            not any(ends_before(gone, act, name, begins) for gone in deletes)
            for name in act.categories
            if not categories or name in categories
        )
    ]


def ends_before(gone: HoldingRow, act: HoldingRow, category: str, begins: datetime) -> bool:
    """Whether a delete ended the category of the act before the window, or at the moment of the act itself."""
    return names(gone, category) and act.occurred_at <= gone.occurred_at <= max(act.occurred_at, begins)


def group_by_stream(rows: Iterable[HoldingRow]) -> dict[Place, list[HoldingRow]]:
    """The acts by the stream on which they stand."""
    found: dict[Place, list[HoldingRow]] = {}
    for row in rows:
        found.setdefault(person_of(row), []).append(row)
    return found
