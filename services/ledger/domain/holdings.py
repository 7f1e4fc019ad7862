"""Who held what about whom, when, on which basis: the definition, as a pure function of the acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from services.law.local_time import end_of_day

DELETES: Final = -1

Person = tuple[int, UUID]
"""(lane, stream)."""

Status = Literal["held", "erasure-owed", "erased"]


class HoldingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One act in the light of one party: ``effect`` 1 begins or carries its holding, -1 the holder deletes.

    ``supplied_by`` is the controller that shared it, None for the holder's own act. ``categories`` empty on a delete
    means all. ``ends`` is the last day of the term this act gives. ``removed_at``: known since then to be annulled or
    about somebody else. ``gdpr``, ``statute``, covenant, annex and version are what the act itself names.
    """

    lane: int
    stream_id: UUID
    party: str
    position: int
    operation_id: UUID
    effect: int
    occurred_at: datetime
    recorded_at: datetime
    categories: tuple[str, ...]
    removed_at: datetime | None = None
    ends: date | None = None
    supplied_by: str | None = None
    covenant: str | None = None
    annex: str | None = None
    covenant_version: int | None = None
    gdpr: str | None = None
    statute: str | None = None
    list_kind: str | None = None
    list_index: str | None = None
    case_index: bytes | None = None


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """On what an act leans: the AVG's letter, the statute, the covenant's annex in a version."""

    gdpr: str | None = None
    statute: str | None = None
    covenant: str | None = None
    annex: str | None = None
    covenant_version: int | None = None


class CarryingAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act that carries a holding.

    ``supplied`` is the supplier's basis, None on the holder's own act; ``own`` is the holder's own basis, None when
    it is nowhere recorded (finding ``holder-basis-missing``).
    """

    lane: int
    position: int
    operation_id: UUID
    occurred_at: datetime
    ends: date | None
    supplied_by: str | None
    supplied: Basis | None
    own: Basis | None


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What one party has of one person.

    ``since``: the first act still carrying it; ``until``: the last day of the latest term, None while a term is
    unknown; ``acts``: what carries it, or last carried it.
    """

    party: str
    lane: int
    stream_id: UUID
    categories: tuple[str, ...]
    status: Status
    since: datetime
    until: date | None
    acts: tuple[CarryingAct, ...]


class Reach(msgspec.Struct, frozen=True):
    """What a delete reaches elsewhere: (identity of the share, category), and when it was."""

    moment: datetime
    acts: frozenset[tuple[int, str]]


def holdings(
    rows: Sequence[HoldingRow],
    as_of: datetime,
    as_known_at: datetime,
    linked: Mapping[Person, Person] | None = None,
) -> list[Holding]:
    """Every holding of these persons on ``as_of``, with what was known at ``as_known_at`` (both inclusive).

    One per (party, person, category), sorted. ``linked`` names the stream that stands for each linked one.
    """
    persons: defaultdict[Person, list[HoldingRow]] = defaultdict(list)
    for row in rows:
        if counts(row, as_of, as_known_at):
            person = person_of(row)
            persons[(linked or {}).get(person, person)].append(row)
    return [
        holding
        for person, acts in sorted(persons.items())
        for holding in holdings_of_person(person, sorted(acts, key=order_of), as_of)
    ]


def person_of(row: HoldingRow) -> Person:
    """The stream on which the act stands."""
    return row.lane, row.stream_id


def keep_supplied(rows: Iterable[HoldingRow], party: str, suppliers: Collection[str]) -> list[HoldingRow]:
    """The acts, less what ``party`` did for itself or got from others than ``suppliers``; none named: of all.

    What it deleted stays: it ends what came from them too.
    """
    return [
        row
        for row in rows
        if not suppliers or row.party != party or row.effect == DELETES or (row.supplied_by or party) in suppliers
    ]


def group_categories(found: Iterable[Holding]) -> list[Holding]:
    """Put together the categories that one party holds of one person alike, as the contract shows them."""
    alike: dict[Holding, list[str]] = {}
    for holding in found:
        alike.setdefault(msgspec.structs.replace(holding, categories=()), []).extend(holding.categories)
    return [msgspec.structs.replace(holding, categories=tuple(sorted(each))) for holding, each in alike.items()]


def counts(row: HoldingRow, as_of: datetime, as_known_at: datetime) -> bool:
    """Whether the act had happened, was known, and was not known to be annulled or of another person."""
    taken_back = row.removed_at is not None and row.removed_at <= as_known_at
    return row.occurred_at <= as_of and row.recorded_at <= as_known_at and not taken_back


def order_of(row: HoldingRow) -> tuple[datetime, int, int]:
    """By time of the act; a stable order among acts of one moment."""
    return row.occurred_at, row.lane, row.position


def holdings_of_person(person: Person, acts: Sequence[HoldingRow], as_of: datetime) -> list[Holding]:
    """The holdings of one person from the acts that count, in order of time."""
    reaches = find_reaches(acts)
    keys = sorted({(act.party, name) for act in acts if act.effect != DELETES for name in act.categories})
    return [holding_of(person, party, name, acts, reaches, as_of) for party, name in keys]


