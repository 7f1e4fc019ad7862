"""Holdings as their reader may see them, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.law.statutes import Statute, statute, stored_statute
from services.ledger.application.sources import Place
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.holdings import DELETES, Basis, CarryingAct, Holding, HoldingRow, person_of

Json = dict[str, Any]

HOLDER_BASIS_MISSING: Final = "holder-basis-missing"


class SeenAct(msgspec.Struct, frozen=True, kw_only=True):
    """The event behind a carrying act: its clear part, and its content where it still opens."""

    envelope: Envelope
    content: Content | None = None


SeenActs = Mapping[tuple[int, int], SeenAct]
"""By (lane, position)."""


def keep_readable(holdings: Iterable[Holding], readable: frozenset[tuple[int, int]]) -> list[Holding]:
    """The holdings as far as acts that may be read carry them; those of which nothing is left fall out."""
    kept = []
    for holding in holdings:
        acts = tuple(act for act in holding.acts if (act.lane, act.position) in readable)
        if acts == holding.acts:
            kept.append(holding)
        elif acts:
            ends = [act.ends for act in acts if act.ends is not None]
            until = max(ends) if len(ends) == len(acts) else None
            kept.append(msgspec.structs.replace(holding, acts=acts, since=acts[0].occurred_at, until=until))
    return kept


def view_holding(holding: Holding, ref: str | None, seen: SeenActs, register: Register) -> Json:
    """One item of ``POST /v1/holdings/_search``."""
    bases = view_bases(holding.party, holding.acts, seen, register)
    return {
        "party": holding.party,
        "subject": {"ref": ref},
        "dataCategories": list(holding.categories),
        "since": holding.since,
        "until": holding.until,
        "status": holding.status,
        "operationIds": operation_keys(holding.acts, seen),
        "bases": bases,
        "findings": find_missing_basis(bases),
    }


def view_bases(party: str, acts: Sequence[CarryingAct], seen: SeenActs, register: Register) -> list[Json]:
    """The supplier's basis and the holder's own, each pair once."""
    pairs = [
        {
            "supplied": view_basis(act.supplied),
            "own": view_basis(act.own) or basis_of_activity(party, act, seen, register),
        }
        for act in acts
    ]
    return [pair for place, pair in enumerate(pairs) if pair not in pairs[:place]]


def view_basis(basis: Basis | None) -> Json | None:
    """A basis in the names of the contract; None stays None."""
    if basis is None:
        return None
    covenant = None
    if basis.covenant is not None:
        covenant = {"id": basis.covenant, "annex": basis.annex, "version": basis.covenant_version}
    provision = None if basis.statute is None else stored_statute(basis.statute)
    return _basis(basis.gdpr, provision) | {"covenant": covenant}


def basis_of_activity(party: str, act: CarryingAct, seen: SeenActs, register: Register) -> Json | None:
    """The ground of the activity for which the recipient got the data, when the share named one (AVG 30)."""
    found = seen.get((act.lane, act.position))
    if act.supplied_by is None or found is None or found.content is None:
        return None
    activity_id = next((r.activity for r in found.content.recipients if r.party == party and r.activity), None)
    activity = register.activity(activity_id, amsterdam_day(act.occurred_at)) if activity_id else None
    if activity is None or activity.controller != party or not activity.legal_basis:
        return None
    ground = activity.legal_basis
    if isinstance(ground, str):
        return _basis(ground, None) | {"covenant": None}
    named = ground.get("statute")
    return _basis(ground.get("gdpr"), None if named is None else statute(named)) | {"covenant": None}


def _basis(gdpr: str | None, provision: Statute | None) -> Json:
    if provision is None:
        return {"gdpr": gdpr, "statute": None, "statuteLabel": None}
    return {"gdpr": gdpr, "statute": provision.reference, "statuteLabel": provision.label or None}


def find_missing_basis(bases: Sequence[Json]) -> list[str]:
    """``holder-basis-missing`` when the holder's own basis of something it received is nowhere recorded."""
    return [HOLDER_BASIS_MISSING] if any(basis["own"] is None for basis in bases) else []


def operation_keys(acts: Iterable[CarryingAct], seen: SeenActs) -> list[str]:
    """The public ids of the acts that carry something, each once, in order of time."""
    return list(dict.fromkeys(seen[act.lane, act.position].envelope.key for act in acts))


def begun_streams(rows: Iterable[HoldingRow], party: str | None) -> frozenset[Place]:
    """The streams on which ``party`` ever began to hold, or anybody did."""
    return frozenset(person_of(row) for row in rows if row.effect != DELETES and party in (None, row.party))


def standing_streams(closure: Mapping[Place, tuple[Place, ...]], listed: Container[Place]) -> dict[Place, Place]:
    """For every stream of linked persons the one that stands for all: the first that is ``listed``.

    Pages go over persons stream by stream, so a linked person is met there first and shown once. ``listed`` must be
    what those pages list and nothing else: a person who stands on a stream that none lists would be shown nowhere.
    """
    standing = {}
    for group in closure.values():
        first = min((place for place in group if place in listed), default=min(group))
        standing.update(dict.fromkeys(group, first))
    return standing


def places_of(holdings: Iterable[Holding]) -> list[tuple[int, int]]:
    """(lane, position) of every carrying act, each once, in order."""
    return sorted({(act.lane, act.position) for holding in holdings for act in holding.acts})


def streams_of(holdings: Iterable[Holding]) -> set[tuple[int, UUID]]:
    """The persons that the holdings are about."""
    return {(holding.lane, holding.stream_id) for holding in holdings}
