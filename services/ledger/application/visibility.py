"""Which lines a caller may be shown: the read rule, and for a person's own token also what may be told to him."""

from __future__ import annotations

from typing import Final

from services.law.local_time import amsterdam_day
from services.ledger.application.lines import Line
from services.ledger.application.policy import Relation
from services.ledger.application.shields import Shields
from services.ledger.application.sources import Place, Sources, read_now
from services.ledger.application.withholding import withhold
from services.ledger.contract.messages import Caller
from services.ledger.contract.topics import ERASED, EXEMPTION_RECORDED, NOTICE_RECORDED, PROCESSING_RECORDED

TOLD: Final = frozenset({PROCESSING_RECORDED, NOTICE_RECORDED, EXEMPTION_RECORDED, ERASED})
"""What a person is told of: what happened. An intent processed nothing yet, a refused one never will."""


class Visibility:
    """What one caller may see, decided once per request (blocking)."""

    def __init__(self, sources: Sources, caller: Caller) -> None:
        """Find the streams of the token's person and what may be told of them, when it is a person's token."""
        self._sources = sources
        self._caller = caller
        self.own: frozenset[Place] = sources.own_streams(caller)
        self._shields = Shields(sources, caller)
        self._tellable = tellable_places(sources, self.own) if caller.subject is not None else None

    def shows(self, line: Line) -> bool:
        """Whether the line may be shown."""
        if self._tellable is not None and line.place not in self._tellable:
            return False
        return self._sources.may_read(self._caller, line, self.own) and not self._shields.hides(line)

    def relation(self, line: Line) -> Relation:
        """What the caller is to the line."""
        return self._sources.relation(self._caller, line, self.own)


def tellable_places(sources: Sources, own: frozenset[Place]) -> frozenset[tuple[int, int]]:
    """The (lane, position) of every line of a person that may be told to him now."""
    bounds = read_now(sources)
    lines = [line for line in sources.dossiers.lines(sorted(own), bounds) if line.topic in TOLD]
    told = withhold(lines, sources.open_lines(lines), amsterdam_day(bounds.as_known_at))
    return frozenset(line.place for line in told.shown)
