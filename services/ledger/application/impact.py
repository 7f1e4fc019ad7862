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
    standing_streams,
    view_bases,
)
from services.ledger.application.lines import END_OF_TIME, Line
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import Bounds
from services.ledger.application.reads import ReadLog
from services.ledger.application.sources import Place, Sources, identify
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.ledger.contract.topics import EXEMPTION_RECORDED, PROCESSING_RECORDED
from services.ledger.domain.held_in_window import held_in_window
from services.ledger.domain.holdings import CarryingAct, Holding

Json = dict[str, Any]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One person of whom the party held something in the window: what, and by which acts, in order of time."""

    place: Place
    streams: tuple[Place, ...]
    categories: tuple[str, ...]
    acts: tuple[CarryingAct, ...]

    @property
    def since(self) -> datetime:
        """The first act that carried any of it."""
        return self.acts[0].occurred_at


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

    def find_exposed(self, breach: Breach, person: Sequence[Place], known_at: datetime) -> Hit | None:
        """What a breach exposed of one person, who is known by these linked streams; None for nothing (blocking)."""
        window = (breach.envelope.occurred_at, breach.envelope.occurred_until or breach.envelope.occurred_at)
        for hit in self._hits(breach, person, window, known_at) if person else ():
            acts = exposing_acts(breach, hit.acts)
            if acts:
                return msgspec.structs.replace(hit, acts=acts)
        return None

    def _page(
        self, caller: Caller, breach: Breach, known_at: datetime, after: tuple[int, UUID] | None, limit: int
    ) -> _Page:
        envelope = breach.envelope
        window = (envelope.occurred_at, envelope.occurred_until or envelope.occurred_at)
        asked = (breach.party, *window, envelope.data_categories, known_at)
        persons, records = count_impact(self._sources, breach.party, window, envelope.data_categories, known_at)
        listed = self._sources.projections.impact_page(*asked, after, limit)
        hits = self._hits(breach, listed, window, known_at)
        details = ImpactDetails(self._sources, caller, breach, known_at, hits)
        shown = [found for found in map(details.limit, hits) if found.acts]
        return _Page(
            persons=persons,
            records=records,
            items=[details.view(hit) for hit in shown],
            delivered={place for hit in shown for place in hit.streams},
            last=listed[-1] if len(listed) == limit else None,
        )

    def _hits(
        self, breach: Breach, listed: Sequence[Place], window: tuple[datetime, datetime], known_at: datetime
    ) -> list[Hit]:
        closure = self._sources.directory.closure(listed, known_at)
        everyone = sorted({place for group in closure.values() for place in group})
        rows = self._sources.projections.holding_acts(everyone, Bounds(as_of=window[1], as_known_at=known_at))
        standing = standing_streams(closure, rows, breach.party)
        wanted = frozenset(breach.envelope.data_categories)
        held: dict[Place, list[Holding]] = {}
        for holding in held_in_window(rows, breach.party, window, known_at, standing):
            if not wanted or not wanted.isdisjoint(holding.categories):
                held.setdefault((holding.lane, holding.stream_id), []).append(holding)
        hits: list[Hit] = []
        for place in listed:
            found = held.get(place)
            if found:
                categories = tuple(sorted({name for holding in found for name in holding.categories}))
                streams = tuple(sorted(closure[place]))
                hits.append(Hit(place=place, streams=streams, categories=categories, acts=join_acts(found)))
        return hits


class ImpactDetails:
    """The details of the persons of one page, read in as few statements as possible."""

    def __init__(
        self, sources: Sources, caller: Caller, breach: Breach, known_at: datetime, hits: Sequence[Hit]
    ) -> None:
        """Read everything that the page shows."""
        self._sources = sources
        self._caller = caller
        self._breach = breach
        self._known_at = known_at
        self._register = sources.register.current()
        places = sorted({(act.lane, act.position) for hit in hits for act in hit.acts})
        events = sources.events.events_at(places)
        contents = sources.open(events)
        self._seen: SeenActs = {
            (event.lane, event.position): SeenAct(
                envelope=event.read_envelope(), content=contents[event.lane, event.position]
            )
            for event in events
            if event.envelope is not None
        }
        reports = caller.purpose == "breach" and caller.party == breach.reporting_party
        self._reports = reports or caller.party == breach.party
        self._readable = frozenset(
            (event.lane, event.position)
            for event in events
            if event.envelope is not None and self._may_read(Line(event=event, envelope=event.read_envelope()))
        )
        everyone = sorted({place for hit in hits for place in hit.streams})
        self._lines: dict[Place, list[Line]] = {}
        for line in sources.dossiers.lines(everyone, Bounds(as_of=END_OF_TIME, as_known_at=known_at)):
            self._lines.setdefault(line.stream, []).append(line)

    def _may_read(self, line: Line) -> bool:
        """Whether the reader may be shown the line: all that the party had, for itself and for who reports the breach.

        For another purpose who reports it reads no more than he takes part in, and an auditor is bound by what the
        log of a line may be used for (Wpg 32a(2), WGS 1.8(4)).
        """
        return self._reports or self._sources.may_read(self._caller, line, frozenset())

    def limit(self, hit: Hit) -> Hit:
        """The hit as far as acts carry it that the reader may be shown, and that were not swept meanwhile."""
        if self._reports and all((act.lane, act.position) in self._seen for act in hit.acts):
            return hit
        acts = tuple(act for act in hit.acts if (act.lane, act.position) in self._readable)
        carried = {name for act in acts for name in self._seen[act.lane, act.position].envelope.data_categories}
        categories = tuple(name for name in hit.categories if name in carried)
        return msgspec.structs.replace(hit, acts=acts, categories=categories)

    def view(self, hit: Hit) -> Json:
        """One item of the impact."""
        acts = [act for act in hit.acts if (act.lane, act.position) in self._seen]
        exposing = exposing_acts(self._breach, acts)
        lines = [line for place in hit.streams for line in self._lines.get(place, ())]
        bases = view_bases(self._breach.party, acts, self._seen, self._register)
        return {
            "subject": self._view_subject(acts),
            "exposed": bool(exposing),
            "dataCategories": list(hit.categories),
            "since": hit.since,
            "sources": self._view_sources(acts),
            "bases": bases,
            "findings": find_missing_basis(bases),
            "onward": find_onward(self._breach.party, hit, filter(self._may_read, lines)),
            "operationIds": operation_keys(acts, self._seen),
            "inform": self._decide(bool(exposing), lines),
        }

    def _view_subject(self, acts: Iterable[CarryingAct]) -> Json:
        """The person: by name of identifier for who must report and tell, by pseudonym for everyone else."""
        person: SubjectIdentifier | None = None
        for act in acts:
            person = person or identify(self._seen[act.lane, act.position].content)
        if person is None:
            return {"ref": None, "idType": None, "id": None}
        ref = self._sources.directory.ref(self._caller.party, person)
        reporting = self._breach.reporting_party
        may_identify = self._caller.purpose == "breach" and self._caller.party in {self._breach.party, reporting}
        if not may_identify:
            return {"ref": ref, "idType": person.id_type, "id": None}
        return {"ref": ref, "idType": person.id_type, "id": person.id}

    def _view_sources(self, acts: Iterable[CarryingAct]) -> list[Json]:
        """The acts by which the party got it: from the supplier, from the party it collected at, or by its own."""
        found = [
            {
                "party": act.supplied_by or self._collected_at(act) or self._breach.party,
                "operationId": self._seen[act.lane, act.position].envelope.key,
            }
            for act in acts
        ]
        return [source for place, source in enumerate(found) if source not in found[:place]]

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


def exposing_acts(breach: Breach, acts: Iterable[CarryingAct]) -> tuple[CarryingAct, ...]:
    """The acts by which the breach exposed what they carried: those that it names, or all when it names none."""
    named = frozenset(breach.operations)
    return tuple(act for act in acts if not named or act.operation_id in named)


def join_acts(found: Iterable[Holding]) -> tuple[CarryingAct, ...]:
    """The acts that carried any of these holdings, each once, in order of time."""
    acts = {(act.lane, act.position): act for holding in found for act in holding.acts}
    return tuple(sorted(acts.values(), key=lambda act: (act.occurred_at, act.lane, act.position)))


def find_onward(party: str, hit: Hit, lines: Iterable[Line]) -> list[Json]:
    """To whom the party passed on any of these categories since it held them."""
    wanted = frozenset(hit.categories)
    return [
        {"party": recipient, "operationId": line.envelope.key, "occurredAt": line.envelope.occurred_at}
        for line in lines
        if line.topic == PROCESSING_RECORDED
        and line.voided is None
        and line.envelope.operation_class == "share"
        and line.envelope.controller == party
        and line.envelope.occurred_at >= hit.since
        and not wanted.isdisjoint(line.envelope.data_categories)
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
