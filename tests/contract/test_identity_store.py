"""What every IdentityStore promises: PostgreSQL and the one in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.ledger.application.ports import Appender, IdentityStore
from services.ledger.application.vault_errors import WrongVault
from services.ledger.contract import topics
from services.ledger.domain.stored import Identifier, WrappedDaySecret, WrappedDossierSecret
from services.ledger.storage.identity import PostgresIdentityStore, bind_vault
from services.ledger.storage.memory import MemoryLedger
from services.ledger.storage.memory_identity import MemoryIdentityStore
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.vault_memory import MemoryVault
from services.ledger.storage.writer import AppendWriter
from services.runtime.postgres import sync_pool
from tests.support.operations import prepare, prepare_event

PERSON, OTHER = uuid4(), uuid4()
SCOPE = b"s" * 16
DAY = date(2031, 9, 10)

Store = Callable[..., None]
Pair = tuple[IdentityStore, Store]


@pytest.fixture(params=["memory", "postgres"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Give a store of four lanes and a function that appends an operation with rows it leans on."""
    if request.param == "memory":
        ledger = MemoryLedger(4)
        yield MemoryIdentityStore(ledger), lambda *events, **rows: asyncio.run(append(ledger, *events, **rows))
        return
    database: str = request.getfixturevalue("database")
    open_ledger(database, 4, "system")

    async def write(*events: object, **rows: object) -> None:
        writer = AppendWriter(conninfo=database)
        await writer.start()
        try:
            await append(writer, *events, **rows)
        finally:
            await writer.stop()

    with sync_pool(database, name="test", size_max=2) as pool:
        yield PostgresIdentityStore(pool), lambda *events, **rows: asyncio.run(write(*events, **rows))


async def append(appender: Appender, *events: object, **rows: object) -> None:
    """Append one operation."""
    await appender.append([prepare(*events, **rows)])  # type: ignore[arg-type]


def secret(generation: int, stream_id: UUID = PERSON) -> WrappedDossierSecret:
    """A wrapped secret of a generation."""
    return WrappedDossierSecret(
        lane=1,
        stream_id=stream_id,
        scope=SCOPE,
        generation=generation,
        wrap_key_id="week:2026-W37",
        wrapped=bytes([generation]) * 60,
    )


def test_lookups_lead_to_streams(pair: Pair) -> None:
    """A stored lookup is found in its own lane and nowhere else."""
    store, write = pair
    identifier = Identifier(lane=1, lookup=b"l" * 32, key_version=2, stream_id=PERSON)
    write(prepare_event(1, PERSON), identifiers=(identifier,))
    assert store.find_streams([(1, b"l" * 32), (2, b"l" * 32), (1, b"m" * 32)]) == {(1, b"l" * 32): identifier}
    assert store.find_streams([]) == {}


def test_the_newest_generation_is_found(pair: Pair) -> None:
    """Of several generations the newest is given for writing, and each one by its number for reading."""
    store, write = pair
    write(prepare_event(1, PERSON), secrets=(secret(1),))
    write(prepare_event(1, PERSON), secrets=(secret(2),))
    place = (1, PERSON, SCOPE)
    newest = store.find_secrets([place, (1, OTHER, SCOPE), (0, PERSON, SCOPE)])
    assert {key: (found.generation, found.row, found.state) for key, found in newest.items()} == {
        place: (2, secret(2), "active")
    }
    exact = store.find_generations([(*place, 1), (*place, 3)])
    assert {key: found.row for key, found in exact.items()} == {(*place, 1): secret(1)}
    assert not store.find_secrets([])
    assert not store.find_generations([])


def test_the_first_day_secret_wins(pair: Pair) -> None:
    """Two writers that make the secret of a day end up with the same one; one never made is absent."""
    store, _ = pair
    first = WrappedDaySecret(lane=3, day=DAY, wrap_key_id=f"day:{DAY}", wrapped=b"a" * 60)
    second = WrappedDaySecret(lane=3, day=DAY, wrap_key_id=f"day:{DAY}", wrapped=b"b" * 60)
    store.create_day_secrets([first])
    store.create_day_secrets([second, WrappedDaySecret(lane=1, day=DAY, wrap_key_id="x", wrapped=b"c" * 60)])
    assert store.day_secrets([(3, DAY), (2, DAY)]) == {(3, DAY): first}
    assert store.day_secrets([(1, DAY)])[1, DAY] is not None
    store.create_day_secrets([])
    assert store.day_secrets([]) == {}


def test_links_come_in_order(pair: Pair) -> None:
    """Of a stream only what links and unlinks it is read, in order."""
    store, write = pair
    for topic in (topics.SUBJECTS_LINKED, topics.PROCESSING_RECORDED, topics.SUBJECTS_UNLINKED):
        write(prepare_event(1, PERSON, topic=topic))
    write(prepare_event(1, OTHER, topic=topics.SUBJECTS_LINKED))
    found = store.links_of([(1, PERSON), (2, OTHER)])
    assert [(event.stream_id, event.topic) for event in found] == [
        (PERSON, topics.SUBJECTS_LINKED),
        (PERSON, topics.SUBJECTS_UNLINKED),
    ]
    assert store.links_of([]) == []


def test_a_destroyed_day_keeps_its_row(database: str) -> None:
    """A destroyed day secret is told apart from one that was never made."""
    open_ledger(database, 1, "system")
    with sync_pool(database, name="test", size_max=1) as pool:
        store = PostgresIdentityStore(pool)
        store.create_day_secrets([WrappedDaySecret(lane=0, day=DAY, wrap_key_id=f"day:{DAY}", wrapped=b"a" * 60)])
        with pool.connection() as connection:
            connection.execute("UPDATE day_secret SET wrapped = NULL, destroyed_at = now()")
        assert store.day_secrets([(0, DAY)]) == {(0, DAY): None}


def test_a_ledger_keeps_its_vault(database: str) -> None:
    """A ledger that was made with one vault refuses to start with another."""
    open_ledger(database, 1, "system")
    own = MemoryVault()
    with sync_pool(database, name="test", size_max=1) as pool:
        bind_vault(pool, own)
        bind_vault(pool, own)
        with pytest.raises(WrongVault):
            bind_vault(pool, MemoryVault())
