"""What every KeyStore promises, with the IdentityStore that reads the same rows: PostgreSQL and memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from services.ledger.application.ports import Appender, IdentityStore
from services.ledger.application.retention_ports import KeyStore
from services.ledger.domain.stored import (
    KeptKey,
    PreparedOperation,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)
from services.ledger.storage.identity import PostgresIdentityStore
from services.ledger.storage.key_store import PostgresKeyStore
from services.ledger.storage.memory import MemoryLedger
from services.ledger.storage.memory_identity import MemoryIdentityStore
from services.ledger.storage.memory_key_store import MemoryKeyStore
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.writer import AppendWriter
from services.runtime.postgres import DatabaseAway, sync_pool
from tests.support.operations import prepare, prepare_event

AT = datetime(2031, 9, 11, 0, 5, tzinfo=UTC)
DAY, NEXT, LATER = date(2031, 9, 10), date(2031, 9, 11), date(2032, 1, 1)
PERSON, OTHER = UUID(int=1), UUID(int=2)
HOLD, FREE = UUID(int=7), UUID(int=8)
SCOPE = b"s" * 16
WEEK, NEW_WEEK = "week:2031-W36", "week:2031-W37"


class Keys(msgspec.Struct, frozen=True):
    """A key store over four lanes, what reads of it, and how rows of dossiers come in."""

    store: KeyStore
    identities: IdentityStore
    append: Callable[..., None]


@pytest.fixture(params=["memory", "postgres"])
def keys(request: pytest.FixtureRequest) -> Iterator[Keys]:
    """Give the stores of a new ledger of four lanes."""
    if request.param == "memory":
        ledger = MemoryLedger(4)
        identities = MemoryIdentityStore(ledger)
        yield Keys(MemoryKeyStore(ledger, identities), identities, lambda **rows: asyncio.run(append(ledger, **rows)))
        return
    database: str = request.getfixturevalue("database")
    open_ledger(database, 4, "system")

    async def write(**rows: Any) -> None:
        writer = AppendWriter(conninfo=database)
        await writer.start()
        try:
            await append(writer, **rows)
        finally:
            await writer.stop()

    with sync_pool(database, name="test", size_max=2) as pool:
        yield Keys(PostgresKeyStore(pool), PostgresIdentityStore(pool), lambda **rows: asyncio.run(write(**rows)))


async def append(appender: Appender, **rows: Any) -> None:
    """Append one operation in lane 1 with these rows."""
    operation: PreparedOperation = prepare(prepare_event(1), **rows)
    await appender.append([operation])


def dossier(generation: int, stream_id: UUID = PERSON, lane: int = 1, week: str = WEEK) -> WrappedDossierSecret:
    """A wrapped secret of a generation."""
    return WrappedDossierSecret(lane, stream_id, SCOPE, generation, week, bytes([generation]) * 60)


def day_secret(lane: int, day: date) -> WrappedDaySecret:
    """A wrapped secret of a day."""
    return WrappedDaySecret(lane=lane, day=day, wrap_key_id=f"day:{day}", wrapped=bytes([lane]) * 60)


def hold_secret(lane: int, hold_id: UUID = HOLD, byte: int = 1) -> WrappedHoldSecret:
    """A wrapped secret of a hold."""
    return WrappedHoldSecret(lane=lane, hold_id=hold_id, wrap_key_id=f"hold:{hold_id}", wrapped=bytes([byte]) * 60)


def epoch(keys: Keys, lane: int = 1) -> int:
    """How often the lane was fenced."""
    return keys.identities.fence_epochs([lane])[lane]


def test_the_lanes_of_records(keys: Keys) -> None:
    """The subject lanes are named in order, that of the register is not."""
    assert keys.store.lanes() == [0, 1, 2, 3]


def test_a_destroyed_generation_keeps_its_row(keys: Keys) -> None:
    """Of a person's dossiers only those named lose their material, for good, and the lane is fenced with it."""
    keys.append(secrets=(dossier(1), dossier(2), dossier(1, OTHER)))
    keys.store.destroy_dossiers([(1, PERSON, SCOPE, 1), (1, PERSON, SCOPE, 9)], AT)
    keys.store.destroy_dossiers([(1, PERSON, SCOPE, 1)], AT)
    assert keys.store.dossiers_of(1, PERSON) == [(SCOPE, 1, "destroyed"), (SCOPE, 2, "active")]
    assert keys.store.dossiers_of(1, OTHER) == [(SCOPE, 1, "active")]
    assert keys.store.dossiers_of(0, PERSON) == []
    exact = keys.identities.find_generations([(1, PERSON, SCOPE, 1), (1, PERSON, SCOPE, 2)])
    assert [(found.state, found.row) for found in exact.values()] == [("destroyed", None), ("active", dossier(2))]
    assert (epoch(keys), epoch(keys, 0)) == (1, 0)


