"""Keyed hashes: how a person, a case or a list is found without its number standing anywhere in clear.

All keys come from the vault once, at the start; every hash is HMAC-SHA-256 in one shot,
because it runs for every subject of every act.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from services.law.identifiers import canonical_identifier
from services.ledger.application.bounded_cache import BoundedCache
from services.ledger.application.ports import Vault
from services.ledger.domain.scope import SCOPE_BYTES
from services.runtime import limits
from services.runtime.crypto import Hmac, keyed_hash

REF_BYTES = 16
INDEX_BYTES = 16


class Pseudonyms:
    """The hashes of one ledger; holds derived keys, never an identifier."""

    def __init__(self, *, vault: Vault, lanes: int) -> None:
        """``lanes`` is fixed when the ledger is created: it decides on which lane a person lives."""
        self._vault = vault
        self._lanes = lanes
        self._routing = Hmac(vault.derive("routing"))
        self._body = Hmac(vault.derive("body"))
        self._scope = vault.derive("scope")
        self._list = Hmac(vault.derive("list"))
        self._newest, lookup_key = vault.lookup_key()
        self._lookup = Hmac(lookup_key)
        self._older = tuple(Hmac(vault.lookup_key(v)[1]) for v in range(self._newest - 1, 0, -1))
        self._ref_keys: BoundedCache[str, Hmac] = BoundedCache(limits.REFS_CACHED_MAX)
        self._index_keys: BoundedCache[str, Hmac] = BoundedCache(limits.REFS_CACHED_MAX)
        self._lists: BoundedCache[str, str] = BoundedCache(limits.BLIND_INDEXES_CACHED_MAX)
        self._scopes: BoundedCache[tuple[str, ...], bytes] = BoundedCache(limits.BLIND_INDEXES_CACHED_MAX)

    @property
    def lanes(self) -> int:
        """How many subject lanes the ledger has."""
        return self._lanes

    @property
    def key_version(self) -> int:
        """The version of the lookup key under which new persons are written."""
        return self._newest

    def person(self, id_type: str, value: str) -> bytes:
        """The one spelling of an identifier that everything is hashed from; IdentifierError for a malformed one."""
        return f"{id_type}\x1f{canonical_identifier(id_type, value)}".encode()

    def place(self, person: bytes) -> tuple[int, bytes]:
        """(lane, lookup) of a person under the newest lookup key."""
        return self.lane_of(person), self._lookup.digest(person)

    def older_places(self, person: bytes) -> list[tuple[int, bytes]]:
        """(lane, lookup) under every older lookup key, newest first; empty before the first rotation."""
        if not self._older:
            return []
        lane = self.lane_of(person)
        return [(lane, key.digest(person)) for key in self._older]

    def lane_of(self, name: bytes) -> int:
        """The lane of a person or of a stream that is no person's."""
        if self._lanes == 1:
            return 0
        return int.from_bytes(self._routing.digest(name)[:8], "big") % self._lanes

    def stream_lane(self, stream_id: UUID) -> int:
        """The lane of a stream that is no person's: a party's own, its access stream, a request, a breach."""
        return 0 if self._lanes == 1 else self.lane_of(stream_id.bytes)

    def claim_lane(self, operation_id: UUID) -> int:
        """The lane where the claim on (party, key) lives."""
        return 0 if self._lanes == 1 else self.lane_of(operation_id.bytes)

    def ref(self, party: str, person: bytes) -> str:
        """The pseudonym of a person for the asking party (32 hex digits); it needs no stream."""
        return self.refs(party, (person,))[0]

    def refs(self, party: str, persons: Iterable[bytes]) -> list[str]:
        """The pseudonyms of these persons for the asking party, in order."""
        key = self._ref_keys.get(party)
        if key is None:
            key = Hmac(self._vault.derive(f"ref:{party}"))
            self._ref_keys.put(party, key)
        return [key.digest(person)[:REF_BYTES].hex() for person in persons]

    def body_hash(self, canonical: bytes) -> bytes:
        """The keyed hash of a canonical body: equal bodies are recognised, none can be guessed from it."""
        return self._body.digest(canonical)

    def scope(self, parts: tuple[str, ...]) -> bytes:
        """The 16 bytes that name a dossier scope in the tables."""
        found = self._scopes.get(parts)
        if found is None:
            found = keyed_hash(self._scope, *(part.encode() for part in parts))[:SCOPE_BYTES]
            self._scopes.put(parts, found)
        return found

    def case_index(self, controller: str, case_id: str) -> str:
        """The blind index of a case number of a controller (hex): another controller's same number differs."""
        key = self._index_keys.get(controller)
        if key is None:
            key = Hmac(self._vault.derive(f"index:{controller}"))
            self._index_keys.put(controller, key)
        return key.digest(case_id.encode())[:INDEX_BYTES].hex()

    def list_index(self, list_id: str) -> str:
        """The blind index of a list id (hex): the same for all who work with the list."""
        found = self._lists.get(list_id)
        if found is None:
            found = self._list.digest(list_id.encode())[:INDEX_BYTES].hex()
            self._lists.put(list_id, found)
        return found


def week_key_id(day: date) -> str:
    """The vault key of the ISO week of ``day``, under which new dossier secrets are wrapped."""
    year, week, _ = day.isocalendar()
    return f"week:{year:04d}-W{week:02d}"


def day_key_id(day: date) -> str:
    """The vault key of the day on which records end."""
    return f"day:{day.isoformat()}"


def hold_key_id(hold_id: UUID) -> str:
    """The vault key of a hold, under which lives what the hold keeps beyond its day."""
    return f"hold:{hold_id}"


def overlap_key_id(overlap_id: UUID) -> str:
    """The vault key of an overlap: its secret lives under it until the persons are counted."""
    return f"overlap:{overlap_id}"
