"""From an identifier to the streams of the person, over the links that were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.ledger.application.ports import IdentityStore
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract import topics
from services.ledger.contract.messages import SubjectIdentifier
from services.ledger.domain.stored import Identifier, StoredEvent
from services.runtime import limits

Place = tuple[int, UUID]
"""(lane, stream)."""


class LinkedDirectory:
    """The ``Directory`` port: keyed lookups, and links folded from the person's own events. Blocking."""

    def __init__(self, *, identities: IdentityStore, pseudonyms: Pseudonyms) -> None:
        """Read lookups from ``identities`` under the keys of ``pseudonyms``."""
        self._identities = identities
        self._pseudonyms = pseudonyms

    def streams_of(self, identifier: SubjectIdentifier, known_at: datetime | None = None) -> tuple[Place, ...]:
        """(lane, stream) of the person, own stream first, then all linked ones; empty when unknown."""
        person = self._pseudonyms.person(identifier.id_type, identifier.id)
        own = self.find((person,))[0]
        if own is None:
            return ()
        return self.closure(((own.lane, own.stream_id),), known_at)[own.lane, own.stream_id]

    def find(self, persons: Sequence[bytes]) -> list[Identifier | None]:
        """The known identifiers of these persons (canonical bytes), in order; in one statement per lane."""
        newest = [self._pseudonyms.place(person) for person in persons]
        older = [self._pseudonyms.older_places(person) for person in persons]
        known = self._identities.find_streams([*newest, *(place for places in older for place in places)])
        return [
            next((known[place] for place in (first, *rest) if place in known), None)
            for first, rest in zip(newest, older, strict=True)
        ]

    def closure(self, places: Sequence[Place], known_at: datetime | None = None) -> dict[Place, tuple[Place, ...]]:
        """For each stream itself and everything linked to it, directly or onward; sorted after the first."""
        neighbours: dict[Place, set[Place]] = {}
        wanted = set(places)
        while wanted:
            found = fold_links(self._identities.links_of(sorted(wanted)), known_at)
            neighbours.update({place: found.get(place, set()) for place in wanted})
            wanted = {other for place in wanted for other in neighbours[place]} - neighbours.keys()
            if len(neighbours) > limits.LINKED_STREAMS_MAX * len(places):
                break
        return {place: (place, *sorted(reach(place, neighbours) - {place})) for place in places}

    def ref(self, party: str, identifier: SubjectIdentifier) -> str:
        """The person's pseudonym for the asking party; needs no stream."""
        return self._pseudonyms.ref(party, self._pseudonyms.person(identifier.id_type, identifier.id))

    def case_index(self, controller: str, case_id: str) -> str:
        """The blind index of a case number of a controller (hex)."""
        return self._pseudonyms.case_index(controller, case_id)

    def list_index(self, list_id: str) -> str:
        """The blind index of a list id (hex)."""
        return self._pseudonyms.list_index(list_id)


def fold_links(events: Iterable[StoredEvent], known_at: datetime | None = None) -> dict[Place, set[Place]]:
    """The links in force per stream: the last word known on each pair of streams counts."""
    links: dict[Place, set[Place]] = {}
    for event in events:
        if event.envelope is None:
            continue
        envelope = event.read_envelope()
        if envelope.linked_stream is None or envelope.linked_lane is None:
            continue
        if known_at is not None and envelope.recorded_at > known_at:
            continue
        others = links.setdefault((event.lane, event.stream_id), set())
        other = (envelope.linked_lane, envelope.linked_stream)
        if event.topic == topics.SUBJECTS_LINKED:
            others.add(other)
        else:
            others.discard(other)
    return links


def reach(start: Place, neighbours: dict[Place, set[Place]]) -> set[Place]:
    """Everything that can be reached from ``start``, itself included."""
    seen, frontier = {start}, [start]
    while frontier:
        for other in neighbours.get(frontier.pop(), ()):
            if other not in seen:
                seen.add(other)
                frontier.append(other)
    return seen
