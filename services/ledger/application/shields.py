"""Which lines of a closed case stand apart, and for whom (WGS 2.31(8)).

Shielded lines answer for what was done, and to the person; they serve no work any more. Blocking, used from threads.
"""

from __future__ import annotations

from services.law.shielding import is_shielded
from services.ledger.application.lines import Line
from services.ledger.application.policy import SHIELDED_PURPOSES
from services.ledger.application.sources import Place, Sources, read_now
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import Caller
from services.ledger.contract.topics import PROCESSING_RECORDED


class Shields:
    """What is shielded from one caller; the acts on a person are read once per request."""

    def __init__(self, sources: Sources, caller: Caller) -> None:
        """Read from ``sources``; nothing is shielded from a person's own token, or for a purpose that accounts."""
        self._sources = sources
        self._open = caller.subject is not None or caller.purpose in SHIELDED_PURPOSES
        self._acts: dict[Place, tuple[Envelope, ...]] = {}

    def hides(self, line: Line) -> bool:
        """Whether the line belongs to a closed case, and the caller's purpose does not open that."""
        if self._open or not self._sources.frame(line.envelope).wgs:
            return False
        return is_shielded(line.envelope, self._acts_of(line.stream), self._sources.register.current())

    def _acts_of(self, stream: Place) -> tuple[Envelope, ...]:
        """The acts on the person, by whatever identifier, less those that were taken back."""
        found = self._acts.get(stream)
        if found is None:
            streams = self._sources.directory.closure((stream,))[stream]
            lines = self._sources.dossiers.lines(streams, read_now(self._sources))
            found = self._acts[stream] = tuple(
                line.envelope for line in lines if line.topic == PROCESSING_RECORDED and line.voided is None
            )
        return found
