"""What a holder did about an obligation to erase: erased it, keeps it under a norm until a day, or cannot (AVG 19)."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any, Final

import msgspec
from anyio.to_thread import run_sync

from services.law.act import Act, CovenantReference, Subject
from services.ledger.application.confirmation_checks import (
    AlreadyAnswered,
    ConfirmationInvalid,
    check_confirmation,
    fault,
    says,
)
from services.ledger.application.erasure_state import ERASURE_SCOPE
from services.ledger.application.freshness import await_projections
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.obligation_view import Json, ObligationViews
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.person_duties import Obligation, PersonDuties, PersonFile, answer_of_envelope
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import Bounds
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.read_operation import read_lines
from services.ledger.application.reads import ReadLog
from services.ledger.application.record import Recorder
from services.ledger.application.residue_duties import ResidueDuties, is_of_erasure
from services.ledger.application.sources import Place, Sources
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.forgetting import ObligationConfirmation
from services.ledger.contract.messages import Caller, SubjectIdentifier, Submission
from services.ledger.contract.topics import OBLIGATION_ANSWERED, PROCESSING_RECORDED
from services.ledger.domain.erase_duties import EraseAnswer
from services.ledger.domain.scope import name_scope
from services.runtime.errors import GrootboekError

KEY_DIGITS: Final = 40


class ConfirmObligation:
    """``POST /v1/obligations/{id}/confirmations``."""

    def __init__(
        self,
        *,
        sources: Sources,
        duties: PersonDuties,
        residues: ResidueDuties,
        ids: ObligationIds,
        recorder: Recorder,
        writer: OperationWriter,
        pseudonyms: Pseudonyms,
        reads: ReadLog,
    ) -> None:
        """Find with ``duties`` and ``residues``; record acts of erasing with ``recorder``, answers with ``writer``."""
        self._sources = sources
        self._duties = duties
        self._residues = residues
        self._ids = ids
        self._recorder = recorder
        self._writer = writer
        self._pseudonyms = pseudonyms
        self._reads = reads

    async def confirm(self, caller: Caller, obligation_id: str, key: str | None, body: ObligationConfirmation) -> Json:
        """The obligation as it now stands. The same confirmation again changes nothing and gets the same answer."""
        authorise(caller, Call.ANSWER_OBLIGATION)
        place = self._ids.read(obligation_id)
        person: Place = (place.lane, place.stream_id)
        await await_projections(self._sources.events, self._sources.projections)
        file, one = await run_sync(partial(self._find, caller, person, obligation_id))
        await run_sync(partial(self._check, caller, file, one, body))
        said = await run_sync(partial(self._find_same, person, obligation_id, body))
        if said is None:
            if one.state == "confirmed" and body.outcome != "erased":
                raise AlreadyAnswered
            named = await run_sync(partial(self._name_person, caller, file, one))
            if owes_an_act(one, body):
                await self._record_erasing(caller, file, one, body, named)
            said = await self._write(caller, person, one, key, body, named)
        await self._reads.record(
            msgspec.structs.replace(caller, purpose=caller.purpose or "operations"),
            Call.ANSWER_OBLIGATION,
            file.streams,
        )
        return await run_sync(partial(self._answer, caller, person, obligation_id, said))

    def _find(
        self, caller: Caller, person: Place, obligation_id: str, more: tuple[EraseAnswer, ...] = ()
    ) -> tuple[PersonFile, Obligation]:
        """The obligation that the caller's party owes; NotFound for everybody else's."""
        now = self._sources.clock.now()
        bounds = Bounds(as_of=max([now, *(answer.at for answer in more)]), as_known_at=now)
        duties = self._residues if is_of_erasure(person) else self._duties
        for file in duties.read((person,), bounds, more):
            for one in file.obligations:
                if one.id == obligation_id and one.party == caller.party:
                    return file, one
        raise NotFound

    def _check(self, caller: Caller, file: PersonFile, one: Obligation, body: ObligationConfirmation) -> None:
        """Raise ConfirmationInvalid with everything that is wrong."""
        if one.kind == "inform":
            raise ConfirmationInvalid((fault("/outcome", "tell-instead"),))
        faults = check_confirmation(body, one.since, self._sources.clock.now())
        if body.operation_id is not None and body.outcome == "erased":
            code = self._check_operation(caller, file, one, body.operation_id)
            if code is not None:
                faults.append(fault("/operationId", code))
        if faults:
            raise ConfirmationInvalid(tuple(faults))

    def _check_operation(self, caller: Caller, file: PersonFile, one: Obligation, key: str) -> str | None:
        """What is wrong with the act that is said to have erased; None when it did."""
        candidates = self._sources.operation_ids(caller, key)
        acts = [
            line.envelope
            for line in read_lines(self._sources, candidates)
            if line.topic == PROCESSING_RECORDED
            and line.voided is None
            and line.stream in file.streams
            and line.envelope.operation_class == "delete"
            and line.envelope.controller == caller.party
            and line.envelope.occurred_at >= one.since
        ]
        if not acts:
            return "operation-unknown"
        whole = any(not act.data_categories or {*one.data_categories} <= {*act.data_categories} for act in acts)
        return None if whole else "categories-incomplete"

    def _answers(self, person: Place, obligation_id: str) -> list[Envelope]:
        """What was answered to this obligation, straight from the person's events."""
        found = (
            event.read_envelope()
            for event in self._sources.events.events_of_stream(*person)
            if event.topic == OBLIGATION_ANSWERED and event.envelope is not None
        )
        return [envelope for envelope in found if envelope.obligation == obligation_id]

    def _find_same(self, person: Place, obligation_id: str, body: ObligationConfirmation) -> Envelope | None:
        """The earlier answer that says the same; AlreadyAnswered when one says otherwise that it was erased."""
        answers = self._answers(person, obligation_id)
        same = next((envelope for envelope in reversed(answers) if says(envelope, body)), None)
        if same is None and any(envelope.answer == "erased" for envelope in answers):
            raise AlreadyAnswered
        return same

    def _name_person(self, caller: Caller, file: PersonFile, one: Obligation) -> SubjectIdentifier | None:
        return ObligationViews(self._sources, caller, ((file, (one,)),)).person(file, one)

    async def _record_erasing(
        self,
        caller: Caller,
        file: PersonFile,
        one: Obligation,
        body: ObligationConfirmation,
        named: SubjectIdentifier | None,
    ) -> None:
        """Record the holder's own act of erasing; without anybody to name the answer alone says so."""
        if named is None:
            return
        cause = next((line.envelope for line in file.lines if line.place == one.cause), None)
        act = Act(
            operation="erase",
            occurred_at=body.at,
            controller=caller.party,
            subjects=(Subject(id_type=named.id_type, id=named.id),),
            data_categories=one.data_categories,
            covenant=covenant_of(one, cause),
            confirms=None if cause is None else cause.key,
        )
        key = f"erase:{_digest(one.id, body.at.isoformat())}"
        canonical = msgspec.json.encode({"erase": one.id, "at": body.at}, order="sorted")
        (answer,) = await self._recorder.record(caller, (Submission(body=act, key=key, canonical=canonical),))
        if isinstance(answer, GrootboekError):
            raise answer

    async def _write(
        self,
        caller: Caller,
        person: Place,
        one: Obligation,
        key: str | None,
        body: ObligationConfirmation,
        named: SubjectIdentifier | None,
    ) -> Envelope:
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None))
        canonical = msgspec.json.encode({"confirm": one.id, "body": tree}, order="sorted")
        written = await self._writer.write(
            party=caller.party,
            key=key or f"answer:{_digest(one.id, canonical.decode())}",
            canonical=canonical,
            draft=lambda _: (self._draft(caller, person, one, body, named),),
        )
        return written.events[0].envelope

    def _draft(
        self,
        caller: Caller,
        person: Place,
        one: Obligation,
        body: ObligationConfirmation,
        named: SubjectIdentifier | None,
    ) -> Draft:
        """The answer on the person's stream, in the holder's dossier; drafted anew when another one comes between."""
        lane, stream_id = person
        head = self._sources.events.heads().get(lane, 0)
        self._find_same(person, one.id, body)
        covenant, annex = next(iter(sorted(one.scopes, key=str)), (None, None))
        fields: dict[str, Any] = {
            "occurred_at": body.at,
            "controller": caller.party,
            "recipients": tuple(party for party in one.controllers if party != caller.party),
            "data_categories": one.data_categories,
            "covenant": covenant,
            "annex": annex,
            "obligation": one.id,
            "answer": body.outcome,
            "answer_until": body.until,
            "norm": body.norm,
            "operation_keys": () if body.operation_id is None else (body.operation_id,),
            "erasure_id": one.erasure_id,
        }
        subject, scope = None, name_scope(caller.party, None, covenant, annex)
        if one.erasure_id is not None:
            # Whom an erasure was about is said nowhere but under its own key, which goes when it is complete.
            scope = (*ERASURE_SCOPE, str(one.erasure_id))
        elif named is not None:
            subject = Subject(id_type=named.id_type, id=named.id)
        return Draft(
            lane=lane,
            stream_id=stream_id,
            topic=OBLIGATION_ANSWERED,
            scope=self._pseudonyms.scope(scope),
            fields=fields,
            content=Content(subject=subject, how=body.how),
            unless=((lane, head, OBLIGATION_ANSWERED),),
        )

    def _answer(self, caller: Caller, person: Place, obligation_id: str, said: Envelope) -> Json:
        """The obligation with the answer just given, which the projections may not have seen yet."""
        given = answer_of_envelope(said, self._ids)
        file, one = self._find(caller, person, obligation_id, () if given is None else (given,))
        shown: Json = msgspec.to_builtins(ObligationViews(self._sources, caller, ((file, (one,)),)).items()[0])
        return shown


def owes_an_act(one: Obligation, body: ObligationConfirmation) -> bool:
    """Whether the answer tells of an erasing that is nowhere recorded, and that may be.

    About whom the ledger itself erased nothing new is said (decision 0011).
    """
    told = body.operation_id is not None or one.state == "confirmed"
    return body.outcome == "erased" and one.erasure_id is None and not told


def covenant_of(one: Obligation, cause: Envelope | None) -> CovenantReference | None:
    """The covenant annex within which the holder erased: that of the cause, so that it reaches no share in another one.

    A delete that names a case or a list instead reached the holder in the annex of what it has by it, if that is one:
    the number of another's case, or the name of his list, is not the holder's to tell.
    """
    if cause is not None and cause.covenant is not None:
        return CovenantReference(id=cause.covenant, annex=cause.annex)
    if one.reason != "deleted" or len(one.scopes) != 1:
        return None
    ((covenant, annex),) = one.scopes
    return CovenantReference(id=covenant, annex=annex)


def _digest(*parts: str) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:KEY_DIGITS]
