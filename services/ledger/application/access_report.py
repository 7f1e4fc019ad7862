"""The answer to "what happened with my data?" (AVG 15, S64): every line that may be told, and who holds what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.law.log_use import PARTNERSHIP_LOG, POLICE_LOG
from services.law.register import Register
from services.ledger.application import words
from services.ledger.application.access_requests import AccessRequest, AccessRequests
from services.ledger.application.breach_reporters import controller_of, is_processor, party_of
from services.ledger.application.breaches import breach_stream
from services.ledger.application.count_impact import surviving_acts
from services.ledger.application.holding_view import keep_readable
from services.ledger.application.lines import Line
from services.ledger.application.policy import Call, authorise, owners
from services.ledger.application.reads import ReadLog
from services.ledger.application.report_lines import breach_line, read_lines, report_line
from services.ledger.application.sources import Place, Sources, read_now
from services.ledger.application.visibility import TOLD
from services.ledger.application.withholding import Withholding, needs_human, withhold
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import Caller
from services.ledger.contract.topics import BREACH_REPORTED, PROCESSING_RECORDED
from services.ledger.domain.held_in_window import held_in_window
from services.ledger.domain.holdings import Holding, HoldingRow, group_categories, holdings, keep_supplied
from services.ledger.domain.versions import REPLACED
from services.runtime.errors import GrootboekError, Kind
from services.runtime.limits import REPORT_LINES_MAX

Json = dict[str, Any]

HUMAN_REVIEW_NORM = "UAVG 41(1)(i)"
CORRECTS: Final = {
    "explanation": "Deze regel verbetert een eerdere regel.",
    "explanationEn": "This line corrects an earlier line.",
}
"""What a corrected line says beside its explanation, by field."""


class ReportTooLong(GrootboekError):
    """There is more recorded about this person than one report holds."""

    code = "report-too-long"
    kind = Kind.TOO_LARGE
    remedy = "Ask the operator of the ledger to raise the bound; nothing is left out silently."


class AccessReports:
    """``GET /v1/access-requests/{id}/report``."""

    def __init__(
        self, *, sources: Sources, requests: AccessRequests, reads: ReadLog, stream_lane: Callable[[UUID], int]
    ) -> None:
        """Read from ``sources``, recorded in ``reads``; ``stream_lane`` says on which lane a party's stream lives."""
        self._sources = sources
        self._requests = requests
        self._reads = reads
        self._stream_lane = stream_lane

    async def report(self, caller: Caller, request_id: str) -> Json:
        """The report: to the person whole, to a party what it may read; of both less what is withheld."""
        authorise(caller, Call.REPORT_ACCESS)
        request = await run_sync(partial(self._requests.find, caller, request_id))
        answer = await run_sync(partial(self._build, caller, request))
        await self._reads.record(caller, Call.REPORT_ACCESS, request.streams)
        built: Json = msgspec.to_builtins(answer)
        return built

    def _build(self, caller: Caller, request: AccessRequest) -> Json:
        bounds = read_now(self._sources)
        now = bounds.as_known_at
        own = frozenset(request.streams) if caller.subject is not None else frozenset()
        lines = [line for line in self._sources.dossiers.lines(request.streams, bounds) if line.topic in TOLD]
        if len(lines) > REPORT_LINES_MAX:
            raise ReportTooLong
        contents = self._sources.open_lines(lines)
        told = withhold(lines, contents, amsterdam_day(now))
        shown = [line for line in told.shown if self._sources.may_read(caller, line, own)]
        register = self._sources.register.current()
        held_for_human = needs_human(request.envelope.requester_role, lines, register)
        if held_for_human and caller.subject is not None:
            # The token may be in the hands of the parent: what it may show is decided by a human first.
            return self._held(request, now)
        rows = self._sources.projections.holding_acts(request.streams, bounds)
        standing = dict.fromkeys(request.streams, min(request.streams, default=(0, UUID(int=0))))
        answered = [
            *tell_corrected(shown, [report_line(line, contents, register) for line in shown]),
            *self._reads_of(request.streams, now, told, register),
            *self._breaches(shown, former_operations(lines), rows, now, standing, register),
        ]
        return {
            "requestId": request.envelope.key,
            "period": {"from": min((line.envelope.occurred_at for line in shown), default=None), "until": now},
            "coverage": self._coverage(shown, register),
            "closedLogs": [] if caller.subject is not None else view_closed_logs(),
            "lines": sorted(answered, key=lambda line: (line["occurredAt"], line["recordedAt"], line["id"])),
            "withheld": told.view(),
            "holders": self._holders(shown, rows, now, standing, register),
            "review": {"needed": held_for_human, "norm": HUMAN_REVIEW_NORM if held_for_human else None},
        }

    @staticmethod
    def _held(request: AccessRequest, now: datetime) -> Json:
        """What a parent gets until a human has decided: nothing, and that it waits."""
        return {
            "requestId": request.envelope.key,
            "period": {"from": None, "until": now},
            "coverage": [],
            "lines": [],
            "withheld": {"mayBeTold": False},
            "holders": [],
            "review": {"needed": True, "norm": HUMAN_REVIEW_NORM},
        }

    def _reads_of(self, streams: Sequence[Place], now: datetime, told: Withholding, register: Register) -> list[Json]:
        rows = self._sources.projections.reads_of(streams, now)
        return read_lines((row for row in rows if not told.hides_reads_of(row.reader)), register)

    def _breaches(
        self,
        shown: Sequence[Line],
        former: Mapping[UUID, frozenset[UUID]],
        rows: Sequence[HoldingRow],
        now: datetime,
        standing: dict[Place, Place],
        register: Register,
    ) -> list[Json]:
        """The breaches at any holder, or whose act it was, in which lines that may be told were exposed.

        One that a controller reported at its processor is about what the processor had for it or from it.
        """
        readable = frozenset(line.place for line in shown)
        acting = [line for line in shown if line.topic == PROCESSING_RECORDED and line.voided is None]
        acts = [line.envelope for line in acting]
        doers = {party for act in acts for party in owners(PROCESSING_RECORDED, act)}
        found = []
        for party in sorted(doers.union(row.party for row in rows)):
            stream = breach_stream(party)
            for event in self._sources.events.events_of_stream(self._stream_lane(stream), stream):
                if event.topic != BREACH_REPORTED or event.envelope is None:
                    continue
                envelope = event.read_envelope()
                window = (envelope.occurred_at, envelope.occurred_until or envelope.occurred_at)
                told = rows if envelope.author == party else keep_supplied(rows, party, (envelope.author,))
                held = keep_readable(held_in_window(told, party, window, now, standing), readable)
                own = [act for act in acts if party in owners(PROCESSING_RECORDED, act)]
                processed = find_processed(envelope, acting, rows, register)
                exposed = find_exposed(held, own, processed, envelope, former)
                if exposed is not None:
                    found.append(breach_line(event, envelope, exposed, register))
        return found

    @staticmethod
    def _holders(
        shown: Sequence[Line],
        rows: Sequence[HoldingRow],
        now: datetime,
        standing: dict[Place, Place],
        register: Register,
    ) -> list[Json]:
        """Who holds what now, as far as lines that may be told carry it."""
        readable = frozenset(line.place for line in shown)
        held = [holding for holding in holdings(rows, now, now, standing) if holding.status != "erased"]
        day = amsterdam_day(now)
        return [
            {
                "party": holding.party,
                "name": words.party(register, holding.party, day),
                "dataCategories": list(holding.categories),
                "since": holding.since,
                "until": holding.until,
                "status": holding.status,
            }
            for holding in group_categories(keep_readable(held, readable))
        ]

    @staticmethod
    def _coverage(shown: Iterable[Line], register: Register) -> list[Json]:
        """Whose lines stand in the report, and from when until when."""
        moments: dict[str, list[datetime]] = {}
        for line in shown:
            moments.setdefault(line.envelope.controller or line.envelope.author, []).append(line.envelope.occurred_at)
        return [
            {
                "party": party,
                "name": words.party(register, party, amsterdam_day(max(found))),
                "lines": len(found),
                "from": min(found),
                "until": max(found),
            }
            for party, found in sorted(moments.items())
        ]


