"""What a breach hits: persons, records, sources, bases, and whom to tell (AVG 33(3), 34; S75, S78, S79)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.context import PastExemption
from services.law.inform import decide_inform_on_breach
from services.ledger.application.breaches import Breach, Breaches
from services.ledger.application.count_impact import count_impact
from services.ledger.application.cursors import Cursor, CursorSealer, page_limit, question_of
from services.ledger.application.holding_view import (
    SeenAct,
    SeenActs,
    find_missing_basis,
    operation_keys,
    view_bases,
)
from services.ledger.application.impact_hits import Hit, exposing_acts, find_hits
from services.ledger.application.leak import Leak, read_leak
from services.ledger.application.lines import END_OF_TIME, Line
from services.ledger.application.policy import Call, audits, authorise
from services.ledger.application.ports import Bounds
from services.ledger.application.reads import ReadLog
from services.ledger.application.sources import Place, Sources, identify
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.ledger.contract.topics import EXEMPTION_RECORDED, PROCESSING_RECORDED
from services.ledger.domain.holdings import CarryingAct, person_of

Json = dict[str, Any]


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """The persons of one page, counted over all pages, and the last person looked at when there are more."""

    persons: int
    records: int
    items: list[Json]
    delivered: set[Place]
    last: Place | None


class Impacts:
    """``GET /v1/breaches/{id}/impact``."""

    def __init__(self, *, sources: Sources, breaches: Breaches, reads: ReadLog, cursors: CursorSealer) -> None:
        """Read from ``sources``, recorded in ``reads``; pages hang on ``cursors``."""
        self._sources = sources
        self._breaches = breaches
        self._reads = reads
        self._cursors = cursors

    async def read(self, caller: Caller, breach_id: str, cursor: str | None, limit: int | None) -> Json:
        """One page of who is hit; the knowledge of the first page holds for all of them."""
        authorise(caller, Call.READ_IMPACT)
        size = page_limit(limit)
        question = question_of(Call.READ_IMPACT, breach_id)
        opened = self._cursors.open(cursor, caller, question)
        known_at = opened.as_known_at if opened else self._sources.clock.now()
        breach = await run_sync(partial(self._breaches.find, caller, breach_id))
        until = breach.envelope.occurred_until or breach.envelope.occurred_at
        after = (opened.lane, opened.person) if opened and opened.person else None
        page = await run_sync(partial(self._page, caller, breach, known_at, after, size))
        read_id = await self._reads.record(
            caller, Call.READ_IMPACT, page.delivered, read_id=opened.read_id if opened else None
        )
        following = None
        if page.last is not None:
            lane, person = page.last
            place = Cursor(read_id=read_id, lane=lane, person=person, as_of=until, as_known_at=known_at)
            following = self._cursors.seal(place, caller, question)
        answer: Json = {
            "persons": page.persons,
            "records": page.records,
            "asOf": until,
            "asKnownAt": known_at,
            "items": page.items,
            "next": following,
        }
        built: Json = msgspec.to_builtins(answer)
        return built

    def find_exposed(self, breach: Breach, person: Sequence[Place], known_at: datetime, reader: str) -> Hit | None:
        """What a breach exposed of one person, who is known by these linked streams; None for nothing (blocking)."""
        if not person:
            return None
        leak = read_leak(self._sources, breach, known_at, breach.told_to(reader))
        for hit in find_hits(self._sources, leak, person):
            acts = exposing_acts(leak, hit)
            if acts:
                return msgspec.structs.replace(hit, acts=acts, named=())
        return None

    def _page(
        self, caller: Caller, breach: Breach, known_at: datetime, after: tuple[int, UUID] | None, limit: int
    ) -> _Page:
        told: frozenset[str] = frozenset() if audits(caller, limited=True) else breach.told_to(caller.party)
        leak = read_leak(self._sources, breach, known_at, told)
        persons, records = count_impact(self._sources, leak)
        held = self._sources.projections.impact_page(leak.held_window, after, limit, sorted(told))
        # Two lists in one order: the first so many of both are among the first so many of each.
        named = {place for place in map(person_of, leak.named) if after is None or place > after}
        listed = sorted(named.union(held))[:limit]
        hits = find_hits(self._sources, leak, listed)
        details = ImpactDetails(self._sources, caller, breach, leak, hits)
        shown = [found for found in map(details.limit, hits) if found.origin]
        return _Page(
            persons=persons,
            records=records,
            items=[details.view(hit) for hit in shown],
            delivered={place for hit in shown for place in hit.streams},
            last=listed[-1] if len(listed) == limit else None,
        )


class ImpactDetails:
    """The details of the persons of one page, read in as few statements as possible."""

    def __init__(self, sources: Sources, caller: Caller, breach: Breach, leak: Leak, hits: Sequence[Hit]) -> None:
        """Read everything that the page shows."""
        self._sources = sources
        self._caller = caller
        self._breach = breach
        self._leak = leak
        self._known_at = leak.known_at
        self._register = sources.register.current()
        places = sorted({(act.lane, act.position) for hit in hits for act in hit.every_act})
        events = sources.events.events_at(places)
        contents = sources.open(events)
        self._seen: SeenActs = {
            (event.lane, event.position): SeenAct(
                envelope=event.read_envelope(), content=contents[event.lane, event.position]
            )
            for event in events
            if event.envelope is not None
        }
        self._deals = caller.purpose == "breach" and breach.concerns(caller.party)
        self._reports = self._deals or caller.party == breach.party
        self._readable = frozenset(
            (event.lane, event.position)
            for event in events
            if event.envelope is not None and self._may_read(Line(event=event, envelope=event.read_envelope()))
        )
        everyone = sorted({place for hit in hits for place in hit.streams})
        self._lines: dict[Place, list[Line]] = {}
        for line in sources.dossiers.lines(everyone, Bounds(as_of=END_OF_TIME, as_known_at=leak.known_at)):
            self._lines.setdefault(line.stream, []).append(line)

    def _may_read(self, line: Line) -> bool:
        """Whether the reader may be shown the line: for whom the breach concerns, all that its party had.

        Where only the data of some controllers are asked about, no more than the acts of these. Whoever it concerns and
        reads for another purpose reads what he takes part in, and an auditor is bound by what the log of a line may be
        used for (Wpg 32a(2), WGS 1.8(4)).
        """
        whose = self._leak.controllers
        is_told = self._reports and (not whose or line.envelope.controller in whose)
        return is_told or self._sources.may_read(self._caller, line, frozenset())

    def limit(self, hit: Hit) -> Hit:
        """The hit as far as acts carry it that the reader may be shown, and that were not swept meanwhile."""
        is_shown_whole = self._reports and not self._leak.controllers
        if is_shown_whole and all((act.lane, act.position) in self._seen for act in hit.every_act):
            return hit
        acts, named = self._keep_readable(hit.acts), self._keep_readable(hit.named)
        envelopes = [self._seen[act.lane, act.position].envelope for act in (*acts, *named)]
        carried = {name for envelope in envelopes for name in envelope.data_categories}
        categories = tuple(name for name in hit.categories if name in carried)
        return msgspec.structs.replace(hit, acts=acts, named=named, categories=categories)

    def _keep_readable(self, acts: Iterable[CarryingAct]) -> tuple[CarryingAct, ...]:
        return tuple(act for act in acts if (act.lane, act.position) in self._readable)

    def view(self, hit: Hit) -> Json:
        """One item of the impact."""
        exposed = bool(exposing_acts(self._leak, hit))
        lines = [line for place in hit.streams for line in self._lines.get(place, ())]
        bases = view_bases(self._breach.party, hit.origin, self._seen, self._register)
        return {
            "subject": self._view_subject(hit.every_act),
            "exposed": exposed,
            "dataCategories": list(hit.categories),
            "since": hit.since,
            "sources": self._view_sources(hit.origin),
            "bases": bases,
            "findings": find_missing_basis(bases),
            "onward": find_onward(self._breach.party, hit, filter(self._may_read, lines)),
            "operationIds": operation_keys(hit.every_act, self._seen),
            "inform": self._decide(exposed, lines),
        }

    def _view_subject(self, acts: Iterable[CarryingAct]) -> Json:
        """The person: by identifier for each party that the breach concerns, by pseudonym for everyone else."""
        person: SubjectIdentifier | None = None
        for act in acts:
            person = person or identify(self._seen[act.lane, act.position].content)
        if person is None:
            return {"ref": None, "idType": None, "id": None}
        ref = self._sources.directory.ref(self._caller.party, person)
        if not self._deals:
            return {"ref": ref, "idType": person.id_type, "id": None}
        return {"ref": ref, "idType": person.id_type, "id": person.id}

    def _view_sources(self, acts: Iterable[CarryingAct]) -> list[Json]:
        """The acts by which the party got it: from the supplier, from the party it collected at, or by its own.

        A processor has it from the controller for whom it works.
        """
        found = []
        for act in acts:
            envelope = self._seen[act.lane, act.position].envelope
            party = act.supplied_by or self._collected_at(act) or envelope.controller
            source = {"party": party or self._breach.party, "operationId": envelope.key}
            if source not in found:
                found.append(source)
        return found

    def _collected_at(self, act: CarryingAct) -> str | None:
        """The party that an act of the holder itself names as its source, unless it is protected."""
        content = self._seen[act.lane, act.position].content
        source = content.source if content is not None else None
        return None if source is None or source.protected else source.party

    def _decide(self, exposed: bool, lines: Iterable[Line]) -> str:  # noqa: FBT001
        """Whether to tell the person: an exemption open when the party became aware, or now, is decided on first."""
        exemptions = [past_exemption(line) for line in lines if line.topic == EXEMPTION_RECORDED and not line.voided]
        aware_at = self._breach.envelope.aware_at or self._known_at
        then = decide_inform_on_breach(exposed=exposed, exemptions=exemptions, at=aware_at)
        now = decide_inform_on_breach(exposed=exposed, exemptions=exemptions, at=self._known_at)
        return then if then != "yes" else now


def find_onward(party: str, hit: Hit, lines: Iterable[Line]) -> list[Json]:
    """To whom the party passed on any of these categories since it held them, and to whom by an act that is named."""
    wanted, named = frozenset(hit.categories), {(act.lane, act.position) for act in hit.named}
    shares = (
        line
        for line in lines
        if line.topic == PROCESSING_RECORDED and line.voided is None and line.envelope.operation_class == "share"
    )
    return [
        {"party": recipient, "operationId": line.envelope.key, "occurredAt": line.envelope.occurred_at}
        for line in shares
        if line.place in named
        or (
            line.envelope.controller == party
            and line.envelope.occurred_at >= hit.since
            and not wanted.isdisjoint(line.envelope.data_categories)
        )
        for recipient in line.envelope.recipients
    ]


def past_exemption(line: Line) -> PastExemption:
    """The exemption on a line as the law reads it."""
    envelope = line.envelope
    return PastExemption(
        decided_at=envelope.occurred_at,
        controller=envelope.controller or "",
        norm=envelope.norm or "",
        covenant=envelope.covenant,
        annex=envelope.annex,
        review_on=envelope.review_on,
        ended_at=line.ended_at,
    )
