"""What happened here, as it was on and as it was known at (S80): every event with what was known then."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from anyio.to_thread import run_sync

from services.law.register import Register
from services.ledger.application.bounds import parse_bounds
from services.ledger.application.cursors import Cursor, CursorSealer, question_of
from services.ledger.application.inquiries import Inquiries, Inquiry
from services.ledger.application.line_view import (
    apply_corrections,
    purpose_text,
    view_act,
    view_confidentiality,
    view_correction,
    view_corrections,
    view_corrects,
    view_end,
    view_handled,
    view_reasons,
    view_register,
    view_told,
)
from services.ledger.application.lines import TYPES, Later, Line
from services.ledger.application.policy import Call, authorise, sees_identity
from services.ledger.application.ports import Bounds
from services.ledger.application.reads import ReadLog, lines_read, on_access
from services.ledger.application.shields import Shields
from services.ledger.application.sources import Place, Sources, identify, register_then
from services.ledger.contract.events import Content
from services.ledger.contract.messages import Caller
from services.ledger.contract.positions import format_position
from services.runtime.limits import CASE_LINES_MAX, PAGE_ITEMS_DEFAULT

Json = dict[str, Any]
Contents = dict[tuple[int, int], Content | None]


class Step(msgspec.Struct, frozen=True):
    """One event of a replay: a line, or something later about it."""

    line: Line
    later: Later | None = None

    @property
    def order(self) -> tuple[datetime, int, int]:
        """By when it was recorded."""
        event = self.line.event if self.later is None else self.later.event
        envelope = self.line.envelope if self.later is None else self.later.envelope
        return envelope.recorded_at, event.lane, event.position


class Replays:
    """``GET /v1/inquiries/{id}/replay``."""

    def __init__(self, *, sources: Sources, inquiries: Inquiries, reads: ReadLog, cursors: CursorSealer) -> None:
        """Read from ``sources``, recorded in ``reads``; pages hang on ``cursors``."""
        self._sources = sources
        self._inquiries = inquiries
        self._reads = reads
        self._cursors = cursors

    async def replay(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None, cursor: str | None
    ) -> Json:
        """One page of events in order of recording; nothing readable is an empty page, as is an unknown person."""
        authorise(caller, Call.REPLAY)
        question = question_of(Call.REPLAY, inquiry_id, as_of, as_known_at)
        opened = self._cursors.open(cursor, caller, question)
        bounds = parse_bounds(as_of, as_known_at, self._sources.clock.now())
        if opened is not None:
            bounds = Bounds(as_of=opened.as_of, as_known_at=opened.as_known_at)
        inquiry = await run_sync(partial(self._inquiries.find, caller, inquiry_id))
        steps = await run_sync(partial(self._steps, caller, inquiry, bounds))
        begin = opened.position if opened else 0
        page = steps[begin : begin + PAGE_ITEMS_DEFAULT]
        lines = [step.line for step in page]
        events = await run_sync(partial(self._view_page, caller, page))
        read_id = await self._reads.record(
            caller,
            Call.REPLAY,
            lines_read(lines),
            read_id=opened.read_id if opened else None,
            of_access_streams=on_access(lines),
        )
        following = None
        if begin + len(page) < len(steps):
            place = Cursor(
                read_id=read_id,
                lane=0,
                position=begin + len(page),
                as_of=bounds.as_of,
                as_known_at=bounds.as_known_at,
            )
            following = self._cursors.seal(place, caller, question)
        answer = {"asOf": bounds.as_of, "asKnownAt": bounds.as_known_at, "events": events, "next": following}
        built: Json = msgspec.to_builtins(answer)
        return built

    def _steps(self, caller: Caller, inquiry: Inquiry, bounds: Bounds) -> list[Step]:
        """All events of the person or the case that the caller may read, in order of recording.

        What is known at an instant does not change any more, so a place in this list is a good cursor.
        """
        if inquiry.subject is not None:
            found = self._sources.dossiers.lines(self._sources.streams_of(inquiry.subject, bounds.as_known_at), bounds)
        else:
            found = self._lines_of_case(caller, inquiry.case_id or "", bounds)
        shields = Shields(self._sources, caller)
        kept = [line for line in found if self._sources.may_read(caller, line, frozenset()) and not shields.hides(line)]
        steps = [Step(line) for line in kept]
        steps += [
            Step(line, later) for line in kept for later in line.later if later.envelope.occurred_at <= bounds.as_of
        ]
        return sorted(steps, key=lambda step: step.order)

    def _lines_of_case(self, caller: Caller, case_id: str, bounds: Bounds) -> list[Line]:
        """A case number belongs to a party: its own for a party's inquiry, that of every party for audit."""
        parties = {caller.party}
        if "audit" in caller.scopes:
            parties |= set(self._sources.register.current().party_ids())
        indexes = [bytes.fromhex(self._sources.directory.case_index(party, case_id)) for party in sorted(parties)]
        rows = self._sources.projections.search_dossier(
            party=None,
            recipient=None,
            trace_id=None,
            case_indexes=indexes,
            activity=None,
            streams=(),
            occurred_from=None,
            occurred_until=None,
            reader=None,
            after=None,
            limit=CASE_LINES_MAX,
        )
        named = {(row.stream_id, row.operation_id) for row in rows}
        streams: set[Place] = {(row.lane, row.stream_id) for row in rows}
        lines = self._sources.dossiers.lines(sorted(streams), bounds)
        return [line for line in lines if (line.event.stream_id, line.envelope.operation_id) in named]

    def _view_page(self, caller: Caller, page: list[Step]) -> list[Json]:
        contents = self._sources.open_lines([step.line for step in page])
        register = self._sources.register.current()
        registers: dict[int, Register] = {}
        events = []
        for step in page:
            if step.later is not None:
                events.append(self._view_later(caller, step.line, step.later, contents))
                continue
            position = step.line.envelope.register_position
            if position not in registers:
                registers[position] = register_then(register, position)
            events.append(self._view(caller, step.line, contents, registers[position]))
        return events

    def _view_later(self, caller: Caller, line: Line, later: Later, contents: Contents) -> Json:
        """A correction or a change of confidentiality, as an event of its own."""
        found = self._sources.relation(caller, line, frozenset())
        person = identify(contents[line.place])
        return {
            "position": format_position(later.event.lane, later.event.position),
            "type": TYPES[later.event.topic],
            "operationId": later.envelope.key,
            "about": line.envelope.key,
            "by": later.envelope.author,
            "subject": {"ref": None if person is None else self._sources.directory.ref(caller.party, person)},
            "occurredAt": later.envelope.occurred_at,
            "recordedAt": later.envelope.recorded_at,
            "outcome": None,
            "confidentiality": later.envelope.confidentiality,
            **view_handled(later.envelope),
            "correction": view_correction(later, contents.get((later.event.lane, later.event.position)), found),
        }

    def _view(self, caller: Caller, line: Line, contents: Contents, then: Register) -> Json:
        """One event: what was done, what was found, by which register, and what later events say about it."""
        envelope, content = line.envelope, contents[line.place]
        found = self._sources.relation(caller, line, frozenset())
        person = identify(content)
        act = view_act(envelope)
        corrections = view_corrections(line, contents, found)
        seen_whole = sees_identity(found, envelope)
        return {
            "position": line.position,
            "type": line.type,
            "operationId": envelope.key,
            "by": envelope.author,
            "subject": {
                "ref": None if person is None else self._sources.directory.ref(caller.party, person),
                "idType": person.id_type if person is not None and seen_whole else None,
                "id": person.id if person is not None and seen_whole else None,
                "status": envelope.subject_status,
            },
            **act,
            **view_told(envelope),
            **view_handled(envelope),
            **view_end(line),
            **view_reasons(content, found),
            "purposeText": purpose_text(envelope, then),
            "outcome": envelope.outcome,
            "operationOutcome": envelope.operation_outcome,
            "findings": list(envelope.findings),
            "register": view_register(envelope),
            "ruleSet": envelope.rule_set,
            "holdingEnds": envelope.holding_ends,
            "confidentiality": view_confidentiality(line, contents),
            "corrections": corrections,
            "corrected": apply_corrections(act, corrections),
            **view_corrects(line, found),
        }