def tell_corrected(lines: Sequence[Line], items: Iterable[Json]) -> list[Json]:
    """The items of these lines; each that puts right an earlier one among them says so, and which."""
    told = {(line.stream, line.envelope.operation_id) for line in lines}
    return [
        item | {"corrects": line.envelope.about_key} | {name: f"{item[name]} {text}" for name, text in CORRECTS.items()}
        if line.corrects is not None and (line.stream, line.corrects) in told
        else item
        for line, item in zip(lines, items, strict=True)
    ]


def view_closed_logs() -> list[Json]:
    """Which logs a party does not see here unless it is their controller or recipient, whether there is any or not.

    A contact point answers for all after asking the participants, not out of their log (WGS 1.8(4), BGS 1.2(2)).
    """
    return [
        {"norm": limit.norm, "explanation": limit.text.nl, "explanationEn": limit.text.en}
        for limit in (PARTNERSHIP_LOG, POLICE_LOG)
    ]


def former_operations(lines: Iterable[Line]) -> dict[UUID, frozenset[UUID]]:
    """By the operation of each act that came in the place of another: those before it; the lines as they were recorded.

    Of one that came from somebody else's record only the first is known here.
    """
    former: dict[UUID, frozenset[UUID]] = {}
    for line in lines:
        operation, first = line.envelope.operation_id, line.envelope.about_operation
        if line.topic == PROCESSING_RECORDED and first is not None:
            former[operation] = former.get(operation, frozenset()) | {first}
        before = former.get(operation, frozenset()) | {operation}
        for one in line.corrections:
            if one.envelope.correction == REPLACED:
                former[one.envelope.operation_id] = before
    return former


