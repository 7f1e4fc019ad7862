"""The lines of a person's dossier: events with what later events say about them, within two bounds in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final
from uuid import UUID

import msgspec

from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.policy import Frame
from services.ledger.application.ports import Bounds, EventReader, Projections, RegisterSource
from services.ledger.contract.events import Envelope
from services.ledger.contract.positions import format_position
from services.ledger.contract.topics import (
    CONFIDENTIALITY_SET,
    ERASED,
    EXEMPTION_ENDED,
    EXEMPTION_RECORDED,
    HOLD_PLACED,
    HOLD_RELEASED,
    MESSAGE_SENT,
    NOTICE_RECORDED,
    OBLIGATION_ANSWERED,
    PROCESSING_CORRECTED,
    PROCESSING_INTENDED,
    PROCESSING_RECORDED,
    PROCESSING_REFUSED,
    RETENTION_SET,
    SUBJECTS_LINKED,
    SUBJECTS_UNLINKED,
)
from services.ledger.domain.stored import StoredEvent
from services.ledger.domain.versions import REPLACED, corrects

END_OF_TIME: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Later than any act; a correction of an act belongs to it however late the correction came."""

TYPES: Final = {
    PROCESSING_RECORDED: "processing-recorded",
    PROCESSING_INTENDED: "processing-intended",
    PROCESSING_REFUSED: "processing-refused",
    NOTICE_RECORDED: "notice",
    EXEMPTION_RECORDED: "exemption",
    PROCESSING_CORRECTED: "corrected",
    CONFIDENTIALITY_SET: "confidentiality",
    SUBJECTS_LINKED: "linked",
    SUBJECTS_UNLINKED: "unlinked",
    EXEMPTION_ENDED: "exemption-ended",
    RETENTION_SET: "retention-set",
    HOLD_PLACED: "hold-placed",
    HOLD_RELEASED: "hold-released",
    OBLIGATION_ANSWERED: "obligation-answered",
    MESSAGE_SENT: "message-sent",
    ERASED: "erased",
}
"""The public type of each topic that can stand on a person's stream."""

LATER: Final = frozenset({PROCESSING_CORRECTED, CONFIDENTIALITY_SET, EXEMPTION_ENDED, RETENTION_SET})
"""Events that say something about an earlier event of the same stream."""

ABOUT_EVERY_VERSION: Final = frozenset({PROCESSING_CORRECTED, CONFIDENTIALITY_SET})
"""Of these, what is about the versions of the act that came before it as well."""


class Later(msgspec.Struct, frozen=True):
    """An event about another event."""

    event: StoredEvent
    envelope: Envelope


Spoken = dict[tuple[UUID, UUID], list[Later]]
"""By stream and operation what was said about it."""


