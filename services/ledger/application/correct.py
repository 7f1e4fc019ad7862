"""Corrects an operation by later events: a changed field, the wrong person, or an act that never happened (S71).

What is recorded stays. A correction of a field that answers lean on takes the act out, from when that is known, and
puts the act as corrected beside it, on the same stream (decision 0024).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from services.law.act import Subject
from services.law.errors import LawError
from services.law.local_time import amsterdam_day
from services.ledger.application.about import AboutEvents, Original, answer_items, draft_about
from services.ledger.application.correction_checks import (
    BESIDE,
    NAMES,
    check_correction,
    fault,
    in_changes,
    read_changes,
)
from services.ledger.application.facts import FactReader
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.people import People, Person
from services.ledger.application.ports import RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.redraft import Redraft, Redrafter
from services.ledger.application.repeated import repeat
from services.ledger.application.standing_act import act_of, is_voided
from services.ledger.contract import topics
from services.ledger.contract.errors import NotAllowed, RecordEnded
from services.ledger.contract.events import Content
from services.ledger.contract.messages import Caller, CorrectionBody, JsonObject
from services.ledger.domain.authority import may_record
from services.ledger.domain.validation import validate
from services.ledger.domain.versions import ACTS, REPLACED
from services.runtime.errors import FieldError, Rejected

OF_ACTS: Final = ACTS | {topics.PROCESSING_REFUSED}
"""What has the fields of an act."""


class Corrector:
    """The verb ``correct``."""

    def __init__(
        self,
        *,
        about: AboutEvents,
        writer: OperationWriter,
        register: RegisterSource,
        people: People,
        facts: FactReader,
        pseudonyms: Pseudonyms,
    ) -> None:
        """Find events with ``about``, write through ``writer``; an act that is drafted anew is judged by the rest."""
        self._about = about
        self._writer = writer
        self._register = register
        self._people = people
        self._pseudonyms = pseudonyms
        self._redrafter = Redrafter(register=register, facts=facts, pseudonyms=pseudonyms)

    async def correct(self, caller: Caller, operation_key: str, key: str, body: CorrectionBody) -> JsonObject:
        """One event per subject, or per subject named; ``{"items": [...]}``. The original always stays.

        With kind ``wrong-person`` and the right one in ``changes.subjects``, that person gets the act; with changed
        fields the same person gets it as corrected. Either is judged anew, in the same operation.
        """
        subject = check_correction(body)
        known = await self._writer.find(party=caller.party, key=key)
        drafting = repeat(known) if known else partial(self._draft, caller, operation_key, key, body, subject)
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None, changes={}))
        changes = {name: msgspec.json.decode(raw) for name, raw in body.changes.items()}
        canonical = msgspec.json.encode({"correct": operation_key, "body": tree, "to": changes}, order="sorted")
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=drafting)
        corrected = [event for event in written.events if event.topic == topics.PROCESSING_CORRECTED]
        originals = await asyncio.to_thread(self._about.select, caller, operation_key, body.subjects)
        return answer_items(corrected, originals)

    def _draft(
        self, caller: Caller, operation_key: str, key: str, body: CorrectionBody, subject: Subject | None, now: datetime
    ) -> list[Draft]:
        """About what stands when it is drafted; drafted anew when something comes between."""
        originals = self._about.select(caller, operation_key, body.subjects)
        if body.kind == "correction":
            return self._draft_fields(caller, key, originals, body, now)
        drafts = [_draft_correction(original, body, body.kind) for original in originals]
        if subject is not None:
            if len(originals) != 1:
                raise Rejected((fault("/changes/subjects", "one-person-at-a-time"),))
            drafts += self._draft_for_other(caller, key, originals[0], subject, now)
        return drafts

    def _draft_for_other(
        self, caller: Caller, key: str, original: Original, subject: Subject, now: datetime
    ) -> list[Draft]:
        """The same act as it stands on the right person's stream, under its own dossier."""
        if original.event.topic not in ACTS or not _is_whole(original, now):
            raise Rejected((fault("/changes/subjects", "act-only"),))
        if original.ref == self._pseudonyms.ref(caller.party, self._pseudonyms.person(subject.id_type, subject.id)):
            raise Rejected((fault("/changes/subjects", "subject-repeated"),))
        act = act_of(original, self._about.open_later([original])[0])
        person = self._person(subject)
        redraft = Redraft(
            original=original,
            before=act,
            after=msgspec.structs.replace(act, subjects=(subject,)),
            lane=person.lane,
            stream_id=person.stream_id,
            is_known=person.known,
            identifier=person.row,
            replaces=False,
        )
        return self._redraft(caller, key, [redraft], now, now)

    def _redraft(
        self, caller: Caller, key: str, redrafts: Sequence[Redraft], now: datetime, judged_at: datetime
    ) -> list[Draft]:
        if not may_record(caller.party, redrafts[0].after, self._register.current()):
            raise NotAllowed
        try:
            return self._redrafter.draft(caller, key, redrafts, now, judged_at)
        except LawError as error:
            code, remedy = error.code, error.remedy
            found = FieldError(pointer="/changes", code=code, message=str(error), remedy=remedy)
            raise Rejected((found,)) from None

    def _person(self, subject: Subject) -> Person:
        canonical = self._pseudonyms.person(subject.id_type, subject.id)
        lookup = self._pseudonyms.place(canonical)
        return self._people.find([(lookup, canonical)]).get(lookup) or self._people.begin(lookup)

    def _draft_fields(
        self, caller: Caller, key: str, originals: Sequence[Original], body: CorrectionBody, now: datetime
    ) -> list[Draft]:
        """The corrections, and after them the acts as corrected where an answer leans on what changes."""
        if originals[0].event.topic not in OF_ACTS:
            raise Rejected((fault("/changes", "fields-of-acts"),))
        if not all(_is_whole(original, now) for original in originals):
            # There is no key left under which what changes could be sealed.
            raise RecordEnded
        corrected = self._corrected(originals, body, now)
        leans = not body.changes.keys() <= BESIDE
        replacing = [one for one in corrected if leans and _stands(one.original)]
        replaced = {one.original.event for one in replacing}
        drafts = [_draft_correction(one, body, REPLACED if one.event in replaced else body.kind) for one in originals]
        for group in _alike(replacing):
            # When it was first written down decides whether that was late, not when it was put right.
            judged_at = max(group[0].original.first.recorded_at, group[0].after.occurred_at)
            drafts += self._redraft(caller, key, group, now, judged_at)
        return drafts

    def _corrected(self, originals: Sequence[Original], body: CorrectionBody, now: datetime) -> list[Redraft]:
        """Each act with the changes made; Rejected when they make no sense."""
        changes, register = read_changes(body.changes), self._register.current()
        redrafts: list[Redraft] = []
        for original, said in zip(originals, self._about.open_later(originals), strict=True):
            before = act_of(original, said)
            after = msgspec.structs.replace(before, **changes)
            known = validate(before, register, now)
            faults = [one for one in validate(after, register, now) if one not in known]
            if faults:
                raise Rejected(in_changes(faults, body.changes))
            lane, stream_id = original.event.lane, original.event.stream_id
            redrafts.append(Redraft(original=original, before=before, after=after, lane=lane, stream_id=stream_id))
        return redrafts


