"""Turns an allowed intent into its fact, judged anew: what was allowed may have become a gap or a violation since."""

from __future__ import annotations

import asyncio

import msgspec

from services.law.act import Act
from services.ledger.application.ports import EventReader, Opener
from services.ledger.application.rebuild_act import rebuild_act
from services.ledger.application.record import Recorder
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, Receipt, Submission
from services.ledger.domain.identity import operation_id_of
from services.runtime.clock import Clock
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected


class IntentWasRefused(GrootboekError):
    """This intent was refused, so it cannot become a fact."""

    code = "intent-was-refused"
    kind = Kind.CONFLICT
    remedy = "An act that happened all the same is recorded as a fact of its own."


class IntentHasEnded(GrootboekError):
    """The content of this intent can no longer be read, so nothing can be confirmed."""

    code = "intent-has-ended"
    kind = Kind.CONFLICT
    remedy = "Send the act itself as a fact, with intentId."


class Confirmer:
    """The verb ``confirm``."""

    def __init__(self, *, recorder: Recorder, reader: EventReader, opener: Opener, clock: Clock) -> None:
        """Read the intent through ``reader`` and ``opener``; record the fact through ``recorder``."""
        self._recorder = recorder
        self._reader = reader
        self._opener = opener
        self._clock = clock

    async def confirm(self, caller: Caller, intent_key: str, submission: Submission | None, key: str) -> Receipt:
        """The receipt of the fact. ``submission`` gives the act as it went in the end; else it went as intended, now.

        Raises NotFound for an intent that is not the caller's, IntentWasRefused for one that was refused.
        """
        intended = await asyncio.to_thread(self._read_intent, caller, intent_key)
        if submission is None:
            body = msgspec.structs.replace(intended, occurred_at=self._clock.now(), ended_at=None)
            canonical = msgspec.json.encode({"confirm": intent_key})
        else:
            if not isinstance(submission.body, Act):
                raise Rejected((NOT_AN_ACT,))
            body, canonical = submission.body, msgspec.json.encode({"confirm": intent_key}) + submission.canonical
        fact = msgspec.structs.replace(body, id=None, tense="fact", intent_id=intent_key)
        (answer,) = await self._recorder.record(caller, (Submission(body=fact, key=key, canonical=canonical),))
        if isinstance(answer, GrootboekError):
            raise answer
        return answer

    def _read_intent(self, caller: Caller, intent_key: str) -> Act:
        events = self._reader.events_of_operation((operation_id_of(caller.party, intent_key),))
        if any(event.topic == topics.PROCESSING_REFUSED for event in events):
            raise IntentWasRefused
        intended = [event for event in events if event.topic == topics.PROCESSING_INTENDED]
        if not intended:
            raise NotFound
        contents = self._opener.open(intended)
        parts = [(e.read_envelope(), c) for e, c in zip(intended, contents, strict=True) if c is not None]
        if len(parts) != len(intended):
            raise IntentHasEnded
        return rebuild_act(parts)


NOT_AN_ACT = FieldError(
    pointer="",
    code="shape-invalid",
    message="Only an act can be confirmed.",
    remedy="Send the shape of a processing operation, or nothing.",
)
