"""Wraps content keys anew, so that single events outlive the day on which the others of that day end.

Bound to the dossier as before, and to what now keeps the event: a later day, or a hold. When the one or the
other is destroyed the wrap opens nothing any more. Blocking; every call may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from services.ledger.application.kept_reader import (
    DAY_PREFIX,
    KeeperPlace,
    LivingWrap,
    bind_kept,
    keepers_to_read,
    kept_day,
    kept_hold,
    living_wraps,
    unwrap_kept,
)
from services.ledger.application.keys import Epochs, Keys, day_place, hold_place
from services.ledger.application.ports import EventReader, Vault
from services.ledger.application.pseudonyms import day_key_id, hold_key_id
from services.ledger.application.retention_ports import KeptLine, KeyStore, Place
from services.ledger.application.sealed import Sealed, read_seal
from services.ledger.application.vault_errors import KeyDestroyed
from services.ledger.contract.errors import RecordEnded
from services.ledger.domain.stored import DossierGeneration, KeptKey, LaneDay, StoredEvent, WrappedHoldSecret
from services.runtime.crypto import KEY_BYTES, NONCE_BYTES, derive_key, seal
from services.runtime.ids import Ids


class Wanted(msgspec.Struct, frozen=True):
    """An event and one keeper by which it is to live."""

    seal: Sealed
    keeper: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets that were found for a number of events, and the wraps of those that live by something else."""

    epochs: Epochs
    days: Mapping[LaneDay, bytes | None]
    wraps: Mapping[Place, list[LivingWrap]]
    dossiers: Mapping[DossierGeneration, bytes | None]

    def content_key(self, seal: Sealed) -> bytes | None:
        """The content key by whatever still gives it; None for what was erased or has ended already."""
        dossier_secret, day_secret = self.dossiers[seal.dossier], self.days.get(seal.day)
        if dossier_secret is None:
            return None
        if day_secret is not None:
            return derive_key(dossier_secret, day_secret, seal.event_id)
        wraps = self.wraps.get(seal.place)
        return unwrap_kept(seal, dossier_secret, wraps[0]) if wraps else None


