"""Inquiries: who looks into what, and why, before anything is shown (S80, S81)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from services.law.act import Subject
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.policy import Call, authorise
from services.ledger.application.sources import Sources, check_subject, identify
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Content
from services.ledger.contract.messages import Caller, InquiryBody, SubjectIdentifier
from services.ledger.contract.topics import INQUIRY_OPENED
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, operation_id_of, uuid5
from services.runtime.errors import FieldError, Rejected

Json = dict[str, Any]


class InquiryAboutNothing(Rejected):
    """An inquiry is about a person or about a case."""

    code = "inquiry-about-nothing"
    remedy = "Name a subject or a caseId, not both."

    def __init__(self) -> None:
        """Point at both."""
        message = "An inquiry is about one person or one case."
        super().__init__(
            tuple(
                FieldError(pointer=pointer, code=self.code, message=message, remedy=self.remedy)
                for pointer in ("/subject", "/caseId")
            )
        )


class Inquiry(msgspec.Struct, frozen=True):
    """What an inquiry is about: one of the two."""

    subject: SubjectIdentifier | None
    case_id: str | None


def inquiry_stream(operation_id: UUID) -> UUID:
    """The stream of one inquiry: a dossier of its own."""
    return uuid5(GROOTBOEK_NAMESPACE, f"inquiry-stream:{operation_id}")


class Inquiries:
    """``POST /v1/inquiries``."""

    def __init__(self, *, sources: Sources, dossier_events: DossierEvents) -> None:
        """Read from ``sources``; record through ``dossier_events``."""
        self._sources = sources
        self._dossier_events = dossier_events

    async def open(self, caller: Caller, key: str, body: InquiryBody) -> Json:
        """Record the inquiry; the person and the reason stand in the ciphertext only."""
        authorise(caller, Call.OPEN_INQUIRY)
        if (body.subject is None) == (body.case_id is None):
            raise InquiryAboutNothing
        if body.subject is not None:
            check_subject(body.subject)
        subject = None if body.subject is None else Subject(id_type=body.subject.id_type, id=body.subject.id)
        placed = await self._dossier_events.append_dossier_event(
            party=caller.party,
            key=key,
            canonical=msgspec.json.encode(msgspec.structs.replace(body, id=None), order="deterministic"),
            topic=INQUIRY_OPENED,
            stream_id=inquiry_stream(operation_id_of(caller.party, key)),
            envelope={},
            content=Content(subject=subject, case_id=body.case_id, reason=body.reason),
        )
        return {"id": placed.envelope.key}

    def find(self, caller: Caller, inquiry_id: str) -> Inquiry:
        """The inquiry of the caller's own party, or any for audit; NotFound otherwise (blocking)."""
        for event in self._sources.events.events_of_operation(self._sources.operation_ids(caller, inquiry_id)):
            if event.topic != INQUIRY_OPENED or event.envelope is None:
                continue
            if caller.party != event.read_envelope().author and "audit" not in caller.scopes:
                continue
            (content,) = self._sources.opener.open([event])
            if content is not None:
                return Inquiry(identify(content), content.case_id)
        raise NotFound
