"""The life of a lane's lines read literally: event after event, each line with a state of its own.

Written apart from services/ledger/storage/projections on purpose: it plays every event forward in the order of the
lane, where the product sets rows by what the events say together, in whatever pieces they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from tests.support.envelopes import Event

LATER = {
    topics.PROCESSING_CORRECTED,
    topics.CONFIDENTIALITY_SET,
    topics.RETENTION_SET,
    topics.ERASED,
    topics.ERASURE_COMPLETED,
    topics.OBLIGATION_ANSWERED,
    topics.MESSAGE_SENT,
    topics.REQUEST_STEPPED,
    topics.EXEMPTION_ENDED,
}


class Line:
    """One line as it stands now."""

    def __init__(self, position: int, stream: UUID, topic: str, envelope: Envelope) -> None:
        self.position, self.stream, self.topic, self.envelope = position, stream, topic, envelope
        self.ends = envelope.record_ends
        self.about: Line | None = None
        self.over = False
        self.erased = False

    @property
    def parties(self) -> set[str]:
        """Whose line it is."""
        return {self.envelope.controller or self.envelope.author, *self.envelope.recipients}


class Lane:
    """The lines of one lane, after every event so far."""

    def __init__(self) -> None:
        self.head = 0
        self.lines: dict[int, Line] = {}
        self.ended: set[date] = set()
        self.holds: dict[int, tuple[UUID, Line]] = {}

    def play(self, event: Event) -> None:
        """Take the next event of the lane."""
        _, stream, topic, envelope = event
        self.head += 1
        assert envelope is not None
        line = self.lines[self.head] = Line(self.head, stream, topic, envelope)
        if topic in LATER and envelope.about_operation is not None:
            line.about = min(self.originals(line), key=lambda one: one.position, default=None)
        self.decide(line)

    def decide(self, line: Line) -> None:
        """Let a deciding event have its effect."""
        envelope = line.envelope
        if line.topic == topics.HOLD_PLACED and envelope.hold_id is not None:
            self.holds[line.position] = (envelope.hold_id, line)
        if line.topic == topics.HOLD_RELEASED:
            self.holds = {place: held for place, held in self.holds.items() if held[0] != envelope.hold_id}
        if line.topic == topics.RETENTION_DAY_ENDED and envelope.day is not None:
            self.ended.add(envelope.day)
        if line.topic == topics.RETENTION_SET and line.about is not None and not line.about.over:
            line.about.ends = envelope.new_record_ends or line.about.ends
        if line.topic == topics.ERASURE_REQUESTED:
            for one in list(self.lines.values()):
                one.erased = one.erased or any(
                    self.is_named(one, line, dossier) for dossier in envelope.erased_dossiers
                )
        if line.topic == topics.RECORDS_SWEPT:
            self.sweep(envelope)
        for one in list(self.lines.values()):
            self.look_at(one)

    def is_named(self, one: Line, request: Line, dossier: object) -> bool:
        """Whether a line, or what it is about, stands under a dossier that a request names, and is not spared."""
        reached = one.about or one
        named = any(
            (each.stream, each.envelope.scope, each.envelope.generation)
            == (dossier.stream_id, dossier.scope, dossier.generation)  # type: ignore[attr-defined]
            and each.position < request.position
            and each.position not in request.envelope.spared
            for each in (one, reached)
        )
        return named and one.position < request.position

    def sweep(self, envelope: Envelope) -> None:
        """Take out what is named; what was about it and stays ends by itself again."""
        gone = {place for low, high in envelope.swept for place in range(low, high + 1)} & self.lines.keys()
        for place in gone:
            del self.lines[place]
            self.holds.pop(place, None)
        for line in self.lines.values():
            if line.about is not None and line.about.position in gone:
                line.about, line.ends = None, line.envelope.record_ends

    def originals(self, line: Line) -> Iterator[Line]:
        """The lines that a later one may be about."""
        for one in self.lines.values():
            same = one.stream == line.stream and one.envelope.operation_id == line.envelope.about_operation
            if same and one.position < line.position and one.topic not in LATER:
                yield one

    def is_held(self, line: Line) -> bool:
        """Whether a hold in force is about the line."""
        return any(place == line.position or is_about(hold, line) for place, (_, hold) in self.holds.items())

    def look_at(self, line: Line) -> None:
        """Note that it is over with a line: its day was ended and nothing keeps it."""
        if line.ends is not None and line.ends in self.ended and not self.is_held(line):
            line.over = True

    def kept_until(self, line: Line) -> str:
        """Until when a line may be shown, as PostgreSQL prints it."""
        if line.erased or (line.about is not None and line.about.erased):
            return "-infinity"
        decides = line.about or line
        if decides.ends is None or (self.is_held(decides) and not decides.over):
            return "infinity"
        return decides.ends.isoformat()

    def view(self) -> dict[int, tuple[str, str]]:
        """(last day of the record, kept until) of every line."""
        return {
            place: (
                "infinity" if (ends := (line.about or line).ends) is None else ends.isoformat(),
                self.kept_until(line),
            )
            for place, line in sorted(self.lines.items())
        }


def is_about(hold: Line, line: Line) -> bool:
    """Whether a line meets everything that a hold names."""
    named, own = hold.envelope, line.envelope
    person = hold.stream if hold.stream.version != 5 else None
    if person is None and named.case_index is None and named.covenant is None and named.hold_party is None:
        return False
    return (
        (person is None or line.stream == person)
        and (named.case_index is None or named.case_index == own.case_index)
        and (named.covenant is None or named.covenant == own.covenant)
        and (named.annex is None or named.annex == own.annex)
        and (named.hold_party is None or named.hold_party in line.parties)
    )
