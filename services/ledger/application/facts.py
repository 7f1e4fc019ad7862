"""Reads what the ledger knows of persons at the moment of a judgement, over all linked streams. Blocking.

The persons of a whole batch are asked for together: a few statements, however many they are. Their histories may be
long, so they are read in pages of a bounded number of events, and folded one person at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Protocol
from uuid import UUID

import msgspec

from services.law.context import SubjectFacts
from services.law.errors import LawError
from services.ledger.application.policy import owners
from services.ledger.application.ports import EventReader, Opener
from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.domain.fold_facts import fold_facts
from services.ledger.domain.holding_rows import holding_rows
from services.ledger.domain.holdings import HoldingRow
from services.runtime import limits

ENVELOPES: Final = msgspec.json.Decoder(Envelope)

Place = tuple[int, UUID]
Told = tuple[Place, int, str, Envelope]
"""Stream, position, topic and envelope of an event that was not swept."""


class Links(Protocol):
    """Which streams are one person."""

    def closure(self, places: Sequence[Place]) -> dict[Place, tuple[Place, ...]]:
        """For each stream itself and everything linked to it."""
        ...


class KnownPerson(msgspec.Struct, frozen=True):
    """What the ledger has on one person: the facts, and in order of recording what they were folded from."""

    place: Place
    facts: SubjectFacts
    told: list[Told]

    @property
    def rows(self) -> list[HoldingRow]:
        """The acts that begin, carry and end holdings; made for who asks, since most acts need none."""
        return holding_rows(self.told)


Known = dict[Place, KnownPerson]


class Asked(msgspec.Struct, frozen=True):
    """A question about the persons of one act, each of whom stands here once.

    ``party``: who asks where they live. That comes only from what this party may read; without a party nobody asks.
    """

    places: tuple[Place, ...]
    party: str | None = None


class _Person(msgspec.Struct, frozen=True):
    """A person of a question: the own stream, and all streams that are this person."""

    place: Place
    streams: tuple[Place, ...]
    party: str | None


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

    def read_known(self, places: Sequence[Place], party: str | None = None) -> Known:
        """What is known of each of these persons' streams, holdings included.

        ``party``: who asks. The municipality comes only from what that party may read; without a party there is none.
        """
        ((_, known),) = self.read_each([Asked(tuple(dict.fromkeys(places)), party)])
        if isinstance(known, LawError):
            raise known
        return known

    def read_each(self, asked: Sequence[Asked]) -> Iterator[tuple[Asked, Known | LawError]]:
        """Each question with what is known of its persons, in order; or why the facts of one of them do not fold.

        What is yielded was read no more than a page before.
        """
        persons = (person for page in self._pages(self._persons_of(asked)) for person in self._read_page(page))
        for one in asked:
            known: Known = {}
            error: LawError | None = None
            for person in islice(persons, len(one.places)):
                if isinstance(person, LawError):
                    error = person
                else:
                    known[person.place] = person
            yield one, error or known

    def _persons_of(self, asked: Sequence[Asked]) -> list[_Person]:
        closures = self._closures([one.places for one in asked])
        return [
            _Person(place, closure[place], one.party)
            for one, closure in zip(asked, closures, strict=True)
            for place in one.places
        ]

    def _closures(self, groups: Sequence[Sequence[Place]]) -> list[dict[Place, tuple[Place, ...]]]:
        """Of each group which streams are its persons.

        How far links are followed is bounded by how many persons are asked about. Where that bound may have been met
        each group is asked alone, so that nobody's facts depend on who else is in the batch.
        """
        closure = self._links.closure([place for group in groups for place in group])
        found = [{place: closure[place] for place in group} for group in groups]
        if len(groups) > 1 and any(_may_be_cut(each) for each in found):
            return [self._links.closure(group) for group in groups]
        return found

    def _pages(self, persons: Sequence[_Person]) -> Iterator[list[_Person]]:
        """The persons in order, so many at once as have a bounded number of events together; at least one."""
        streams = [stream for person in persons for stream in person.streams]
        lengths = self._reader.lengths_of_streams(streams) if len(persons) > 1 else {}
        page: list[_Person] = []
        events = 0
        for person in persons:
            length = sum([lengths.get(stream, 0) for stream in person.streams])
            if page and events + length > limits.FACT_EVENTS_MAX:
                yield page
                page, events = [], 0
            page.append(person)
            events += length
        if page:
            yield page

    def _read_page(self, page: Sequence[_Person]) -> Iterator[KnownPerson | LawError]:
        """What is known of each of these persons, in order."""
        by_stream: dict[Place, list[Told]] = {}
        streams = dict.fromkeys([stream for person in page for stream in person.streams])
        for event in self._reader.clear_of_streams(list(streams)):
            stream, envelope = (event.lane, event.stream_id), ENVELOPES.decode(event.envelope)
            by_stream.setdefault(stream, []).append((stream, event.position, event.topic, envelope))
        told = [_in_order([each for stream in person.streams for each in by_stream.get(stream, ())]) for person in page]
        readable = [_readable(person.party, own) for person, own in zip(page, told, strict=True)]
        towns = self._towns([place for places in readable for place in places])
        for person, own, places in zip(page, told, readable, strict=True):
            found = [town for town in islice(towns, len(places)) if town is not None]
            try:
                known = _fold(person.place, own, found[0] if found else None)
            except LawError as error:
                yield error
            else:
                yield known

    def _towns(self, places: Sequence[tuple[int, int]]) -> Iterator[str | None]:
        """Where the content at each of these (lane, position) places its person; it stands in no envelope."""
        for start in range(0, len(places), limits.FACT_CONTENTS_AT_ONCE_MAX):
            events = self._reader.events_at(places[start : start + limits.FACT_CONTENTS_AT_ONCE_MAX])
            for content in self._opener.open(events):
                yield None if content is None or content.subject is None else content.subject.municipality


def _may_be_cut(closure: dict[Place, tuple[Place, ...]]) -> bool:
    """Whether these persons have so many streams that their links may not all have been followed."""
    found = {stream for streams in closure.values() for stream in streams}
    return len(found) > limits.LINKED_STREAMS_MAX * len(closure)


def _in_order(told: Iterable[Told]) -> list[Told]:
    return sorted(told, key=lambda each: (each[3].recorded_at, each[0][0], each[1]))


def _fold(own: Place, told: list[Told], municipality: str | None) -> KnownPerson:
    """``position`` is the newest event read in the person's own lane."""
    newest = max((position for (lane, _), position, _, _ in told if lane == own[0]), default=0)
    events = ((topic, envelope) for _, _, topic, envelope in told)
    return KnownPerson(own, fold_facts(events, position=newest, municipality=municipality), told)


def _readable(party: str | None, told: Sequence[Told]) -> list[tuple[int, int]]:
    """Where the newest events stand that ``party`` may read, the last one first; nowhere when nobody asks.

    By others the verdict on an act that leaves the town out would tell where a stranger knows the person to live.
    """
    if party is None:
        return []
    own = ((lane, position) for (lane, _), position, topic, e in reversed(told) if _may_read(party, topic, e))
    return list(islice(own, limits.FACT_CONTENTS_MAX))


def _may_read(party: str, topic: str, envelope: Envelope) -> bool:
    """Whether the event is the party's own, or its data were disclosed to it in fact."""
    if party in owners(topic, envelope):
        return True
    return topic == topics.PROCESSING_RECORDED and party in envelope.recipients
