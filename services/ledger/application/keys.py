"""The two secrets under every content: the dossier's and the day's.

A content key is derived from both and the event's id. Destroying the day's vault key ends every
record of that day at once; destroying a dossier secret ends that dossier, and a fact that comes
later opens its next generation. Blocking; unwrapped secrets are cached for a bounded time.

Every secret is remembered with the fence epoch of its lane, read before the secret was. Whoever uses
secrets first takes the epochs he leans on; what is remembered from before them is read again, and the
append refuses him when they have passed. So no process goes on under what another one has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from services.law.local_time import amsterdam_day
from services.ledger.application.lane_cache import LaneCache
from services.ledger.application.ports import IdentityStore, KnownSecret, Vault
from services.ledger.application.pseudonyms import day_key_id, week_key_id
from services.ledger.application.vault_errors import KeyDestroyed, VaultFailure
from services.ledger.domain.stored import (
    DossierGeneration,
    KeptKey,
    LaneDay,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.crypto import KEY_BYTES
from services.runtime.ids import Ids

DossierPlace = tuple[int, UUID, bytes]
"""(lane, stream, scope)."""
HoldPlace = tuple[int, UUID]
"""(lane, hold)."""
HeldUnder = tuple[int, int, bytes]
"""A dossier's place with the stream as a number: a UUID is hashed in Python, a number is not."""
Epochs = Mapping[int, int]
"""Of each lane how often it had been fenced when its secrets were, or will be, looked up."""

GENERATION_FIRST: Final = 1
EPOCH_UNKNOWN: Final = -1
"""Before every epoch: what is remembered so is read again as soon as it stands in the tables."""


class DossierSecret(msgspec.Struct, gc=False):
    """An unwrapped dossier secret.

    ``row`` is there until an append has stored it: whoever uses the secret before that lists the row,
    so that two writers can never lean on different secrets. One that nobody stored is not used for long:
    the key of its week may be gone.
    """

    generation: int
    material: bytes
    row: WrappedDossierSecret | None
    fresh_until: float
    epoch: int


class _Held(msgspec.Struct, frozen=True, gc=False):
    """A secret read back; ``material`` None means that it was fenced or destroyed."""

    material: bytes | None
    fresh_until: float
    epoch: int


