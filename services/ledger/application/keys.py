"""The two secrets under every content: the dossier's and the day's (design 1.5).

A content key is derived from both and the event's id. Destroying the day's vault key ends every
record of that day at once; destroying a dossier secret ends that dossier, and a fact that comes
later opens its next generation. Blocking; unwrapped secrets are cached for a bounded time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from services.law.local_time import amsterdam_day
from services.ledger.application.bounded_cache import BoundedCache
from services.ledger.application.ports import IdentityStore, KnownSecret, Vault
from services.ledger.application.pseudonyms import day_key_id, week_key_id
from services.ledger.application.vault_errors import KeyDestroyed, VaultFailure
from services.ledger.domain.stored import WrappedDaySecret, WrappedDossierSecret
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.crypto import KEY_BYTES
from services.runtime.ids import Ids

DossierPlace = tuple[int, UUID, bytes]
"""(lane, stream, scope)."""
GenerationPlace = tuple[int, UUID, bytes, int]
DayPlace = tuple[int, date]
HeldUnder = tuple[int, int, bytes]
"""A dossier's place with the stream as a number: a UUID is hashed in Python, a number is not."""

GENERATION_FIRST: Final = 1


class DossierSecret(msgspec.Struct):
    """An unwrapped dossier secret.

    ``row`` is there until an append has stored it: whoever uses the secret before that lists the row,
    so that two writers can never lean on different secrets.
    """

    generation: int
    material: bytes
    row: WrappedDossierSecret | None
    fresh_until: float


class _Held(msgspec.Struct, frozen=True):
    """A secret read back; ``material`` None means that it was destroyed."""

    material: bytes | None
    fresh_until: float


