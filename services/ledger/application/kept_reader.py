"""Content keys that outlived their day: wrapped anew under a later day or a hold, and under the dossier as ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from services.ledger.application.keys import Epochs, Keys
from services.ledger.application.pseudonyms import day_key_id
from services.ledger.application.sealed import Sealed
from services.ledger.domain.stored import KeptKey, LaneDay
from services.runtime.crypto import derive_key, open_sealed

DAY_PREFIX: Final = "day:"
HOLD_PREFIX: Final = "hold:"

KeeperPlace = tuple[int, str]
"""(lane, keeper)."""


class LivingWrap(msgspec.Struct, frozen=True):
    """One wrap of a content key, with the secret of its keeper, which lives."""

    kept: KeptKey
    secret: bytes


def living_wraps(
    keys: Keys, sealed: Sequence[Sealed], epochs: Epochs, ending: Mapping[LaneDay, bytes | None]
) -> dict[tuple[int, int], list[LivingWrap]]:
    """By place: the wraps of these events whose keeper lives, or is a day of ``ending``."""
    kept = keys.kept_keys([seal.place for seal in sealed])
    if not kept:
        return {}
    secrets = keepers_to_read(keys, {(each.lane, each.keeper) for wraps in kept.values() for each in wraps}, epochs)
    secrets.update({(lane, day_key_id(day)): secret for (lane, day), secret in ending.items()})
    living: dict[tuple[int, int], list[LivingWrap]] = {}
    for place, wraps in kept.items():
        for each in wraps:
            secret = secrets.get((each.lane, each.keeper))
            if secret is not None:
                living.setdefault(place, []).append(LivingWrap(each, secret))
    return living


def keepers_to_read(keys: Keys, places: Iterable[KeeperPlace], epochs: Epochs) -> dict[KeeperPlace, bytes | None]:
    """The secrets of these keepers; None or absent where one is gone."""
    wanted = list(places)
    days = {(lane, kept_day(keeper)): (lane, keeper) for lane, keeper in wanted if keeper.startswith(DAY_PREFIX)}
    holds = {(lane, kept_hold(keeper)): (lane, keeper) for lane, keeper in wanted if keeper.startswith(HOLD_PREFIX)}
    found: dict[KeeperPlace, bytes | None] = {}
    if days:
        found.update({days[place]: secret for place, secret in keys.days_to_read(days, epochs).items()})
    if holds:
        found.update({holds[place]: secret for place, secret in keys.holds_to_read(holds).items()})
    return found


def unwrap_kept(seal: Sealed, dossier_secret: bytes, wrap: LivingWrap) -> bytes:
    """The content key of an event out of one of its wraps; SealBroken when that is another event's or keeper's."""
    key = derive_key(dossier_secret, wrap.secret, seal.event_id)
    return open_sealed(key, wrap.kept.wrapped, bind_kept(seal, wrap.kept.keeper))


def bind_kept(seal: Sealed, keeper: str) -> bytes:
    """What a wrap of a content key is bound to: event, stream and keeper."""
    return b"kept" + seal.event_id.bytes + seal.event.stream_id.bytes + keeper.encode()


def kept_day(keeper: str) -> date:
    """The day of a keeper that is one."""
    return date.fromisoformat(keeper.removeprefix(DAY_PREFIX))


def kept_hold(keeper: str) -> UUID:
    """The hold of a keeper that is one."""
    return UUID(keeper.removeprefix(HOLD_PREFIX))
