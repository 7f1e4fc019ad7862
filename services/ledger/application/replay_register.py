"""Destroys again, in a database that was restored, what had been destroyed since its dump was made.

The register says what; each entry is matched with what the dump brought back: a dossier by the fingerprint of its
secret, an event by its leaf hash. So nothing is hit that was made after the dump and merely got the same place. Every
destruction is announced anew by its own event, so that answers, rebuilds and proofs know of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Final
from uuid import UUID

from anyio.to_thread import run_sync

from services.ledger.application.end_day import EndDays
from services.ledger.application.erasure_register_errors import ErasureRegisterBehind
from services.ledger.application.erasure_steps import ErasureSteps, fingerprint_of
from services.ledger.application.erasures import Erasures
from services.ledger.application.holds import Holds
from services.ledger.application.kept_reader import kept_hold
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.application.ports import EventReader, IdentityStore, Vault
from services.ledger.application.register_check import unannounced
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister, KeyStore, RegisterMark
from services.ledger.application.sweep import Announced, Batch, draft_sweep, ranges_of
from services.ledger.domain.identity import LEDGER
from services.ledger.domain.stored import DossierGeneration

COMPLETED: Final = "erasure-completed:"


class ReplayRegister:
    """Replays the part of the register that a database has not applied; the round that follows carries it out."""

    def __init__(
        self,
        *,
        register: ErasureRegister,
        mark: RegisterMark,
        erasures: Erasures,
        steps: ErasureSteps,
        days: EndDays,
        holds: Holds,
        store: KeyStore,
        identities: IdentityStore,
        vault: Vault,
        reader: EventReader,
        writer: OperationWriter,
    ) -> None:
        """Read ``register``; everything else is what destroyed the first time."""
        self._register = register
        self._mark = mark
        self._erasures = erasures
        self._steps = steps
        self._days = days
        self._holds = holds
        self._store = store
        self._identities = identities
        self._vault = vault
        self._reader = reader
        self._writer = writer

    def last_at(self) -> datetime | None:
        """When the last destruction was; None when there was none (blocking)."""
        entries = self._register.entries()
        return entries[-1].at if entries else None

    async def replay(self) -> int:
        """Destroy again what the database is older than; how many entries that were."""
        every = await run_sync(self._register.entries)
        # The vault may be back from a backup of its own.
        await run_sync(self._vault.destroy_all, sorted({entry.key_id for entry in every if entry.key_id is not None}))
        sequence = await run_sync(self._applied)
        for _, pieces in groupby(every[sequence:], key=name_of):
            await self._replay(list(pieces))
        if every:
            chain = await run_sync(self._register.chain, every[-1].sequence)
            await run_sync(self._mark.raise_to, every[-1].sequence, chain or "")
        return len(every) - sequence

    def _applied(self) -> int:
        """How much of the register the database has applied; ErasureRegisterBehind when it is shorter, or another."""
        sequence, chain = self._mark.read() or (0, self._register.chain(0))
        if self._register.chain(sequence) != chain:
            raise ErasureRegisterBehind
        return sequence

    async def _replay(self, pieces: Sequence[ErasureEntry]) -> None:
        """One destruction, of which the register may have several entries."""
        entry = pieces[0]
        if entry.kind == "positions":
            await self._sweep(entry)
        elif entry.kind == "hold":
            await self._release(entry)
        elif not await run_sync(unannounced, pieces, self._reader):
            # It is on record here, and the next round finds it unfinished.
            return
        elif entry.kind == "day" and entry.day is not None:
            await self._days.end_day(entry.day)
        elif entry.kind == "dossiers":
            await self._erase(entry, pieces)

    async def _erase(self, entry: ErasureEntry, pieces: Sequence[ErasureEntry]) -> None:
        if entry.id.startswith(COMPLETED):
            await self._steps.complete_again(UUID(entry.key.removeprefix(COMPLETED)))
            return
        found = await run_sync(partial(self._match, pieces))
        await self._erasures.request_again(entry.party, entry.key, entry.controller, found)

    def _match(self, pieces: Iterable[ErasureEntry]) -> list[DossierGeneration]:
        """The dossiers of these entries that are back: same place, same secret."""
        named = {
            (lane, stream_id, bytes.fromhex(scope), generation): printed
            for piece in pieces
            for lane, stream_id, scope, generation, printed in piece.dossiers
        }
        known = self._identities.find_generations(list(named))
        return sorted(
            place
            for place, secret in known.items()
            if secret.state != "destroyed" and fingerprint_of(secret, self._vault) in (named[place], "")
        )

    async def _release(self, entry: ErasureEntry) -> None:
        """End a hold that is back, and drop what was kept by it."""
        assert entry.key_id is not None, "an entry about a hold names its key"
        hold_id = kept_hold(entry.key_id)
        hold = await run_sync(self._holds.load, hold_id)
        if hold is not None:
            await self._holds.end(hold, LEDGER)
        await run_sync(self._store.drop_kept_keys, entry.key_id)
        await run_sync(self._store.destroy_hold, hold_id, entry.at)

    async def _sweep(self, entry: ErasureEntry) -> None:
        """Announce as swept the events that are back: same place, same leaf."""
        found = await run_sync(self._find_events, entry)
        if not found:
            return
        by_lane: dict[int, list[int]] = {}
        for lane, position in sorted(found):
            by_lane.setdefault(lane, []).append(position)
        chosen = {lane: Announced(tuple(each), ranges_of(each), ()) for lane, each in by_lane.items()}
        key = f"swept-again:{entry.id}"
        drafting = partial(draft_sweep, Batch("ended", chosen))
        await self._writer.write(party=LEDGER, key=key, canonical=key.encode(), draft=drafting)

    def _find_events(self, entry: ErasureEntry) -> list[tuple[int, int]]:
        heads = self._reader.heads()
        leaves = {(lane, position): leaf for lane, position, leaf in entry.positions if position <= heads.get(lane, 0)}
        events = self._reader.events_at(list(leaves))
        return [
            (event.lane, event.position)
            for event in events
            if event.envelope is not None and event.leaf_hash.hex() == leaves[event.lane, event.position]
        ]


def name_of(entry: ErasureEntry) -> str:
    """What the entries of one destruction have in common: their id without its number."""
    return entry.id.rpartition(":")[0] if entry.kind == "dossiers" else entry.id
