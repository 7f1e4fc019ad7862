"""An erasure as its own events tell it: what was asked, what was destroyed, who has answered, and what remains."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from services.ledger.application.erasure_choice import Seen, dossier_of
from services.ledger.application.erasure_residue import ResidueObligation, residue_obligations
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.ports import EventReader, Opener
from services.ledger.application.retention_ports import Place
from services.ledger.contract import topics
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.identity import LEDGER, operation_id_of
from services.ledger.domain.stored import DossierGeneration, StoredEvent

ERASURE_SCOPE: Final = ("grootboek", "erasure")
"""With the id of the erasure: the dossier of what it knows itself, which goes when it is complete."""

State = Literal["requested", "fenced", "content-destroyed", "waiting", "complete"]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure. ``contents`` are those of its requests: decision and residue, None once their seal is gone.

    ``answers``: where what recipients answered stands.
    """

    requests: tuple[Seen, ...]
    contents: tuple[Content | None, ...]
    destroyed: tuple[Envelope, ...]
    swept: bool
    obligations: tuple[ResidueObligation, ...]
    answers: frozenset[Place]
    completed: Envelope | None
    completed_content: Content | None

    @property
    def request(self) -> Envelope:
        """What all its requests say."""
        return self.requests[0][1]

    @property
    def erasure_id(self) -> UUID:
        """Its id within the ledger: the operation that asked for it."""
        return self.request.operation_id

    @property
    def dossiers(self) -> tuple[DossierGeneration, ...]:
        """Everything that it names."""
        return tuple(
            (each.lane, each.stream_id, bytes.fromhex(each.scope), each.generation)
            for _, envelope in self.requests
            for each in envelope.erased_dossiers
        )

    @property
    def own_dossiers(self) -> tuple[DossierGeneration, ...]:
        """The dossiers under which its own requests are sealed."""
        own = (dossier_of(event, envelope) for event, envelope in self.requests)
        return tuple(dossier for dossier in own if dossier is not None)

    @property
    def backups_until(self) -> date | None:
        """The last day on which a backup may hold any of it; None while nothing was destroyed, or nothing was there."""
        return max((each.backups_until for each in self.destroyed if each.backups_until), default=None)

    @property
    def owing(self) -> int:
        """How many recipients owed an answer when it was asked for."""
        return sum(len(envelope.duties) for _, envelope in self.requests)

    @property
    def answered(self) -> int:
        """How many of them have answered; all, once it is complete."""
        if self.completed is not None:
            return self.owing
        return sum(one.answer is not None for one in self.obligations)

    @property
    def state(self) -> State:
        """How far it is; an erasure that found nothing is complete at once."""
        if self.completed is not None or not (self.dossiers or self.owing):
            return "complete"
        if not self.destroyed:
            return "fenced"
        return "waiting" if self.swept else "content-destroyed"


def erased_key(erasure_id: UUID) -> str:
    """The key under which the ledger records that the content is destroyed."""
    return f"erased:{erasure_id}"


def completed_key(erasure_id: UUID) -> str:
    """The key under which the ledger records that an erasure is complete."""
    return f"erasure-completed:{erasure_id}"


class ErasureReader:
    """Reads erasures from stored events; blocking."""

    def __init__(self, *, reader: EventReader, opener: Opener, ids: ObligationIds) -> None:
        """Read events from ``reader``, open what is sealed with ``opener``; ``ids`` name what recipients owe."""
        self._reader = reader
        self._opener = opener
        self._ids = ids

    def load(self, erasure_id: UUID) -> Erasure | None:
        """The erasure that an operation asked for; None when it asked for none, or its record has ended."""
        asked = self._of_operation(erasure_id, topics.ERASURE_REQUESTED)
        if not asked:
            return None
        contents = tuple(self._opener.open([event for event, _ in asked]))
        answers = [self.answers(event) for event, _ in asked]
        destroyed = self._of_operation(operation_id_of(LEDGER, erased_key(erasure_id)), topics.ERASED)
        completed = self._of_operation(operation_id_of(LEDGER, completed_key(erasure_id)), topics.ERASURE_COMPLETED)
        return Erasure(
            requests=asked,
            contents=contents,
            destroyed=tuple(envelope for _, envelope in destroyed),
            swept=bool(destroyed) and not any(self.unswept(event, envelope) for event, envelope in asked),
            obligations=tuple(
                one
                for (event, _), content, given in zip(asked, contents, answers, strict=True)
                for one in residue_obligations(event, content, [envelope for _, envelope in given], self._ids)
            ),
            answers=frozenset((event.lane, event.position) for given in answers for event, _ in given),
            completed=completed[0][1] if completed else None,
            completed_content=self._opener.open([completed[0][0]])[0] if completed else None,
        )

    def answers(self, event: StoredEvent) -> list[Seen]:
        """What recipients answered because of one request, in order."""
        return [
            (each, each.read_envelope())
            for each in self._reader.events_of_stream(event.lane, event.stream_id)
            if each.topic == topics.OBLIGATION_ANSWERED and each.envelope is not None
        ]

    def unswept(self, event: StoredEvent, request: Envelope) -> list[Seen]:
        """The events under the dossiers of a request, from before it, that still have their envelope and may not."""
        wanted = {
            (each.lane, each.stream_id, bytes.fromhex(each.scope), each.generation) for each in request.erased_dossiers
        }
        return [
            (each, envelope)
            for place in sorted({(lane, stream_id) for lane, stream_id, _, _ in wanted})
            for each in self._reader.events_of_stream(*place)
            if each.envelope is not None
            and each.position < event.position
            and each.position not in request.spared
            and dossier_of(each, envelope := each.read_envelope()) in wanted
        ]

    def view(self, erasure: Erasure) -> dict[str, Any]:
        """The erasure in words of the contract: numbers and days, no recipient and no person."""
        request = erasure.request
        answers = [one.state for one in erasure.obligations]
        return {
            "id": request.key,
            "state": erasure.state,
            "owed": erasure.owing,
            "confirmed": erasure.answered,
            "kept": answers.count("kept"),
            "impossible": answers.count("impossible"),
            "backupsUntil": erasure.backups_until,
            "controller": request.controller,
            "requestedAt": request.recorded_at,
            "records": sum(envelope.erased_events or 0 for _, envelope in erasure.requests),
            "destroyedAt": max((each.recorded_at for each in erasure.destroyed), default=None),
            "completedAt": None if erasure.completed is None else erasure.completed.recorded_at,
            "findings": sorted({finding for _, envelope in erasure.requests for finding in envelope.findings}),
        }

    def _of_operation(self, operation_id: UUID, topic: str) -> tuple[Seen, ...]:
        events = self._reader.events_of_operation((operation_id,))
        seen = [(e, e.read_envelope()) for e in events if e.topic == topic and e.envelope is not None]
        return tuple(sorted(seen, key=lambda pair: (pair[1].index, pair[0].lane, pair[0].position)))
