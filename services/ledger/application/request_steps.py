"""The steps of an access request: extended, suspended, resumed, answered or refused (AVG 12(3)-(4), Wpg 25).

Each party that decides takes its own steps; where a contact point decides for all, its steps are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.access_requests import AccessRequest, AccessRequests, request_stream
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.policy import Call, authorise
from services.ledger.application.request_clock import EXTEND_SEVERAL_UNITS, RequestClocks
from services.ledger.application.sources import Sources
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.forgetting import RequestStepBody
from services.ledger.contract.messages import Caller
from services.ledger.contract.topics import REQUEST_STEPPED
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected
from services.runtime.limits import CLOCK_AHEAD_SECONDS_MAX

Json = dict[str, Any]

EXTENSIONS: Final = frozenset({"extend", EXTEND_SEVERAL_UNITS})
FOLLOWS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "received": EXTENSIONS | {"suspend", "answer", "refuse"},
        "extend": frozenset({"suspend", "answer", "refuse"}),
        EXTEND_SEVERAL_UNITS: frozenset({"suspend", "answer", "refuse"}),
        "suspend": frozenset({"resume", "answer", "refuse"}),
        "resume": EXTENSIONS | {"suspend", "answer", "refuse"},
        "answer": frozenset(),
        "refuse": frozenset(),
    }
)
"""What may follow on the last step of a party. A term is extended once: AVG 12(3) knows one extension."""


class StepInvalid(Rejected):
    """The step lies outside the life of the request."""

    code = "step-invalid"
    remedy = (
        "Give the moment at which the step was taken: after the receipt and the step before it, and not ahead of now."
    )


class StepOutOfOrder(GrootboekError):
    """This step cannot follow on the one before it."""

    code = "step-out-of-order"
    kind = Kind.CONFLICT
    remedy = "A request is extended once, resumed only when suspended, and answered or refused once."


class RequestSteps:
    """``POST /v1/access-requests/{id}/steps``."""

    def __init__(
        self, *, sources: Sources, requests: AccessRequests, clocks: RequestClocks, dossier_events: DossierEvents
    ) -> None:
        """Find the request in ``requests``, record through ``dossier_events``, answer with ``clocks``."""
        self._sources = sources
        self._requests = requests
        self._clocks = clocks
        self._dossier_events = dossier_events

    async def take(self, caller: Caller, request_id: str, key: str, body: RequestStepBody) -> Json:
        """Record a step of the caller's own clock; the clock as it now stands. A repeated call changes nothing."""
        authorise(caller, Call.STEP_ACCESS_REQUEST)
        request = await run_sync(partial(self._requests.find, caller, request_id))
        if not await run_sync(partial(self._decides, caller, request)):
            raise NotAllowed
        await run_sync(partial(self._check, caller, request, key, body))
        envelope = request.envelope
        await self._dossier_events.append_dossier_event(
            party=caller.party,
            key=key,
            canonical=msgspec.json.encode([request_id, msgspec.structs.replace(body, id=None)], order="deterministic"),
            topic=REQUEST_STEPPED,
            stream_id=request_stream(envelope.operation_id),
            envelope={
                "step": body.step,
                "occurred_at": body.at,
                "about_operation": envelope.operation_id,
                "about_key": envelope.key,
            },
            content=Content(reason=body.reason),
        )
        return await run_sync(partial(self._clocks.view, request, caller.party))

    def _decides(self, caller: Caller, request: AccessRequest) -> bool:
        """Whether the caller answers the request: for itself, or as the contact point of others."""
        if caller.party == request.envelope.received_by:
            return True
        return any(caller.party == controller["decidedBy"] for controller in self._clocks.controllers(request))

    def _check(self, caller: Caller, request: AccessRequest, key: str, body: RequestStepBody) -> None:
        """Raise StepInvalid or StepOutOfOrder; a step that stands already is the writer's to recognise."""
        steps = self._clocks.steps_of(request, {caller.party})
        if any(step.key == key for step in steps):
            return
        last = steps[-1] if steps else None
        if body.step not in allowed_after(steps):
            raise StepOutOfOrder
        earliest = request.envelope.occurred_at if last is None else last.occurred_at
        latest = self._sources.clock.now() + timedelta(seconds=CLOCK_AHEAD_SECONDS_MAX)
        if not earliest <= body.at <= latest:
            message = "The step was taken before the one it follows, or lies ahead."
            raise StepInvalid(
                (FieldError(pointer="/at", code="step-outside", message=message, remedy=StepInvalid.remedy),)
            )


def allowed_after(steps: Sequence[Envelope]) -> frozenset[str]:
    """The steps that may follow on these of one party, which are in order."""
    last = steps[-1].step if steps else None
    allowed = FOLLOWS[last or "received"]
    extended = any(step.step in EXTENSIONS for step in steps)
    return allowed - EXTENSIONS if extended else allowed
