"""R10: the clock is bumped, strobed and set back over midnight, DST and leap day; order and terms do not follow it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from services.law.act import Act, LegalBasis, Retention, Subject
from services.law.governance import Party
from services.law.local_time import amsterdam_day
from services.ledger.contract.messages import Caller, Receipt, Submission
from services.ledger.contract.positions import parse_position
from services.ledger.entrypoints.check import verify_ledger
from services.ledger.main import LedgerProcess
from services.retention.main import RetentionProcess
from services.runtime.log import MemoryLog
from services.runtime.log_events import RETENTION_DAY_ENDED
from services.runtime.metrics import Metrics
from tests.bench.workload import bsn_of
from tests.support.chaos_figures import number_of, seed_of, tell

JUMPS: Final = number_of("JUMPS", 10)
LANES: Final = 2
BUMP_SECONDS_MAX: Final = 288.0
STROBE_SECONDS: Final = (0.004, 262.0)
STROBES: Final = 40
CALLER: Final = Caller(party="college", scopes=frozenset({"processing:write", "processing:read"}), purpose="operations")
MIDNIGHTS: Final = tuple(
    datetime.fromisoformat(instant).astimezone(UTC)
    for instant in (
        "2026-03-28T23:59:00+01:00",
        "2026-03-29T01:59:00+01:00",
        "2026-10-24T23:59:00+02:00",
        "2026-10-25T02:59:00+02:00",
        "2026-12-31T23:59:00+01:00",
        "2028-02-28T23:59:00+01:00",
        "2028-02-29T23:59:00+01:00",
    )
)
"""A minute before what a clock may stumble over: midnights, the hour that is skipped and the one that comes twice."""


class StrayingClock:
    """A clock that is set by whoever likes; remembers how far it ever was."""

    def __init__(self, start: datetime) -> None:
        """Stand at ``start``."""
        self.at = start
        self.furthest = start

    def now(self) -> datetime:
        """Where it stands."""
        told = self.at
        self.furthest = max(self.furthest, told)
        return told


class Kept(msgspec.Struct, frozen=True):
    """A record and the last day on which it may be read."""

    place: tuple[int, int]
    ends: date


class Stray:
    """A ledger with its retention on a straying clock, and what should be readable of it."""

    def __init__(
        self, ledger: LedgerProcess, retention: RetentionProcess, clock: StrayingClock, log: MemoryLog, seed: int
    ) -> None:
        """Nothing is recorded yet."""
        self.ledger = ledger
        self.retention = retention
        self.clock = clock
        self.log = log
        self.random = random.Random(seed)
        self.kept: list[Kept] = []
        self.faults: list[str] = []
        self.strobed = 0

    async def jump(self, number: int) -> None:
        """Once more about a moment at which clocks stumble: a bump, a strobe, or back over it."""
        moment, pick = MIDNIGHTS[number * len(MIDNIGHTS) // JUMPS % len(MIDNIGHTS)], self.random
        self.clock.at = moment + timedelta(seconds=pick.uniform(0, 120))
        await self.record_and_look()
        kind = number % 3
        if kind == 0:
            self.clock.at += timedelta(seconds=pick.uniform(-BUMP_SECONDS_MAX, BUMP_SECONDS_MAX))
            await self.record_and_look()
        elif kind == 1:
            strobing = asyncio.create_task(self.strobe(pick.uniform(*STROBE_SECONDS)))
            while not strobing.done():
                await self.record_and_look()
            await strobing
        else:
            await self.retention.catch_up()
            self.clock.at = moment - timedelta(seconds=pick.uniform(1, 3_700))
            await self.record_and_look()

    async def strobe(self, seconds: float) -> None:
        """There and back, many times over."""
        steps = cycle((timedelta(seconds=seconds), -timedelta(seconds=seconds)))
        for _ in range(STROBES):
            self.clock.at += next(steps)
            self.strobed += 1
            await asyncio.sleep(0.004)  # a strobe is a matter of time

    async def record_and_look(self) -> None:
        """Record some acts, let retention do what the clock says is due, and look whether anything went early."""
        await self.record()
        await self.retention.catch_up()
        places = [kept.place for kept in self.kept]
        readable = await asyncio.to_thread(self.ledger.readable, places)
        furthest = amsterdam_day(self.clock.furthest)
        self.faults += [
            f"{kept} is unreadable, and no clock ever passed {furthest}"
            for kept in self.kept
            if kept.ends >= furthest and kept.place not in readable
        ]
        self.kept = [kept for kept in self.kept if kept.ends >= furthest]

    async def record(self) -> None:
        """One act after another: each stands behind the one before it, whatever the clock says."""
        heads: dict[int, int] = {}
        for days in ("P1D", "P2D", "P1M"):
            (answer,) = await self.ledger.client.record(CALLER, [self.submission(days)])
            assert isinstance(answer, Receipt), answer
            (subject,) = answer.subjects
            lane, position = parse_position(subject.position)
            if position <= heads.get(lane, 0):
                self.faults.append(f"{subject.position} came after {heads[lane]}")
            heads[lane] = position
            assert subject.record_ends is not None
            self.kept.append(Kept((lane, position), subject.record_ends))

    def submission(self, period: str) -> Submission:
        """An act of some minutes ago whose record ends soon."""
        key = f"act-{self.random.getrandbits(64):016x}"
        body = Act(
            id=key,
            operation="record",
            occurred_at=self.clock.at - timedelta(seconds=2 * BUMP_SECONDS_MAX),
            controller="college",
            subjects=(Subject(id_type="BSN", id=bsn_of(self.random.randrange(40))),),
            data_categories=("name",),
            description="canary",
            legal_basis=LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
            retention=Retention(period=period),
            record_retention=Retention(period=period),
        )
        return Submission(body=body, key=key, canonical=msgspec.json.encode(body))


@asynccontextmanager
async def straying(conninfo: str, folder: Path, seed: int) -> AsyncIterator[Stray]:
    """A running ledger of the real world, whose clock is ours."""
    log, metrics, clock = MemoryLog(), Metrics(), StrayingClock(MIDNIGHTS[0])
    vault_file = folder / "vault" / "vault"
    ledger = LedgerProcess(
        conninfo=conninfo, vault_file=vault_file, clock_kind="system", lanes=LANES, metrics=metrics, log=log
    )
    ledger.clock = clock
    await ledger.start()
    try:
        entry: Any = {"id": "college", "name": "college", "kind": "public-body", "domains": []}
        registrar = Caller(party="registrar", scopes=frozenset({"governance"}))
        await ledger.client.register(registrar, msgspec.convert(entry, Party))
        retention = RetentionProcess(commands=ledger.retention_commands, clock=clock, log=log)
        yield Stray(ledger, retention, clock, log, seed)
        await ledger.wait_until_applied()
    finally:
        await ledger.stop()


@pytest.mark.chaos
def test_a_straying_clock_ends_nothing_early(empty_database: str, tmp_path: Path) -> None:
    """Positions follow the order of recording, and no record goes before some clock has passed its last day."""
    seed = seed_of("R10 clock")

    async def story() -> Stray:
        async with straying(empty_database, tmp_path, seed) as stray:
            for number in range(JUMPS):
                await stray.jump(number)
            return stray

    stray = asyncio.run(story())
    assert stray.faults == []
    ended = [fields["day"] for event, fields in stray.log.written if event is RETENTION_DAY_ENDED]
    assert len(ended) == len(set(ended)) > 0
    verification = verify_ledger(empty_database, tmp_path / "vault" / "vault")
    assert verification.findings == ()
    tell(
        "R10 clock",
        jumps=JUMPS,
        strobes=stray.strobed,
        days_ended=len(ended),
        events_verified=sum(verification.events.values()),
    )
