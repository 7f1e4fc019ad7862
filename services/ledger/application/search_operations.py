"""Operations by person, party, recipient, trace, case, activity or period, as far as the caller may read them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.cursors import Cursor, CursorSealer, page_limit, question_of
from services.ledger.application.lines import END_OF_TIME, Line
from services.ledger.application.operation_view import view_operation
from services.ledger.application.policy import CONTACT_PURPOSES, Call, authorise
from services.ledger.application.ports import DossierRow
from services.ledger.application.read_operation import read_lines
from services.ledger.application.reads import ReadLog, lines_read, on_access
from services.ledger.application.sources import Place, Sources
from services.ledger.application.visibility import Visibility
from services.ledger.contract.messages import Caller, OperationSearch, Page
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import PAGE_ROUNDS_MAX

Json = dict[str, Any]
Operation = list[Line]


class SearchOfEverything(Rejected):
    """A search names at least one thing to search by."""

    code = "search-unbounded"
    remedy = "Name a subject, party, recipient, traceId, caseId or activity."

    def __init__(self) -> None:
        """Point at the body."""
        message = "A search names at least one of subject, party, recipient, traceId, caseId and activity."
        super().__init__((FieldError(pointer="", code=self.code, message=message, remedy=self.remedy),))


class TraceInvalid(Rejected):
    """A trace id has 32 hexadecimal digits."""

    code = "trace-invalid"
    remedy = "Send the trace id of the W3C trace context: 32 hexadecimal digits."

    def __init__(self) -> None:
        """Point at the trace."""
        message = "A trace id has 32 hexadecimal digits."
        super().__init__((FieldError(pointer="/traceId", code=self.code, message=message, remedy=self.remedy),))


class _Found(msgspec.Struct, frozen=True):
    """The operations of a page, and the last place looked at when there may be more."""

    operations: list[Operation]
    last: tuple[int, int] | None


class SearchOperations:
    """``POST /v1/processing-operations/_search``."""

    def __init__(self, *, sources: Sources, reads: ReadLog, cursors: CursorSealer) -> None:
        """Read from ``sources``, recorded in ``reads``; pages hang on ``cursors``."""
        self._sources = sources
        self._reads = reads
        self._cursors = cursors

    async def search(self, caller: Caller, search: OperationSearch) -> Page:
        """One page of operations, each with the subjects that were found and may be shown."""
        authorise(caller, Call.SEARCH_OPERATIONS)
        if caller.subject is not None:
            search = msgspec.structs.replace(search, subject=caller.subject)
        check_search(search)
        question = question_of(Call.SEARCH_OPERATIONS, msgspec.structs.replace(search, cursor=None, limit=None))
        cursor = self._cursors.open(search.cursor, caller, question)
        limit = page_limit(search.limit)
        visibility = await run_sync(Visibility, self._sources, caller)
        after = (cursor.lane, cursor.position) if cursor else None
        found = await run_sync(partial(self._find, caller, search, visibility, after, limit))
        items = await run_sync(partial(self._view, caller, found.operations, visibility))
        lines = [line for operation in found.operations for line in operation]
        read_id = await self._reads.record(
            caller,
            Call.SEARCH_OPERATIONS,
            lines_read(lines),
            read_id=cursor.read_id if cursor else None,
            of_access_streams=on_access(lines),
        )
        following = None
        if found.last is not None:
            now = self._sources.clock.now()
            lane, position = found.last
            place = Cursor(read_id=read_id, lane=lane, position=position, as_of=END_OF_TIME, as_known_at=now)
            following = self._cursors.seal(place, caller, question)
        return Page(items=tuple(msgspec.to_builtins(items)), next=following)

    def _find(
        self,
        caller: Caller,
        search: OperationSearch,
        visibility: Visibility,
        after: tuple[int, int] | None,
        limit: int,
    ) -> _Found:
        """Rounds of lines until the page is full; an operation stands where its first readable line stands."""
        streams = () if search.subject is None else self._sources.streams_of(search.subject)
        if search.subject is not None and not streams:
            return _Found([], None)
        operations: list[Operation] = []
        for _ in range(PAGE_ROUNDS_MAX):
            wanted = limit - len(operations)
            rows = self._rows(caller, search, streams, after, wanted)
            operations += self._operations(rows, frozenset(streams), visibility)
            after = (rows[-1].lane, rows[-1].position) if len(rows) == wanted else None
            if after is None or len(operations) >= limit:
                break
        return _Found(operations, after)

    def _rows(
        self,
        caller: Caller,
        search: OperationSearch,
        streams: Sequence[Place],
        after: tuple[int, int] | None,
        limit: int,
    ) -> list[DossierRow]:
        sees_others = "audit" in caller.scopes or caller.subject is not None or caller.purpose in CONTACT_PURPOSES
        return self._sources.projections.search_dossier(
            party=search.party,
            recipient=search.recipient,
            trace_id=None if search.trace_id is None else UUID(hex=search.trace_id),
            case_indexes=self._case_indexes(caller, search.case_id),
            activity=search.activity,
            streams=streams,
            occurred_from=search.occurred_from,
            occurred_until=search.occurred_until,
            reader=None if sees_others else caller.party,
            after=after,
            limit=limit,
        )

    def _case_indexes(self, caller: Caller, case_id: str | None) -> list[bytes]:
        """A case number belongs to a party: the caller's own, or that of every party for audit."""
        if case_id is None:
            return []
        parties = {caller.party}
        if "audit" in caller.scopes:
            parties |= set(self._sources.register.current().party_ids())
        return [bytes.fromhex(self._sources.directory.case_index(party, case_id)) for party in sorted(parties)]

    def _operations(
        self, rows: Sequence[DossierRow], streams: frozenset[Place], visibility: Visibility
    ) -> list[Operation]:
        """The operations whose first line that was found and may be shown is among these rows."""
        found: dict[UUID, Operation] = {}
        for line in read_lines(self._sources, list(dict.fromkeys(row.operation_id for row in rows))):
            if (not streams or line.stream in streams) and visibility.shows(line):
                found.setdefault(line.envelope.operation_id, []).append(line)
        places = {(row.lane, row.position) for row in rows}
        first = {min(line.place for line in lines): lines for lines in found.values()}
        return [first[place] for place in sorted(first) if place in places]

    def _view(self, caller: Caller, operations: Sequence[Operation], visibility: Visibility) -> list[Json]:
        contents = self._sources.open_lines([line for operation in operations for line in operation])
        return [view_operation(self._sources, caller, lines, contents, visibility) for lines in operations]


def check_search(search: OperationSearch) -> None:
    """Raise SearchOfEverything or TraceInvalid for a search that cannot be answered."""
    by = (search.subject, search.party, search.recipient, search.trace_id, search.case_id, search.activity)
    if all(value is None for value in by):
        raise SearchOfEverything
    if search.trace_id is not None:
        try:
            UUID(hex=search.trace_id)
        except ValueError:
            raise TraceInvalid from None
