"""Turns an allowed intent into its fact, judged anew: what was allowed may have become a gap or a violation since."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from services.law.act import Act
from services.law.context import Context
from services.law.errors import LawError
from services.law.rules.bulk import awaits_review
from services.ledger.application.about import AboutEvents
from services.ledger.application.ports import EventReader, RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.record import Recorder
from services.ledger.application.standing_act import act_of
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, Receipt, Submission
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import LaneIntent
from services.ledger.domain.versions import Seen, corrects
from services.runtime.clock import Clock
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected

ASKED: Final = frozenset({topics.PROCESSING_INTENDED, topics.PROCESSING_REFUSED})
CLOSED: Final = "confidential"


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


class IntentCorrectedApart(GrootboekError):
    """This intent was corrected for some of its persons only, so that it is no longer one act."""

    code = "intent-corrected-apart"
    kind = Kind.CONFLICT
    remedy = "Send the act as it went with the confirmation."


class ReviewPending(GrootboekError):
    """This intent is about so many persons that it waits for a review; nothing was recorded."""

    code = "review_pending"
    kind = Kind.CONFLICT
    remedy = (
        "Register a decision of kind bulk-review with this operationId, or that covers the recipients, then confirm. "
        "An act that happened all the same is recorded as a fact of its own."
    )


class Intent(msgspec.Struct, frozen=True):
    """An allowed intent: what was to be done with each of its persons, and where it is noted that it became a fact."""

    acts: tuple[Act, ...]
    place: LaneIntent

    @property
    def is_one(self) -> bool:
        """Whether it is the same act on all of them; that it was closed for some is not another act."""
        bare = (msgspec.structs.replace(act, subjects=(), confidentiality=None) for act in self.acts)
        return len(set(map(msgspec.json.encode, bare))) == 1

    @property
    def whole(self) -> Act:
        """The act on all of them, closed when it was closed for one."""
        closed = (one for one in self.acts if one.confidentiality is not None and one.confidentiality.level == CLOSED)
        subjects = tuple(subject for act in self.acts for subject in act.subjects)
        return msgspec.structs.replace(next(closed, self.acts[0]), subjects=subjects)


class Confirmer:
    """The verb ``confirm``."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        about: AboutEvents,
        reader: EventReader,
        clock: Clock,
        register: RegisterSource,
        pseudonyms: Pseudonyms,
    ) -> None:
        """Find the intent with ``about`` and ``reader``; record the fact through ``recorder``.

        ``register`` knows the decisions that an intent about very many persons waits for.
        """
        self._recorder = recorder
        self._about = about
        self._reader = reader
        self._clock = clock
        self._register = register
        self._pseudonyms = pseudonyms

    async def confirm(self, caller: Caller, intent_key: str, submission: Submission | None, key: str) -> Receipt:
        """The fact of an intent; ``submission`` gives the act as it went in the end; else it went as intended, now.

        Whoever may record the intended act may confirm it, one time: IntentConfirmed under another key or for another
        party. Raises NotFound for an intent that is not the caller's, IntentWasRefused for one that was refused,
        ReviewPending for one that waits for its review.
        """
        intent = await asyncio.to_thread(self._find, caller, intent_key)
        if submission is None:
            body = msgspec.structs.replace(intent.whole, occurred_at=self._clock.now(), ended_at=None)
            canonical = msgspec.json.encode({"confirm": intent_key})
        else:
            if not isinstance(submission.body, Act):
                raise Rejected((NOT_AN_ACT,))
            body, canonical = submission.body, msgspec.json.encode({"confirm": intent_key}) + submission.canonical
        fact = msgspec.structs.replace(body, id=None, tense="fact", intent_id=intent_key)
        apart = submission is None and not intent.is_one
        await asyncio.to_thread(self._check_new, caller, fact, key, apart=apart)
        sent = Submission(body=fact, key=key, canonical=canonical)
        (answer,) = await self._recorder.record(caller, (sent,), confirms=intent.place)
        if isinstance(answer, GrootboekError):
            raise answer
        return answer

    def _check_new(self, caller: Caller, fact: Act, key: str, *, apart: bool) -> None:
        """Raise ReviewPending for what still waits, IntentCorrectedApart for what is not one act any more.

        What was confirmed before has its answer, whatever ended or was corrected since.
        """
        waits = self._waits(fact)
        if (waits or apart) and not self._reader.events_of_operation((operation_id_of(caller.party, key),)):
            raise ReviewPending if waits else IntentCorrectedApart

    def _waits(self, fact: Act) -> bool:
        try:
            return awaits_review(fact, Context(self._register.current(), None, self._clock.now()))
        except LawError:
            # A malformed act waits for nothing: the recorder tells all its faults at once.
            return False

    def _find(self, caller: Caller, intent_key: str) -> Intent:
        found = self._find_events(caller, intent_key)
        first, envelope = found[0]
        whole = self._reader.events_of_operation((envelope.operation_id,))
        if any(event.topic == topics.PROCESSING_REFUSED for event in whole):
            raise IntentWasRefused
        originals = [one for one in self._about.select(caller, intent_key, ()) if one.content is not None]
        if len(originals) < sum(event.topic == topics.PROCESSING_INTENDED for event in whole):
            raise IntentHasEnded
        # An intent that was corrected is the one it was at first: neither becomes a second fact.
        operation = corrects(first.topic, envelope) or envelope.operation_id
        said = self._about.open_later(originals)
        acts = tuple(act_of(original, spoken) for original, spoken in zip(originals, said, strict=True))
        return Intent(acts, (self._pseudonyms.claim_lane(operation), operation))

    def _find_events(self, caller: Caller, intent_key: str) -> list[Seen]:
        """The events of the intent; IntentHasEnded for one of the caller's own of which only its place is left."""
        try:
            return self._about.find(caller, intent_key, ASKED)
        except NotFound:
            own = self._reader.events_of_operation((operation_id_of(caller.party, intent_key),))
            if any(event.topic in ASKED for event in own):
                raise IntentHasEnded from None
            raise


NOT_AN_ACT = FieldError(
    pointer="",
    code="shape-invalid",
    message="Only an act can be confirmed.",
    remedy="Send the shape of a processing operation, or nothing.",
)