class Keys:
    """Resolves secrets for many events with few statements."""

    def __init__(self, *, vault: Vault, identities: IdentityStore, ids: Ids, clock: Clock) -> None:
        """Unwrap with ``vault`` what ``identities`` stores; new secrets come from ``ids``."""
        self._vault = vault
        self._identities = identities
        self._ids = ids
        self._clock = clock
        self._dossiers: LaneCache[HeldUnder, DossierSecret] = LaneCache(limits.DOSSIER_SECRETS_CACHED_MAX)
        self._generations: LaneCache[tuple[int, int, bytes, int], _Held] = LaneCache(limits.DOSSIER_SECRETS_CACHED_MAX)
        self._days: LaneCache[LaneDay, _Held] = LaneCache(limits.DAY_SECRETS_CACHED_MAX)
        self._epochs: dict[int, int] = {}

    def cached(self) -> dict[str, int]:
        """How many unwrapped secrets are remembered here, by kind."""
        return {"days": len(self._days), "dossiers": len(self._dossiers) + len(self._generations)}

    def epochs_known(self) -> dict[int, int]:
        """The epochs of all lanes that were asked for before; never blocks."""
        return self._epochs.copy()

    def epochs_at_hand(self, lanes: Iterable[int]) -> tuple[dict[int, int], list[int]]:
        """The epochs of the lanes as far as known, and the lanes that ``read_epochs`` must ask for; never blocks."""
        known: dict[int, int] = {}
        missing: list[int] = []
        for lane in lanes:
            epoch = self._epochs.get(lane)
            if epoch is None:
                missing.append(lane)
            else:
                known[lane] = epoch
        return known, missing

    def read_epochs(self, lanes: Iterable[int]) -> dict[int, int]:
        """The epochs as they stand in the tables; what is remembered of a lane that was fenced since goes."""
        epochs = self._identities.fence_epochs(sorted(set(lanes)))
        for lane, epoch in epochs.items():
            known = self._epochs.get(lane, epoch)
            if known < epoch:
                self._drop_lane(lane)
            self._epochs[lane] = max(known, epoch)
        return epochs

    def fenced(self, lanes: Iterable[int]) -> None:
        """These lanes were fenced: nothing that is remembered of them is used any more."""
        for lane in lanes:
            self._epochs.pop(lane, None)
            self._drop_lane(lane)

    def today(self) -> date:
        """The day in Amsterdam; what ended before it is not opened and not sealed any more."""
        return amsterdam_day(self._clock.now())

    def days_at_hand(
        self, places: Iterable[LaneDay], epochs: Epochs
    ) -> tuple[dict[LaneDay, bytes | None], list[LaneDay]]:
        """The day secrets that are remembered, and the days that ``days_to_write`` must find; never blocks."""
        instant = self._clock.now()
        today, now = amsterdam_day(instant), instant.timestamp()
        secrets: dict[LaneDay, bytes | None] = {}
        missing: list[LaneDay] = []
        for place in places:
            held = self._days.get(place)
            if place[1] < today:
                secrets[place] = None
            elif held is not None and held.fresh_until > now and held.epoch >= epochs[place[0]]:
                secrets[place] = held.material
            else:
                missing.append(place)
        return secrets, missing

    def days_to_write(self, places: Iterable[LaneDay], epochs: Epochs) -> dict[LaneDay, bytes | None]:
        """Day secrets to seal under, made where absent; None for a day that has passed, was fenced or destroyed."""
        secrets, missing = self.days_at_hand(set(places), epochs)
        secrets.update(self._read_days(missing, epochs))
        absent = sorted(place for place in missing if place not in secrets)
        if absent:
            self._make_days(absent)
            secrets.update(dict.fromkeys(absent))
            secrets.update(self._read_days(absent, epochs))
        return secrets

    def days_to_read(self, places: Iterable[LaneDay], epochs: Epochs) -> dict[LaneDay, bytes | None]:
        """Day secrets to open with; None for a day that has passed, was fenced or destroyed; absent was never made."""
        secrets, missing = self.days_at_hand(set(places), epochs)
        return secrets | self._read_days(missing, epochs)

    def dossiers_to_write(self, places: Iterable[DossierPlace], epochs: Epochs) -> dict[DossierPlace, DossierSecret]:
        """The secret of each dossier, new or its next generation where there is none that lives."""
        now = self.now()
        held_ones = [(place, self.dossier_held(*place, now, epochs[place[0]])) for place in places]
        secrets = {place: held for place, held in held_ones if held is not None}
        missing = [place for place, held in held_ones if held is None]
        if missing:
            known = self._identities.find_secrets(missing)
            absent: dict[DossierPlace, int] = {}
            fresh_until = now + limits.SECRET_CACHE_SECONDS_MAX
            for place in missing:
                found = known.get(place)
                material = None if found is None else self._open_dossier(found)
                if found is None or material is None:
                    absent[place] = GENERATION_FIRST if found is None else found.generation + 1
                else:
                    held = DossierSecret(found.generation, material, None, fresh_until, epochs[place[0]])
                    self._dossiers.put(held_under(place), held)
                    secrets[place] = held
            secrets.update(self._make_dossiers(absent, epochs))
        return secrets

    def dossier_held(self, lane: int, stream_id: UUID, scope: bytes, now: float, epoch: int) -> DossierSecret | None:
        """The remembered secret of one dossier at the instant ``now()`` gave, alive in that epoch; never blocks."""
        held = self._dossiers.get((lane, stream_id.int, scope))
        if held is not None and held.fresh_until > now and (held.row is not None or held.epoch >= epoch):
            return held
        return None

    def begin_dossiers(self, places: Iterable[DossierPlace], epochs: Epochs) -> dict[DossierPlace, DossierSecret]:
        """The first secrets of streams that were made here and never stored, under which nothing can be found."""
        return self._make_dossiers(dict.fromkeys(places, GENERATION_FIRST), epochs)

    def generations_to_read(
        self, places: Iterable[DossierGeneration], epochs: Epochs
    ) -> dict[DossierGeneration, bytes | None]:
        """Dossier secrets of exact generations; None when fenced or destroyed, VaultFailure when never stored.

        With epochs that ``read_epochs`` gave just now, a fence anywhere is seen at once.
        """
        now = self.now()
        secrets: dict[DossierGeneration, bytes | None] = {}
        missing: list[DossierGeneration] = []
        for place in set(places):
            held = self._generations.get((*held_under(place[:3]), place[3]))
            if held is not None and held.fresh_until > now and held.epoch >= epochs[place[0]]:
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
                held = _Held(material, now + limits.SECRET_CACHE_SECONDS_MAX, epochs[place[0]])
                self._generations.put((*held_under(place[:3]), place[3]), held)
                secrets[place] = material
        return secrets

    def kept_keys(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[KeptKey, ...]]:
        """The wraps by which these events outlive their day, where there are any."""
        return self._identities.kept_keys(places) if places else {}

    def holds_to_read(self, places: Iterable[HoldPlace]) -> dict[HoldPlace, bytes | None]:
        """The secrets of holds, which are not remembered; None when destroyed, absent when never made."""
        rows = self._identities.hold_secrets(sorted(set(places)))
        return {place: self._open_hold(row) for place, row in rows.items()}

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

    def _drop_lane(self, lane: int) -> None:
        """Forget the secrets of a lane."""
        for cache in (self._dossiers, self._generations, self._days):
            cache.drop_lane(lane)

    def _make_dossiers(
        self, generations: Mapping[DossierPlace, int], epochs: Epochs
    ) -> dict[DossierPlace, DossierSecret]:
        """New secrets of these generations, wrapped under the key of this week and not stored yet."""
        if not generations:
            return {}
        fresh_until, key_id = self.now() + limits.SECRET_CACHE_SECONDS_MAX, week_key_id(self.today())
        randomness = self._ids.random_bytes(KEY_BYTES * len(generations))
        materials = [randomness[n : n + KEY_BYTES] for n in range(0, len(randomness), KEY_BYTES)]
        bound = [dossier_place(*place, generation) for place, generation in generations.items()]
        wraps = self._vault.wrap_all(key_id, list(zip(materials, bound, strict=True)))
        made: dict[DossierPlace, DossierSecret] = {}
        for (place, generation), material, wrapped in zip(generations.items(), materials, wraps, strict=True):
            row = WrappedDossierSecret(place[0], place[1], place[2], generation, key_id, wrapped)
            epoch = epochs.get(place[0], EPOCH_UNKNOWN)
            held = made[place] = DossierSecret(generation, material, row, fresh_until, epoch)
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

    def _read_days(self, places: Sequence[LaneDay], epochs: Epochs) -> dict[LaneDay, bytes | None]:
        """The day secrets among these that stand in the tables."""
        secrets: dict[LaneDay, bytes | None] = {}
        fresh_until = self.now() + limits.SECRET_CACHE_SECONDS_MAX
        for place, row in self._identities.day_secrets(places).items():
            secrets[place] = self._open_day(row)
            self._days.put(place, _Held(secrets[place], fresh_until, epochs[place[0]]))
        return secrets

    def _open_day(self, row: WrappedDaySecret | None) -> bytes | None:
        if row is None:
            return None
        try:
            return self._vault.unwrap(row.wrap_key_id, row.wrapped, day_place(row.lane, row.day))
        except KeyDestroyed:
            return None

    def _open_hold(self, row: WrappedHoldSecret | None) -> bytes | None:
        if row is None:
            return None
        try:
            return self._vault.unwrap(row.wrap_key_id, row.wrapped, hold_place(row.lane, row.hold_id))
        except KeyDestroyed:
            return None

    def _make_days(self, places: Sequence[LaneDay]) -> None:
        """Make vault keys and secrets with one write each; a day whose key was destroyed gets none."""
        self._vault.make(sorted({day_key_id(day) for _, day in places}))
        rows = []
        for lane, day in places:
            key_id = day_key_id(day)
            try:
                wrapped = self._vault.wrap(key_id, self._ids.random_bytes(KEY_BYTES), day_place(lane, day))
            except KeyDestroyed:
                continue
            rows.append(WrappedDaySecret(lane=lane, day=day, wrap_key_id=key_id, wrapped=wrapped))
        self._identities.create_day_secrets(rows)


def held_under(place: DossierPlace) -> HeldUnder:
    """The place under which a dossier secret is remembered."""
    return place[0], place[1].int, place[2]


def dossier_place(lane: int, stream_id: UUID, scope: bytes, generation: int) -> bytes:
    """What a wrapped dossier secret is bound to: moved to another row it does not open."""
    return b"dossier" + lane.to_bytes(4, "big") + stream_id.bytes + scope + generation.to_bytes(4, "big")


def hold_place(lane: int, hold_id: UUID) -> bytes:
    """What a wrapped secret of a hold is bound to."""
    return b"hold" + lane.to_bytes(4, "big") + hold_id.bytes


def day_place(lane: int, day: date) -> bytes:
    """What a wrapped day secret is bound to."""
    return b"day" + lane.to_bytes(4, "big") + day.isoformat().encode()
