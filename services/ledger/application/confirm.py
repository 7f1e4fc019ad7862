"""Turns an allowed intent into its fact, judged anew: what was allowed may have become a gap or a violation since."""

from __future__ import annotations

import asyncio

import msgspec

from services.law.act import Act
from services.law.context import Context
from services.law.errors import LawError
from services.law.rules.bulk import awaits_review
from services.ledger.application.ports import EventReader, Opener, RegisterSource
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


class ReviewPending(GrootboekError):
    """This intent is about so many persons that it waits for a review; nothing was recorded."""

    code = "review_pending"
    kind = Kind.CONFLICT
    remedy = (
        "Register a decision of kind bulk-review with this operationId, or that covers the recipients, then confirm. "
        "An act that happened all the same is recorded as a fact of its own."
    )


class Confirmer:
    """The verb ``confirm``."""

    def __init__(
        self, *, recorder: Recorder, reader: EventReader, opener: Opener, clock: Clock, register: RegisterSource
    ) -> None:
        """Read the intent through ``reader`` and ``opener``; record the fact through ``recorder``.

        ``register`` knows the decisions that an intent about very many persons waits for.
        """
        self._recorder = recorder
        self._reader = reader
        self._opener = opener
        self._clock = clock
        self._register = register

    async def confirm(self, caller: Caller, intent_key: str, submission: Submission | None, key: str) -> Receipt:
        """The receipt of the fact. ``submission`` gives the act as it went in the end; else it went as intended, now.

        Raises NotFound for an intent that is not the caller's, IntentWasRefused for one that was refused,
        ReviewPending for one that waits for its review.
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
        await asyncio.to_thread(self._check_review, caller, fact, key)
        (answer,) = await self._recorder.record(caller, (Submission(body=fact, key=key, canonical=canonical),))
        if isinstance(answer, GrootboekError):
            raise answer
        return answer

    def _check_review(self, caller: Caller, fact: Act, key: str) -> None:
        """Raise ReviewPending for what still waits; what was confirmed before has its answer, whatever ended since."""
        if self._waits(fact) and not self._reader.events_of_operation((operation_id_of(caller.party, key),)):
            raise ReviewPending

    def _waits(self, fact: Act) -> bool:
        try:
            return awaits_review(fact, Context(self._register.current(), None, self._clock.now()))
        except LawError:
            # A malformed act waits for nothing: the recorder tells all its faults at once.
            return False

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
