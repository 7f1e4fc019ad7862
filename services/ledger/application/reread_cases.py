"""The running acts that a new interpretation of their covenant judges otherwise: a report apart, old verdicts stay."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.covenants.standing import standing_under
from services.law.governance import Interpretation
from services.law.register import Register
from services.law.versions import standing
from services.ledger.application.cursors import Cursor, CursorSealer, page_limit, question_of
from services.ledger.application.lines import END_OF_TIME, Line
from services.ledger.application.policy import CONTACT_PURPOSES, Call, authorise, sees_reasons
from services.ledger.application.ports import DossierRow
from services.ledger.application.read_operation import read_lines
from services.ledger.application.reads import ReadLog, lines_read
from services.ledger.application.reread import Part, Readings, Reread, reread
from services.ledger.application.running import running_places
from services.ledger.application.sources import Sources
from services.ledger.application.visibility import Visibility
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, Page
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.runtime.limits import PAGE_ROUNDS_MAX

Json = dict[str, Any]


class Case(msgspec.Struct, frozen=True):
    """An operation that is judged otherwise: its lines that count, and how."""

    lines: list[Line]
    case_id: str | None
    found: Reread


class RereadCases:
    """``GET /v1/interpretations/{id}/cases``."""

    def __init__(self, *, sources: Sources, reads: ReadLog, cursors: CursorSealer) -> None:
        """Read from ``sources``, recorded in ``reads``; pages hang on ``cursors``."""
        self._sources = sources
        self._reads = reads
        self._cursors = cursors

    async def report(
        self, caller: Caller, interpretation_id: str, cursor_text: str | None = None, limit: int | None = None
    ) -> Page:
        """One page of running acts that the newest version of the interpretation judges otherwise.

        As far as the caller may read them. Raises NotFound for an unknown interpretation.
        """
        authorise(caller, Call.LIST_REREAD)
        register = self._sources.register.current()
        interpretation = newest(register, interpretation_id)
        question = question_of(Call.LIST_REREAD, interpretation_id, interpretation.version)
        cursor = self._cursors.open(cursor_text, caller, question)
        after = None if cursor is None else (cursor.lane, cursor.position)
        readings = Readings(interpretation, register)
        # A covenant that leaves its reading to this one is read anew with it.
        covenants = standing_under(register, interpretation.covenant)
        asked = partial(self._find, caller, covenants, readings, after, page_limit(limit))
        cases, last = await run_sync(asked)
        lines = [line for case in cases for line in case.lines]
        read_id = await self._reads.record(
            caller, Call.LIST_REREAD, lines_read(lines), read_id=None if cursor is None else cursor.read_id
        )
        following = None if last is None else self._seal(read_id, last, caller, question)
        return Page(items=tuple(msgspec.to_builtins([view_case(case) for case in cases])), next=following)

    def _seal(self, read_id: UUID, last: tuple[int, int], caller: Caller, question: bytes) -> str:
        now = self._sources.clock.now()
        place = Cursor(read_id=read_id, lane=last[0], position=last[1], as_of=END_OF_TIME, as_known_at=now)
        return self._cursors.seal(place, caller, question)

    def _find(
        self,
        caller: Caller,
        covenants: Sequence[str],
        readings: Readings,
        after: tuple[int, int] | None,
        limit: int,
    ) -> tuple[list[Case], tuple[int, int] | None]:
        """Rounds of lines until the page is full; an operation stands where its first readable line stands."""
        visibility = Visibility(self._sources, caller)
        found: list[Case] = []
        for _ in range(PAGE_ROUNDS_MAX):
            wanted = limit - len(found)
            rows = self._rows(caller, covenants, after, wanted)
            operations = self._operations(rows, visibility)
            found += self._judge(operations, readings, visibility)
            after = (rows[-1].lane, rows[-1].position) if len(rows) == wanted else None
            if after is None or len(found) >= limit:
                break
        return found, after

    def _rows(
        self, caller: Caller, covenants: Sequence[str], after: tuple[int, int] | None, limit: int
    ) -> list[DossierRow]:
        sees_others = "audit" in caller.scopes or caller.purpose in CONTACT_PURPOSES
        return self._sources.projections.search_dossier(
            party=None,
            recipient=None,
            trace_id=None,
            case_indexes=(),
            activity=None,
            streams=(),
            occurred_from=None,
            occurred_until=None,
            reader=None if sees_others else caller.party,
            after=after,
            limit=limit,
            covenants=covenants,
        )

    def _operations(self, rows: Sequence[DossierRow], visibility: Visibility) -> list[list[Line]]:
        """The facts whose first readable line is among these rows, each with its readable lines."""
        operations: dict[UUID, list[Line]] = {}
        for line in read_lines(self._sources, list(dict.fromkeys(row.operation_id for row in rows))):
            if line.topic == PROCESSING_RECORDED and visibility.shows(line):
                operations.setdefault(line.envelope.operation_id, []).append(line)
        places = {(row.lane, row.position) for row in rows}
        first = {min(line.place for line in lines): lines for lines in operations.values()}
        return [first[place] for place in sorted(first) if place in places]

    def _judge(self, operations: Sequence[list[Line]], readings: Readings, visibility: Visibility) -> list[Case]:
        lines = [line for operation in operations for line in operation]
        contents, running = self._sources.open_lines(lines), running_places(self._sources, lines)
        cases: list[Case] = []
        for operation in operations:
            opened = [(line, contents[line.place]) for line in operation]
            parts = [
                Part(line, content, line.place in running)
                for line, content in opened
                if content is not None and content.subject is not None
            ]
            if not any(part.counts for part in parts):
                continue
            found = reread(parts, readings)
            if found is not None:
                counted = [part for part in parts if part.counts]
                shown = sees_reasons(visibility.relation(counted[0].line))
                case_id = counted[0].content.case_id if shown else None
                cases.append(Case([part.line for part in counted], case_id, found))
        return cases


def newest(register: Register, interpretation_id: str) -> Interpretation:
    """The highest version of an interpretation, as it stands; NotFound when there is none."""
    known = (known.entry for known in standing(register.history) if known.entry.id == interpretation_id)
    versions = [entry for entry in known if isinstance(entry, Interpretation)]
    if not versions:
        raise NotFound
    return max(versions, key=lambda entry: entry.version)


def view_case(case: Case) -> Json:
    """One item of the report; it names no person, only where the lines stand."""
    envelope = case.lines[0].envelope
    return {
        "operationId": envelope.key,
        "caseId": case.case_id,
        "controller": envelope.controller,
        "covenant": {"id": envelope.covenant, "annex": envelope.annex, "version": envelope.covenant_version},
        "occurredAt": envelope.occurred_at,
        "positions": [line.position for line in case.lines],
        "recorded": {"outcome": envelope.operation_outcome},
        "before": {"outcome": case.found.before},
        "after": {"outcome": case.found.after},
        "adds": list(case.found.adds),
        "drops": list(case.found.drops),
    }