def find_processed(
    breach: Envelope, lines: Iterable[Line], rows: Iterable[HoldingRow], register: Register
) -> list[Envelope]:
    """What a processor had of the person for others in the window of a breach at it that names no operation.

    That is what it did in the window, and by what it had done before a controller still held something then. Of a
    breach that a controller reported at its processor only what was done for that one.
    """
    party, begins, until = party_of(breach), breach.occurred_at, breach.occurred_until or breach.occurred_at
    by_controller = breach.author != party
    if breach.operation_keys or not (by_controller or is_processor(party, register, amsterdam_day(begins))):
        return []
    done = [line for line in lines if controller_of(line.envelope, party) and line.envelope.occurred_at <= until]
    if by_controller:
        done = [line for line in done if line.envelope.controller == breach.author]
    kept: set[tuple[int, int]] = set()
    for controller in {line.envelope.controller for line in done}:
        held = [row for row in rows if row.party == controller and row.occurred_at <= until]
        kept |= {(row.lane, row.position) for row in surviving_acts(held, begins, breach.data_categories)}
    return [line.envelope for line in done if line.envelope.occurred_at >= begins or line.place in kept]


def find_exposed(
    held: Iterable[Holding],
    own: Iterable[Envelope],
    processed: Iterable[Envelope],
    breach: Envelope,
    former: Mapping[UUID, frozenset[UUID]],
) -> tuple[str, ...] | None:
    """The categories of a person that a breach exposed; None when it did not expose him.

    Those of what its party ``held`` by the named operations, or of all when none is named; those of each of its
    ``own`` acts that is named, whatever it held; and those of what it ``processed`` for others. An act that came in the
    place of another is named as those ``former`` ones are.
    """
    named, wanted = frozenset(map(UUID, breach.operation_keys)), frozenset(breach.data_categories)
    named |= {operation for operation, before in former.items() if not named.isdisjoint(before)}
    exposed = [
        holding.categories for holding in held if not named or any(act.operation_id in named for act in holding.acts)
    ]
    exposed += [act.data_categories for act in own if act.operation_id in named]
    exposed += [act.data_categories for act in processed]
    hit = [categories for categories in exposed if not wanted or not wanted.isdisjoint(categories)]
    if not hit:
        return None
    return tuple(sorted({name for categories in hit for name in categories if not wanted or name in wanted}))
