"""What recipients owe because the ledger itself erased a dossier: it stands with the erasure, nothing else is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from services.law.context import SubjectFacts
from services.law.local_time import amsterdam_day
from services.law.owed import erase_due
from services.ledger.application.erasure_residue import ResidueObligation, residue_obligations
from services.ledger.application.lines import Line
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.person_duties import Obligation, PersonFile, answer_of_envelope
from services.ledger.application.ports import Bounds
from services.ledger.application.sources import Place, Sources
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import SubjectIdentifier
from services.ledger.contract.topics import ERASED, ERASURE_REQUESTED, OBLIGATION_ANSWERED
from services.ledger.domain.erase_duties import EraseAnswer
from services.ledger.domain.stored import StoredEvent

DERIVED_ID_VERSION: Final = 5


def is_of_erasure(place: Place) -> bool:
    """Whether a stream that obligations stand on is an erasure's: its id is derived, a person's is random."""
    return place[1].version == DERIVED_ID_VERSION


class ResidueDuties:
    """Reads the obligations that stand on the streams of erasures; blocking."""

    def __init__(self, *, sources: Sources, ids: ObligationIds) -> None:
        """Read from ``sources``; name obligations with ``ids``."""
        self._sources = sources
        self._ids = ids

    def places_of(self, lines: Iterable[Line]) -> list[Place]:
        """The streams of the erasures that the lines of a person tell of."""
        known = list(lines)
        streams = {line.stream for line in known}
        erasures = {line.envelope.erasure_id for line in known if line.topic == ERASED}
        wanted = sorted(erasure for erasure in erasures if erasure is not None)
        events = self._sources.events.events_of_operation(wanted) if wanted else []
        return [
            (event.lane, event.stream_id)
            for event in events
            if event.topic == ERASURE_REQUESTED
            and event.envelope is not None
            and not streams.isdisjoint({(each.lane, each.stream_id) for each in event.read_envelope().erased_dossiers})
        ]

    def read(self, places: Sequence[Place], bounds: Bounds, more: Sequence[EraseAnswer] = ()) -> list[PersonFile]:
        """One file per erasure and person, with what every recipient owes; ``more``: answers given just now."""
        files = (self._file(place, bounds, more) for place in places)
        return [file for file in files if file is not None]

    def _file(self, place: Place, bounds: Bounds, more: Sequence[EraseAnswer]) -> PersonFile | None:
        events = [event for event in self._sources.events.events_of_stream(*place) if event.envelope is not None]
        requests = [event for event in events if event.topic == ERASURE_REQUESTED]
        if not requests or requests[0].read_envelope().recorded_at > bounds.as_of:
            return None
        request = requests[0]
        envelope = request.read_envelope()
        answers = [event.read_envelope() for event in events if event.topic == OBLIGATION_ANSWERED]
        told = [answer for answer in answers if answer.occurred_at <= bounds.as_of]
        (content,) = self._sources.opener.open([request])
        erased = sorted({(each.lane, each.stream_id) for each in envelope.erased_dossiers})
        linked = self._sources.directory.closure(erased, bounds.as_known_at)
        if content is None:
            found = self._settled(request, envelope, told)
        else:
            owed = residue_obligations(request, content, told, self._ids)
            found = [self._obligation(one, envelope, more) for one in owed]
        return PersonFile(
            streams=tuple(sorted({place for group in linked.values() for place in group})),
            lines=(Line(event=request, envelope=envelope),),
            facts=SubjectFacts(),
            obligations=tuple(found),
        )

    def _obligation(self, one: ResidueObligation, envelope: Envelope, more: Sequence[EraseAnswer]) -> Obligation:
        given = None if one.answer is None else answer_of_envelope(one.answer, self._ids)
        cause = (one.event.lane, one.event.position)
        answer = next((each for each in reversed(more) if (each.cause, each.party) == (cause, one.party)), given)
        return make_obligation(
            one.id,
            one.party,
            one.event,
            envelope,
            one.data_categories,
            answer,
            SubjectIdentifier(id_type=one.subject.id_type, id=one.subject.id),
        )

    def _settled(self, request: StoredEvent, envelope: Envelope, told: Sequence[Envelope]) -> list[Obligation]:
        """What was answered before the erasure forgot whom it was about: who answers twice still hears the same."""
        found = []
        for party in envelope.recipients:
            name = self._ids.of_erasing(request.lane, request.stream_id, request.position, party)
            said = next((each for each in reversed(told) if each.obligation == name), None)
            answer = None if said is None else answer_of_envelope(said, self._ids)
            if said is not None and answer is not None:
                found.append(make_obligation(name, party, request, envelope, said.data_categories, answer, None))
        return found


def make_obligation(
    name: str,
    party: str,
    request: StoredEvent,
    envelope: Envelope,
    categories: tuple[str, ...],
    answer: EraseAnswer | None,
    subject: SubjectIdentifier | None,
) -> Obligation:
    """What one recipient owes because of a request to erase."""
    return Obligation(
        id=name,
        kind="erase",
        party=party,
        controllers=(envelope.controller or envelope.author,),
        data_categories=categories,
        due=erase_due(amsterdam_day(envelope.recorded_at)),
        state=state_of(answer),
        scopes=frozenset(),
        since=envelope.recorded_at,
        reason="erased",
        norm=None if answer is None else answer.norm,
        cause=(request.lane, request.position),
        answer=answer,
        subject=subject,
        erasure_id=envelope.erasure_id,
    )


def state_of(answer: EraseAnswer | None) -> str:
    """How it stands after an answer: any answer will do for the erasure to be complete."""
    if answer is None:
        return "owed"
    return "confirmed" if answer.outcome == "erased" else answer.outcome
