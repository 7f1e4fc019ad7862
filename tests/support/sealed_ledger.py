"""A ledger on PostgreSQL with events in several lanes and in the register: what proofs and verification read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec

from services.law.governance import Party, Purpose
from services.ledger.application.register_entry import RegisterApplication, RegisterEntry
from services.ledger.application.seal_tree import TreeSealer
from services.ledger.contract.messages import Caller
from services.ledger.contract.topics import RECORDS_SWEPT
from services.ledger.domain.identity import lane_stream
from services.ledger.domain.stored import Appended, PreparedEvent, PreparedOperation
from services.ledger.storage.norms import packaged_norms
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.recorder import register_environment
from services.ledger.storage.register import LaneRegister
from services.ledger.storage.tree import PostgresTreeStore
from services.ledger.storage.vault_memory import MemoryVault
from services.ledger.storage.writer import AppendWriter
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds
from services.runtime.postgres import SyncPool, sync_pool
from tests.support.envelopes import make_envelope
from tests.support.operations import RECORDED_AT, TOPIC

STREAMS = [uuid5(UUID(int=7), str(number)) for number in range(40)]
OFFICER = Caller(party="college", scopes=frozenset({"governance"}))


def prepare_whole(lanes: Sequence[int], number: int) -> PreparedOperation:
    """An operation with one event in each of these lanes, whose envelopes say so."""
    envelope = make_envelope(key=f"whole-{number}")
    events = tuple(
        PreparedEvent(
            lane=lane,
            stream_id=STREAMS[(number + index) % len(STREAMS)],
            topic=TOPIC,
            envelope=msgspec.json.encode(msgspec.structs.replace(envelope, index=index, count=len(lanes))),
            state=f"sealed content {number} {index}".encode(),
        )
        for index, lane in enumerate(lanes)
    )
    return PreparedOperation(
        operation_id=envelope.operation_id,
        claim_lane=lanes[0],
        body_hash=bytes(32),
        recorded_at=RECORDED_AT,
        events=events,
    )


def prepare_sweep(lane: int, swept: tuple[tuple[int, int], ...], number: int) -> PreparedOperation:
    """The announcement in a lane that these positions are swept."""
    envelope = make_envelope(key=f"swept-{number}", author="grootboek", swept=swept, swept_reason="ended")
    event = PreparedEvent(
        lane=lane,
        stream_id=lane_stream(lane),
        topic=RECORDS_SWEPT,
        envelope=msgspec.json.encode(envelope),
        state=b"",
    )
    return PreparedOperation(
        operation_id=envelope.operation_id,
        claim_lane=lane,
        body_hash=bytes(32),
        recorded_at=RECORDED_AT,
        events=(event,),
    )


class SealedLedger:
    """Two subject lanes and the register, on a database of its own; the vault is in memory."""

    def __init__(self, conninfo: str) -> None:
        """Open the ledger and connect."""
        self.conninfo = conninfo
        open_ledger(conninfo, 2, "system")
        self.clock = FakeClock(RECORDED_AT)
        self.vault = MemoryVault(SeededIds(1))
        self.pool: SyncPool = sync_pool(conninfo, name="test")
        self.pool.open()
        self.store = PostgresTreeStore(pool=self.pool)
        self.application = RegisterApplication(environment=register_environment(conninfo))
        self.register = LaneRegister(
            recorder=self.application.recorder, mapper=self.application.mapper, norms=packaged_norms()
        )

    def sealer(self) -> TreeSealer:
        """A sealer as another process would have it."""
        return TreeSealer(store=self.store, vault=self.vault, clock=self.clock)

    def append(self, operations: Sequence[PreparedOperation]) -> list[Appended]:
        """Append through the real writer; every operation must be stored."""

        async def story() -> list[Any]:
            writer = AppendWriter(conninfo=self.conninfo)
            await writer.start()
            try:
                return [*await writer.append(operations)]
            finally:
                await writer.stop()

        results = asyncio.run(story())
        assert all(isinstance(result, Appended) for result in results)
        return results

    def govern(self, count: int) -> None:
        """Register a party and this many purposes."""
        verb = RegisterEntry(application=self.application, source=self.register, clock=self.clock)
        verb(OFFICER, Party(id="politie", kind="police"))
        for number in range(count):
            verb(OFFICER, Purpose(id=f"doel-{number}", text="waarom"))

    def fill(self) -> None:
        """Some 330 events in lane 0, 30 in lane 1 (with operations over both) and 6 in the register."""
        self.append([prepare_whole([0], number) for number in range(300)])
        self.append([prepare_whole([0, 1], number) for number in range(300, 330)])
        self.append([prepare_whole([0, 0, 0], 330)])
        self.govern(5)

    def close(self) -> None:
        """Let go of the connections."""
        self.application.close()
        self.pool.close()
