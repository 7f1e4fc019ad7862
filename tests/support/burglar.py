"""Somebody with the database and the vault as they are, who opens whatever opens and asks no clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from cryptography.exceptions import InvalidTag

from services.ledger.application.kept_reader import LivingWrap, unwrap_kept
from services.ledger.application.keys import day_place, dossier_place, hold_place
from services.ledger.application.sealed import Sealed, bind, read_seal
from services.ledger.application.vault_errors import KeyDestroyed, VaultFailure
from services.ledger.domain.stored import KeptKey
from services.ledger.storage.events import SELECT, event_of
from services.ledger.storage.vault_file import SealedFileVault
from services.runtime.crypto import SealBroken, derive_key, open_sealed

Secrets = dict[tuple[Any, ...], bytes]


def open_everything(conninfo: str, vault_file: Path) -> Iterator[bytes]:
    """The content of every event that any key still there opens."""
    vault = SealedFileVault(vault_file, create=False)
    with psycopg.connect(conninfo) as connection:
        days = unwrap_all(vault, connection, "SELECT wrap_key_id, wrapped, lane, day FROM day_secret", day_place)
        dossiers = unwrap_all(
            vault,
            connection,
            "SELECT wrap_key_id, wrapped, lane, stream_id, scope, generation FROM dossier_secret",
            dossier_place,
        )
        holds = unwrap_all(vault, connection, "SELECT wrap_key_id, wrapped, lane, hold_id FROM hold_secret", hold_place)
        keepers = {(lane, f"day:{day}"): secret for (lane, day), secret in days.items()}
        keepers |= {(lane, f"hold:{hold}"): secret for (lane, hold), secret in holds.items()}
        kept = [KeptKey(*row) for row in connection.execute("SELECT lane, position, keeper, wrapped FROM event_key")]
        for row in connection.execute(f"{SELECT} WHERE lane < 9999 AND length(state) > 0"):
            seal = read_seal(event_of(row))
            if seal is not None:
                wraps = [LivingWrap(k, keepers[k.lane, k.keeper]) for k in kept if is_of(k, seal) and is_in(k, keepers)]
                yield from open_one(seal, days, dossiers, wraps)


def unwrap_all(vault: SealedFileVault, connection: psycopg.Connection[Any], statement: Any, bind_place: Any) -> Secrets:
    """Every secret that the vault still unwraps, by its place."""
    found: Secrets = {}
    for key_id, wrapped, *place in connection.execute(statement):
        if wrapped is not None:
            try:
                found[tuple(place)] = vault.unwrap(key_id, bytes(wrapped), bind_place(*place))
            except (KeyDestroyed, VaultFailure):
                continue
    return found


def open_one(seal: Sealed, days: Secrets, dossiers: Secrets, wraps: list[LivingWrap]) -> Iterator[bytes]:
    """What opens of one event, by its day or by whatever keeps it."""
    dossier = dossiers.get(tuple(seal.dossier))
    if dossier is None:
        return
    keys = [derive_key(dossier, days[tuple(seal.day)], seal.event_id)] if tuple(seal.day) in days else []
    keys += [unwrap_kept(seal, dossier, wrap) for wrap in wraps]
    event = seal.event
    for key in keys:
        try:
            yield open_sealed(key, event.state or b"", bind(seal.event_id, event.stream_id, event.topic))
        except (SealBroken, InvalidTag):
            continue


def is_of(kept: KeptKey, seal: Sealed) -> bool:
    """Whether a wrap is of this event."""
    return (kept.lane, kept.position) == seal.place


def is_in(kept: KeptKey, keepers: dict[tuple[Any, ...], bytes]) -> bool:
    """Whether the keeper of a wrap is still there."""
    return (kept.lane, kept.keeper) in keepers
