"""Corrects an operation by later events: a changed field, the wrong person, or an act that never happened."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, get_type_hints

import msgspec

from services.law.act import Act, Subject
from services.law.context import Context
from services.law.errors import LawError
from services.law.identifiers import canonical_identifier
from services.law.judgement import judge
from services.law.local_time import amsterdam_day
from services.ledger.application.about import AboutEvents, Original, answer_items, draft_about
from services.ledger.application.act_duties import ActDuties
from services.ledger.application.envelopes import EventPart, OperationFrame, content_of_act, envelope_of_act
from services.ledger.application.facts import FactReader, facts_of
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.people import People, Person
from services.ledger.application.ports import RegisterSource
from services.ledger.application.prepare import leans_on_facts
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.rebuild_act import rebuild_act
from services.ledger.contract import topics
from services.ledger.contract.events import Content
from services.ledger.contract.messages import Caller, CorrectionBody, JsonObject
from services.ledger.domain.identity import event_id_of, operation_id_of
from services.runtime.errors import FieldError, Rejected

FIXED: Final = frozenset({"id", "tense", "intentId", "confirms", "controller", "subjects"})
"""What a correction cannot change: another controller or person makes it another act."""

ACTS: Final = frozenset({topics.PROCESSING_RECORDED, topics.PROCESSING_INTENDED})

_HINTS: Final = get_type_hints(Act, include_extras=True)
CHANGEABLE: Final[dict[str, Any]] = {
    wire: _HINTS[name]
    for name, wire in zip(Act.__struct_fields__, Act.__struct_encode_fields__, strict=True)
    if wire not in FIXED
}

MESSAGES: Final = {
    "text-missing": ("The reason is empty.", "Say in a sentence why it is corrected."),
    "changes-missing": ("A correction changes something.", "Name the fields that change, with their new values."),
    "changes-unwanted": ("An annulment changes no field.", "Leave the changes out."),
    "field-unknown": (
        "This field of the operation does not exist or cannot be corrected.",
        "See the operation's fields.",
    ),
    "value-invalid": ("This value does not fit the field.", "Send it as in the operation itself."),
    "one-person-at-a-time": (
        "One person is exchanged for one other person.",
        "Name one ref in subjects, and one person in changes.subjects.",
    ),
    "act-only": (
        "Only an act whose content can still be read can be given to another person.",
        "Leave changes out to mark the wrong person, and record the right one's by itself.",
    ),
    "subject-repeated": ("This is the person it already is about.", "Name the other person."),
}


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
        """Find events with ``about``, write through ``writer``; another person's act is judged by the rest."""
        self._about = about
        self._writer = writer
        self._register = register
        self._people = people
        self._facts = facts
        self._pseudonyms = pseudonyms
        self._duties = ActDuties(pseudonyms)

    async def correct(self, caller: Caller, operation_key: str, key: str, body: CorrectionBody) -> JsonObject:
        """One event per subject, or per subject named; ``{"items": [...]}``. The original always stays.

        With kind ``wrong-person`` and the right one in ``changes.subjects``, that person gets the act,
        judged anew, in the same operation.
        """
        subject = check_correction(body)
        originals = await asyncio.to_thread(self._about.select, caller, operation_key, body.subjects)
        if subject is not None and len(originals) != 1:
            raise Rejected((fault("/changes/subjects", "one-person-at-a-time"),))
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None, changes={}))
        changes = {name: msgspec.json.decode(raw) for name, raw in body.changes.items()}
        canonical = msgspec.json.encode({"correct": operation_key, "body": tree, "to": changes}, order="sorted")
        drafting = partial(self._draft, caller, key, originals, body, subject)
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=drafting)
        corrected = [event for event in written.events if event.topic == topics.PROCESSING_CORRECTED]
        return answer_items(corrected, originals)

    def _draft(
        self,
        caller: Caller,
        key: str,
        originals: Sequence[Original],
        body: CorrectionBody,
        subject: Subject | None,
        now: datetime,
    ) -> list[Draft]:
        content = Content(changes=body.changes or None, reason=body.reason)
        fields = {"correction": body.kind}
        drafts = [draft_about(original, topics.PROCESSING_CORRECTED, fields, content) for original in originals]
        if subject is not None:
            drafts.append(self._draft_for_other(caller, key, originals[0], subject, now))
        return drafts

    def _draft_for_other(self, caller: Caller, key: str, original: Original, subject: Subject, now: datetime) -> Draft:
        """The same act on the right person's stream, under its own dossier, ended when the original ends."""
        envelope, content = original.envelope, original.content
        if content is None or original.event.topic not in ACTS:
            raise Rejected((fault("/changes/subjects", "act-only"),))
        if original.ref == self._pseudonyms.ref(caller.party, self._pseudonyms.person(subject.id_type, subject.id)):
            raise Rejected((fault("/changes/subjects", "subject-repeated"),))
        act = msgspec.structs.replace(rebuild_act([(envelope, content)]), subjects=(subject,))
        person = self._person(subject)
        register = self._register.current()
        known, leans = None, leans_on_facts(act, register)
        if leans and person.known:
            place = (person.lane, person.stream_id)
            known = self._facts.read_known([place], caller.party)[place]
        facts = facts_of([known]) if leans else None
        verdict = judge(act, Context(register, facts, now))
        view = register.on(amsterdam_day(act.occurred_at))
        (to_erase,) = self._duties.to_erase(act, [known], now)
        operation_id = operation_id_of(caller.party, key)
        frame = OperationFrame(
            operation_id,
            key,
            caller.party,
            now,
            2,
            verdict.outcome.value,
            register.position,
            envelope.covenant_version,
            envelope.activity_version,
            envelope.holding_ends,
            envelope.record_ends or now.date(),
            envelope.list_index,
            envelope.case_index,
            envelope.scope or "",
            envelope.term_rule,
            envelope.terms_lost,
        )
        event_id = event_id_of(operation_id, person.stream_id)
        position = None if known is None else known.facts.position
        outcome, codes = verdict.outcomes[0].value, verdict.codes_of(0)
        duties = to_erase or self._duties.to_tell(act, view, register)
        part = EventPart(1, event_id, subject, outcome, codes, None, position, duties=duties)
        other = envelope_of_act(act, frame, part)
        stored = {name: getattr(other, name) for name in other.__struct_fields__ if name not in {"scope", "generation"}}
        return Draft(
            lane=person.lane,
            stream_id=person.stream_id,
            topic=original.event.topic,
            scope=bytes.fromhex(envelope.scope or ""),
            fields={**stored, "about_operation": envelope.operation_id, "about_key": envelope.key},
            content=content_of_act(act, subject),
            identifier=person.row,
        )

    def _person(self, subject: Subject) -> Person:
        canonical = self._pseudonyms.person(subject.id_type, subject.id)
        lookup = self._pseudonyms.place(canonical)
        return self._people.find([(lookup, canonical)]).get(lookup) or self._people.begin(lookup)