def test_what_was_fenced_dies_without_another_fence(keys: Keys) -> None:
    """A generation that a fence closed keeps its material until it is destroyed, which raises no epoch once more."""
    keys.append(secrets=(dossier(1),))
    keys.append(fences=((1, PERSON, SCOPE, 1),))
    (fenced,) = keys.identities.find_generations([(1, PERSON, SCOPE, 1)]).values()
    assert (fenced.state, fenced.row) == ("fenced", dossier(1))
    keys.store.destroy_dossiers([(1, PERSON, SCOPE, 1)], AT)
    assert keys.store.dossiers_of(1, PERSON) == [(SCOPE, 1, "destroyed")]
    assert epoch(keys) == 1


def test_days_live_until_they_are_destroyed(keys: Keys) -> None:
    """Days that still have a secret are named before a date; one that was destroyed is none, in no lane."""
    keys.identities.create_day_secrets(
        [day_secret(0, DAY), day_secret(3, DAY), day_secret(1, NEXT), day_secret(2, DAY)]
    )
    assert keys.store.living_days(LATER) == [DAY, NEXT]
    assert keys.store.living_days(NEXT) == [DAY]
    assert keys.store.ending_secrets(DAY) == [day_secret(0, DAY), day_secret(2, DAY), day_secret(3, DAY)]
    for _ in range(2):
        keys.store.destroy_day(DAY, AT)
        assert keys.store.living_days(LATER) == [NEXT]
        assert keys.store.ending_secrets(DAY) == []
        assert keys.identities.day_secrets([(0, DAY), (1, DAY), (1, NEXT)]) == {
            (0, DAY): None,
            (1, NEXT): day_secret(1, NEXT),
        }
        assert [epoch(keys, lane) for lane in range(4)] == [1, 0, 1, 1]


def test_a_day_that_was_fenced_dies_without_another_fence(keys: Keys) -> None:
    """The secret of a fenced day is given to nobody who seals, until it is destroyed to who keeps what outlives it."""
    keys.identities.create_day_secrets([day_secret(1, DAY)])
    keys.append(days=((1, DAY),))
    assert keys.identities.day_secrets([(1, DAY)]) == {(1, DAY): None}
    assert keys.store.ending_secrets(DAY) == [day_secret(1, DAY)]
    assert keys.store.living_days(LATER) == [DAY]
    keys.store.destroy_day(DAY, AT)
    assert keys.store.ending_secrets(DAY) == []
    assert epoch(keys) == 1


def test_wraps_are_kept_by_keeper(keys: Keys) -> None:
    """The first wrap of an event and keeper stands; an event may have several; a keeper takes its own along."""
    by_day, by_hold = f"day:{LATER}", f"hold:{HOLD}"
    first = [KeptKey(0, 5, by_day, b"a"), KeptKey(0, 5, by_hold, b"b"), KeptKey(2, 5, by_hold, b"c")]
    keys.store.keep_keys(first)
    keys.store.keep_keys([KeptKey(0, 5, by_day, b"other"), KeptKey(0, 6, by_hold, b"d"), KeptKey(0, 9, by_hold, b"e")])
    assert keys.identities.kept_keys([(0, 5), (2, 5), (0, 7)]) == {(0, 5): tuple(first[:2]), (2, 5): (first[2],)}
    assert keys.identities.kept_keys([]) == {}
    assert keys.store.kept_by(0, by_hold, 0, 2) == [5, 6]
    assert keys.store.kept_by(0, by_hold, 6, 2) == [9]
    assert keys.store.kept_by(1, by_hold, 0, 2) == []
    for _ in range(2):
        keys.store.drop_kept_keys(by_hold)
        assert keys.identities.kept_keys([(0, 5), (0, 6), (2, 5)]) == {(0, 5): (first[0],)}
    keys.store.keep_keys([])


def test_holds_have_secrets_until_they_are_released(keys: Keys) -> None:
    """The first secret of a hold and lane stands; after its destruction none comes back, in whatever lane."""
    keys.store.create_hold_secrets([hold_secret(2), hold_secret(0)])
    keys.store.create_hold_secrets([hold_secret(0, byte=9), hold_secret(0, FREE)])
    assert keys.identities.hold_secrets([(0, HOLD), (1, HOLD)]) == {(0, HOLD): hold_secret(0)}
    assert keys.store.living_holds() == [HOLD, FREE]
    for _ in range(2):
        keys.store.destroy_hold(HOLD, AT)
        keys.store.create_hold_secrets([hold_secret(1), hold_secret(2)])
        assert keys.identities.hold_secrets([(lane, HOLD) for lane in range(3)]) == dict.fromkeys(
            (lane, HOLD) for lane in range(3)
        )
        assert keys.store.living_holds() == [FREE]
    assert keys.identities.hold_secrets([]) == {}


