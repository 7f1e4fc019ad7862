"""Carries erasures to their end, step by step, each of which may be repeated.

After the request has fenced what it names: the erasure register is told, with fingerprints; the keys are destroyed;
``Erased`` is recorded on the person's own stream; what stood under the keys is swept; and when every recipient has
answered, the erasure is complete and forgets what it knew. What was done is read from what is stored, never remembered,
so that whoever was killed between two steps is followed by somebody who goes on there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any, Final
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.erasure_state import (
    Erasure,
    ErasureReader,
    completed_key,
    erased_key,
)
from services.ledger.application.keys import dossier_place
from services.ledger.application.operation_writer import NOTHING, Draft, OperationWriter
from services.ledger.application.ports import IdentityStore, KnownSecret, Vault
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister, KeptLines, KeyStore, Place
from services.ledger.application.vault_errors import KeyDestroyed
from services.ledger.contract import topics
from services.ledger.contract.commands import ErasureWork
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.identity import LEDGER
from services.ledger.domain.stored import DossierGeneration, StoredEvent
from services.runtime import limits
from services.runtime.clock import Clock

FINGERPRINT_BYTES: Final = 16
ERASURES_SCOPE: Final = "erasures"


class ErasureSteps:
    """The verbs ``open_erasures`` and ``advance_erasure``."""

    def __init__(
        self,
        *,
        reader: ErasureReader,
        lines: KeptLines,
        store: KeyStore,
        identities: IdentityStore,
        vault: Vault,
        register: ErasureRegister,
        writer: OperationWriter,
        pseudonyms: Pseudonyms,
        sweep: Callable[[], Awaitable[int]],
        wait_for: Callable[[int, int], None],
        clock: Clock,
    ) -> None:
        """Destroy in ``store`` what ``register`` was told of; ``sweep`` takes one batch, ``wait_for`` a projection."""
        self._reader = reader
        self._lines = lines
        self._store = store
        self._identities = identities
        self._vault = vault
        self._register = register
        self._writer = writer
        self._pseudonyms = pseudonyms
        self._sweep = sweep
        self._wait_for = wait_for
        self._clock = clock
        self._idle: dict[UUID, frozenset[Place]] = {}

    async def open(self) -> list[ErasureWork]:
        """The erasures that are not complete and can go on: one that waits is left out until somebody answers."""
        found = await run_sync(self._lines.open_erasures)
        known = {each.erasure_id for each in found}
        self._idle = {each: seen for each, seen in self._idle.items() if each in known}
        return [
            ErasureWork(erasure_id=each.erasure_id, state="waiting" if each.erased else "fenced")
            for each in found
            if each.erasure_id not in self._idle or not each.answers <= self._idle[each.erasure_id]
        ][: limits.ERASURES_OPEN_MAX]

    async def advance(self, erasure_id: UUID) -> str:
        """Go on as far as it goes now; the state it is in then. NotFound when there is no such erasure."""
        erasure = await self._load(erasure_id)
        for event, _ in erasure.requests:
            await run_sync(self._wait_for, event.lane, event.position)
        if erasure.dossiers and not erasure.destroyed:
            await self._destroy(erasure)
            erasure = await self._load(erasure_id)
        while erasure.state == "content-destroyed" and await self._sweep():
            erasure = await self._load(erasure_id)
        is_done = erasure.swept or not erasure.dossiers
        if erasure.completed is not None or (is_done and erasure.answered >= erasure.owing):
            await self._complete(erasure)
            return "complete"
        if erasure.state == "waiting":
            self._idle[erasure_id] = erasure.answers
        return erasure.state

    async def complete_again(self, erasure_id: UUID) -> None:
        """Complete an erasure of which it is known that it was complete: the answers to it were lost by a restore.

        One that found nothing left nothing in the register to ask for again; a database from before it knows nothing
        of it, and nothing is left to do.
        """
        if await run_sync(self._reader.load, erasure_id) is None:
            return
        await self.advance(erasure_id)
        await self._complete(await self._load(erasure_id))

    async def _load(self, erasure_id: UUID) -> Erasure:
        erasure = await run_sync(self._reader.load, erasure_id)
        if erasure is None:
            raise NotFound
        return erasure

    async def _destroy(self, erasure: Erasure) -> None:
        """Tell the register, destroy the keys, and record on every person's own stream that it was done."""
        at = self._clock.now()
        request = erasure.request
        entry = ErasureEntry(
            id=erasure_entry(erasure.erasure_id),
            kind="dossiers",
            at=at,
            party=request.author,
            key=request.key,
            controller=request.controller or "",
        )
        prints = await run_sync(self._tell, entry, erasure.dossiers)
        await run_sync(self._store.destroy_dossiers, erasure.dossiers, at)
        drafts = [draft_erased(event, envelope, prints, at) for event, envelope in erasure.requests]
        await self._write(erased_key(erasure.erasure_id), [draft for draft in drafts if draft is not None])

    async def _complete(self, erasure: Erasure) -> None:
        """Record the end, keep what the declaration of destruction needs, and forget who still held what."""
        key = completed_key(erasure.erasure_id)
        if erasure.completed is None:
            await self._write(key, [self._draft_completed(erasure)])
        own, at = erasure.own_dossiers, self._clock.now()
        if own:
            await run_sync(self._tell, ErasureEntry(id=key, kind="dossiers", at=at, party=LEDGER, key=key), own)
            await run_sync(self._store.destroy_dossiers, own, at)

    async def _write(self, key: str, drafts: Sequence[Draft]) -> None:
        """Record what the ledger did, once; what stands there already is not compared."""
        await self._writer.write(party=LEDGER, key=key, canonical=key.encode(), draft=lambda _: drafts)

    def _draft_completed(self, erasure: Erasure) -> Draft:
        """The end, where the first request stands. Ground and decision outlive the seal of the rest."""
        event, request = erasure.requests[0]
        said = erasure.contents[0]
        content = NOTHING
        if said is not None:
            content = Content(ground=said.ground, decision=said.decision, second_person=said.second_person)
        fields: dict[str, Any] = {
            "controller": request.controller,
            "erasure_id": erasure.erasure_id,
            "erased_events": sum(envelope.erased_events or 0 for _, envelope in erasure.requests),
            "backups_until": erasure.backups_until,
        }
        return Draft(
            lane=event.lane,
            stream_id=event.stream_id,
            topic=topics.ERASURE_COMPLETED,
            scope=self._pseudonyms.scope((request.author, ERASURES_SCOPE)),
            fields=fields,
            content=content,
            fences=erasure.own_dossiers,
        )

    def _tell(self, entry: ErasureEntry, dossiers: Sequence[DossierGeneration]) -> dict[DossierGeneration, str]:
        """Write the dossiers in the register, in numbered entries of bounded size; the fingerprint of each.

        What the register says already stays as it was said: the keys may be gone since.
        """
        prints: dict[DossierGeneration, str] = {}
        rest = iter(dossiers)
        for number in count():
            piece = tuple(islice(rest, limits.ERASURE_DOSSIERS_PER_ENTRY_MAX))
            if not piece:
                return prints
            entry_id = f"{entry.id}:{number}"
            told = self._register.find(entry_id)
            if told is None:
                told = msgspec.structs.replace(entry, id=entry_id, dossiers=self._printed(piece))
                self._register.append(told)
            prints |= {(lane, s, bytes.fromhex(scope), g): printed for lane, s, scope, g, printed in told.dossiers}
        return prints

    def _printed(self, dossiers: Sequence[DossierGeneration]) -> tuple[tuple[int, UUID, str, int, str], ...]:
        known = self._identities.find_generations(dossiers)
        return tuple(
            (lane, stream_id, scope.hex(), generation, fingerprint_of(known.get(place), self._vault))
            for place in dossiers
            for lane, stream_id, scope, generation in (place,)
        )


