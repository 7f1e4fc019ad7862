"""Asks for the erasure of a person's dossiers in the ledger, and tells how far it is (AVG 17, BGS 1.16).

The request is the decision on record and the fence in one: from its place in the order on nothing is sealed under what
it names, and nobody opens it. What follows is done by ``erasure_steps``, step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.act import Subject
from services.law.errors import IdentifierError
from services.law.local_time import amsterdam_day
from services.ledger.application.erasure_choice import (
    Choice,
    DossierChooser,
    Seen,
    count_destroyed,
    dossier_of,
    events_under,
)
from services.ledger.application.erasure_residue import find_residue
from services.ledger.application.erasure_spares import holds_exemption, spare
from services.ledger.application.erasure_state import ERASURE_SCOPE, Erasure, ErasureReader
from services.ledger.application.freshness import wait_for_projections
from services.ledger.application.operation_writer import NOTHING, Draft, OperationWriter
from services.ledger.application.policy import Call, authorise
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.repeated import repeat
from services.ledger.application.retention_ports import Proceedings
from services.ledger.application.sources import Place, Sources, identify
from services.ledger.application.unmet_duties import UnmetDuties
from services.ledger.contract import topics
from services.ledger.contract.errors import NotAllowed, NotFound, identifier_fault
from services.ledger.contract.events import Content, ErasedDossier, Residue
from services.ledger.contract.forgetting import ErasureBody, ErasureScope
from services.ledger.contract.messages import Caller, JsonObject, SubjectIdentifier
from services.ledger.domain.authority import has_mandate
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, operation_id_of, uuid5
from services.ledger.domain.stored import DossierGeneration, StreamVersion
from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected, faults_from

ERASING: Final = ("erase", "delete")
"""What a mandate may call it: the verb and its class."""
LAPSED_UNMET: Final = "inform-lapsed-unmet"
"""The person had not been told all that was owed; the decision to erase counts as the decision not to tell first."""

MESSAGES: Final = {
    "subject-missing": ("An erasure is about somebody.", "Name a subject, or several in subjects; not both."),
    "subject-repeated": ("The same person stands here twice.", "Name every person once."),
    "subjects-too-many": ("These are more persons than one decision covers.", "Split them over several erasures."),
    "text-missing": ("This says nothing.", "Name the ground, and the decision by its reference."),
    "second-person-missing": (
        "More than ten persons are not erased by one alone.",
        "Name in secondPerson who looked along.",
    ),
    "second-person-same": ("The second person is another one.", "Name in secondPerson who looked along."),
}
fault: Final = faults_from(MESSAGES)


class RecordHeld(GrootboekError):
    """The record is held for a proceeding; what is held is not erased."""

    code = "record-held"
    kind = Kind.CONFLICT
    remedy = "Wait until the hold is released, or have it released by the party that placed it."

    def __init__(self, kinds: Sequence[str]) -> None:
        """Name the kinds of proceedings and nothing else: whose they are is not the caller's affair."""
        super().__init__(f"The record is held for a proceeding ({', '.join(kinds)}); what is held is not erased.")


class ExemptionInForce(GrootboekError):
    """A decision not to tell the person is in force, and stands in what would be erased."""

    code = "exemption-in-force"
    kind = Kind.CONFLICT
    remedy = (
        "End it when the person may know (POST /v1/exemptions/{id}/endings), wait for its review date, or name a scope"
        " in which it does not stand."
    )


class Named(msgspec.Struct, frozen=True):
    """One person of an erasure: as the body names him, and where the ledger knows him."""

    subject: Subject
    streams: tuple[Place, ...]
    versions: tuple[StreamVersion, ...]


