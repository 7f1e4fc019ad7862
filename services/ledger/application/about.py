"""The events that a later event can be about: those of one operation, as far as the caller may speak about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from services.ledger.application.operation_writer import NOTHING, Draft, WrittenEvent
from services.ledger.application.ports import EventReader, Opener, RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.messages import Caller
from services.ledger.domain.authority import may_speak
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import StoredEvent, StreamVersion
from services.ledger.domain.versions import Seen, corrects, versions_of
from services.runtime.errors import FieldError, Rejected

SPOKEN_OF: Final = frozenset(
    {
        topics.PROCESSING_RECORDED,
        topics.PROCESSING_INTENDED,
        topics.PROCESSING_REFUSED,
        topics.NOTICE_RECORDED,
        topics.EXEMPTION_RECORDED,
    }
)


class Original(msgspec.Struct, frozen=True):
    """An event that is spoken about. ``content`` and ``ref`` are None when its content can no longer be read.

    ``record_ends``: the last day of its record, as later events have moved it. ``earlier``: the versions of the act in
    whose place it came, from the first on, of which nothing was opened. ``later``: what was said about it so far, in
    order. ``untouched``: how far its stream was when all this was read.
    """

    event: StoredEvent
    envelope: Envelope
    content: Content | None
    ref: str | None
    record_ends: date | None
    earlier: tuple[Original, ...] = ()
    later: tuple[Seen, ...] = ()
    untouched: tuple[StreamVersion, ...] = ()

    @property
    def first(self) -> Envelope:
        """The act as it was first recorded, as far as that still stands; else this one."""
        return self.earlier[0].envelope if self.earlier else self.envelope

    @property
    def first_known_as(self) -> tuple[UUID, str]:
        """The operation, and its public id, under which the act was first recorded on this stream."""
        envelope = self.envelope
        operation = corrects(self.event.topic, envelope)
        return (envelope.operation_id, envelope.key) if operation is None else (operation, envelope.about_key or "")


class AboutEvents:
    """Finds originals and drafts events about them; blocking."""

    def __init__(
        self, *, reader: EventReader, opener: Opener, register: RegisterSource, pseudonyms: Pseudonyms
    ) -> None:
        """Read through ``reader`` and ``opener``; the parties of ``register`` say whose key it may be."""
        self._reader = reader
        self._opener = opener
        self._register = register
        self._pseudonyms = pseudonyms

    def select(self, caller: Caller, operation_key: str, refs: Sequence[str]) -> list[Original]:
        """What stands of the operation about the persons with these refs, or about all of them.

        Of an act that was corrected that is the act as corrected. To who may not speak about it it does not exist
        (NotFound).
        """
        return self._choose(caller, self.find(caller, operation_key, SPOKEN_OF), refs)

    def find(self, caller: Caller, operation_key: str, kinds: Collection[str]) -> list[Seen]:
        """The events of the operation with these topics: the caller's own before another's under the same key.

        NotFound for who may not speak about it: neither its author, nor its controller, processor or mandatary.
        """
        register = self._register.current()
        parties = dict.fromkeys((caller.party, *register.party_ids()))
        operations = [operation_id_of(party, operation_key) for party in parties]
        found: dict[UUID | None, list[Seen]] = {}
        for event in self._reader.events_of_operation(operations):
            if event.topic in kinds and event.envelope is not None:
                found.setdefault(event.operation_id, []).append((event, event.read_envelope()))
        for operation in operations:
            events = found.get(operation)
            if events and all(may_speak(caller.party, envelope, register) for _, envelope in events):
                return events
        raise NotFound

    def open_later(self, originals: Sequence[Original]) -> list[list[tuple[str, Envelope, Content | None]]]:
        """Topic, envelope and content of everything that was said about each of these, in order."""
        contents = iter(self._opener.open([event for original in originals for event, _ in original.later]))
        return [[(event.topic, envelope, next(contents)) for event, envelope in one.later] for one in originals]

    def _choose(self, caller: Caller, found: Sequence[Seen], refs: Sequence[str]) -> list[Original]:
        ordered = sorted(found, key=lambda seen: seen[1].index)
        standing = [self._stand(first) for first in ordered]
        events = list(dict.fromkeys([event for event, _ in ordered] + [one.event for one in standing]))
        contents = dict(zip(events, self._opener.open(events), strict=True))
        originals = [
            msgspec.structs.replace(
                one, content=contents[one.event], ref=self._ref(caller, contents[one.event] or contents[event])
            )
            for one, (event, _) in zip(standing, ordered, strict=True)
        ]
        if not refs:
            return originals
        known = {original.ref for original in originals}
        unknown = [number for number, ref in enumerate(refs) if ref not in known]
        if unknown:
            raise Rejected(tuple(_unknown_ref(number) for number in unknown))
        return [original for original in originals if original.ref in refs]

    def _stand(self, first: Seen) -> Original:
        """What stands of an event now: itself, or what came in its place; its content is not opened yet."""
        lane, stream_id = first[0].lane, first[0].stream_id
        stream = self._reader.events_of_stream(lane, stream_id)
        seen = [(event, event.read_envelope()) for event in stream if event.envelope is not None]
        *earlier, (event, envelope) = versions_of(first, seen)
        return Original(
            event=event,
            envelope=envelope,
            content=None,
            ref=None,
            record_ends=last_day_of(envelope, stream),
            earlier=tuple(Original(e, known, None, None, last_day_of(known, stream)) for e, known in earlier),
            later=tuple(each for each in seen if each[1].about_operation == envelope.operation_id),
            untouched=((lane, stream_id, stream[-1].version),),
        )

    def _ref(self, caller: Caller, content: Content | None) -> str | None:
        if content is None or content.subject is None:
            return None
        person = self._pseudonyms.person(content.subject.id_type, content.subject.id)
        return self._pseudonyms.ref(caller.party, person)


def last_day_of(envelope: Envelope, stream: Iterable[StoredEvent]) -> date | None:
    """The last day of a record by the last event on its stream that moved it."""
    ends = envelope.record_ends
    for event in stream:
        if event.topic == topics.RETENTION_SET and event.envelope is not None:
            later = event.read_envelope()
            if later.about_operation == envelope.operation_id:
                ends = later.new_record_ends or ends
    return ends


def draft_about(original: Original, topic: str, fields: dict[str, Any], content: Content) -> Draft:
    """An event about another one: in its dossier, under its generation, until its end; a skeleton's is one too."""
    event, envelope = original.event, original.envelope
    sealed = envelope.scope is not None and envelope.generation is not None
    return Draft(
        lane=event.lane,
        stream_id=event.stream_id,
        topic=topic,
        scope=bytes.fromhex(envelope.scope or ""),
        generation=envelope.generation,
        fields={
            "controller": envelope.controller,
            "processor": envelope.processor,
            "recipients": envelope.recipients,
            "covenant": envelope.covenant,
            "annex": envelope.annex,
            "covenant_version": envelope.covenant_version,
            "about_operation": envelope.operation_id,
            "about_key": envelope.key,
            "record_ends": original.record_ends,
            **fields,
        },
        content=content if sealed else NOTHING,
        untouched=original.untouched,
    )


def answer_items(events: Sequence[WrittenEvent], originals: Sequence[Original]) -> dict[str, Any]:
    """``{"items": [...]}``: one item per event that was stored, with the ref of the person it is about."""
    refs = {(o.event.lane, o.event.stream_id): o.ref for o in originals}
    return {"items": [answer_item(event, refs.get((event.lane, event.stream_id))) for event in events]}


def answer_item(event: WrittenEvent, ref: str | None) -> dict[str, Any]:
    """One stored event as the caller sees it."""
    return {
        "ref": ref,
        "eventId": str(event.event_id),
        "position": event.public_position,
        "recordedAt": event.envelope.recorded_at,
        "leafHash": event.leaf_hash.hex(),
    }


def _unknown_ref(number: int) -> FieldError:
    return FieldError(
        pointer=f"/subjects/{number}",
        code="subject-unknown",
        message="This operation is not about a person with this ref.",
        remedy="Take the refs from the receipt of the operation.",
    )