def erasure_entry(erasure_id: UUID) -> str:
    """The id, before its number, of the entries in the register about what an erasure destroyed."""
    return f"erasure:{erasure_id}"


def fingerprint_of(secret: KnownSecret | None, vault: Vault) -> str:
    """What tells a dossier's secret from any other one, and gives nothing of it away; empty when it is gone."""
    row = None if secret is None else secret.row
    if row is None:
        return ""
    try:
        place = dossier_place(row.lane, row.stream_id, row.scope, row.generation)
        material = vault.unwrap(row.wrap_key_id, row.wrapped, place)
    except KeyDestroyed:
        return ""
    return hashlib.sha256(b"fingerprint" + material).digest()[:FINGERPRINT_BYTES].hex()


def draft_erased(
    event: StoredEvent, request: Envelope, prints: dict[DossierGeneration, str], at: datetime
) -> Draft | None:
    """What the person may know for as long as the ledger does: by whom, how much, until when in backups. No content."""
    if not request.erased_dossiers:
        return None
    stream_id = request.erased_dossiers[0].stream_id
    fields: dict[str, Any] = {
        "controller": request.controller,
        "erasure_id": request.operation_id,
        "erased_events": request.erased_events,
        "destroyed": request.destroyed,
        "spared": request.spared,
        "fingerprints": tuple(
            prints[event.lane, stream_id, bytes.fromhex(each.scope), each.generation]
            for each in request.erased_dossiers
        ),
        "backups_until": amsterdam_day(at) + timedelta(days=limits.BACKUP_DAYS_MAX),
    }
    return Draft(lane=event.lane, stream_id=stream_id, topic=topics.ERASED, scope=b"", fields=fields)
