"""Ends a decision not to tell a person when its reason has gone, as whoever sees that reports (BGS 1.2(3), 1.3(3))."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec
from anyio.to_thread import run_sync

from services.law.inform import informer_under
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.about import Original, answer_item, draft_about, last_day_of
from services.ledger.application.lines import Line
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.application.policy import Call, authorise
from services.ledger.application.read_operation import read_lines
from services.ledger.application.sources import Sources, identify
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.forgetting import ExemptionEnding
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.contract.topics import EXEMPTION_ENDED, EXEMPTION_RECORDED
from services.ledger.domain.authority import EXEMPTION, acts_for
from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected, faults_from

AHEAD_MAX: Final = timedelta(seconds=limits.CLOCK_AHEAD_SECONDS_MAX)

MESSAGES: Final = {
    "ahead-of-clock": ("Nobody can have seen it yet.", "Send the moment at which the reason had gone."),
    "before-decision": ("It was not decided yet at that moment.", "Send a moment at or after the decision."),
    "text-missing": ("The reason is empty.", "Say in a sentence why the person may be told now."),
}
fault: Final = faults_from(MESSAGES)


class EndingInvalid(Rejected):
    """The ending contradicts the decision that it is about."""

    code = "ending-invalid"
    remedy = "Correct every listed field."


class AlreadyEnded(GrootboekError):
    """It is on record that this decision has ended."""

    code = "exemption-ended"
    kind = Kind.CONFLICT
    remedy = "Nothing: the duty to tell the person runs again."


class EndExemption:
    """``POST /v1/exemptions/{id}/endings``."""

    def __init__(self, *, sources: Sources, writer: OperationWriter) -> None:
        """Find the decision in ``sources``; write through ``writer``."""
        self._sources = sources
        self._writer = writer

    async def end(self, caller: Caller, exemption_key: str, key: str, body: ExemptionEnding) -> JsonObject:
        """The event that ended it; for its controller, who tells for it, and every partner of its covenant."""
        authorise(caller, Call.END_EXEMPTION)
        line, original = await run_sync(partial(self._find, caller, exemption_key, body.at))
        faults = self._check(line.envelope, body)
        if faults:
            raise EndingInvalid(tuple(faults))
        if line.ended_at is not None and await self._writer.find(party=caller.party, key=key) is None:
            raise AlreadyEnded
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None))
        canonical = msgspec.json.encode({"end": exemption_key, "body": tree}, order="sorted")
        subject = None if original.content is None else original.content.subject
        content = Content(subject=subject, reason=body.reason)
        draft = draft_about(original, EXEMPTION_ENDED, {"occurred_at": body.at}, content)
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=lambda _: (draft,))
        (event,) = written.events
        return {"id": event.envelope.key, "endedAt": event.envelope.occurred_at} | answer_item(event, original.ref)

    def _find(self, caller: Caller, exemption_key: str, at: datetime) -> tuple[Line, Original]:
        """The decision that the caller may end; NotFound for everybody else's, and for one that was taken back."""
        candidates = self._sources.operation_ids(caller, exemption_key)
        register = self._sources.register.current()
        lines = {line.envelope.operation_id: line for line in read_lines(self._sources, candidates)}
        for line in (lines[candidate] for candidate in candidates if candidate in lines):
            if (
                line.topic == EXEMPTION_RECORDED
                and line.voided is None
                and may_end(caller, line.envelope, register, at)
            ):
                (content,) = self._sources.opener.open([line.event])
                person = identify(content)
                ref = None if person is None else self._sources.directory.ref(caller.party, person)
                stream = self._sources.events.events_of_stream(*line.stream)
                ends = last_day_of(line.envelope, stream)
                return line, Original(line.event, line.envelope, content, ref, ends)
        raise NotFound

    def _check(self, exemption: Envelope, body: ExemptionEnding) -> list[FieldError]:
        faults: list[FieldError] = []
        if body.at > self._sources.clock.now() + AHEAD_MAX:
            faults.append(fault("/at", "ahead-of-clock"))
        elif body.at < exemption.occurred_at:
            faults.append(fault("/at", "before-decision"))
        if not body.reason.strip():
            faults.append(fault("/reason", "text-missing"))
        return faults


def may_end(caller: Caller, exemption: Envelope, register: Register, at: datetime) -> bool:
    """Whether the caller decided it or may act for whose duty it is, tells for it, or is a partner at the moment.

    Any partner, also outside the WGS: to report that a reason has gone switches no duty off.
    """
    if caller.party in {exemption.controller, exemption.decided_by}:
        return True
    day = amsterdam_day(at)
    if exemption.controller is not None and acts_for(caller.party, exemption.controller, EXEMPTION, register, day):
        return True
    covenant = None if exemption.covenant is None else register.covenant(exemption.covenant, day)
    if covenant is None:
        return False
    return caller.party == informer_under(covenant) or covenant.partner_on(caller.party, day)
