"""What every read needs: the ports it reads from, and the way from a public id to stored events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from services.law.errors import IdentifierError
from services.law.identifiers import canonical_identifier
from services.law.local_time import amsterdam_day
from services.law.register import DayView, Register
from services.ledger.application.lines import END_OF_TIME, Dossiers, Line, frame_of
from services.ledger.application.policy import Frame, Relation, may_read, relation
from services.ledger.application.ports import Bounds, Directory, EventReader, Opener, Projections, RegisterSource
from services.ledger.contract.errors import identifier_fault
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import StoredEvent
from services.runtime.clock import Clock
from services.runtime.errors import Rejected

Place = tuple[int, UUID]
"""(lane, stream)."""


class SubjectInvalid(Rejected):
    """The identifier of the subject is malformed."""

    code = "subject-invalid"
    remedy = "Correct the identifier of the subject."

    def __init__(self, error: IdentifierError) -> None:
        """Say what is wrong with it, never what it was."""
        super().__init__((identifier_fault("/subject", error),))


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """The ports of the reads; blocking, used from threads."""

    projections: Projections
    events: EventReader
    opener: Opener
    directory: Directory
    register: RegisterSource
    clock: Clock

    @property
    def dossiers(self) -> Dossiers:
        """The reader of persons' lines."""
        return Dossiers(projections=self.projections, events=self.events, register=self.register)

    def view_at(self, instant: datetime) -> DayView:
        """The register as it is known now, on the day of ``instant``."""
        return self.register.current().on(amsterdam_day(instant))

    def frame(self, envelope: Envelope) -> Frame:
        """The contact point and legal frame of the event's covenant."""
        return frame_of(self.register.current(), envelope)

    def relation(self, caller: Caller, line: Line, own: frozenset[Place]) -> Relation:
        """What the caller is to the line; ``own`` are the streams of the token's person."""
        return relation(caller, line.topic, line.envelope, self.frame(line.envelope), about_caller=line.stream in own)

    def may_read(self, caller: Caller, line: Line, own: frozenset[Place]) -> bool:
        """Whether the caller may read the line for its purpose."""
        return may_read(caller, line.topic, line.envelope, self.frame(line.envelope), about_caller=line.stream in own)

    def own_streams(self, caller: Caller) -> frozenset[Place]:
        """The streams of the token's person; empty for a token of a party."""
        return frozenset() if caller.subject is None else frozenset(self.streams_of(caller.subject))

    def streams_of(self, subject: SubjectIdentifier, known_at: datetime | None = None) -> tuple[Place, ...]:
        """The streams of a person, empty when unknown; SubjectInvalid for an identifier that cannot exist.

        ``known_at``: linked as was known then, so that an answer about the past does not change with a later link.
        """
        try:
            return self.directory.streams_of(subject, known_at)
        except IdentifierError as error:
            raise SubjectInvalid(error) from None

    def open(self, events: Sequence[StoredEvent]) -> dict[tuple[int, int], Content | None]:
        """The contents by (lane, position); None for what has ended or was erased."""
        opened = self.opener.open(events)
        return {(event.lane, event.position): content for event, content in zip(events, opened, strict=True)}

    def open_lines(self, lines: Sequence[Line]) -> dict[tuple[int, int], Content | None]:
        """The contents of the lines and of everything later about them, by (lane, position)."""
        later = dict.fromkeys(one.event for line in lines for one in (*line.later, *line.onward))
        return self.open([*(line.event for line in lines), *later])

    def operation_ids(self, caller: Caller, key: str) -> list[UUID]:
        """The operations that a public id may mean: the caller's own first, then those of every known party."""
        parties = dict.fromkeys((caller.party, *self.register.current().party_ids()))
        found = [operation_id_of(party, key) for party in parties]
        try:
            found.append(UUID(key))
        except ValueError:
            return found
        return found


def check_subject(subject: SubjectIdentifier) -> None:
    """Raise SubjectInvalid for an identifier that cannot exist."""
    try:
        canonical_identifier(subject.id_type, subject.id)
    except IdentifierError as error:
        raise SubjectInvalid(error) from None


def read_now(sources: Sources) -> Bounds:
    """Bounds that leave nothing out: whatever is recorded now, however far ahead its act lies."""
    return Bounds(as_of=END_OF_TIME, as_known_at=sources.clock.now())


def register_then(register: Register, position: int) -> Register:
    """The register as it stood at a register position; the newest one when nothing changed since."""
    return register if register.position <= position else register.known_until(position)


def identify(content: Content | None) -> SubjectIdentifier | None:
    """The person a content is about; None when it opens no more or is about nobody."""
    if content is None or content.subject is None:
        return None
    return SubjectIdentifier(id_type=content.subject.id_type, id=content.subject.id)