def check_correction(body: CorrectionBody) -> Subject | None:
    """The other person that a wrong-person correction names, or None; Rejected with every fault of the body."""
    faults: list[FieldError] = []
    if not body.reason.strip():
        faults.append(fault("/reason", "text-missing"))
    subject = None
    if body.kind == "wrong-person":
        subject = _other_person(body, faults)
    elif body.kind == "annulled":
        if body.changes:
            faults.append(fault("/changes", "changes-unwanted"))
    else:
        _check_changes(body, faults)
    if faults:
        raise Rejected(tuple(faults))
    return subject


def _check_changes(body: CorrectionBody, faults: list[FieldError]) -> None:
    if not body.changes:
        faults.append(fault("/changes", "changes-missing"))
    for name, raw in body.changes.items():
        shape = CHANGEABLE.get(name)
        if shape is None:
            # The name is the sender's: it may be a value in the wrong place, so it is not told back.
            faults.append(fault("/changes", "field-unknown"))
            continue
        try:
            msgspec.json.decode(raw, type=shape)
        except msgspec.ValidationError:
            faults.append(fault(f"/changes/{name}", "value-invalid"))


def _other_person(body: CorrectionBody, faults: list[FieldError]) -> Subject | None:
    if set(body.changes) - {"subjects"}:
        faults.append(fault("/changes", "field-unknown"))
    raw = body.changes.get("subjects")
    if raw is None:
        return None
    try:
        (subject,) = msgspec.json.decode(raw, type=tuple[Subject])
    except msgspec.ValidationError:
        faults.append(fault("/changes/subjects", "one-person-at-a-time"))
        return None
    try:
        canonical_identifier(subject.id_type, subject.id)
    except LawError as error:
        pointer = "/changes/subjects/0/id"
        faults.append(FieldError(pointer=pointer, code=error.code, message=str(error), remedy=error.remedy))
    return subject


def fault(pointer: str, code: str) -> FieldError:
    """The fault of that code at that place."""
    message, remedy = MESSAGES[code]
    return FieldError(pointer=pointer, code=code, message=message, remedy=remedy)
