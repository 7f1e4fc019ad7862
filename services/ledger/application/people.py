"""The persons of a batch: found by lookup, or given a stream that stays the same while its first event is under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from services.ledger.application.bounded_cache import BoundedCache
from services.ledger.application.ports import IdentityStore
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.domain.identity import print_uuid, uuid4_of
from services.ledger.domain.stored import Identifier
from services.runtime import limits
from services.runtime.ids import Ids

Lookup = tuple[int, bytes]
"""(lane, keyed lookup)."""
UUID_BYTES: Final = 16


class Person(msgspec.Struct, gc=False):
    """A person's stream.

    ``row`` is there until an append has stored it; ``known``: the ledger had the person before.
    ``printed``: the stream id as text, from which the id of every event is made.
    """

    lane: int
    stream_id: UUID
    row: Identifier | None
    known: bool
    printed: str

    @property
    def is_new(self) -> bool:
        """Whether the stream was made here and was never stored: nothing can be found under it."""
        return not self.known and self.row is not None


class People:
    """Resolves lookups to streams with one statement per lane and batch; blocking."""

    def __init__(self, *, identities: IdentityStore, pseudonyms: Pseudonyms, ids: Ids) -> None:
        """Find persons in ``identities``; new stream ids are random, so that they tell nothing."""
        self._identities = identities
        self._pseudonyms = pseudonyms
        self._ids = ids
        self._persons: BoundedCache[Lookup, Person] = BoundedCache(limits.STREAMS_CACHED_MAX)

    def cached(self) -> int:
        """How many persons are remembered here."""
        return len(self._persons)

    def find(self, persons: Sequence[tuple[Lookup, bytes]]) -> dict[Lookup, Person]:
        """The persons among (lookup, canonical bytes) that the ledger knows or is about to know; may block."""
        found, missing = self.at_hand(persons)
        if missing:
            found.update(self.look_up(missing))
        return found

    def at_hand(
        self, persons: Iterable[tuple[Lookup, bytes]]
    ) -> tuple[dict[Lookup, Person], list[tuple[Lookup, bytes]]]:
        """Who is remembered, and who must be looked up; never blocks."""
        found: dict[Lookup, Person] = {}
        missing: list[tuple[Lookup, bytes]] = []
        get = self._persons.get
        for pair in persons:
            held = get(pair[0])
            if held is not None:
                found[pair[0]] = held
            else:
                missing.append(pair)
        return found, missing

    def begin(self, lookup: Lookup) -> Person:
        """A new person: a random stream, and the row that leads to it."""
        stream_id = uuid4_of(self._ids.random_bytes(UUID_BYTES))
        person = Person(lookup[0], stream_id, self._row(lookup, stream_id), False, print_uuid(stream_id))
        self._persons.put(lookup, person)
        return person

    def stored(self, rows: Iterable[Identifier]) -> None:
        """These rows stand in the tables now: nobody needs to list them again."""
        for row in rows:
            held = self._persons.get((row.lane, row.lookup))
            if held is not None and held.stream_id == row.stream_id:
                held.row = None
                held.known = True

    def forget(self, rows: Iterable[Identifier]) -> None:
        """These rows may not have been stored: ask the tables next time."""
        for row in rows:
            self._persons.drop((row.lane, row.lookup))

    def look_up(self, missing: Sequence[tuple[Lookup, bytes]]) -> dict[Lookup, Person]:
        """The persons among these that stand in the tables; blocking."""
        older = {lookup: self._pseudonyms.older_places(person) for lookup, person in missing}
        known = self._identities.find_streams(
            [*(lookup for lookup, _ in missing), *(place for places in older.values() for place in places)]
        )
        found: dict[Lookup, Person] = {}
        for lookup, _ in missing:
            row = known.get(lookup)
            if row is not None:
                found[lookup] = Person(row.lane, row.stream_id, None, True, print_uuid(row.stream_id))
            else:
                earlier = next((known[place] for place in older[lookup] if place in known), None)
                if earlier is None:
                    continue
                # Found under an older key: the next event writes the lookup under the newest one too.
                row = self._row(lookup, earlier.stream_id)
                found[lookup] = Person(earlier.lane, earlier.stream_id, row, True, print_uuid(earlier.stream_id))
            self._persons.put(lookup, found[lookup])
        return found

    def _row(self, lookup: Lookup, stream_id: UUID) -> Identifier:
        # In the order of the row: this runs for every new person.
        return Identifier(lookup[0], lookup[1], self._pseudonyms.key_version, stream_id)
