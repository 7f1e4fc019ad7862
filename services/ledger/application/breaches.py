"""Breaches: recorded with their clock, and who reports them (AVG 33, Wpg 33a)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.breach import report_before, reporting_party
from services.law.governance import Covenant
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.automatic_holds import AutomaticHolds
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
from services.runtime.limits import BREACH_PERSONS_LOOKED_AT_MAX, CLOCK_AHEAD_SECONDS_MAX

Json = dict[str, Any]


class BreachInvalid(Rejected):
    """The breach contradicts itself or names what is not there."""

    code = "breach-invalid"
    remedy = "Correct every listed field."


class Breach(msgspec.Struct, frozen=True):
    """A breach as recorded, with the operations it names and the party that reports it."""

    envelope: Envelope
    event: StoredEvent
    operations: tuple[UUID, ...]
    reporting_party: str

    @property
    def party(self) -> str:
        """Where it happened."""
        return self.envelope.breach_party or self.envelope.author


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

    async def report(self, caller: Caller, key: str, body: BreachBody) -> Json:
        """Record a breach of the caller's own party; the 72 hours run from ``awareAt``."""
        authorise(caller, Call.REPORT_BREACH)
        if body.party != caller.party:
            raise NotAllowed
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
        holds = await self._holds.hold_breach(placed.envelope, await run_sync(self._events_of, named))
        reporting = await run_sync(self.reporting_party, placed.envelope)
        return receipt_of(placed.envelope, reporting) | {"holds": holds}

    async def read(self, caller: Caller, breach_id: str) -> Json:
        """The breach as recorded; for its own party, the party that reports it, and audit. Holds no person."""
        authorise(caller, Call.READ_BREACH)
        return await run_sync(partial(self._read, caller, breach_id))

    def find(self, caller: Caller, breach_id: str) -> Breach:
        """The breach, if the caller may read it; NotFound otherwise (blocking)."""
        for event in self._sources.events.events_of_operation(self._sources.operation_ids(caller, breach_id)):
            if event.topic != BREACH_REPORTED or event.envelope is None:
                continue
            envelope = event.read_envelope()
            operations = tuple(UUID(operation) for operation in envelope.operation_keys)
            breach = Breach(envelope, event, operations, self.reporting_party(envelope))
            if caller.party in {breach.party, breach.reporting_party} or "audit" in caller.scopes:
                return breach
        raise NotFound

    def reporting_party(self, envelope: Envelope) -> str:
        """Who reports, by the register as it was known when the breach was recorded."""
        register = self._sources.register.current().known_at(envelope.recorded_at)
        party = envelope.breach_party or envelope.author
        return reporting_party(party, self._covenants(envelope, party, register))

    def _covenants(self, envelope: Envelope, party: str, register: Register) -> list[Covenant]:
        """The covenants that the named operations, else the holdings in the window, fall under."""
        if envelope.operation_keys:
            operations = [UUID(operation) for operation in envelope.operation_keys]
            acts = [event.read_envelope() for event in self._events_of(operations)]
            named = {(act.covenant, amsterdam_day(act.occurred_at)) for act in acts if act.covenant is not None}
        else:
            until = envelope.occurred_until or envelope.occurred_at
            asked = (party, envelope.occurred_at, until, envelope.data_categories, envelope.recorded_at)
            projections = self._sources.projections
            persons = projections.impact_page(*asked, None, BREACH_PERSONS_LOOKED_AT_MAX)
            named = {*projections.impact_covenants(*asked, persons)}
        found = (register.covenant(covenant, day) for covenant, day in sorted(named))
        return [covenant for covenant in found if covenant is not None]

    def _check(self, caller: Caller, body: BreachBody) -> list[UUID]:
        """The operations that the body names; BreachInvalid with everything that is wrong."""
        faults: list[FieldError] = []
        now = self._sources.clock.now()
        if body.occurred_until < body.occurred_from:
            faults.append(_fault("/occurredUntil", "window-reversed", "The window ends before it begins."))
        if body.aware_at > now + timedelta(seconds=CLOCK_AHEAD_SECONDS_MAX):
            faults.append(_fault("/awareAt", "in-the-future", "Nobody can be aware of it yet."))
        operations: list[UUID] = []
        for place, key in enumerate(body.operation_ids):
            found = self._find_operation(caller, body.party, key)
            if found is None:
                faults.append(_fault(f"/operationIds/{place}", "operation-unknown", "There is no such operation."))
            else:
                operations.append(found)
        if faults:
            raise BreachInvalid(tuple(faults))
        return operations

    def _find_operation(self, caller: Caller, party: str, key: str) -> UUID | None:
        """The recorded operation of that public id in which the party took part."""
        candidates = self._sources.operation_ids(caller, key)
        events = self._events_of(candidates)
        for candidate in candidates:
            for event in events:
                act = event.read_envelope()
                takes_part = party in {act.controller, act.processor, *act.recipients}
                if event.operation_id == candidate and event.topic == PROCESSING_RECORDED and takes_part:
                    return candidate
        return None

    def _events_of(self, operations: Sequence[UUID]) -> list[StoredEvent]:
        return [e for e in self._sources.events.events_of_operation(operations) if e.envelope is not None]

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
            "operationIds": public_keys(self._events_of(breach.operations)),
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
