"""Gives the holding, the record, or both another end: later under a norm, or earlier (AVG 5(1)(e), 17(3)).

The original stays as it was recorded; the last event about it says which ends hold. A later end is prepared before it
is recorded: the content keys are wrapped under the new day, so that midnight comes too late for none of them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

import msgspec

from services.law.errors import LawError, TermEndedError
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.law.term_change import Ends, TermChange, decide_change
from services.ledger.application.about import AboutEvents, Original, answer_item, draft_about
from services.ledger.application.kept_keys import KeptKeys
from services.ledger.application.operation_writer import Draft, OperationWriter, WrittenEvent
from services.ledger.application.ports import EventReader, RegisterSource
from services.ledger.application.renewals import check_later_end
from services.ledger.application.repeated import repeat
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound, RecordEnded
from services.ledger.contract.events import Content
from services.ledger.contract.forgetting import RetentionBody
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import StoredEvent
from services.runtime.errors import FieldError, Rejected

KEY_DIGITS: Final = 32
NEVER: Final = date.max
"""The end of a record that has none."""

REASON_MISSING: Final = FieldError(
    pointer="/reason",
    code="text-missing",
    message="The reason is empty.",
    remedy="Say in a sentence why it is kept longer or let go earlier.",
)


class Spoken(msgspec.Struct, frozen=True):
    """An original with everything later about it, and the ends that hold for it now."""

    original: Original
    events: tuple[StoredEvent, ...]
    ends: Ends


class RetentionSetter:
    """The verb ``set_retention``."""

    def __init__(
        self,
        *,
        about: AboutEvents,
        reader: EventReader,
        register: RegisterSource,
        kept_keys: KeptKeys,
        writer: OperationWriter,
    ) -> None:
        """Find events with ``about`` and ``reader``, prolong with ``kept_keys``, write through ``writer``.

        ``register`` has the decisions that a longer term may lean on.
        """
        self._about = about
        self._register = register
        self._reader = reader
        self._kept_keys = kept_keys
        self._writer = writer

    async def set_retention(self, caller: Caller, operation_key: str, key: str, body: RetentionBody) -> JsonObject:
        """One event per subject, or per subject named; ``{"items": [...]}`` with the ends that hold from now on."""
        if not body.reason.strip():
            raise Rejected((REASON_MISSING,))
        known = await self._writer.find(party=caller.party, key=key)
        drafting = repeat(known) if known else partial(self._draft, caller, operation_key, body)
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None))
        if body.decision_id is None:
            # As bodies were hashed before they could name one, so that a repetition of an older call is recognised.
            del tree["decisionId"]
        canonical = msgspec.json.encode({"retention": operation_key, "body": tree}, order="sorted")
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=drafting)
        originals = await asyncio.to_thread(self._select, caller, operation_key, body)
        await self._shorten_earlier(caller, key, originals, body)
        return answer_ends(written.events, originals)

    async def _shorten_earlier(
        self, caller: Caller, key: str, originals: Sequence[Original], body: RetentionBody
    ) -> None:
        """Of an act that was corrected the change is about what stands; what stood before it goes no later than that.

        Operations of their own, one for the first versions, one for the second ones and so on; a repeated call makes up
        for those that are missing.
        """
        for number, drafts in enumerate(shortenings(originals, body)):
            if drafts:
                named = msgspec.json.encode(("retention-of-earlier", key, number))
                derived = f"retention:{hashlib.sha256(named).hexdigest()[:KEY_DIGITS]}"
                await self._writer.write(
                    party=caller.party, key=derived, canonical=named, draft=partial(_as_drafted, drafts)
                )

    def _select(self, caller: Caller, operation_key: str, body: RetentionBody) -> list[Original]:
        """The events of the operation; RecordEnded for one of the caller's own of which only its place is left."""
        try:
            return self._about.select(caller, operation_key, body.subjects)
        except NotFound:
            if self._reader.events_of_operation((operation_id_of(caller.party, operation_key),)):
                raise RecordEnded from None
            raise

    def _draft(self, caller: Caller, operation_key: str, body: RetentionBody, now: datetime) -> list[Draft]:
        """Decide on every subject before anything is done for one; then keep what is to live longer."""
        spoken = [read_ends(original) for original in self._select(caller, operation_key, body)]
        register = self._register.current()
        changes = [decide(one, body, register, now) for one in spoken]
        for one, change in zip(spoken, changes, strict=True):
            if change.ends.record > one.ends.record:
                self._kept_keys.prolong(one.events, change.ends.record)
        return [draft_change(one, change, body) for one, change in zip(spoken, changes, strict=True)]


