"""Who was told what, and whom it was decided not to tell: by person, controller or covenant (AVG 13, 14; UAVG 41)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.cursors import Cursor, CursorSealer, page_limit, question_of
from services.ledger.application.line_view import view_covenant, view_end, view_told
from services.ledger.application.lines import END_OF_TIME, Line
from services.ledger.application.policy import CONTACT_PURPOSES, Call, authorise, sees_identity
from services.ledger.application.ports import DossierRow
from services.ledger.application.read_operation import read_lines
from services.ledger.application.reads import ReadLog, lines_read
from services.ledger.application.sources import Place, Sources, identify
from services.ledger.application.visibility import Visibility
from services.ledger.application.withholding import is_in_force
from services.ledger.contract.events import Content
from services.ledger.contract.forgetting import NoticeSearch
from services.ledger.contract.messages import Caller, Page
from services.ledger.contract.topics import EXEMPTION_RECORDED
from services.ledger.domain.identity import event_id_of
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import PAGE_ROUNDS_MAX

Json = dict[str, Any]


class NoticesOfEverybody(Rejected):
    """A search for notices names a subject, a controller or a covenant."""

    code = "search-unbounded"
    remedy = "Name a subject, a controller or a covenant."

    def __init__(self) -> None:
        """Point at the body."""
        message = "A search for notices names a subject, a controller or a covenant."
        super().__init__((FieldError(pointer="", code=self.code, message=message, remedy=self.remedy),))


class SearchNotices:
    """``POST /v1/notices/_search``."""

    def __init__(self, *, sources: Sources, reads: ReadLog, cursors: CursorSealer) -> None:
        """Read from ``sources``, recorded in ``reads``; pages hang on ``cursors``."""
        self._sources = sources
        self._reads = reads
        self._cursors = cursors

    async def search(self, caller: Caller, search: NoticeSearch) -> Page:
        """One page of notices and exemptions, one item per person, in order of recording within a lane."""
        authorise(caller, Call.SEARCH_NOTICES)
        if caller.subject is not None:
            search = msgspec.structs.replace(search, subject=caller.subject)
        if search.subject is None and search.controller is None and search.covenant is None:
            raise NoticesOfEverybody
        question = question_of(Call.SEARCH_NOTICES, msgspec.structs.replace(search, cursor=None, limit=None))
        cursor = self._cursors.open(search.cursor, caller, question)
        after = (cursor.lane, cursor.position) if cursor else None
        visibility = await run_sync(Visibility, self._sources, caller)
        found = partial(self._find, caller, search, visibility, after, page_limit(search.limit))
        lines, last = await run_sync(found)
        items = await run_sync(partial(self._view, caller, lines, visibility))
        read_id = await self._reads.record(
            caller, Call.SEARCH_NOTICES, lines_read(lines), read_id=cursor.read_id if cursor else None
        )
        following = None
        if last is not None:
            now = self._sources.clock.now()
            place = Cursor(read_id=read_id, lane=last[0], position=last[1], as_of=END_OF_TIME, as_known_at=now)
            following = self._cursors.seal(place, caller, question)
        return Page(items=tuple(msgspec.to_builtins(items)), next=following)

    def _find(
        self, caller: Caller, search: NoticeSearch, visibility: Visibility, after: tuple[int, int] | None, limit: int
    ) -> tuple[list[Line], tuple[int, int] | None]:
        """Rounds of lines until the page is full, and the last place looked at when there may be more."""
        streams = () if search.subject is None else self._sources.streams_of(search.subject)
        if search.subject is not None and not streams:
            return [], None
        found: list[Line] = []
        for _ in range(PAGE_ROUNDS_MAX):
            wanted = limit - len(found)
            rows = self._rows(caller, search, streams, after, wanted)
            found += self._lines(rows, search, visibility)
            after = (rows[-1].lane, rows[-1].position) if len(rows) == wanted else None
            if after is None or len(found) >= limit:
                break
        return found, after

    def _rows(
        self,
        caller: Caller,
        search: NoticeSearch,
        streams: Sequence[Place],
        after: tuple[int, int] | None,
        limit: int,
    ) -> list[DossierRow]:
        sees_others = "audit" in caller.scopes or caller.subject is not None or caller.purpose in CONTACT_PURPOSES
        return self._sources.projections.search_dossier(
            party=search.controller,
            recipient=None,
            trace_id=None,
            case_indexes=(),
            activity=None,
            streams=streams,
            occurred_from=None,
            occurred_until=None,
            reader=None if sees_others else caller.party,
            after=after,
            limit=limit,
            told=True,
            covenant=None if search.covenant is None else search.covenant.id,
            annex=None if search.covenant is None else search.covenant.annex,
        )

    def _lines(self, rows: Sequence[DossierRow], search: NoticeSearch, visibility: Visibility) -> list[Line]:
        """The lines of these rows that are what was asked for and may be shown, in their order."""
        places = {(row.lane, row.position) for row in rows}
        lines = read_lines(self._sources, list(dict.fromkeys(row.operation_id for row in rows)))
        kept = [
            line
            for line in lines
            if line.place in places and search.controller in {None, line.envelope.controller} and visibility.shows(line)
        ]
        return sorted(kept, key=lambda line: line.place)

    def _view(self, caller: Caller, lines: Sequence[Line], visibility: Visibility) -> list[Json]:
        contents = self._sources.open_lines(lines)
        return [self._view_line(caller, line, contents.get(line.place), visibility) for line in lines]

    def _view_line(self, caller: Caller, line: Line, content: Content | None, visibility: Visibility) -> Json:
        envelope, person = line.envelope, identify(content)
        seen = person is not None and sees_identity(visibility.relation(line), envelope)
        shown: Json = {
            "id": str(event_id_of(envelope.operation_id, line.event.stream_id)),
            "type": line.type,
            "operationId": envelope.key,
            "position": line.position,
            "subject": {
                "ref": None if person is None else self._sources.directory.ref(caller.party, person),
                "idType": person.id_type if person is not None and seen else None,
                "id": person.id if person is not None and seen else None,
            },
            "controller": envelope.controller,
            "covenant": view_covenant(envelope),
            "occurredAt": envelope.occurred_at,
            "recordedAt": envelope.recorded_at,
            "outcome": envelope.outcome,
            "findings": list(envelope.findings),
            "voided": line.voided,
            **view_told(envelope),
            **view_end(line),
        }
        if line.topic == EXEMPTION_RECORDED:
            today = amsterdam_day(self._sources.clock.now())
            shown["inForce"] = line.voided is None and is_in_force(line, today)
        return shown
