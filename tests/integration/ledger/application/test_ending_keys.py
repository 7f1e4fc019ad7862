"""Keys that end, on PostgreSQL with the vault in its file and the erasure register beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import time, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
import pytest

from services.ledger.application.pseudonyms import week_key_id
from services.ledger.application.vault_errors import VaultDamaged, VaultNotWritten
from services.ledger.contract import topics
from services.ledger.contract.messages import Receipt
from services.ledger.domain.stored import StoredEvent
from services.ledger.storage.erasure_register_file import ErasureRegisterFile
from services.ledger.storage.vault_file import SealedFileVault
from services.runtime import limits
from tests.support.ending_keys import EndingLedger, KeyVerbs
from tests.support.processes import Process, World, dossier_of, postgres_world
from tests.support.recording import BSNS, NOW, person

DAY = NOW.date() + timedelta(days=3)
AFTER, LATER = DAY + timedelta(days=1), DAY + timedelta(days=10)
HOLD = UUID(int=7)
MATERIAL: LiteralString = """
SELECT count(*) FROM day_secret WHERE day = %s AND (wrapped IS NOT NULL OR fenced_at IS NULL)"""


class Midnight:
    """A ledger on PostgreSQL whose vault and erasure register lie in a folder."""

    def __init__(self, world: World, folder: Path) -> None:
        """Take where they lie."""
        self.world = world
        self.folder = folder
        self.ledger = EndingLedger(world.tables)
        self.register = ErasureRegisterFile(folder / "erasures")

    @asynccontextmanager
    async def process(self) -> AsyncIterator[tuple[Process, KeyVerbs]]:
        """Start a process with a vault of its own on the same file."""
        async with self.world.process() as started:
            vault = SealedFileVault(self.folder / "vault" / "vault")
            process = Process(msgspec.structs.replace(started.tables, vault=vault), started.appender)
            verbs = KeyVerbs(process, self.ledger.lines, ErasureRegisterFile(self.folder / "erasures"))
            try:
                yield process, verbs
            finally:
                await process.recorder.stop()


Story = Callable[[Midnight], Awaitable[None]]
Tell = Callable[[Story], None]


@pytest.fixture(params=[1, 4])
def tell(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Tell:
    """Give a function that tells a story of a new ledger of one or four lanes."""

    def told(story: Story) -> None:
        async def opened() -> None:
            vault = SealedFileVault(tmp_path / "vault" / "vault")
            async with asyncio.timeout(120), postgres_world(database, request.param, vault) as world:
                await story(Midnight(world, tmp_path))

        asyncio.run(opened())

    return told


async def record_three(ledger: EndingLedger, process: Process) -> list[StoredEvent]:
    """Record acts on three persons until DAY; in order of their keys."""
    bodies = [ledger.lasting(3, subjects=(person(bsn),)) for bsn in BSNS[:3]]
    answers = await process.record("a", *bodies)
    assert all(isinstance(answer, Receipt) for answer in answers)
    return sorted(ledger.acts(), key=lambda event: event.read_envelope().key)


def opened(process: Process, events: list[StoredEvent]) -> list[bool]:
    """Which of the events open."""
    return [content is not None for content in process.opener.open(events)]


def test_a_day_ends_in_every_process(tell: Tell, database: str) -> None:
    """Two processes end the same day at once: nothing of it is left in tables or vault, what is kept opens in both."""

    async def story(midnight: Midnight) -> None:
        ledger = midnight.ledger
        async with midnight.process() as (first, one), midnight.process() as (second, other):
            _, held, prolonged = events = await record_three(ledger, first)
            assert opened(second, events) == [True, True, True]
            ledger.lines.hold(HOLD, (held.lane, held.position))
            await asyncio.to_thread(one.kept.prolong, [prolonged], LATER)
            ledger.lines.set_end((prolonged.lane, prolonged.position), LATER)
            ledger.go_to(DAY, time(23, 59))
            assert await other.days.keep_ahead() == 1
            ledger.go_to(AFTER, time(0, 0))
            assert opened(first, events) == opened(second, events) == [False, True, True]
            ends = await asyncio.gather(one.end_due(), other.end_due(), one.end_due())
            assert [DAY] in ends
            assert await one.days.due_days() == await other.days.due_days() == []
            assert opened(first, events) == opened(second, events) == [False, True, True]
            assert len(ledger.tables.events(topics.RETENTION_DAY_ENDED)) == ledger.tables.lanes
            assert [entry.key_id for entry in midnight.register.entries()] == [f"day:{DAY}"]
            ledger.go_to(LATER + timedelta(days=1))
            assert await other.end_due() == [LATER]
            assert opened(first, [held, prolonged]) == [True, False]
            ledger.lines.release(HOLD)
            assert await one.holds.destroy_released() == 1
            assert opened(second, events) == [False, False, False]
            ledger.go_to(NOW.date())
            assert opened(second, events) == [False, False, False]
        with psycopg.connect(database) as connection:
            assert connection.execute(MATERIAL, (DAY,)).fetchone() == (0,)
            assert connection.execute("SELECT count(*) FROM event_key").fetchone() == (0,)
            rows = connection.execute("SELECT count(*), count(wrapped) FROM hold_secret").fetchone()
            assert rows == (ledger.tables.lanes, 0)

    tell(story)


@pytest.mark.parametrize("fault", ["gone", "read-only"])
def test_a_vault_that_fails_at_midnight(tell: Tell, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the vault is gone or read-only the end of the day fails loudly and destroys nothing; then the day ends."""

    async def story(midnight: Midnight) -> None:
        ledger, file = midnight.ledger, midnight.folder / "vault" / "vault"
        async with midnight.process() as (process, verbs):
            events = await record_three(ledger, process)
            ledger.lines.hold(HOLD, (events[1].lane, events[1].position))
            ledger.go_to(AFTER, time(0, 1))
            with monkeypatch.context() as patched:
                if fault == "gone":
                    file.rename(midnight.folder / "aside")
                else:
                    patched.setattr(Path, "replace", refuse)
                for _ in range(2):
                    with pytest.raises((VaultDamaged, VaultNotWritten)):
                        await verbs.days.end_day(DAY)
                assert len(ledger.tables.store.ending_secrets(DAY)) == len({event.lane for event in events})
            if fault == "gone":
                (midnight.folder / "aside").rename(file)
            assert f"day:{DAY}" in SealedFileVault(file).key_ids("day")
            assert await verbs.end_due() == [DAY]
            assert opened(process, events) == [False, True, False]
            assert len(midnight.register.entries()) == 1

    tell(story)