class Line(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One event of a person with everything later that was known about it, in order of recording.

    ``onward``: what was said, after the act was replaced by the act as corrected, of what stands in its place: that is
    about this act too.
    """

    event: StoredEvent
    envelope: Envelope
    later: tuple[Later, ...] = ()
    onward: tuple[Later, ...] = ()

    @property
    def topic(self) -> str:
        """The topic of the event."""
        return self.event.topic

    @property
    def type(self) -> str:
        """The public type of the event."""
        return TYPES.get(self.event.topic, self.event.topic)

    @property
    def place(self) -> tuple[int, int]:
        """(lane, position)."""
        return self.event.lane, self.event.position

    @property
    def position(self) -> str:
        """The public position."""
        return format_position(self.event.lane, self.event.position)

    @property
    def stream(self) -> tuple[int, UUID]:
        """(lane, stream) of the person."""
        return self.event.lane, self.event.stream_id

    @cached_property
    def corrections(self) -> tuple[Later, ...]:
        """The corrections known of it, and of what came in its place."""
        return tuple(one for one in (*self.later, *self.onward) if one.event.topic == PROCESSING_CORRECTED)

    @property
    def corrects(self) -> UUID | None:
        """The operation, as it was first recorded, that this line is the corrected version of; None for any other."""
        return corrects(self.event.topic, self.envelope)

    @property
    def voided(self) -> str | None:
        """``wrong-person``, ``annulled`` or ``replaced`` when a correction said so, the last of them; else None."""
        kinds = [c.envelope.correction for c in self.corrections if c.envelope.correction != "correction"]
        return kinds[-1] if kinds else None

    @property
    def ended_at(self) -> datetime | None:
        """When the reason of an exemption had gone, as somebody reported; the first report counts."""
        ends = [later.envelope.occurred_at for later in self.later if later.event.topic == EXEMPTION_ENDED]
        return min(ends, default=None)

    @property
    def confided(self) -> Later | None:
        """The last change of its confidentiality, or of that of what came in its place."""
        changes = (one for one in (*self.onward[::-1], *self.later[::-1]) if one.envelope.confidentiality is not None)
        return next(changes, None)

    @property
    def confidentiality(self) -> Envelope:
        """The envelope that decides on confidentiality: that of the last change, or the event's own."""
        return self.envelope if self.confided is None else self.confided.envelope

    def is_confidential(self, day: date) -> bool:
        """Whether the line is kept from the person on ``day``: until it is lifted or its review date has passed."""
        decides = self.confidentiality
        until = decides.confidential_until
        return decides.confidentiality == "confidential" and (until is None or day <= until)


class Dossiers:
    """Reads the lines of persons; blocking, called from threads."""

    def __init__(self, *, projections: Projections, events: EventReader, register: RegisterSource) -> None:
        """Read rows from ``projections``, events from ``events``, covenants from ``register``."""
        self._projections = projections
        self._events = events
        self._register = register

    def lines(self, streams: Iterable[tuple[int, UUID]], bounds: Bounds) -> list[Line]:
        """The lines of these persons that happened and were known within ``bounds``, in order of (lane, position).

        Events whose envelope was swept after the end of their record are left out.
        """
        known = Bounds(as_of=END_OF_TIME, as_known_at=bounds.as_known_at)
        rows = self._projections.dossier(streams, known)
        return join_lines(self._events.events_at([(row.lane, row.position) for row in rows]), bounds)

    def frame(self, envelope: Envelope) -> Frame:
        """What the register says of the covenant of an event, as in force on the day of the act."""
        return frame_of(self._register.current(), envelope)


def join_lines(events: Sequence[StoredEvent], bounds: Bounds) -> list[Line]:
    """Fold later events into the events they are about; ``asOf`` bounds the act, ``asKnownAt`` everything."""
    decoded = [(event, event.read_envelope()) for event in events if event.envelope is not None]
    known = [(event, envelope) for event, envelope in decoded if envelope.recorded_at <= bounds.as_known_at]
    later: Spoken = {}
    for event, envelope in known:
        if event.topic in LATER and envelope.about_operation is not None:
            later.setdefault((event.stream_id, envelope.about_operation), []).append(Later(event, envelope))
    return [
        _line(event, envelope, later)
        for event, envelope in known
        if event.topic not in LATER and event.topic in TYPES and envelope.occurred_at <= bounds.as_of
    ]


def _line(event: StoredEvent, envelope: Envelope, spoken: Spoken) -> Line:
    later = spoken.get((event.stream_id, envelope.operation_id), ())
    return Line(event=event, envelope=envelope, later=tuple(later), onward=tuple(_onward(later, spoken)))


def _onward(later: Iterable[Later], spoken: Spoken) -> Iterator[Later]:
    """What was said of each version that came in the place of what these are about; terms are each version's own."""
    replacing = [one for one in later if one.envelope.correction == REPLACED]
    while replacing:
        one = replacing.pop()
        following = spoken.get((one.event.stream_id, one.envelope.operation_id), ())
        yield from (each for each in following if each.event.topic in ABOUT_EVERY_VERSION)
        replacing += [each for each in following if each.envelope.correction == REPLACED]


def frame_of(register: Register, envelope: Envelope) -> Frame:
    """The contact point and legal frame of the covenant that the event names, on the day of the act."""
    if envelope.covenant is None:
        return Frame()
    covenant = register.covenant(envelope.covenant, amsterdam_day(envelope.occurred_at))
    if covenant is None:
        return Frame()
    contact_point = covenant.arrangement.contact_point if covenant.arrangement else None
    return Frame(contact_point, covenant.legal_frame == "wgs-zvh")