def test_secrets_of_older_weeks_come_in_pages(keys: Keys) -> None:
    """All living secrets under another key are given once, page by page; a fenced one still lives."""
    rows = [dossier(number, UUID(int=person)) for person in (5, 6, 7) for number in (1, 2)]
    keys.append(secrets=tuple(rows))
    keys.append(secrets=(dossier(3, UUID(int=6), week=NEW_WEEK), dossier(1, lane=2)))
    keys.append(fences=((1, UUID(int=5), SCOPE, 1),))
    keys.store.destroy_dossiers([(1, UUID(int=7), SCOPE, 1)], AT)
    given: list[WrappedDossierSecret] = []
    while page := keys.store.dossiers_not_under(1, NEW_WEEK, given[-1] if given else None, 2):
        assert len(page) <= 2
        given += page
    assert given == [row for row in rows if row != dossier(1, UUID(int=7))]


def test_a_wrap_is_replaced_where_it_stands(keys: Keys) -> None:
    """A secret is wrapped anew only if nobody changed it meanwhile; its state stays as it is."""
    keys.append(secrets=(dossier(1), dossier(2), dossier(3)))
    keys.append(fences=((1, PERSON, SCOPE, 1),))
    keys.store.destroy_dossiers([(1, PERSON, SCOPE, 2)], AT)
    pairs = [
        (dossier(number), msgspec.structs.replace(dossier(number), wrap_key_id=NEW_WEEK, wrapped=b"n" * 60))
        for number in (1, 2, 3)
    ]
    assert keys.store.rewrap_dossiers(pairs) == 2
    assert keys.store.rewrap_dossiers(pairs) == 0
    found = keys.identities.find_generations([(1, PERSON, SCOPE, number) for number in (1, 2, 3)])
    assert [(secret.state, secret.row and secret.row.wrapped) for _, secret in sorted(found.items())] == [
        ("fenced", b"n" * 60),
        ("destroyed", None),
        ("active", b"n" * 60),
    ]
    assert keys.store.rewrap_dossiers([]) == 0


def test_week_keys_rest_since_they_were_last_used(keys: Keys) -> None:
    """A key under which nothing hangs any more is named with the day that was first seen; used again it is not."""
    keys.append(secrets=(dossier(1), dossier(1, OTHER, week="week:2031-W30")))
    weeks = ["week:2031-W30", WEEK]
    assert keys.store.unused_week_keys(weeks, DAY) == {}
    keys.store.destroy_dossiers([(1, PERSON, SCOPE, 1)], AT)
    assert keys.store.unused_week_keys(weeks, DAY) == {WEEK: DAY}
    keys.store.destroy_dossiers([(1, OTHER, SCOPE, 1)], AT)
    assert keys.store.unused_week_keys(weeks, NEXT) == {WEEK: DAY, "week:2031-W30": NEXT}
    keys.append(secrets=(dossier(2),))
    assert keys.store.unused_week_keys(weeks, NEXT) == {"week:2031-W30": NEXT}
    keys.store.destroy_dossiers([(1, PERSON, SCOPE, 2)], AT)
    assert keys.store.unused_week_keys(weeks, LATER) == {WEEK: LATER, "week:2031-W30": NEXT}


def test_all_lanes_are_fenced_at_once(keys: Keys) -> None:
    """Every subject lane gets another epoch, so that whatever was prepared before is prepared again."""
    keys.store.raise_epochs()
    keys.store.raise_epochs()
    assert [epoch(keys, lane) for lane in range(4)] == [2, 2, 2, 2]
    keys.append(epochs=((1, 1),), secrets=(dossier(1),))
    assert keys.store.dossiers_of(1, PERSON) == []


def test_destruction_waits_for_the_append_under_way(database: str) -> None:
    """Who destroys stands in line for the counter row of the lane: an append sees all of it or nothing."""
    open_ledger(database, 1, "system")
    with sync_pool(database, name="test", size_max=1) as pool, psycopg.connect(database) as appending:
        pool.wait()
        store = PostgresKeyStore(pool)
        appending.execute("SELECT FROM lane_head WHERE lane = 0 FOR UPDATE")
        with pool.connection() as connection:
            connection.execute("SELECT set_config('lock_timeout', '50ms', false)")
        for destroy in (
            lambda: store.destroy_dossiers([(0, PERSON, SCOPE, 1)], AT),
            lambda: store.destroy_day(DAY, AT),
            lambda: store.rewrap_dossiers([(dossier(1, lane=0), dossier(1, lane=0))]),
            store.raise_epochs,
        ):
            with pytest.raises(DatabaseAway) as away:
                destroy()
            assert isinstance(away.value.__cause__, psycopg.errors.LockNotAvailable)