def holding_of(
    person: Person,
    party: str,
    category: str,
    acts: Sequence[HoldingRow],
    reaches: Sequence[Reach],
    as_of: datetime,
) -> Holding:
    """One holding that was ever begun: its live acts, its status, its term."""
    own = [act for act in acts if act.party == party and names(act, category)]
    carried = [act for act in own if act.effect != DELETES]
    deleted = [act.occurred_at for act in own if act.effect == DELETES and act.occurred_at >= carried[0].occurred_at]
    live = [act for act in carried if not deleted or act.occurred_at > deleted[-1]]
    status: Status = "held"
    if not live:
        status = "erased"
        live = last_episode(carried, deleted)
    carrying = [act for act in live if not has_ended(act, as_of)]
    if status == "held" and (not carrying or is_owed(live, category, reaches)):
        status = "erasure-owed"
    own_ground = own_basis(live)
    return Holding(
        party=party,
        lane=person[0],
        stream_id=person[1],
        categories=(category,),
        status=status,
        since=(carrying or live)[0].occurred_at,
        until=latest_end(carrying or live),
        acts=tuple(describe_act(act, own_ground) for act in carrying or live),
    )


def last_episode(carried: Sequence[HoldingRow], deleted: Sequence[datetime]) -> list[HoldingRow]:
    """The acts that carried an erased holding last: those after the delete before the one that ended it."""
    last = carried[-1].occurred_at
    before = [moment for moment in deleted if moment < last]
    return [act for act in carried if not before or act.occurred_at > before[-1]]


def names(act: HoldingRow, category: str) -> bool:
    """Whether the act is about this category; a delete that names none is about all."""
    return category in act.categories or (act.effect == DELETES and not act.categories)


def is_owed(live: Sequence[HoldingRow], category: str, reaches: Sequence[Reach]) -> bool:
    """Whether a supplier's delete reaches what is held: a live act came from it, and no later act carries it on."""
    return any(
        live[-1].occurred_at <= reach.moment and any((id(act), category) in reach.acts for act in live)
        for reach in reaches
    )


def find_reaches(acts: Sequence[HoldingRow]) -> list[Reach]:
    """What each delete reaches among the acts of one person (AVG 17(2), 19)."""
    shares = [act for act in acts if act.effect != DELETES and act.supplied_by is not None]
    deletes = [act for act in acts if act.effect == DELETES] if shares else []
    return [Reach(moment=delete.occurred_at, acts=find_reached(delete, shares)) for delete in deletes]


def find_reached(delete: HoldingRow, shares: Sequence[HoldingRow]) -> frozenset[tuple[int, str]]:
    """All that came from the deleting party up to the delete, directly or onward, as (identity of share, category).

    Only under the same list, covenant annex or case.
    """
    within = [act for act in shares if act.occurred_at <= delete.occurred_at and same_scope(delete, act)]
    named = delete.categories or {name for act in within for name in act.categories}
    return frozenset((id(act), name) for name in named for act in trace_onward(delete.party, name, within))


def trace_onward(party: str, category: str, shares: Sequence[HoldingRow]) -> list[HoldingRow]:
    """The shares of a category that lead from the party outward; who shares on, does so at or after it got it."""
    got_at: dict[str, datetime] = {party: datetime.min.replace(tzinfo=UTC)}
    waiting = [share for share in shares if category in share.categories]
    reached: list[HoldingRow] = []
    while found := [share for share in waiting if comes_from(share, got_at)]:
        for share in found:
            got_at[share.party] = min(share.occurred_at, got_at.get(share.party, share.occurred_at))
        reached += found
        done = {id(share) for share in found}
        waiting = [share for share in waiting if id(share) not in done]
    return reached


def comes_from(share: HoldingRow, got_at: Mapping[str, datetime]) -> bool:
    """Whether its supplier had got the data by then."""
    supplier = share.supplied_by or ""
    return supplier in got_at and got_at[supplier] <= share.occurred_at


def same_scope(delete: HoldingRow, share: HoldingRow) -> bool:
    """Whether a share falls under the list, covenant annex or case of a delete; one that names none is about all."""
    wanted = scopes_of(delete)
    return not wanted or not wanted.isdisjoint(scopes_of(share))


def scopes_of(act: HoldingRow) -> set[tuple[object, ...]]:
    """The list, the covenant annex and the controller's case that the act names."""
    scopes: set[tuple[object, ...]] = set()
    if act.list_index is not None:
        scopes.add(("list", act.list_kind, act.list_index))
    if act.covenant is not None:
        scopes.add(("annex", act.covenant, act.annex))
    if act.case_index is not None:
        scopes.add(("case", act.case_index))
    return scopes


def has_ended(act: HoldingRow, as_of: datetime) -> bool:
    """Whether the act's term is over: its last day ends at 24:00 Europe/Amsterdam."""
    return act.ends is not None and as_of >= end_of_day(act.ends)


def latest_end(acts: Sequence[HoldingRow | CarryingAct]) -> date | None:
    """The last day of the latest term; None when one is unknown."""
    ends = [act.ends for act in acts if act.ends is not None]
    return max(ends) if len(ends) == len(acts) else None


def describe_act(act: HoldingRow, own_ground: Basis | None) -> CarryingAct:
    """The act with the supplier's basis and the holder's own; ``own_ground`` holds for what it received."""
    own = basis_of(act) if act.supplied_by is None else own_ground
    return CarryingAct(
        lane=act.lane,
        position=act.position,
        operation_id=act.operation_id,
        occurred_at=act.occurred_at,
        ends=act.ends,
        supplied_by=act.supplied_by,
        supplied=None if act.supplied_by is None else basis_of(act),
        own=own if own is not None and (own.gdpr or own.statute) else None,
    )


def own_basis(live: Sequence[HoldingRow]) -> Basis | None:
    """The basis of the holder's first own act that names one: a ground recorded once holds for what it received."""
    return next((basis_of(act) for act in live if act.supplied_by is None and (act.gdpr or act.statute)), None)


def basis_of(act: HoldingRow) -> Basis:
    """What the act itself names as its basis."""
    return Basis(
        gdpr=act.gdpr,
        statute=act.statute,
        covenant=act.covenant,
        annex=act.annex,
        covenant_version=act.covenant_version,
    )
