"""Whom a breach hits: of whom its party held something in the window, and whom a named act of its own is about.

Named where it was received, an act exposes what it carries there. Named at who did it, it exposes whom it is about,
whatever that party holds: data sent to the wrong place give their sender nothing (S78).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from services.ledger.application.count_impact import group_by_stream, listed_streams
from services.ledger.application.holding_view import standing_streams
from services.ledger.application.leak import Leak
from services.ledger.application.ports import Bounds
from services.ledger.application.sources import Place, Sources
from services.ledger.domain.held_in_window import held_in_window
from services.ledger.domain.holdings import CarryingAct, Holding, HoldingRow, describe_act, keep_supplied, order_of


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One person whom a breach hits: which data, and by which acts, each in order of time.

    ``acts``: by which the party held something in the window; ``named``: its own that the breach names. One of the two
    has an act.
    """

    place: Place
    streams: tuple[Place, ...]
    categories: tuple[str, ...]
    acts: tuple[CarryingAct, ...]
    named: tuple[CarryingAct, ...] = ()

    @property
    def origin(self) -> tuple[CarryingAct, ...]:
        """The acts that say from where the party had it and on which basis: the named ones where it held nothing."""
        return self.acts or self.named

    @property
    def since(self) -> datetime:
        """The first act that carried any of it."""
        return self.origin[0].occurred_at

    @property
    def every_act(self) -> tuple[CarryingAct, ...]:
        """All of them, each once."""
        return in_order_of_time((*self.acts, *self.named))


def find_hits(sources: Sources, leak: Leak, listed: Sequence[Place]) -> list[Hit]:
    """The persons on these streams in their order; of linked streams one stands for all.

    At a processor: by what came from the controllers whose data are asked about, or was processed for them.
    """
    begins, until = leak.window
    closure = sources.directory.closure(listed, leak.known_at)
    everyone = sorted({place for group in closure.values() for place in group})
    found = sources.projections.holding_acts(everyone, Bounds(as_of=until, as_known_at=leak.known_at))
    rows = keep_supplied(found, leak.party, leak.controllers)
    own = (row for row in rows if row.party == leak.party)
    named = group_by_stream(leak.named)
    standing = standing_streams(closure, listed_streams(own, begins, leak.categories) | named.keys())
    held: dict[Place, list[Holding]] = {}
    for holding in held_in_window(rows, leak.party, leak.window, leak.known_at, standing):
        if leak.is_about(holding.categories):
            held.setdefault((holding.lane, holding.stream_id), []).append(holding)
    hits: list[Hit] = []
    for place in listed:
        told = [act for stream in closure[place] for act in named.get(stream, ())]
        if standing[place] == place and (told or place in held):
            hits.append(join_hit(leak, closure[place], place, held.get(place, ()), told))
    return hits


def join_hit(
    leak: Leak, streams: Iterable[Place], place: Place, held: Sequence[Holding], named: Sequence[HoldingRow]
) -> Hit:
    """One person, on whose streams all of this stands, from what was held of him and the named acts about him."""
    carried = {name for holding in held for name in holding.categories}
    told = leak.of_these(name for act in named for name in act.categories)
    return Hit(
        place=place,
        streams=tuple(sorted(streams)),
        categories=tuple(sorted(carried | told)),
        acts=in_order_of_time(act for holding in held for act in holding.acts),
        named=tuple(describe_act(act, None) for act in sorted(named, key=order_of)),
    )


def exposing_acts(leak: Leak, hit: Hit) -> tuple[CarryingAct, ...]:
    """The acts by which the breach exposed what they carried: those that it names, or all when it names none."""
    return tuple(act for act in hit.every_act if not leak.operations or act.operation_id in leak.operations)


def in_order_of_time(acts: Iterable[CarryingAct]) -> tuple[CarryingAct, ...]:
    """The acts, each once."""
    once = {(act.lane, act.position): act for act in acts}
    return tuple(sorted(once.values(), key=lambda act: (act.occurred_at, act.lane, act.position)))