def _draft_correction(original: Original, body: CorrectionBody, kind: str) -> Draft:
    fields: dict[str, Any] = {"correction": kind}
    stated = read_changes(body.changes).get(NAMES["confidentiality"])
    if stated is not None:
        # So that it is decided for every version of the act, as a change of confidentiality by itself.
        fields |= {"confidentiality": stated.level, "confidential_until": stated.review_on}
    content = Content(changes=body.changes or None, reason=body.reason, confidentiality=stated)
    return draft_about(original, topics.PROCESSING_CORRECTED, fields, content)


def _is_whole(original: Original, now: datetime) -> bool:
    """Whether it can be read and its record has not ended: what only a hold still keeps has no day of its own left."""
    is_kept = original.record_ends is None or original.record_ends >= amsterdam_day(now)
    return is_kept and original.content is not None


def _stands(original: Original) -> bool:
    """Whether answers lean on the act: a fact that was not taken back."""
    return original.event.topic == topics.PROCESSING_RECORDED and not is_voided(original)


def _alike(redrafts: Sequence[Redraft]) -> list[list[Redraft]]:
    """The redrafts by what is one act: the same operation and all but the subject and its confidentiality alike."""
    groups: dict[Any, list[Redraft]] = {}
    for one in redrafts:
        bare = msgspec.structs.replace(one.after, subjects=(), confidentiality=None)
        groups.setdefault((one.original.envelope.operation_id, msgspec.json.encode(bare)), []).append(one)
    return list(groups.values())
