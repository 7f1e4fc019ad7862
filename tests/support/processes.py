"""Several processes of one ledger: each remembers for itself what stands in the same tables and the same vault."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.ledger.application.about import Original, draft_about
from services.ledger.application.directory import LinkedDirectory
from services.ledger.application.facts import FactReader
from services.ledger.application.keys import Keys
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.opener import ContentOpener
from services.ledger.application.operation_writer import Draft, OperationWriter, Written
from services.ledger.application.people import People
from services.ledger.application.ports import Appender, EventReader, IdentityStore, Vault
from services.ledger.application.prepare import Preparer
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.record import Recorder
from services.ledger.application.retention_ports import KeyStore
from services.ledger.contract import topics
from services.ledger.contract.events import Content, ErasedDossier
from services.ledger.domain.identity import uuid5
from services.ledger.domain.stored import DossierGeneration, StoredEvent
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.identity import PostgresIdentityStore
from services.ledger.storage.key_store import PostgresKeyStore
from services.ledger.storage.memory import MemoryLedger
from services.ledger.storage.memory_identity import MemoryIdentityStore
from services.ledger.storage.memory_key_store import MemoryKeyStore
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.vault_memory import MemoryVault
from services.ledger.storage.writer import AppendWriter
from services.runtime.clock import FakeClock
from services.runtime.ids import SystemIds
from services.runtime.postgres import sync_pool
from tests.support.recording import NOW, FixedRegister, act, caller, submission


class Tables(msgspec.Struct, frozen=True):
    """What all processes of a ledger share."""

    reader: EventReader
    identities: IdentityStore
    store: KeyStore
    vault: Vault
    clock: FakeClock
    lanes: int

    def events(self, *topics_wanted: str) -> list[StoredEvent]:
        """Everything stored in subject lanes, or what has one of these topics."""
        events = [event for lane in range(self.lanes) for event in self.reader.events_after(lane, 0, 100_000)]
        return [event for event in events if not topics_wanted or event.topic in topics_wanted]


class Process:
    """One process: its own memory of persons and secrets."""

    def __init__(self, tables: Tables, appender: Appender) -> None:
        """Wire the write path and what opens."""
        self.tables = tables
        self.appender = appender
        ids = SystemIds()
        self.pseudonyms = Pseudonyms(vault=tables.vault, lanes=tables.lanes)
        self.keys = Keys(vault=tables.vault, identities=tables.identities, ids=ids, clock=tables.clock)
        self.opener = ContentOpener(keys=self.keys)
        links = LinkedDirectory(identities=tables.identities, pseudonyms=self.pseudonyms)
        self.people = People(identities=tables.identities, pseudonyms=self.pseudonyms, ids=ids)
        self.preparer = Preparer(
            register=FixedRegister(),
            people=self.people,
            facts=FactReader(reader=tables.reader, opener=self.opener, links=links),
            keys=self.keys,
            pseudonyms=self.pseudonyms,
            ids=ids,
            clock=tables.clock,
        )
        self.recorder = Recorder(
            preparer=self.preparer,
            appender=appender,
            reader=tables.reader,
            people=self.people,
            keys=self.keys,
            pseudonyms=self.pseudonyms,
            obligations=ObligationIds(tables.vault),
        )
        self.writer = OperationWriter(
            appender=appender,
            reader=tables.reader,
            keys=self.keys,
            people=self.people,
            pseudonyms=self.pseudonyms,
            clock=tables.clock,
        )

    async def record(self, key: str, *bodies: Any) -> list[Any]:
        """Record the bodies, by default one sound act, under keys counted from one."""
        submissions = [submission(body, f"{key}-{number}") for number, body in enumerate(bodies or (act(),), 1)]
        return list(await self.recorder.record(caller(), submissions))

    async def fence(self, places: Sequence[DossierGeneration], key: str = "fence") -> Written:
        """Ask for the erasure of these generations: one event per lane, with its fences in the same transaction."""
        lanes = sorted({place[0] for place in places})

        def draft(_: datetime) -> list[Draft]:
            return [
                Draft(
                    lane=lane,
                    stream_id=uuid5(UUID(int=lane), key),
                    topic=topics.ERASURE_REQUESTED,
                    scope=self.pseudonyms.scope(("grootboek", "erasure", key)),
                    fields={"erased_dossiers": tuple(map(erased, places))},
                    content=Content(ground="17(1)(a)"),
                    fences=tuple(place for place in places if place[0] == lane),
                )
                for lane in lanes
            ]

        return await self.writer.write(party="grootboek", key=key, canonical=key.encode(), draft=draft)

    async def correct(self, event: StoredEvent, key: str) -> Written:
        """Record that an event is corrected: in its dossier, until its end."""
        envelope = event.read_envelope()
        original = Original(event, envelope, None, None, envelope.record_ends)
        draft = draft_about(
            original, topics.PROCESSING_CORRECTED, {"correction": "correction"}, Content(reason="spelling")
        )
        return await self.writer.write(party=envelope.author, key=key, canonical=key.encode(), draft=lambda _: (draft,))

    def opened(self) -> list[bool]:
        """Of each act that was recorded whether it opens here, in order of place."""
        acts = self.tables.events(topics.PROCESSING_RECORDED)
        return [content is not None for content in self.opener.open(acts)]


class World:
    """A ledger whose processes come and go."""

    def __init__(self, tables: Tables, conninfo: str | None, appender: Appender | None) -> None:
        """Append through ``appender``, or through a writer of each process on ``conninfo``."""
        self.tables = tables
        self._conninfo = conninfo
        self._appender = appender

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Process]:
        """Start a process, and stop it."""
        writer = None if self._conninfo is None else AppendWriter(conninfo=self._conninfo)
        appender = writer or self._appender
        assert appender is not None
        if writer is not None:
            await writer.start()
        process = Process(self.tables, appender)
        try:
            yield process
        finally:
            await process.recorder.stop()
            if writer is not None:
                await writer.stop()


@asynccontextmanager
async def memory_world(lanes: int = 1, vault: Vault | None = None) -> AsyncIterator[World]:
    """Open a ledger in memory."""
    ledger = MemoryLedger(lanes)
    identities = MemoryIdentityStore(ledger)
    store = MemoryKeyStore(ledger, identities)
    yield World(Tables(ledger, identities, store, vault or MemoryVault(), FakeClock(NOW), lanes), None, ledger)


@asynccontextmanager
async def postgres_world(conninfo: str, lanes: int = 1, vault: Vault | None = None) -> AsyncIterator[World]:
    """Open a ledger on PostgreSQL."""
    open_ledger(conninfo, lanes, "system")
    with (
        sync_pool(conninfo, name="test", size_max=4) as pool,
        sync_pool(conninfo, name="lookups", size_max=4, autocommit=True) as lookups,
    ):
        identities, store = PostgresIdentityStore(lookups), PostgresKeyStore(pool)
        reader = PostgresEventReader(pool=pool)
        yield World(Tables(reader, identities, store, vault or MemoryVault(), FakeClock(NOW), lanes), conninfo, None)


def erased(place: DossierGeneration) -> ErasedDossier:
    """A generation as an envelope names it."""
    lane, stream_id, scope, generation = place
    return ErasedDossier(lane=lane, stream_id=stream_id, scope=scope.hex(), generation=generation)


def dossier_of(event: StoredEvent) -> DossierGeneration:
    """The generation of the dossier under which an event was sealed."""
    envelope = event.read_envelope()
    assert envelope.scope is not None
    assert envelope.generation is not None
    return event.lane, event.stream_id, bytes.fromhex(envelope.scope), envelope.generation
