"""Several ledger processes that share nothing but one database and one vault, as on several hosts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from services.law.act import Act, Subject
from services.law.governance import Activity, Entry, Party
from services.ledger.application.vault_errors import VaultDamaged, WrongVault
from services.ledger.contract.messages import Caller, Receipt, Submission
from services.ledger.contract.positions import REGISTER_LANE, parse_position
from services.ledger.main import LedgerProcess
from services.ledger.storage.leadership import SEALER_LOCK, Leadership
from services.ledger.storage.register import RegisterBehind
from services.ledger.storage.vault_file import SealedFileVault
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.support.prepared import Prepared, prepare
from tests.support.waiting import until

LANES = 2
SECONDS_MAX = 30.0
REGISTRAR = Caller(party="registrar", scopes=frozenset({"governance"}))
COLLEGE = Caller(party="college", scopes=frozenset({"processing:write", "processing:read"}), purpose="operations")


@pytest.fixture
def prepared(database: str) -> Prepared:
    """A database that was made ready for a ledger on the real clock."""
    return prepare(database, lanes=LANES, clock_kind="system")


def new_replica(prepared: Prepared, folder: Path) -> LedgerProcess:
    """A process of the ledger, not started."""
    return LedgerProcess(
        conninfo=prepared.ledger,
        vault_file=folder / "vault" / "vault",
        clock_kind="system",
        lanes=LANES,
        metrics=Metrics(),
        log=MemoryLog(),
        is_replica=True,
    )


@asynccontextmanager
async def replicas(prepared: Prepared, folder: Path, count: int = 2) -> AsyncIterator[list[LedgerProcess]]:
    """So many processes of one ledger, started."""
    async with AsyncExitStack() as stack:
        made = [new_replica(prepared, folder) for _ in range(count)]
        for replica in made:
            await replica.start()
            stack.push_async_callback(replica.stop)
        await made[0].ports().ledger.register(REGISTRAR, Party(id="college", name="college", kind="public-body"))
        yield made


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run it to its end."""
    asyncio.run(story)


def submission(replica: LedgerProcess, key: str, *persons: int, **fields: Any) -> Submission:
    """An act of the college under a key."""
    body = Act(
        operation="record",
        occurred_at=replica.clock.now() - timedelta(seconds=5),
        controller="college",
        subjects=tuple(Subject(id_type="urn:test", id=f"person-{person}") for person in persons),
        data_categories=("name",),
        **fields,
    )
    return Submission(body=body, key=key, canonical=msgspec.json.encode((body, key)))


def positions(conninfo: str) -> dict[int, list[int]]:
    """The positions of every lane, in order."""
    found: dict[int, list[int]] = {}
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute("SELECT lane, notification_id FROM stored_events ORDER BY lane, notification_id")
        for lane, position in rows:
            found.setdefault(lane, []).append(position)
    return found


def test_who_cannot_read_the_whole_register_judges_nothing_and_is_not_ready(prepared: Prepared, tmp_path: Path) -> None:
    """Also when what is missing is the newest: a judgement by an older register would look like any other."""

    async def story() -> None:
        async with replicas(prepared, tmp_path) as (one, other):
            await other.client.ready()
            await one.ports().ledger.register(REGISTRAR, Party(id="school", name="school", kind="public-body"))
            with psycopg.connect(prepared.owner) as connection:
                connection.execute(
                    "DELETE FROM stored_events AS event USING lane_head AS head WHERE head.lane = event.lane"
                    " AND head.lane = %s AND event.notification_id = head.last_position",
                    (REGISTER_LANE,),
                )
            with pytest.raises(RegisterBehind):
                await other.ports().ledger.record(COLLEGE, [submission(other, "act", 1)])
            with pytest.raises(RegisterBehind):
                await other.ports().ledger.ready()

    play(story())


def test_each_judges_by_what_another_one_had_registered(prepared: Prepared, tmp_path: Path) -> None:
    """A version that one replica acknowledged is in force for the next judgement of the other, each way, every time."""

    async def story() -> None:
        async with replicas(prepared, tmp_path) as (one, other):
            ports = [one.ports().ledger, other.ports().ledger]
            for version in range(1, 31):
                activity: Entry = Activity(id="activity", version=version, controller="college", purpose="toezicht")
                await ports[version % 2].register(REGISTRAR, activity)
                asked = submission(one, "any", 1, activity="activity").body
                assert isinstance(asked, Act)
                found = await ports[1 - version % 2].assess(COLLEGE, asked)
                judged_by = found.register.activity
                assert judged_by is not None
                assert judged_by.version == version

    play(story())


