"""Which events of an operation a caller may have proven: those he may read."""

from __future__ import annotations

from typing import Final

from services.ledger.application.policy import RULES, Call
from services.ledger.application.read_operation import read_lines
from services.ledger.application.sources import Sources
from services.ledger.application.visibility import Visibility
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.messages import Caller, Scope
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import StoredEvent

WRITING: Final[Scope] = "processing:write"
"""Who records may also ask for the proof of what he recorded."""


class FindProvable:
    """Finds the events of an operation by its public id, in the order of its receipt.

    A proof holds hashes and nothing about a person, so it asks for no purpose and is not recorded as a read; whether
    the operation exists is told to its readers only.
    """

    def __init__(self, *, sources: Sources) -> None:
        """Find in ``sources``."""
        self._sources = sources

    def __call__(self, caller: Caller, operation_key: str) -> list[StoredEvent]:
        """The readable events of the first operation that the id may mean; empty when there are none (blocking).

        Of what was swept nothing is left but place and hash: those are proven to the party under whose key it stands.
        """
        if not caller.scopes & (RULES[Call.READ_OPERATION].scopes | {WRITING}):
            raise NotAllowed
        candidates = self._sources.operation_ids(caller, operation_key)
        visibility = Visibility(self._sources, caller)
        readable = [line for line in read_lines(self._sources, candidates) if visibility.shows(line)]
        for candidate in candidates:
            lines = [line for line in readable if line.envelope.operation_id == candidate]
            if lines:
                return [line.event for line in sorted(lines, key=lambda line: line.envelope.index)]
        if caller.subject is not None:
            return []
        own = self._sources.events.events_of_operation((operation_id_of(caller.party, operation_key),))
        return own if all(event.envelope is None for event in own) else []
