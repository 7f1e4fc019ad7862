"""Breaches: recorded with their clock, and who reports them (AVG 33, Wpg 33a)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.breach import report_before
from services.law.local_time import amsterdam_day
from services.ledger.application.automatic_holds import AutomaticHolds
from services.ledger.application.breach_reporters import BreachReporters, party_of, principal_of
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.freshness import await_projections
from services.ledger.application.policy import Call, authorise
from services.ledger.application.sources import Sources
from services.ledger.contract.errors import NotAllowed, NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.messages import BreachBody, Caller
from services.ledger.contract.topics import BREACH_REPORTED, PROCESSING_RECORDED
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, uuid5
from services.ledger.domain.stored import StoredEvent
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import CLOCK_AHEAD_SECONDS_MAX

Json = dict[str, Any]


class BreachInvalid(Rejected):
    """The breach contradicts itself or names what is not there."""

    code = "breach-invalid"
    remedy = "Correct every listed field."


class Breach(msgspec.Struct, frozen=True):
    """A breach as recorded, with the operations it names, the party that reports it, and whose data leaked.

    ``controllers``: at a processor those for whom it processed what leaked; none elsewhere.
    """

    envelope: Envelope
    event: StoredEvent
    operations: tuple[UUID, ...]
    reporting_party: str
    controllers: frozenset[str] = frozenset()

    @property
    def party(self) -> str:
        """Where it happened."""
        return party_of(self.envelope)

    def concerns(self, reader: str) -> bool:
        """Whether a party has to deal with it: it happened there, or it reports it, or its processor leaked."""
        return reader in {self.party, self.reporting_party, *self.controllers}

    def told_to(self, reader: str) -> frozenset[str]:
        """Of which controllers a party is told what leaked at their processor; empty for all that there is.

        Who reports is told of all that the party had, from whomever; of a breach that a controller reported, which is
        about its own data, of what was processed for that one or came from it. So is each of several controllers.
        """
        if reader == self.party or not self.concerns(reader):
            return frozenset()
        if reader != self.reporting_party:
            return frozenset((reader,))
        return frozenset() if self.envelope.author == self.party else self.controllers


def breach_stream(party: str) -> UUID:
    """The breach register of a party (AVG 33(5)): all its breaches, reported to the authority or not."""
    return uuid5(GROOTBOEK_NAMESPACE, f"breach-stream:{party}")


class Breaches:
    """``POST /v1/breaches`` and ``GET /v1/breaches/{id}``."""

    def __init__(self, *, sources: Sources, dossier_events: DossierEvents, holds: AutomaticHolds) -> None:
        """Read from ``sources``; record through ``dossier_events``; keep with ``holds`` what was hit."""
        self._sources = sources
        self._dossier_events = dossier_events
        self._holds = holds
        self._reporters = BreachReporters(sources)

    async def report(self, caller: Caller, key: str, body: BreachBody) -> Json:
        """Record a breach at the caller's own party, or at its processor; the 72 hours run from ``awareAt``."""
        authorise(caller, Call.REPORT_BREACH)
        operations = await run_sync(partial(self._check, caller, body))
        if not body.operation_ids:
            await await_projections(self._sources.events, self._sources.projections)
        placed = await self._dossier_events.append_dossier_event(
            party=caller.party,
            key=key,
            canonical=msgspec.json.encode(msgspec.structs.replace(body, id=None), order="deterministic"),
            topic=BREACH_REPORTED,
            stream_id=breach_stream(body.party),
            envelope={
                "occurred_at": body.occurred_from,
                "occurred_until": body.occurred_until,
                "aware_at": body.aware_at,
                "breach_party": body.party,
                "data_categories": body.data_categories,
                "operation_keys": tuple(str(operation) for operation in operations),
            },
            content=Content(description=body.description),
        )
        named = [UUID(operation) for operation in placed.envelope.operation_keys]
        accountable = await run_sync(self._reporters.find, placed.envelope)
        events = await run_sync(self._reporters.events_of, named)
        holds = await self._holds.hold_breach(placed.envelope, events, accountable)
        return receipt_of(placed.envelope, accountable.reporting_party) | {"holds": holds}

    async def read(self, caller: Caller, breach_id: str) -> Json:
        """The breach as recorded; for its own party, who reports it, its controllers, and audit. Holds no person."""
        authorise(caller, Call.READ_BREACH)
        return await run_sync(partial(self._read, caller, breach_id))

    def find(self, caller: Caller, breach_id: str) -> Breach:
        """The breach, if the caller may read it; NotFound otherwise (blocking)."""
        for event in self._sources.events.events_of_operation(self._sources.operation_ids(caller, breach_id)):
            if event.topic != BREACH_REPORTED or event.envelope is None:
                continue
            envelope = event.read_envelope()
            operations = tuple(UUID(operation) for operation in envelope.operation_keys)
            accountable = self._reporters.find(envelope)
            breach = Breach(envelope, event, operations, accountable.reporting_party, accountable.controllers)
            if breach.concerns(caller.party) or "audit" in caller.scopes:
                return breach
        raise NotFound

    def reporting_party(self, envelope: Envelope) -> str:
        """Who reports, by the register as it was known when the breach was recorded."""
        return self._reporters.find(envelope).reporting_party

    def _check(self, caller: Caller, body: BreachBody) -> list[UUID]:
        """The operations that the body names; BreachInvalid with everything that is wrong.

        NotAllowed for a breach elsewhere than at the caller's own party or its processor.
        """
        day = amsterdam_day(body.occurred_from)
        works_for_caller = principal_of(body.party, self._sources.register.current(), day) == caller.party
        found = [self._find_operation(caller, body.party, key) for key in body.operation_ids]
        if body.party != caller.party and not works_for_caller and not any(found):
            raise NotAllowed
        faults: list[FieldError] = []
        now = self._sources.clock.now()
        if body.occurred_until < body.occurred_from:
            faults.append(_fault("/occurredUntil", "window-reversed", "The window ends before it begins."))
        if body.aware_at > now + timedelta(seconds=CLOCK_AHEAD_SECONDS_MAX):
            faults.append(_fault("/awareAt", "in-the-future", "Nobody can be aware of it yet."))
        for place, operation in enumerate(found):
            if operation is None:
                faults.append(_fault(f"/operationIds/{place}", "operation-unknown", "There is no such operation."))
        if faults:
            raise BreachInvalid(tuple(faults))
        return [operation for operation in found if operation is not None]

    def _find_operation(self, caller: Caller, party: str, key: str) -> UUID | None:
        """The recorded operation of that public id in which the party took part.

        For a breach at its processor: that it did for the caller.
        """
        candidates = self._sources.operation_ids(caller, key)
        events = [event for event in self._reporters.events_of(candidates) if event.topic == PROCESSING_RECORDED]
        for candidate in candidates:
            for event in events:
                act = event.read_envelope()
                takes_part = party in {act.controller, act.processor, *act.recipients}
                if party != caller.party:
                    takes_part = act.controller == caller.party and act.processor == party
                if event.operation_id == candidate and takes_part:
                    return candidate
        return None

    def _read(self, caller: Caller, breach_id: str) -> Json:
        breach = self.find(caller, breach_id)
        (content,) = self._sources.opener.open([breach.event])
        envelope = breach.envelope
        return receipt_of(envelope, breach.reporting_party) | {
            "party": breach.party,
            "occurredFrom": envelope.occurred_at.isoformat(),
            "occurredUntil": None if envelope.occurred_until is None else envelope.occurred_until.isoformat(),
            "awareAt": None if envelope.aware_at is None else envelope.aware_at.isoformat(),
            "recordedAt": envelope.recorded_at.isoformat(),
            "dataCategories": list(envelope.data_categories),
            "operationIds": public_keys(self._reporters.events_of(breach.operations)),
            "description": None if content is None else content.description,
        }


def receipt_of(envelope: Envelope, reporting: str) -> Json:
    """The answer to a report: a pure function of what was stored, so that a repeated call gets the same."""
    deadline = report_before(envelope.aware_at or envelope.recorded_at)
    return {"id": envelope.key, "reportBefore": deadline.legal_latest.isoformat(), "reportingParty": reporting}


def public_keys(events: Iterable[StoredEvent]) -> list[str]:
    """The public ids of the operations, each once."""
    return list(dict.fromkeys(event.read_envelope().key for event in events))


def _fault(pointer: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, message=message, remedy=BreachInvalid.remedy)
