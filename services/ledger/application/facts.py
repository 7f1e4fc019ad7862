"""Reads what the ledger knows of a person at the moment of a judgement, over all linked streams. Blocking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from services.law.context import SubjectFacts
from services.ledger.application.policy import owners
from services.ledger.application.ports import EventReader, Opener
from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.domain.fold_facts import fold_facts
from services.ledger.domain.holding_rows import holding_rows
from services.ledger.domain.holdings import HoldingRow
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits

Place = tuple[int, UUID]


class Links(Protocol):
    """Which streams are one person."""

    def closure(self, places: Sequence[Place]) -> dict[Place, tuple[Place, ...]]:
        """For each stream itself and everything linked to it."""
        ...


class KnownPerson(msgspec.Struct, frozen=True):
    """What the ledger has on one person: the facts, and the acts that begin, carry and end holdings."""

    place: Place
    facts: SubjectFacts
    rows: tuple[HoldingRow, ...]


def facts_of(persons: Iterable[KnownPerson | None]) -> list[SubjectFacts | None]:
    """The facts of each, as a judgement takes them."""
    return [None if person is None else person.facts for person in persons]


class FactReader:
    """Folds facts from the person's own stream and all streams linked to it."""

    def __init__(self, *, reader: EventReader, opener: Opener, links: Links) -> None:
        """Read events from ``reader``; open contents with ``opener``; follow ``links``."""
        self._reader = reader
        self._opener = opener
        self._links = links

    def read(self, places: Sequence[Place]) -> dict[Place, SubjectFacts]:
        """The facts of each of these persons' streams."""
        return {place: known.facts for place, known in self.read_known(places).items()}

    def read_known(self, places: Sequence[Place], party: str | None = None) -> dict[Place, KnownPerson]:
        """What is known of each of these persons' streams, holdings included.

        ``party``: who asks. The municipality comes only from what that party may read; without a party there is none.
        """
        closure = self._links.closure(places)
        return {place: self._read_one(place, closure[place], party) for place in places}

    def _read_one(self, own: Place, streams: Sequence[Place], party: str | None) -> KnownPerson:
        """``position`` is the newest event read in the person's own lane."""
        events = sorted(
            ((event, event.read_envelope()) for event in self._events_of(streams) if event.envelope is not None),
            key=lambda pair: (pair[1].recorded_at, pair[0].lane, pair[0].position),
        )
        position = max((event.position for event, _ in events if event.lane == own[0]), default=0)
        facts = fold_facts(
            ((event.topic, envelope) for event, envelope in events),
            position=position,
            municipality=None if party is None else self._municipality_of(party, events),
        )
        rows = holding_rows(
            ((event.lane, event.stream_id), event.position, event.topic, envelope) for event, envelope in events
        )
        return KnownPerson(own, facts, tuple(rows))

    def _events_of(self, streams: Sequence[Place]) -> list[StoredEvent]:
        return [event for lane, stream_id in streams for event in self._reader.events_of_stream(lane, stream_id)]

    def _municipality_of(self, party: str, events: Sequence[tuple[StoredEvent, Envelope]]) -> str | None:
        """Where the newest content that ``party`` may read places the person; it stands in no envelope.

        Else the verdict on an act that leaves the town out would tell where a stranger knows the person to live.
        """
        own = [event for event, envelope in reversed(events) if _may_read(party, event.topic, envelope)]
        newest = own[: limits.FACT_CONTENTS_MAX]
        for content in self._opener.open(newest):
            if content is not None and content.subject is not None and content.subject.municipality is not None:
                return content.subject.municipality
        return None


def _may_read(party: str, topic: str, envelope: Envelope) -> bool:
    """Whether the event is the party's own, or its data were disclosed to it in fact."""
    if party in owners(topic, envelope):
        return True
    return topic == topics.PROCESSING_RECORDED and party in envelope.recipients
