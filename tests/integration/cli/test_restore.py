"""Backups and restores of a whole home: an older dump brings nothing back that was destroyed since."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from services.cli.home import Home
from services.cli.main import main
from services.cli.restore_home import LedgerStillServed, restore_home
from services.ledger.application.erasure_register_errors import ErasureRegisterBehind, RestoreUnfinished
from services.ledger.application.retention_ports import ErasureEntry
from services.ledger.application.vault_errors import VaultDamaged, WrongVault
from services.ledger.contract.forgetting import HoldBody, RetentionBody
from services.ledger.storage.erasure_register_memory import GENESIS
from services.ledger.storage.open_ledger import NoLedgerInDatabase
from services.ledger.storage.replace_database import make_database, swap_databases
from services.ledger.storage.vault_file import SealedFileVault
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.postgres_dump import DumpUnreadable, dump_database, load_dump
from tests.support.forgetting import ALICE, BOB, CAROL, TODAY, Forgetful, caller, forgetful, noon
from tests.support.postgres import new_data_directory

DAYS = [TODAY + timedelta(days=number) for number in range(10)]


@pytest.fixture
def home() -> Iterator[Home]:
    """Give a home that an unprivileged server can reach, and remove it afterwards."""
    folder = new_data_directory().parent
    found = Home(folder / "home")
    found.path.mkdir(mode=0o711)
    yield found
    shutil.rmtree(folder)


@contextmanager
def database_of(home: Home) -> Iterator[str]:
    """The running database of a home."""
    server = EmbeddedPostgres(home.postgres)
    try:
        yield server.start()
    finally:
        server.stop()


@asynccontextmanager
async def ledger_of(home: Home, *, begin: bool = False) -> AsyncIterator[Forgetful]:
    """The running ledger of a home."""
    with database_of(home) as conninfo:
        async with forgetful(conninfo, home.path, lanes=2, begin=begin) as ledger:
            yield ledger


async def live(home: Home, dump: Path) -> dict[str, str]:
    """Record, dump, and destroy in every way there is; the keys by what became of them."""
    async with ledger_of(home, begin=True) as ledger:
        keys = {
            "erased": await ledger.record(ALICE),
            "ended": await ledger.record(BOB, ends="P1D"),
            "released": await ledger.record(CAROL, ends="P1D"),
            "shortened": await ledger.record(BOB, ends="P1Y"),
            "kept": await ledger.record(ALICE, by="politie"),
            "long": await ledger.record(BOB, ends="P2Y"),
        }
        hold = HoldBody(reason="an appeal", kind="court", subject=CAROL)
        await ledger.client.place_hold(caller("college"), "h-1", hold)
        await ledger.ledger.wait_until_applied()
        dump_database(ledger.database, dump)
        await ledger.erase("e-1", ALICE)
        await ledger.day(DAYS[2])
        assert await ledger.sees(keys["released"])
        await ledger.client.release_hold(caller("college"), "h-1")
        term = RetentionBody(reason="the list says so", record_ends=DAYS[2], holding_ends=DAYS[2])
        await ledger.client.set_retention(caller("college"), keys["shortened"], "t-1", term)
        await ledger.day(DAYS[3])
        assert await what_is_seen(ledger, keys) == {"kept", "long"}
    return keys


async def what_is_seen(ledger: Forgetful, keys: dict[str, str]) -> set[str]:
    """Which of the records are shown."""
    return {name for name, key in keys.items() if await ledger.sees(key, "politie" if name == "kept" else "college")}


def test_an_older_dump_brings_nothing_back(home: Home, tmp_path: Path) -> None:
    """Erased, ended, released and shortened records stay gone; everything else is there, and all of it verifies."""
    dump = tmp_path / "dump"
    keys = asyncio.run(live(home, dump))
    restored = restore_home(home, dump)
    assert restored.verification.findings == ()
    assert restored.replayed >= 5

    async def look() -> None:
        async with ledger_of(home) as ledger:
            assert ledger.ledger.clock.now() > noon(DAYS[2])
            assert await what_is_seen(ledger, keys) == {"kept", "long"}
            assert ledger.differences() == []
            erasure = await ledger.erasure("e-1")
            assert (erasure["state"], erasure["records"]) == ("complete", 1)
            await ledger.day(DAYS[4])
            again = await ledger.record(ALICE)
            assert await ledger.sees(again)
            assert ledger.count("SELECT count(*) FROM dossier_secret WHERE state = 'fenced'") == 0

    asyncio.run(look())
    assert restore_home(home, dump).verification.findings == ()


def test_an_erasure_that_found_nobody_is_no_hindrance(home: Home, tmp_path: Path) -> None:
    """A dump that is older than the erasure of an unknown person is restored: there is nothing to destroy again."""
    dump = tmp_path / "dump"

    async def erase_nobody() -> str:
        async with ledger_of(home, begin=True) as ledger:
            kept = await ledger.record(ALICE)
            await ledger.ledger.wait_until_applied()
            dump_database(ledger.database, dump)
            await ledger.erase("e-1", BOB)
            await ledger.retention.catch_up()
            assert (await ledger.erasure("e-1"))["state"] == "complete"
            return kept

    async def look(kept: str) -> None:
        async with ledger_of(home) as ledger:
            assert await ledger.sees(kept)

    kept = asyncio.run(erase_nobody())
    assert restore_home(home, dump).verification.findings == ()
    asyncio.run(look(kept))


def test_what_others_lean_on_stands_after_a_restore(home: Home, tmp_path: Path) -> None:
    """An erasure that is repeated spares what it spared: what the erased party had deleted is not held again."""
    dump = tmp_path / "dump"

    async def erase_own_delete() -> None:
        async with ledger_of(home, begin=True) as ledger:
            await ledger.record(ALICE, shared_with=("school",))
            await ledger.record(ALICE, by="school", operation="erase")
            await ledger.record(ALICE, by="school", operation="consult")
            await ledger.ledger.wait_until_applied()
            dump_database(ledger.database, dump)
            await ledger.erase("e-1", ALICE, by="school")
            await ledger.retention.catch_up()
            assert (await ledger.erasure("e-1", by="school"))["records"] == 1

    async def look() -> None:
        async with ledger_of(home) as ledger:
            erasure = await ledger.erasure("e-1", by="school")
            assert (erasure["state"], erasure["records"]) == ("complete", 1)
            assert [holding["status"] for holding in await ledger.holds("school", ALICE)] == ["erased"]
            assert ledger.differences() == []

    asyncio.run(erase_own_delete())
    assert restore_home(home, dump).verification.findings == ()
    asyncio.run(look())


def test_a_database_that_was_restored_by_other_means_does_not_open(home: Home, tmp_path: Path) -> None:
    """A plain pg_restore of an older dump, and a register that is older than the database, keep the ledger shut."""
    dump = tmp_path / "dump"
    asyncio.run(live(home, dump))
    shutil.copytree(home.register, tmp_path / "register")
    with database_of(home) as conninfo:
        load_dump(make_database(conninfo, "other"), dump)
        swap_databases(conninfo, "other")

    async def open_ledger() -> None:
        async with ledger_of(home):
            pass

    with pytest.raises(RestoreUnfinished, match="older than what was destroyed"):
        asyncio.run(open_ledger())
    assert restore_home(home, dump).verification.findings == ()
    asyncio.run(open_ledger())
    (home.register / "register.jsonl").write_bytes(b"")
    with pytest.raises(ErasureRegisterBehind):
        asyncio.run(open_ledger())
    with pytest.raises(ErasureRegisterBehind):
        restore_home(home, backup_of(home, tmp_path))


def backup_of(home: Home, folder: Path) -> Path:
    """A dump of the database as it is."""
    dump = folder / "newer"
    with database_of(home) as conninfo:
        dump_database(conninfo, dump)
    return dump


def test_what_is_new_at_an_old_place_is_not_hit(home: Home, tmp_path: Path) -> None:
    """Positions and generations come back into use after a restore: replaying all of the register again hits none."""
    dump = tmp_path / "dump"
    keys = asyncio.run(live(home, dump))
    restore_home(home, dump)

    async def look() -> None:
        async with ledger_of(home) as ledger:
            await ledger.day(DAYS[5])
            fresh = [await ledger.record(person, ends="P1Y") for person in (ALICE, BOB, CAROL) for _ in range(8)]
            positions = {
                (lane, position)
                for entry in ledger.ledger.forgetting.register_file.entries()
                for lane, position, _ in entry.positions
            }
            forgetting = ledger.ledger.forgetting
            (lane, stream_id) = (await asyncio.to_thread(forgetting.sources.streams_of, ALICE))[0]
            generations = forgetting._store.dossiers_of(lane, stream_id)
            named = tuple((lane, stream_id, scope.hex(), number, "ab" * 16) for scope, number, _ in generations)
            old_leaves = tuple((lane, place[1], "cd" * 32) for place in [await ledger.place(key) for key in fresh])
            for entry in (
                ErasureEntry(
                    id=f"erasure:{UUID(int=1)}:0",
                    kind="dossiers",
                    at=ledger.ledger.clock.now(),
                    party="college",
                    key="lost",
                    controller="college",
                    dossiers=named,
                ),
                ErasureEntry(id="positions:x", kind="positions", at=ledger.ledger.clock.now(), positions=old_leaves),
            ):
                forgetting.register_file.append(entry)
            with psycopg.connect(ledger.database) as connection:
                connection.execute(
                    "UPDATE ledger_setting SET value = %s WHERE name = 'erasure_register_applied'",
                    (f"0 {GENESIS.hex()}",),
                )
            assert positions
            await forgetting.replay().replay()
            await ledger.retention.catch_up()
            assert [await ledger.sees(key) for key in fresh] == [True] * len(fresh)
            assert await what_is_seen(ledger, keys) == {"kept", "long"}
            assert (await ledger.erasure("lost"))["records"] == 0

    asyncio.run(look())


def test_a_crash_after_the_register_was_told_is_no_restore(home: Home) -> None:
    """An entry that the database was not told of before a crash keeps nothing shut: what announced it is there."""

    async def crash() -> None:
        async with ledger_of(home, begin=True) as ledger:
            await ledger.record(ALICE)
            await ledger.erase("e-1", ALICE)
            await ledger.ledger.wait_until_applied()
            forgetting = ledger.ledger.forgetting
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(forgetting.mark, "raise_to", lambda *_: (_ for _ in ()).throw(OSError()))
                with pytest.raises(OSError):
                    await ledger.retention.catch_up()
            assert len(forgetting.register_file.entries()) == 1
            assert forgetting.mark.read() is None

    async def go_on() -> None:
        async with ledger_of(home) as ledger:
            await ledger.retention.catch_up()
            assert (await ledger.erasure("e-1"))["state"] == "complete"

    asyncio.run(crash())
    asyncio.run(go_on())


def test_a_restore_that_fails_leaves_what_was_there(home: Home, tmp_path: Path) -> None:
    """No dump, no ledger in it, another vault, none at all, one that does not verify: the present database stays."""
    dump = tmp_path / "dump"
    keys = asyncio.run(live(home, dump))
    with pytest.raises(DumpUnreadable):
        restore_home(home, tmp_path / "nothing")
    with database_of(home) as conninfo:
        dump_database(make_database(conninfo, "empty"), tmp_path / "empty")
        load_dump(make_database(conninfo, "wrong"), dump)
        wrong = conninfo.replace("dbname=grootboek", "dbname=wrong")
        with psycopg.connect(wrong) as connection:
            connection.execute("UPDATE stored_events SET leaf_hash = sha256(leaf_hash) WHERE notification_id = 2")
        dump_database(wrong, tmp_path / "wrong")
    with pytest.raises(NoLedgerInDatabase):
        restore_home(home, tmp_path / "empty")
    assert not restore_home(home, tmp_path / "wrong").verification.passed
    vault = (home.vault / "vault").read_bytes()
    (home.vault / "vault").unlink()
    with pytest.raises(VaultDamaged):
        restore_home(home, dump)
    SealedFileVault(tmp_path / "another" / "vault")
    shutil.copy(tmp_path / "another" / "vault", home.vault / "vault")
    with pytest.raises(WrongVault):
        restore_home(home, dump)
    (home.vault / "vault").write_bytes(vault)

    async def look() -> None:
        async with ledger_of(home) as ledger:
            assert await what_is_seen(ledger, keys) == {"kept", "long"}

    asyncio.run(look())


def test_the_commands_do_it(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`grootboek backup` and `grootboek restore` on a named home; the restore of a ledger that is served is refused."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROOTBOEK_HOME", str(home.path))
    asyncio.run(live(home, tmp_path / "older"))
    assert main(["backup", "--to", str(tmp_path / "newest")]) == 0
    assert str(home.register) in capsys.readouterr().out
    assert main(["restore", "--dump", str(tmp_path / "older")]) == 0
    assert "destructions repeated" in capsys.readouterr().out
    assert main(["restore", "--dump", str(tmp_path / "newest")]) == 0
    assert capsys.readouterr().out.startswith("0 destructions repeated")
    with database_of(home) as conninfo:
        home.conninfo_file.write_text(conninfo, encoding="utf-8")
        with pytest.raises(LedgerStillServed):
            restore_home(home, tmp_path / "older")
        assert main(["restore", "--dump", str(tmp_path / "older")]) == 1
    assert "Stop it first" in capsys.readouterr().err
