"""Records that two identifiers are one person, or that they are not: an event on both streams, nothing is merged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from services.law.act import Subject
from services.law.errors import IdentifierError
from services.ledger.application.about import answer_item
from services.ledger.application.operation_writer import Draft, OperationWriter, Written
from services.ledger.application.people import People, Person
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract import topics
from services.ledger.contract.errors import identifier_fault
from services.ledger.contract.events import Content
from services.ledger.contract.messages import Caller, JsonObject, LinkBody, SubjectIdentifier
from services.runtime.errors import FieldError, Rejected

LINK_SCOPE = "link"
SAME_PERSON = FieldError(
    pointer="/second",
    code="subject-repeated",
    message="The same identifier stands here twice.",
    remedy="Name two different identifiers.",
)
REASON_MISSING = FieldError(
    pointer="/reason",
    code="text-missing",
    message="The reason is empty.",
    remedy="Say in a sentence why the two are, or are not, one person.",
)


Follow = Callable[[Written], Awaitable[None]]
"""What is done about a link that was stored; again when the same link is sent again."""


async def follow_with_nothing(_: Written) -> None:
    """Nothing more."""


class Linker:
    """The verbs ``link`` and ``unlink``."""

    def __init__(
        self,
        *,
        writer: OperationWriter,
        people: People,
        pseudonyms: Pseudonyms,
        follow: Follow = follow_with_nothing,
    ) -> None:
        """Find or begin persons with ``people``; write through ``writer``; ``follow`` does what a link brings along."""
        self._writer = writer
        self._follow = follow
        self._people = people
        self._pseudonyms = pseudonyms

    async def link(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """The two are one person from now on; an identifier that is new gets a stream of its own."""
        return await self._write(caller, key, body, topics.SUBJECTS_LINKED)

    async def unlink(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """The two are not one person; the last word on a pair counts."""
        return await self._write(caller, key, body, topics.SUBJECTS_UNLINKED)

    async def _write(self, caller: Caller, key: str, body: LinkBody, topic: str) -> JsonObject:
        persons = self._check(body)
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None))
        canonical = msgspec.json.encode({"topic": topic, "body": tree}, order="sorted")
        drafting = partial(self._draft, caller, body, topic, persons)
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=drafting)
        if topic == topics.SUBJECTS_LINKED:
            await self._follow(written)
        refs = [self._pseudonyms.ref(caller.party, person) for person in persons]
        return {"items": [answer_item(event, refs[event.envelope.index]) for event in written.events]}

    def _check(self, body: LinkBody) -> list[bytes]:
        """The canonical bytes of both identifiers; every fault at once."""
        faults: list[FieldError] = []
        persons: list[bytes] = []
        for name, identifier in (("first", body.first), ("second", body.second)):
            try:
                persons.append(self._pseudonyms.person(identifier.id_type, identifier.id))
            except IdentifierError as error:
                faults.append(identifier_fault(f"/{name}", error))
        if len(persons) == 2 and persons[0] == persons[1]:
            faults.append(SAME_PERSON)
        if not body.reason.strip():
            faults.append(REASON_MISSING)
        if faults:
            raise Rejected(tuple(faults))
        return persons

    def _draft(self, caller: Caller, body: LinkBody, topic: str, persons: list[bytes], _: datetime) -> list[Draft]:
        lookups = [self._pseudonyms.place(person) for person in persons]
        known = self._people.find(list(zip(lookups, persons, strict=True)))
        found = [known.get(lookup) or self._people.begin(lookup) for lookup in lookups]
        # A dossier of its own: who erases what it has of a person does not part two numbers for everybody else.
        scope = self._pseudonyms.scope((caller.party, LINK_SCOPE))
        return [
            _half(topic, scope, found[index], found[1 - index], (body.first, body.second)[index], body.reason)
            for index in (0, 1)
        ]


def _half(topic: str, scope: bytes, own: Person, other: Person, identifier: SubjectIdentifier, reason: str) -> Draft:
    """The event on one of the two streams, which names the other one."""
    fields: dict[str, Any] = {"linked_lane": other.lane, "linked_stream": other.stream_id}
    return Draft(
        lane=own.lane,
        stream_id=own.stream_id,
        topic=topic,
        scope=scope,
        fields=fields,
        content=Content(subject=Subject(id_type=identifier.id_type, id=identifier.id), reason=reason),
        identifier=own.row,
    )