def refuse(*_: Any) -> None:
    """Fail as a folder does that is mounted read-only."""
    raise OSError(30, "Read-only file system")


def test_who_writes_over_midnight_loses_nothing(tell: Tell) -> None:
    """Acts that come while their day is ended stand before its end and are kept, or behind it without content.

    Which of them are held is known in time: a hold on every one of them keeps exactly those before the end.
    """

    async def story(midnight: Midnight) -> None:
        ledger = midnight.ledger
        async with midnight.process() as (first, one), midnight.process() as (second, other):
            await record_three(ledger, first)
            ledger.go_to(DAY, time(23, 59, 59))
            everywhere = [(lane, position) for lane in range(ledger.tables.lanes) for position in range(1, 400)]
            ledger.lines.hold(HOLD, *everywhere)

            under_way = asyncio.Event()

            async def write(process: Process, name: str) -> list[object]:
                answers: list[object] = []
                for number in range(15):
                    if number == 5:
                        under_way.set()
                    bodies = [ledger.lasting(3, subjects=(person(bsn),)) for bsn in BSNS]
                    answers += await process.record(f"{name}{number}-", *bodies)
                return answers

            async def end(verbs: KeyVerbs) -> None:
                await under_way.wait()
                ledger.go_to(AFTER, time(0, 0))
                await verbs.end_due()

            parts = await asyncio.gather(write(first, "x"), write(second, "y"), end(one), end(other))
            answers = [answer for part in parts if part is not None for answer in part]
            assert len(answers) == 150
            assert all(isinstance(answer, Receipt) for answer in answers)
            await one.end_due()
            told = ledger.tables.events(topics.RETENTION_DAY_ENDED)
            ends = {event.lane: event.position for event in told}
            acts = ledger.acts()
            assert all(not event.state for event in acts if event.position > ends[event.lane])
            assert {bool(event.state) for event in acts} == {True, False}
            assert opened(first, acts) == opened(second, acts) == [bool(event.state) for event in acts]

    tell(story)


def test_weeks_rotate(tell: Tell) -> None:
    """All living secrets hang on the new week, a destroyed one on nothing; old wraps die when no dump needs them."""

    async def story(midnight: Midnight) -> None:
        ledger, tables = midnight.ledger, midnight.world.tables
        async with midnight.process() as (process, verbs):
            bodies = [ledger.lasting(300, subjects=(person(bsn),)) for bsn in BSNS]
            await process.record("a", *bodies)
            places = [dossier_of(event) for event in ledger.acts()]
            dump = tables.identities.find_generations(places)
            tables.store.destroy_dossiers(places[:1], NOW)
            monday = NOW.date() + timedelta(days=7 - NOW.date().weekday())
            ledger.go_to(monday)
            assert await verbs.weeks.rotate_week() == 4
            ledger.go_to(monday + timedelta(days=limits.BACKUP_DAYS_MAX + 1))
            await verbs.weeks.rotate_week()
            living = tables.identities.find_generations(places[1:])
            weeks = {secret.row.wrap_key_id for secret in living.values() if secret.row is not None}
            assert weeks == {week_key_id(tables.clock.now().date())}
            old = {secret.row.wrap_key_id for secret in dump.values() if secret.row is not None}
            assert old == {week_key_id(NOW.date())}
            assert not old & set(process.tables.vault.key_ids("week"))
            assert process.opened() == [False, True, True, True, True]

    tell(story)