def test_many_write_at_once_without_gap_or_double(prepared: Prepared, tmp_path: Path) -> None:
    """Three replicas write the same persons and the same keys at the same time: each act once, positions gapless."""

    async def story() -> None:
        async with replicas(prepared, tmp_path, 3) as all_of_them:
            ports = [replica.ports().ledger for replica in all_of_them]

            # Every key goes to two replicas at once, and half of the persons are new to all of them.
            work = [submission(all_of_them[0], f"key-{key}", key % 20, 1000 + key) for key in range(60)]

            async def send(number: int) -> Receipt:
                (answer,) = await ports[number % 3].record(COLLEGE, (work[number // 2],))
                assert isinstance(answer, Receipt), answer
                return answer

            answers = await asyncio.gather(*[send(number) for number in range(120)])
            assert answers[::2] == answers[1::2]
            assert len({receipt.id for receipt in answers}) == 60

    play(story())
    found = positions(prepared.owner)
    assert all(each == list(range(1, len(each) + 1)) for each in found.values())
    assert sum(len(each) for lane, each in found.items() if lane < LANES) == 120


def test_a_read_waits_for_what_another_one_stored(prepared: Prepared, tmp_path: Path) -> None:
    """With the position of a receipt the other replica shows the act, whichever of them fills the projections."""

    async def story() -> None:
        async with replicas(prepared, tmp_path) as pair:
            for number in range(10):
                writer, reader = pair[number % 2].ports().ledger, pair[1 - number % 2].ports().ledger
                (receipt,) = await writer.record(COLLEGE, (submission(pair[0], f"key-{number}", number),))
                assert isinstance(receipt, Receipt)
                await reader.wait_for([subject.position for subject in receipt.subjects])
                shown = await reader.read_operation(COLLEGE, f"key-{number}")
                assert shown["id"] == f"key-{number}"

    play(story())


def test_the_trees_are_kept_by_one_and_taken_over(prepared: Prepared, tmp_path: Path) -> None:
    """One replica seals; when it goes the other one does, and nothing is left unsealed."""

    def sealed() -> bool:
        with psycopg.connect(prepared.owner) as connection:
            rows = connection.execute(
                "SELECT last_position, coalesce(size, 0) FROM lane_head LEFT JOIN tree_head USING (lane)"
            ).fetchall()
        return all(head == size for head, size in rows)

    def holders() -> int:
        with psycopg.connect(prepared.owner) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid::bigint = %s",
                (SEALER_LOCK,),
            ).fetchone()
        return 0 if row is None else int(row[0])

    async def story() -> None:
        async with AsyncExitStack() as stack:
            first, second = new_replica(prepared, tmp_path), new_replica(prepared, tmp_path)
            await first.start()
            await until(lambda: holders() == 1)
            await second.start()
            stack.push_async_callback(second.stop)
            port = second.ports().ledger
            await port.register(REGISTRAR, Party(id="college", name="college", kind="public-body"))
            (receipt,) = await port.record(COLLEGE, (submission(first, "one", 1),))
            assert isinstance(receipt, Receipt)
            await until(sealed)
            await first.stop()
            await port.record(COLLEGE, (submission(second, "two", 1),))
            await until(sealed)
            assert holders() == 1
            place = parse_position(receipt.subjects[0].position)
            assert f"\n{place[1]}" not in (await port.checkpoint(place[0])).partition("\n\n")[2]

    play(story())


def test_leadership_ends_with_its_connection(database: str) -> None:
    """Of two one leads; when its session is ended the other one does, and the first notices before it works on."""
    first, second = Leadership(database, 7, "test"), Leadership(database, 7, "test")
    assert [first.take(), second.take(), first.take()] == [True, False, True]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND granted"
        )
    assert second.take()
    with pytest.raises(psycopg.Error):
        first.take()
    assert not first.leads
    assert not first.take()
    second.let_go()
    deadline = time.monotonic() + SECONDS_MAX
    while not first.take():
        assert time.monotonic() < deadline
    first.let_go()


def test_a_replica_with_another_vault_does_not_start_and_writes_nothing(prepared: Prepared, tmp_path: Path) -> None:
    """Neither with a vault of another ledger, nor without one: none is made for a ledger that had one."""

    async def story() -> None:
        async with replicas(prepared, tmp_path / "own", 1):
            pass
        SealedFileVault(tmp_path / "other" / "vault" / "vault")
        before = everything(prepared.owner)
        for folder, error in ((tmp_path / "other", WrongVault), (tmp_path / "none", VaultDamaged)):
            replica = new_replica(prepared, folder)
            with pytest.raises(error):
                await replica.start()
        assert everything(prepared.owner) == before
        assert not (tmp_path / "none" / "vault" / "vault").exists()

    play(story())


def everything(conninfo: str) -> list[Any]:
    """All that the ledger's tables hold, as far as a start could change it."""
    with psycopg.connect(conninfo) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall()
            for table in ("ledger_setting", "lane_head", "stream_head", "tree_head", "day_secret", "dossier_secret")
        ]
