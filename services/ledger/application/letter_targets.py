"""Whom a letter to a person goes to, for who may write it: the commands ``LetterCommands``.

Each answers NotFound alike for what is not there, is another's, or is about somebody else. Asking whether a person is
concerned is itself a read, so it is recorded; an erasure tells nothing that its own request did not say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.about import last_day_of
from services.ledger.application.breaches import Breach, Breaches
from services.ledger.application.erasures import Erasures
from services.ledger.application.freshness import await_projections
from services.ledger.application.impact import Impacts
from services.ledger.application.impact_hits import Hit
from services.ledger.application.lines import END_OF_TIME, Line
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.person_duties import Obligation, PersonDuties, PersonFile
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import Bounds
from services.ledger.application.reads import ReadLog
from services.ledger.application.sources import Place, Sources
from services.ledger.contract.commands import LetterTarget
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, ReadPurpose, SubjectIdentifier
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, uuid5
from services.runtime.errors import GrootboekError, Kind


class NothingErasedYet(GrootboekError):
    """Nothing of this has been erased yet, so there is nothing to tell the person."""

    code = "erasure-unfinished"
    kind = Kind.CONFLICT
    remedy = "Order the letter when the state of the erasure is content-destroyed, waiting or complete."


class LetterTargets:
    """Implements LetterCommands: finds the person's stream and the cause of a letter, and authorises who writes it."""

    def __init__(
        self,
        *,
        sources: Sources,
        duties: PersonDuties,
        ids: ObligationIds,
        breaches: Breaches,
        impacts: Impacts,
        erasures: Erasures,
        reads: ReadLog,
    ) -> None:
        """Find with the verbs that answer for each cause; record in ``reads`` that a person was looked up."""
        self._sources = sources
        self._duties = duties
        self._ids = ids
        self._breaches = breaches
        self._impacts = impacts
        self._erasures = erasures
        self._reads = reads

    async def notice_target(self, caller: Caller, obligation_id: str) -> LetterTarget:
        """The person of an obligation to inform that the caller's party owes; NotFound for every other one."""
        authorise(caller, Call.WRITE_NOTICE)
        key = self._ids.read(obligation_id)
        if key.kind != "inform":
            raise NotFound
        person: Place = (key.lane, key.stream_id)
        await await_projections(self._sources.events, self._sources.projections)
        file, one = await run_sync(partial(self._find_duty, caller, person, obligation_id))
        await self._record(caller, Call.WRITE_NOTICE, "operations", file.streams)
        acts = (line for line in file.lines if is_told_of(line, one))
        kept_until = await run_sync(partial(self._last_day, acts))
        return target(caller, person, f"obligation:{one.id}", kept_until, obligation=one.id)

    async def breach_target(self, caller: Caller, breach_id: str, subject: SubjectIdentifier) -> LetterTarget:
        """A person whose data a breach exposed; for whom it concerns: its party, who reports it, its controllers."""
        authorise(caller, Call.WRITE_BREACH_NOTICE)
        breach = await run_sync(partial(self._breaches.find, caller, breach_id))
        if not breach.concerns(caller.party):
            raise NotFound
        await await_projections(self._sources.events, self._sources.projections)
        hit = await run_sync(partial(self._find_hit, breach, subject, caller.party))
        found = () if hit is None else hit.streams
        await self._record(caller, Call.WRITE_BREACH_NOTICE, "breach", found)
        if hit is None:
            raise NotFound
        kept_until = await run_sync(partial(self._last_day_of_hit, hit))
        return target(caller, hit.place, f"breach:{breach.event.operation_id}", kept_until)

    async def erasure_target(self, caller: Caller, erasure_id: str, subject: SubjectIdentifier) -> LetterTarget:
        """A person of whom an erasure destroyed something; for the party that asked for it."""
        authorise(caller, Call.WRITE_ERASURE_LETTER)
        return await run_sync(partial(self._find_erased, caller, erasure_id, subject))

    def _find_duty(self, caller: Caller, person: Place, obligation_id: str) -> tuple[PersonFile, Obligation]:
        now = self._sources.clock.now()
        for file in self._duties.read((person,), Bounds(as_of=now, as_known_at=now)):
            for one in file.obligations:
                if one.id == obligation_id and one.party == caller.party:
                    return file, one
        raise NotFound

    def _find_hit(self, breach: Breach, subject: SubjectIdentifier, reader: str) -> Hit | None:
        return self._impacts.find_exposed(breach, self._sources.streams_of(subject), self._sources.clock.now(), reader)

    def _last_day_of_hit(self, hit: Hit) -> date | None:
        bounds = Bounds(as_of=END_OF_TIME, as_known_at=self._sources.clock.now())
        acts = {(act.lane, act.position) for act in hit.acts}
        return self._last_day(line for line in self._sources.dossiers.lines(hit.streams, bounds) if line.place in acts)

    def _find_erased(self, caller: Caller, erasure_id: str, subject: SubjectIdentifier) -> LetterTarget:
        erasure = self._erasures.find(caller, erasure_id)
        erased = {(lane, stream_id) for lane, stream_id, _, _ in erasure.dossiers}
        person = min(erased.intersection(self._sources.streams_of(subject)), default=None)
        if erasure.request.author != caller.party or person is None:
            raise NotFound
        if not erasure.destroyed:
            raise NothingErasedYet
        return target(caller, person, f"erasure:{erasure.erasure_id}", erasure.request.record_ends)

    def _last_day(self, lines: Iterable[Line]) -> date | None:
        """The last day of the record of these lines; None when one never ends, or only a hold still keeps them."""
        days: set[date | None] = {
            last_day_of(line.envelope, self._sources.events.events_of_stream(*line.stream)) for line in lines
        }
        last = max((day for day in days if day is not None), default=None)
        if last is None or None in days or last < amsterdam_day(self._sources.clock.now()):
            return None
        return last

    async def _record(self, caller: Caller, call: Call, purpose: ReadPurpose, streams: Iterable[Place]) -> None:
        await self._reads.record(msgspec.structs.replace(caller, purpose=caller.purpose or purpose), call, streams)


def is_told_of(line: Line, one: Obligation) -> bool:
    """Whether the act of a line is one that the person must be told of by this obligation."""
    scopes = one.scopes or {(None, None)}
    act = line.envelope
    return line.topic == PROCESSING_RECORDED and line.voided is None and (act.covenant, act.annex) in scopes


def target(
    caller: Caller, person: Place, cause: str, kept_until: date | None, obligation: str | None = None
) -> LetterTarget:
    """The target of a letter that the caller's party writes; a cause with several persons is one for each of them."""
    lane, stream_id = person
    return LetterTarget(
        lane=lane,
        stream_id=stream_id,
        cause=cause_of(cause, stream_id),
        controller=caller.party,
        obligation=obligation,
        kept_until=kept_until,
    )


def cause_of(cause: str, stream_id: UUID) -> UUID:
    """The id of a cause as far as it is one person's."""
    return uuid5(GROOTBOEK_NAMESPACE, f"letter:{cause}:{stream_id}")