class KeptKeys:
    """Keeps lines beyond a day."""

    def __init__(self, *, keys: Keys, store: KeyStore, reader: EventReader, vault: Vault, ids: Ids) -> None:
        """Find secrets with ``keys``; store wraps in ``store``; new secrets of holds come from ``ids``."""
        self._keys = keys
        self._store = store
        self._reader = reader
        self._vault = vault
        self._ids = ids

    def keep(self, lines: Sequence[KeptLine], ending: date | None = None) -> int:
        """Wrap anew under what keeps them the lines that live by other things; how many wraps were made.

        ``ending`` is a day whose secrets are used although it was fenced or has passed. Skips what is wrapped so
        already, what holds no content, and what was erased.
        """
        missing = self._missing(lines)
        if not missing:
            return 0
        places = sorted({(line.lane, line.position) for line, _ in missing})
        seals = {seal.place: seal for seal in map(read_seal, self._reader.events_at(places)) if seal is not None}
        wanted = [
            Wanted(seals[place], keeper)
            for line, keeper in missing
            if (place := (line.lane, line.position)) in seals and keeper != day_key_id(seals[place].day[1])
        ]
        return self._wrap(wanted, {} if ending is None else self._ending_secrets(ending))

    def prolong(self, events: Sequence[StoredEvent], until: date) -> None:
        """Let these events live until the end of ``until`` as well; call it before their new end is recorded.

        Raises RecordEnded, and keeps none of them, when the record of one has ended: by its own day and by every
        later one that it was given. Held or not, what has ended is not prolonged. What holds no content has no
        key and is not looked at.
        """
        seals = [seal for seal in map(read_seal, events) if seal is not None]
        found = self._find(seals, {})
        if not all(lives(seal, found) for seal in seals):
            raise RecordEnded
        keeper = day_key_id(until)
        self._wrap([Wanted(seal, keeper) for seal in seals if seal.day[1] < until], {})

    def _missing(self, lines: Sequence[KeptLine]) -> list[tuple[KeptLine, str]]:
        """The lines with each keeper for which there is no wrap yet."""
        known = self._keys.kept_keys([(line.lane, line.position) for line in lines])
        held = {place: {wrap.keeper for wrap in wraps} for place, wraps in known.items()}
        return [
            (line, keeper)
            for line in lines
            for keeper in keepers_of(line)
            if keeper not in held.get((line.lane, line.position), ())
        ]

    def _ending_secrets(self, day: date) -> dict[LaneDay, bytes | None]:
        """The secrets of a day that may have passed, as far as they live."""
        found: dict[LaneDay, bytes | None] = {}
        for row in self._store.ending_secrets(day):
            try:
                found[row.lane, day] = self._vault.unwrap(row.wrap_key_id, row.wrapped, day_place(row.lane, day))
            except KeyDestroyed:
                found[row.lane, day] = None
        return found

    def _find(self, seals: Sequence[Sealed], ending: Mapping[LaneDay, bytes | None]) -> Found:
        epochs = self._keys.read_epochs(seal.event.lane for seal in seals)
        days = {**self._keys.days_to_read((seal.day for seal in seals), epochs), **ending}
        others = [seal for seal in seals if days.get(seal.day) is None]
        wraps = living_wraps(self._keys, others, epochs, ending)
        dossiers = self._keys.generations_to_read((seal.dossier for seal in seals), epochs)
        return Found(epochs=epochs, days=days, wraps=wraps, dossiers=dossiers)

    def _wrap(self, wanted: Sequence[Wanted], ending: Mapping[LaneDay, bytes | None]) -> int:
        """Make and store these wraps, as far as there is a content key to wrap and a keeper that lives."""
        if not wanted:
            return 0
        found = self._find([one.seal for one in wanted], ending)
        secrets = self._keepers_to_write({(one.seal.event.lane, one.keeper) for one in wanted}, found.epochs)
        kept: list[KeptKey] = []
        for one in wanted:
            content_key = found.content_key(one.seal)
            keeper_secret = secrets.get((one.seal.event.lane, one.keeper))
            if content_key is not None and keeper_secret is not None:
                dossier_secret = found.dossiers[one.seal.dossier]
                assert dossier_secret is not None, "without it there is no content key"
                key = derive_key(dossier_secret, keeper_secret, one.seal.event_id)
                nonce = self._ids.random_bytes(NONCE_BYTES)
                wrapped = seal(key, content_key, bind_kept(one.seal, one.keeper), nonce=nonce)
                kept.append(KeptKey(one.seal.event.lane, one.seal.event.position, one.keeper, wrapped))
        self._store.keep_keys(kept)
        return len(kept)

    def _keepers_to_write(self, places: Iterable[KeeperPlace], epochs: Epochs) -> dict[KeeperPlace, bytes | None]:
        """The secrets of these keepers, made where absent; None for one that is gone."""
        wanted = list(places)
        days = [(lane, kept_day(keeper)) for lane, keeper in wanted if keeper.startswith(DAY_PREFIX)]
        self._keys.days_to_write(days, epochs)
        self._make_holds([(lane, kept_hold(keeper)) for lane, keeper in wanted if not keeper.startswith(DAY_PREFIX)])
        return keepers_to_read(self._keys, wanted, epochs)

    def _make_holds(self, places: Sequence[tuple[int, UUID]]) -> None:
        """Make the secrets of holds that have none, with one durable write of the vault; a released one gets none."""
        known = self._keys.holds_to_read(places)
        absent = sorted(place for place in places if place not in known)
        if not absent:
            return
        self._vault.make(sorted({hold_key_id(hold_id) for _, hold_id in absent}))
        rows: list[WrappedHoldSecret] = []
        for lane, hold_id in absent:
            key_id = hold_key_id(hold_id)
            try:
                wrapped = self._vault.wrap(key_id, self._ids.random_bytes(KEY_BYTES), hold_place(lane, hold_id))
            except KeyDestroyed:
                continue
            rows.append(WrappedHoldSecret(lane=lane, hold_id=hold_id, wrap_key_id=key_id, wrapped=wrapped))
        self._store.create_hold_secrets(rows)


def lives(seal: Sealed, found: Found) -> bool:
    """Whether the day of an event, or a later one that it was given, has not passed."""
    by_later_day = any(wrap.kept.keeper.startswith(DAY_PREFIX) for wrap in found.wraps.get(seal.place, ()))
    return by_later_day or found.days.get(seal.day) is not None


def keepers_of(line: KeptLine) -> list[str]:
    """The names of what keeps a line: its later day and its holds."""
    days = () if line.until is None else (day_key_id(line.until),)
    return [*days, *(hold_key_id(hold_id) for hold_id in line.holds)]