def read_ends(original: Original) -> Spoken:
    """The original with what later events say of it and of its ends, in order."""
    ends = Ends(original.envelope.holding_ends, original.envelope.record_ends or NEVER)
    for event, envelope in original.later:
        if event.topic == topics.RETENTION_SET:
            ends = Ends(envelope.new_holding_ends or ends.holding, envelope.new_record_ends or ends.record)
    return Spoken(original, (original.event, *(event for event, _ in original.later)), ends)


def decide(one: Spoken, body: RetentionBody, register: Register, now: datetime) -> TermChange:
    """The change as the law allows it; RecordEnded when it comes too late, Rejected for anything else that is wrong."""
    try:
        change = decide_change(
            one.ends, holding=body.holding_ends, record=body.record_ends, norm=body.norm, today=amsterdam_day(now)
        )
        if change.prolongs:
            check_later_end(one.original.envelope, body, register, now)
    except TermEndedError:
        raise RecordEnded from None
    except LawError as error:
        raise Rejected((FieldError(pointer="", code=error.code, message=str(error), remedy=error.remedy),)) from None
    return change


def draft_change(one: Spoken, change: TermChange, body: RetentionBody) -> Draft:
    """The event that sets the ends; its own record ends with the one it is about. What held before stays on record."""
    lost = (("holding", one.ends.holding), ("record", one.ends.record))
    fields: dict[str, Any] = {
        "new_holding_ends": change.ends.holding,
        "new_record_ends": change.ends.record,
        "record_ends": change.ends.record,
        "norm": body.norm,
        "term_rule": "later-term",
        "terms_lost": tuple(f"{name} {ends.isoformat()}" for name, ends in lost if ends is not None),
    }
    return draft_about(one.original, topics.RETENTION_SET, fields, Content(reason=body.reason))


def shortenings(originals: Sequence[Original], body: RetentionBody) -> Iterator[list[Draft]]:
    """For each rank of earlier versions the events that end the records of those that would outlast what stands."""
    for rank in range(max(len(original.earlier) for original in originals)):
        yield [
            draft_shortening(original.earlier[rank], original.record_ends, body)
            for original in originals
            if rank < len(original.earlier) and outlasts(original.earlier[rank], original)
        ]


def outlasts(version: Original, standing: Original) -> bool:
    """Whether the record of an earlier version ends after that of what stands."""
    return (version.record_ends or NEVER) > (standing.record_ends or NEVER)


def draft_shortening(version: Original, ends: date | None, body: RetentionBody) -> Draft:
    """The event that ends the record of an earlier version."""
    before = version.record_ends or NEVER
    fields: dict[str, Any] = {
        "new_record_ends": ends,
        "record_ends": ends,
        "norm": body.norm,
        "term_rule": "later-term",
        "terms_lost": (f"record {before.isoformat()}",),
    }
    return draft_about(version, topics.RETENTION_SET, fields, Content(reason=body.reason))


def _as_drafted(drafts: Sequence[Draft], _: datetime) -> Sequence[Draft]:
    return drafts


def answer_ends(events: Sequence[WrittenEvent], originals: Sequence[Original]) -> JsonObject:
    """``{"items": [...]}``: what was stored per subject, with both ends."""
    refs = {(o.event.lane, o.event.stream_id): o.ref for o in originals}
    items = [
        answer_item(event, refs.get((event.lane, event.stream_id)))
        | {"holdingEnds": event.envelope.new_holding_ends, "recordEnds": event.envelope.new_record_ends}
        for event in events
    ]
    return {"items": items}
