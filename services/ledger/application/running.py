"""Which acts still run: they carry what somebody holds, today and as known now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.ledger.application.holding_view import begun_streams, standing_streams
from services.ledger.application.lines import Line
from services.ledger.application.sources import Sources, read_now
from services.ledger.domain.holdings import holdings

HELD: Final = "held"


def running_places(sources: Sources, lines: Iterable[Line]) -> frozenset[tuple[int, int]]:
    """The (lane, position) of every act about these persons by which somebody holds something now. Blocking."""
    bounds = read_now(sources)
    now = bounds.as_known_at
    closure = sources.directory.closure(sorted({line.stream for line in lines}), now)
    everyone = sorted({place for group in closure.values() for place in group})
    rows = sources.projections.holding_acts(everyone, bounds)
    found = holdings(rows, now, now, standing_streams(closure, begun_streams(rows, None)))
    return frozenset((act.lane, act.position) for holding in found if holding.status == HELD for act in holding.acts)