class Keys:
    """Resolves secrets for many events with few statements."""

    def __init__(self, *, vault: Vault, identities: IdentityStore, ids: Ids, clock: Clock) -> None:
        """Unwrap with ``vault`` what ``identities`` stores; new secrets come from ``ids``."""
        self._vault = vault
        self._identities = identities
        self._ids = ids
        self._clock = clock
        self._dossiers: BoundedCache[HeldUnder, DossierSecret] = BoundedCache(limits.DOSSIER_SECRETS_CACHED_MAX)
        self._generations: BoundedCache[GenerationPlace, _Held] = BoundedCache(limits.DOSSIER_SECRETS_CACHED_MAX)
        self._days: BoundedCache[DayPlace, _Held] = BoundedCache(limits.DAY_SECRETS_CACHED_MAX)

    def today(self) -> date:
        """The day in Amsterdam; what ended before it is not opened and not sealed any more."""
        return amsterdam_day(self._clock.now())

    def days_at_hand(self, places: Iterable[DayPlace]) -> tuple[dict[DayPlace, bytes | None], list[DayPlace]]:
        """The day secrets that are remembered, and the days that ``days_to_write`` must find; never blocks."""
        instant = self._clock.now()
        today, now = amsterdam_day(instant), instant.timestamp()
        secrets: dict[DayPlace, bytes | None] = {}
        missing: list[DayPlace] = []
        for place in places:
            held = self._days.get(place)
            if place[1] < today:
                secrets[place] = None
            elif held is not None and held.fresh_until > now:
                secrets[place] = held.material
            else:
                missing.append(place)
        return secrets, missing

    def days_to_write(self, places: Iterable[DayPlace]) -> dict[DayPlace, bytes | None]:
        """Day secrets to seal under, made where absent; None for a day that has passed or was destroyed."""
        today = self.today()
        wanted = set(places)
        secrets: dict[DayPlace, bytes | None] = {place: None for place in wanted if place[1] < today}
        wanted -= secrets.keys()
        secrets.update(self._read_days(wanted))
        missing = sorted(wanted - secrets.keys())
        if missing:
            self._make_days(missing)
            secrets.update(self._read_days(missing))
        return secrets

    def days_to_read(self, places: Iterable[DayPlace]) -> dict[DayPlace, bytes | None]:
        """Day secrets to open with; None for a day that has passed or was destroyed; absent was never made."""
        today = self.today()
        wanted = set(places)
        ended: dict[DayPlace, bytes | None] = {place: None for place in wanted if place[1] < today}
        return ended | self._read_days(wanted - ended.keys())

    def dossiers_to_write(self, places: Iterable[DossierPlace]) -> dict[DossierPlace, DossierSecret]:
        """The secret of each dossier, new or its next generation where there is none that lives."""
        now = self.now()
        held_ones = [(place, self.dossier_held(*place, now)) for place in places]
        secrets = {place: held for place, held in held_ones if held is not None}
        missing = [place for place, held in held_ones if held is None]
        if missing:
            known = self._identities.find_secrets(missing)
            absent: dict[DossierPlace, int] = {}
            for place in missing:
                found = known.get(place)
                material = None if found is None else self._open_dossier(found)
                if found is None or material is None:
                    absent[place] = GENERATION_FIRST if found is None else found.generation + 1
                else:
                    held = DossierSecret(found.generation, material, None, now + limits.SECRET_CACHE_SECONDS_MAX)
                    self._dossiers.put(held_under(place), held)
                    secrets[place] = held
            secrets.update(self._make_dossiers(absent))
        return secrets

    def dossier_held(self, lane: int, stream_id: UUID, scope: bytes, now: float) -> DossierSecret | None:
        """The remembered secret of one dossier at the instant ``now()`` gave; never blocks."""
        held = self._dossiers.get((lane, stream_id.int, scope))
        return held if held is None or held.row is not None or held.fresh_until > now else None

    def begin_dossiers(self, places: Iterable[DossierPlace]) -> dict[DossierPlace, DossierSecret]:
        """The first secrets of streams that were made here and never stored, under which nothing can be found."""
        return self._make_dossiers(dict.fromkeys(places, GENERATION_FIRST))

    def generations_to_read(self, places: Iterable[GenerationPlace]) -> dict[GenerationPlace, bytes | None]:
        """Dossier secrets of exact generations; None when fenced or destroyed, VaultFailure when never stored."""
        now = self.now()
        secrets: dict[GenerationPlace, bytes | None] = {}
        missing: list[GenerationPlace] = []
        for place in set(places):
            held = self._generations.get(place)
            if held is not None and held.fresh_until > now:
                secrets[place] = held.material
            else:
                missing.append(place)
        if missing:
            known = self._identities.find_generations(missing)
            for place in missing:
                secret = known.get(place)
                if secret is None:
                    raise VaultFailure("An event leans on a dossier secret that is not there.")
                material = self._open_dossier(secret)
                self._generations.put(place, _Held(material, now + limits.SECRET_CACHE_SECONDS_MAX))
                secrets[place] = material
        return secrets

    def stored(self, rows: Iterable[WrappedDossierSecret]) -> None:
        """These rows stand in the tables now: nobody needs to list them again."""
        fresh_until = self.now() + limits.SECRET_CACHE_SECONDS_MAX
        for row in rows:
            held = self._dossiers.get((row.lane, row.stream_id.int, row.scope))
            if held is not None and held.row == row:
                held.fresh_until = fresh_until
                held.row = None

    def forget(self, rows: Iterable[WrappedDossierSecret]) -> None:
        """These rows may not have been stored: ask the tables next time."""
        for row in rows:
            self._dossiers.drop((row.lane, row.stream_id.int, row.scope))

    def now(self) -> float:
        """The present instant as remembered secrets are measured by: seconds since 1970."""
        return self._clock.now().timestamp()

    def _make_dossiers(self, generations: Mapping[DossierPlace, int]) -> dict[DossierPlace, DossierSecret]:
        """New secrets of these generations, wrapped under the key of this week and not stored yet."""
        if not generations:
            return {}
        now, key_id = self.now(), week_key_id(self.today())
        randomness = self._ids.random_bytes(KEY_BYTES * len(generations))
        materials = [randomness[n : n + KEY_BYTES] for n in range(0, len(randomness), KEY_BYTES)]
        bound = [dossier_place(*place, generation) for place, generation in generations.items()]
        wraps = self._vault.wrap_all(key_id, list(zip(materials, bound, strict=True)))
        made: dict[DossierPlace, DossierSecret] = {}
        for (place, generation), material, wrapped in zip(generations.items(), materials, wraps, strict=True):
            row = WrappedDossierSecret(place[0], place[1], place[2], generation, key_id, wrapped)
            held = made[place] = DossierSecret(generation, material, row, now)
            self._dossiers.put(held_under(place), held)
        return made

    def _open_dossier(self, secret: KnownSecret) -> bytes | None:
        row = secret.row
        if row is None or secret.state != "active":
            return None
        place = dossier_place(row.lane, row.stream_id, row.scope, row.generation)
        try:
            return self._vault.unwrap(row.wrap_key_id, row.wrapped, place)
        except KeyDestroyed:
            return None

    def _read_days(self, places: Iterable[DayPlace]) -> dict[DayPlace, bytes | None]:
        now = self.now()
        secrets: dict[DayPlace, bytes | None] = {}
        missing: list[DayPlace] = []
        for place in places:
            held = self._days.get(place)
            if held is not None and held.fresh_until > now:
                secrets[place] = held.material
            else:
                missing.append(place)
        for place, row in self._identities.day_secrets(missing).items():
            secrets[place] = self._open_day(row)
            self._days.put(place, _Held(secrets[place], now + limits.SECRET_CACHE_SECONDS_MAX))
        return secrets

    def _open_day(self, row: WrappedDaySecret | None) -> bytes | None:
        if row is None:
            return None
        try:
            return self._vault.unwrap(row.wrap_key_id, row.wrapped, day_place(row.lane, row.day))
        except KeyDestroyed:
            return None

    def _make_days(self, places: Sequence[DayPlace]) -> None:
        """Make vault keys and secrets with one write each; a day whose key was destroyed gets none."""
        self._vault.make(sorted({day_key_id(day) for _, day in places}))
        rows = []
        for lane, day in places:
            key_id = day_key_id(day)
            try:
                wrapped = self._vault.wrap(key_id, self._ids.random_bytes(KEY_BYTES), day_place(lane, day))
            except KeyDestroyed:
                self._days.put((lane, day), _Held(None, self.now() + limits.SECRET_CACHE_SECONDS_MAX))
                continue
            rows.append(WrappedDaySecret(lane=lane, day=day, wrap_key_id=key_id, wrapped=wrapped))
        self._identities.create_day_secrets(rows)


def held_under(place: DossierPlace) -> HeldUnder:
    """The place under which a dossier secret is remembered."""
    return place[0], place[1].int, place[2]


def dossier_place(lane: int, stream_id: UUID, scope: bytes, generation: int) -> bytes:
    """What a wrapped dossier secret is bound to: moved to another row it does not open."""
    return b"dossier" + lane.to_bytes(4, "big") + stream_id.bytes + scope + generation.to_bytes(4, "big")


def day_place(lane: int, day: date) -> bytes:
    """What a wrapped day secret is bound to."""
    return b"day" + lane.to_bytes(4, "big") + day.isoformat().encode()
