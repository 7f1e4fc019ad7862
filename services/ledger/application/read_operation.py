"""One operation by its public id, for those who may read it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.lines import END_OF_TIME, Line, join_lines
from services.ledger.application.operation_view import view_operation
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import Bounds
from services.ledger.application.reads import ReadLog, lines_read, on_access
from services.ledger.application.sources import Place, Sources
from services.ledger.application.visibility import Visibility
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller
from services.ledger.contract.topics import (
    EXEMPTION_RECORDED,
    NOTICE_RECORDED,
    PROCESSING_INTENDED,
    PROCESSING_RECORDED,
    PROCESSING_REFUSED,
)
from services.ledger.domain.line_kind import LineKind

Json = dict[str, Any]

OPERATIONS: Final = frozenset(
    {PROCESSING_RECORDED, PROCESSING_INTENDED, PROCESSING_REFUSED, NOTICE_RECORDED, EXEMPTION_RECORDED}
)
"""The topics that are operations: what somebody did, meant to do, or told."""

LATER_KINDS: Final = frozenset(
    {LineKind.CORRECTED, LineKind.CONFIDENTIALITY, LineKind.EXEMPTION_ENDED, LineKind.RETENTION_SET}
)


class ReadOperation:
    """``GET /v1/processing-operations/{id}``."""

    def __init__(self, *, sources: Sources, reads: ReadLog) -> None:
        """Read from ``sources``, recorded in ``reads``."""
        self._sources = sources
        self._reads = reads

    async def read(self, caller: Caller, operation_key: str) -> Json:
        """The operation with the subjects the caller may see; NotFound for an unknown and for a closed one."""
        authorise(caller, Call.READ_OPERATION)
        lines, visibility = await run_sync(partial(self._find, caller, operation_key))
        answer = await run_sync(partial(self._view, caller, lines, visibility))
        await self._reads.record(caller, Call.READ_OPERATION, lines_read(lines), of_access_streams=on_access(lines))
        built: Json = msgspec.to_builtins(answer)
        return built

    def _find(self, caller: Caller, operation_key: str) -> tuple[list[Line], Visibility]:
        """The readable lines of the first operation that the id may mean, the caller's own before others'."""
        candidates = self._sources.operation_ids(caller, operation_key)
        visibility = Visibility(self._sources, caller)
        readable = [line for line in read_lines(self._sources, candidates) if visibility.shows(line)]
        for candidate in candidates:
            lines = [line for line in readable if line.envelope.operation_id == candidate]
            if lines:
                return lines, visibility
        raise NotFound

    def _view(self, caller: Caller, lines: Sequence[Line], visibility: Visibility) -> Json:
        return view_operation(self._sources, caller, lines, self._sources.open_lines(lines), visibility)


def read_lines(sources: Sources, operations: Sequence[UUID]) -> list[Line]:
    """The lines of these operations, straight from the events, with what is known about them by now."""
    events = [event for event in sources.events.events_of_operation(operations) if event.topic in OPERATIONS]
    streams: list[Place] = sorted({(event.lane, event.stream_id) for event in events})
    bounds = Bounds(as_of=END_OF_TIME, as_known_at=sources.clock.now())
    rows = sources.projections.dossier(streams, bounds)
    later = sources.events.events_at([(row.lane, row.position) for row in rows if row.kind in LATER_KINDS])
    return join_lines([*events, *later], bounds)
