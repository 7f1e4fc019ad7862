"""A breach as it is asked about: at whom, when, about which data, and what it names, as known at an instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from services.ledger.application.breaches import Breach
from services.ledger.application.ports import HeldWindow
from services.ledger.application.sources import Sources
from services.ledger.domain.held_in_window import Window
from services.ledger.domain.holdings import HoldingRow


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """What a breach says, and what is asked of it.

    ``categories``: empty means all. ``operations``: those that it names, with each correction that put another act in
    the place of theirs; empty means that it names none. ``named``: what its party itself did by these to persons' data;
    at a processor that names none, what it processed in the window. ``controllers``: at a processor, those whose data
    are asked about; empty means all.
    """

    party: str
    window: Window
    categories: tuple[str, ...]
    known_at: datetime
    operations: frozenset[UUID]
    named: tuple[HoldingRow, ...]
    controllers: frozenset[str] = frozenset()

    def is_about(self, categories: Iterable[str]) -> bool:
        """Whether data of these categories are among those that it names."""
        return not self.categories or not set(self.categories).isdisjoint(categories)

    @property
    def held_window(self) -> HeldWindow:
        """What is asked of the projections about it."""
        return HeldWindow(self.party, *self.window, self.categories, self.known_at)

    def of_these(self, categories: Iterable[str]) -> set[str]:
        """Those of these categories that it names."""
        return {name for name in categories if not self.categories or name in self.categories}


def read_leak(sources: Sources, breach: Breach, known_at: datetime, controllers: frozenset[str]) -> Leak:
    """The breach with the acts that it names, as they stand now; at a processor of these ``controllers`` (blocking)."""
    envelope = breach.envelope
    leak = Leak(
        party=breach.party,
        window=(envelope.occurred_at, envelope.occurred_until or envelope.occurred_at),
        categories=envelope.data_categories,
        known_at=known_at,
        operations=frozenset(),
        named=(),
        controllers=controllers,
    )
    if not breach.operations:
        return msgspec.structs.replace(leak, named=_processed(sources, leak)) if breach.controllers else leak
    operations = sources.projections.versions_of(breach.operations)
    found = sources.projections.named_acts(breach.party, sorted(operations), known_at, sorted(leak.controllers))
    named = tuple(act for act in found if leak.is_about(act.categories))
    return msgspec.structs.replace(leak, operations=operations, named=named)


def _processed(sources: Sources, leak: Leak) -> tuple[HoldingRow, ...]:
    """What a processor did for its controllers in the window, or had recorded for them."""
    return tuple(sources.projections.processed_acts(leak.held_window, sorted(leak.controllers)))