class Erasures:
    """``POST /v1/erasures`` and ``GET /v1/erasures/{id}``."""

    def __init__(
        self,
        *,
        sources: Sources,
        chooser: DossierChooser,
        proceedings: Proceedings,
        unmet: UnmetDuties,
        reader: ErasureReader,
        writer: OperationWriter,
        pseudonyms: Pseudonyms,
    ) -> None:
        """Choose with ``chooser``; ask ``proceedings`` what is held; write through ``writer``."""
        self._sources = sources
        self._chooser = chooser
        self._proceedings = proceedings
        self._unmet = unmet
        self._reader = reader
        self._writer = writer
        self._pseudonyms = pseudonyms

    async def request(self, caller: Caller, key: str, body: ErasureBody) -> JsonObject:
        """Record the decision and fence what it is about; whether the ledger knows the person shows in nothing."""
        authorise(caller, Call.REQUEST_ERASURE)
        subjects = self._check(caller, body)
        controller = caller.party if body.scope is None else body.scope.controller
        if not self._may_erase(caller, controller):
            raise NotAllowed
        known = await self._writer.find(party=caller.party, key=key)
        drafting = repeat(known) if known else partial(self._draft, caller, key, controller, body, subjects)
        canonical = msgspec.json.encode(msgspec.structs.replace(body, id=None), order="deterministic")
        await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=drafting)
        return {"id": key}

    async def request_again(self, party: str, key: str, controller: str, dossiers: Sequence[DossierGeneration]) -> None:
        """Record a request that a restored database has lost, about what it has of it: decided before, so no questions.

        Under its own key, so that it is found again. Its ground and decision are lost with the database.
        """
        drafting = partial(self._draft_again, operation_id_of(party, key), controller, dossiers)
        await self._writer.write(party=party, key=key, canonical=b"restored", draft=drafting)

    async def read(self, caller: Caller, erasure_key: str) -> JsonObject:
        """How far it is, and who still owes an answer in numbers; for its party, its controller and audit."""
        authorise(caller, Call.READ_ERASURE)
        return await run_sync(lambda: self._reader.view(self.find(caller, erasure_key)))

    def find(self, caller: Caller, erasure_key: str) -> Erasure:
        """The erasure of that public id, if the caller may see it; NotFound otherwise (blocking)."""
        for operation_id in self._sources.operation_ids(caller, erasure_key):
            erasure = self._reader.load(operation_id)
            if erasure is not None and (
                caller.party in (erasure.request.author, erasure.request.controller) or "audit" in caller.scopes
            ):
                return erasure
        raise NotFound

    def _may_erase(self, caller: Caller, controller: str) -> bool:
        today = amsterdam_day(self._sources.clock.now())
        register = self._sources.register.current()
        return caller.party == controller or has_mandate(caller.party, controller, ERASING, register, today)

    def _check(self, caller: Caller, body: ErasureBody) -> list[SubjectIdentifier]:
        """The persons of the body; Rejected with everything that is wrong with it."""
        faults: list[FieldError] = []
        subjects = [*body.subjects] if body.subject is None else [body.subject, *body.subjects]
        if not subjects or (body.subject is not None and body.subjects):
            faults.append(fault("/subject", "subject-missing"))
        if len(subjects) > limits.SUBJECTS_MAX:
            faults.append(fault("/subjects", "subjects-too-many"))
        faults += self._check_identifiers(body, subjects)
        faults += [fault(f"/{name}", "text-missing") for name in ("ground", "decision") if not says(body, name)]
        if len(subjects) > limits.ERASURE_SUBJECTS_ALONE_MAX:
            if not says(body, "second_person"):
                faults.append(fault("/secondPerson", "second-person-missing"))
            elif body.second_person == caller.party:
                faults.append(fault("/secondPerson", "second-person-same"))
        if faults:
            raise Rejected(tuple(faults))
        return subjects

    def _check_identifiers(self, body: ErasureBody, subjects: Sequence[SubjectIdentifier]) -> list[FieldError]:
        faults: list[FieldError] = []
        seen: set[bytes] = set()
        for number, subject in enumerate(subjects):
            place = "/subject" if body.subject is not None else f"/subjects/{number}"
            try:
                person = self._pseudonyms.person(subject.id_type, subject.id)
            except IdentifierError as error:
                faults.append(identifier_fault(place, error))
                continue
            if person in seen:
                faults.append(fault(place, "subject-repeated"))
            seen.add(person)
        return faults

    def _draft(
        self,
        caller: Caller,
        key: str,
        controller: str,
        body: ErasureBody,
        subjects: Sequence[SubjectIdentifier],
        now: datetime,
    ) -> list[Draft]:
        """One event per stream of which something is destroyed; all, or RecordHeld or ExemptionInForce (blocking).

        What the draft leans on still holds when it is stored: a hold, a fence or the end of a day in between makes it
        be drafted anew.
        """
        heads = wait_for_projections(self._sources.events, self._sources.projections)
        operation_id = operation_id_of(caller.party, key)
        persons = self._name(subjects)
        chosen = [(person, self._choose(person, controller, body.scope)) for person in persons]
        self._refuse_held(chosen)
        refuse_untold(chosen, amsterdam_day(now))
        said = Content(ground=body.ground, decision=body.decision, second_person=body.second_person)
        drafts = [
            msgspec.structs.replace(
                self._draft_stream(operation_id, controller, choice, residue, said, heads),
                untouched=person.versions,
            )
            for person, choices in chosen
            for choice, residue in self._with_residue(controller, person, choices, now)
        ]
        if len(drafts) > limits.SUBJECTS_MAX:
            raise Rejected((fault("/subjects", "subjects-too-many"),))
        return self._mark_unmet(drafts, controller, chosen, now) or [
            self._draft_nothing(operation_id, controller, said)
        ]

    def _choose(self, person: Named, controller: str, scope: ErasureScope | None) -> list[Choice]:
        """What goes of a person, less what others' records lean on."""
        choices = self._chooser.choose(person.streams, controller, scope)
        return spare(choices, self._known(person.streams)) if choices else []

    def _known(self, streams: Sequence[Place]) -> list[Seen]:
        """All events on these streams that still stand."""
        return [seen for place in streams for seen in self._chooser.seen(place)]

    def _draft_again(
        self, operation_id: UUID, controller: str, dossiers: Sequence[DossierGeneration], now: datetime
    ) -> list[Draft]:
        """One event per stream with any of these dossiers; what recipients owe is found anew."""
        heads = wait_for_projections(self._sources.events, self._sources.projections)
        drafts = []
        for place in sorted({(lane, stream_id) for lane, stream_id, _, _ in dossiers}):
            own = tuple(dossier for dossier in dossiers if dossier[:2] == place)
            streams = self._sources.directory.closure((place,))[place]
            staying = [seen for seen in self._known(streams) if dossier_of(*seen) not in dossiers]
            found = Choice(place, own, events_under(self._chooser.seen(place), own))
            (choice,) = spare((found,), staying)
            contents = self._sources.open([event for event, _ in choice.events])
            named = (identify(content) for content in contents.values())
            person = next((one for one in named if one is not None), None)
            pairs: list[tuple[Choice, tuple[Residue, ...]]] = [(choice, ())]
            if person is not None:
                pairs = self._with_residue(controller, Named(bare(person), streams, ()), (choice,), now)
            drafts += [
                msgspec.structs.replace(
                    self._draft_stream(operation_id, controller, each, residue, NOTHING, heads), unless=()
                )
                for each, residue in pairs
            ]
        return drafts or [self._draft_nothing(operation_id, controller, NOTHING)]

    def _refuse_held(self, chosen: Sequence[tuple[Named, Sequence[Choice]]]) -> None:
        """Raise RecordHeld when a hold keeps any of the lines; one that came too late, or is over, keeps none."""
        places = [place for _, choices in chosen for choice in choices for place in choice.positions]
        kinds = self._proceedings.keeping(places)
        if kinds:
            raise RecordHeld(kinds)

    def _name(self, subjects: Sequence[SubjectIdentifier]) -> list[Named]:
        """The persons with the versions of their streams from before anything on them was looked at.

        Who stands here under two linked identifiers is one person, under the first of them.
        """
        persons: list[Named] = []
        taken: set[Place] = set()
        for subject in subjects:
            streams = tuple(place for place in self._sources.streams_of(subject) if place not in taken)
            taken.update(streams)
            versions = tuple((*place, self._chooser.version(place)) for place in streams)
            persons.append(Named(bare(subject), streams, versions))
        return persons

    def _with_residue(
        self, controller: str, person: Named, choices: Sequence[Choice], now: datetime
    ) -> list[tuple[Choice, tuple[Residue, ...]]]:
        """The choices of one person; what recipients still owe goes with the first."""
        if not choices:
            return []
        contents = self._sources.open([event for choice in choices for event, _ in choice.events])
        known = self._known(person.streams)
        residue = find_residue(choices, known, controller, person.subject, contents, now)
        return [(choice, () if number else residue) for number, choice in enumerate(choices)]

    def _mark_unmet(
        self,
        drafts: Sequence[Draft],
        controller: str,
        chosen: Sequence[tuple[Named, Sequence[Choice]]],
        now: datetime,
    ) -> list[Draft]:
        """Say of every erasure whether somebody had not been told yet: by erasing, that duty lapses unmet."""
        unmet = any(
            self._unmet.exist(person.streams, choices, controller, now) for person, choices in chosen if choices
        )
        if not unmet:
            return list(drafts)
        return [
            msgspec.structs.replace(draft, fields={**draft.fields, "findings": (LAPSED_UNMET,)}) for draft in drafts
        ]

    def _draft_stream(
        self,
        operation_id: UUID,
        controller: str,
        choice: Choice,
        residue: tuple[Residue, ...],
        said: Content,
        heads: dict[int, int],
    ) -> Draft:
        lane, stream_id = choice.place
        owing = tuple(sorted({owed.party for owed in residue}))
        return Draft(
            lane=lane,
            stream_id=uuid5(GROOTBOEK_NAMESPACE, f"erasure-stream:{operation_id}:{stream_id}"),
            topic=topics.ERASURE_REQUESTED,
            scope=self._scope(operation_id),
            fields=self._fields(operation_id, controller)
            | {
                "recipients": owing,
                "duties": tuple(f"erase:{party}" for party in owing),
                "erased_events": len(choice.records),
                "destroyed": count_destroyed(choice.records, controller),
                "spared": choice.spared,
                "erased_dossiers": tuple(
                    ErasedDossier(lane=lane, stream_id=stream_id, scope=scope.hex(), generation=generation)
                    for _, _, scope, generation in choice.dossiers
                ),
            },
            content=msgspec.structs.replace(said, residue=residue),
            fences=choice.dossiers,
            unless=((lane, heads.get(lane, 0), topics.HOLD_PLACED),),
        )

    def _draft_nothing(self, operation_id: UUID, controller: str, said: Content) -> Draft:
        """An erasure that finds nothing of the controller's: recorded, and complete as soon as it is looked at."""
        stream_id = uuid5(GROOTBOEK_NAMESPACE, f"erasure-stream:{operation_id}:")
        return Draft(
            lane=self._pseudonyms.stream_lane(stream_id),
            stream_id=stream_id,
            topic=topics.ERASURE_REQUESTED,
            scope=self._scope(operation_id),
            fields=self._fields(operation_id, controller) | {"erased_events": 0},
            content=said,
        )

    def _fields(self, operation_id: UUID, controller: str) -> dict[str, Any]:
        return {"controller": controller, "erasure_id": operation_id}

    def _scope(self, operation_id: UUID) -> bytes:
        return self._pseudonyms.scope((*ERASURE_SCOPE, str(operation_id)))


def refuse_untold(chosen: Iterable[tuple[Named, Sequence[Choice]]], day: date) -> None:
    """Raise ExemptionInForce when what would go says that a person may not be told: who writes to him must see it."""
    if any(holds_exemption(choices, day) for _, choices in chosen):
        raise ExemptionInForce


def bare(subject: SubjectIdentifier) -> Subject:
    """The person by identifier only."""
    return Subject(id_type=subject.id_type, id=subject.id)


def says(body: ErasureBody, name: str) -> bool:
    """Whether a text of the body says something."""
    return bool((getattr(body, name) or "").strip())
