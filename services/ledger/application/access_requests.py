"""Access requests: one request, every controller's clock (S63)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.access import access_clock
from services.law.act import Subject
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.access_controllers import earliest_due, view_controllers, view_deadline
from services.ledger.application.automatic_holds import AutomaticHolds
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.freshness import await_projections
from services.ledger.application.lines import END_OF_TIME, Line
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import Bounds
from services.ledger.application.sources import Place, Sources, identify
from services.ledger.application.visibility import TOLD
from services.ledger.application.withholding import withhold
from services.ledger.contract.errors import NotAllowed, NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.messages import AccessRequestBody, Caller, SubjectIdentifier
from services.ledger.contract.topics import ACCESS_REQUESTED
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, operation_id_of, uuid5
from services.ledger.domain.stored import StoredEvent
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import CLOCK_AHEAD_SECONDS_MAX

Json = dict[str, Any]


class AccessRequestInvalid(Rejected):
    """The access request contradicts what is known."""

    code = "access-request-invalid"
    remedy = "Correct every listed field."


class AccessRequest(msgspec.Struct, frozen=True):
    """A request as recorded: whose it is and on which streams the ledger knows the person now."""

    envelope: Envelope
    subject: SubjectIdentifier
    streams: tuple[Place, ...]


def request_stream(operation_id: UUID) -> UUID:
    """The stream of one access request: a dossier of its own."""
    return uuid5(GROOTBOEK_NAMESPACE, f"access-request-stream:{operation_id}")


class AccessRequests:
    """``POST /v1/access-requests``, and the requests that were opened."""

    def __init__(self, *, sources: Sources, dossier_events: DossierEvents, holds: AutomaticHolds) -> None:
        """Read from ``sources``; record requests through ``dossier_events``, with ``holds`` on what is asked for."""
        self._sources = sources
        self._dossier_events = dossier_events
        self._holds = holds

    async def open(self, caller: Caller, key: str, body: AccessRequestBody) -> Json:
        """Record a request that the caller received, or that the token's person makes himself."""
        authorise(caller, Call.OPEN_ACCESS_REQUEST)
        streams = await run_sync(self._sources.streams_of, body.subject)
        if not await run_sync(partial(self._may_open, caller, body)):
            raise NotAllowed
        self._check(body)
        await await_projections(self._sources.events, self._sources.projections)
        placed = await self._dossier_events.append_dossier_event(
            party=caller.party,
            key=key,
            canonical=msgspec.json.encode(msgspec.structs.replace(body, id=None), order="deterministic"),
            topic=ACCESS_REQUESTED,
            stream_id=request_stream(operation_id_of(caller.party, key)),
            envelope={
                "occurred_at": body.received_at,
                "received_by": body.received_by,
                "requester_role": body.requested_by.role,
                "subject_stream": streams[0][1] if streams else None,
            },
            content=Content(subject=Subject(id_type=body.subject.id_type, id=body.subject.id)),
            also=lambda _: self._holds.draft_for_request(caller.party, key, streams),
        )
        request = AccessRequest(placed.envelope, body.subject, streams)
        return await run_sync(partial(self.receipt, caller, request))

    def find(self, caller: Caller, request_id: str) -> AccessRequest:
        """The request, for its receiver, its person, the controllers that must answer, and audit (blocking).

        NotFound otherwise, and when its record has ended.
        """
        for event in self._sources.events.events_of_operation(self._sources.operation_ids(caller, request_id)):
            request = self.read_event(event) if event.topic == ACCESS_REQUESTED else None
            if request is not None and self._may_read(caller, request):
                return request
        raise NotFound

    def read_event(self, event: StoredEvent) -> AccessRequest | None:
        """The request that an event recorded; None when its record has ended (blocking)."""
        subject = None if event.envelope is None else identify(self._sources.opener.open([event])[0])
        if subject is None:
            return None
        return AccessRequest(event.read_envelope(), subject, self._sources.streams_of(subject))

    def receipt(self, caller: Caller, request: AccessRequest) -> Json:
        """Id and clocks by what was known when the request was recorded, so that a repeated call gets the same.

        A person's own token sees no controller that only a withheld line would betray.
        """
        lines = self.lines_then(request)
        if caller.subject is not None:
            contents = self._sources.open_lines(lines)
            lines = list(withhold(lines, contents, amsterdam_day(request.envelope.recorded_at)).shown)
        controllers = self._controllers(request, lines)
        due = earliest_due(controllers) or self._due_of_receiver(request.envelope)
        return {"id": request.envelope.key, "due": due, "controllers": controllers}

    def lines_then(self, request: AccessRequest) -> list[Line]:
        """The person's lines as known when the request was recorded (blocking)."""
        bounds = Bounds(as_of=END_OF_TIME, as_known_at=request.envelope.recorded_at)
        streams = self._sources.streams_of(request.subject, bounds.as_known_at)
        return [line for line in self._sources.dossiers.lines(streams, bounds) if line.topic in TOLD]

    def controllers_then(self, request: AccessRequest) -> list[Json]:
        """Who must answer, by what was known when the request was recorded (blocking)."""
        return self._controllers(request, self.lines_then(request))

    def deciders(self, operation_id: UUID) -> frozenset[str]:
        """Who must answer the request of an operation; nobody once its record has ended (blocking)."""
        events = self._sources.events.events_of_operation((operation_id,))
        asked = (self.read_event(event) for event in events if event.topic == ACCESS_REQUESTED)
        request = next((found for found in asked if found is not None), None)
        if request is None:
            return frozenset()
        decided = {controller["decidedBy"] for controller in self.controllers_then(request)}
        return frozenset(decided or {request.envelope.received_by or request.envelope.author})

    def _controllers(self, request: AccessRequest, lines: Iterable[Line]) -> list[Json]:
        register: Register = self._sources.register.current().known_at(request.envelope.recorded_at)
        return view_controllers(lines, request.envelope.occurred_at, register)

    def _due_of_receiver(self, envelope: Envelope) -> Json | None:
        """When nothing is recorded about the person, the receiver still owes that answer in its own time."""
        day = amsterdam_day(envelope.occurred_at)
        register = self._sources.register.current().known_at(envelope.recorded_at)
        clock = access_clock(register.party(envelope.received_by or envelope.author, day), day)
        return None if clock is None or clock.due is None else view_deadline(clock.due)

    def _check(self, body: AccessRequestBody) -> None:
        """Raise AccessRequestInvalid with every fault."""
        faults: list[FieldError] = []
        now = self._sources.clock.now()
        if body.received_at > now + timedelta(seconds=CLOCK_AHEAD_SECONDS_MAX):
            faults.append(
                FieldError(
                    pointer="/receivedAt",
                    code="received-in-the-future",
                    message="A request cannot have come in later than now.",
                    remedy="Give the moment at which the request came in.",
                )
            )
        if self._sources.register.current().party(body.received_by, amsterdam_day(now)) is None:
            faults.append(
                FieldError(
                    pointer="/receivedBy",
                    code="party-unknown",
                    message="Nobody is registered under this id.",
                    remedy="Name the party at whose desk the request came in.",
                )
            )
        if faults:
            raise AccessRequestInvalid(tuple(faults))

    def _may_open(self, caller: Caller, body: AccessRequestBody) -> bool:
        if caller.subject is None:
            return body.received_by == caller.party
        return self._is_same(caller.subject, body.subject)

    def _may_read(self, caller: Caller, request: AccessRequest) -> bool:
        if caller.subject is not None:
            return self._is_same(caller.subject, request.subject)
        envelope = request.envelope
        if caller.party in {envelope.author, envelope.received_by} or "audit" in caller.scopes:
            return True
        controllers = self.controllers_then(request)
        return any(caller.party in {controller["party"], controller["decidedBy"]} for controller in controllers)

    def _is_same(self, first: SubjectIdentifier, second: SubjectIdentifier) -> bool:
        """Whether two identifiers are one person: written alike, or linked."""
        if first == second:
            return True
        return bool(set(self._sources.streams_of(first)) & set(self._sources.streams_of(second)))
