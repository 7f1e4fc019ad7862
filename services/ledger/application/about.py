"""The events that a later event can be about: those of one operation, as far as the caller may speak about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from services.ledger.application.operation_writer import NOTHING, Draft, WrittenEvent
from services.ledger.application.ports import EventReader, Opener, RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.messages import Caller
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import StoredEvent
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

    ``record_ends``: the last day of its record, as later events have moved it.
    """

    event: StoredEvent
    envelope: Envelope
    content: Content | None
    ref: str | None
    record_ends: date | None


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
        """The events of the operation about the persons with these refs, or about all of them.

        Its author and its controller may speak about it; to others it does not exist (NotFound).
        """
        for party in dict.fromkeys((caller.party, *self._register.current().party_ids())):
            events = [
                event
                for event in self._reader.events_of_operation((operation_id_of(party, operation_key),))
                if event.topic in SPOKEN_OF and event.envelope is not None
            ]
            found = [(event, event.read_envelope()) for event in events]
            if found and all(caller.party in (e.author, e.controller) for _, e in found):
                return self._choose(caller, found, refs)
        raise NotFound

    def _choose(
        self, caller: Caller, found: Sequence[tuple[StoredEvent, Envelope]], refs: Sequence[str]
    ) -> list[Original]:
        contents = self._opener.open([event for event, _ in found])
        originals = [
            Original(event, envelope, content, self._ref(caller, content), self._last_day(event, envelope))
            for (event, envelope), content in zip(found, contents, strict=True)
        ]
        originals.sort(key=lambda original: original.envelope.index)
        if not refs:
            return originals
        known = {original.ref for original in originals}
        unknown = [number for number, ref in enumerate(refs) if ref not in known]
        if unknown:
            raise Rejected(tuple(_unknown_ref(number) for number in unknown))
        return [original for original in originals if original.ref in refs]

    def _last_day(self, event: StoredEvent, envelope: Envelope) -> date | None:
        """The last day of the record: what is said about it from now on ends with it."""
        return last_day_of(envelope, self._reader.events_of_stream(event.lane, event.stream_id))

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
