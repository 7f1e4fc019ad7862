"""R3: every call on the ways of destroying is once the last one and once fails; nothing is destroyed by half."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_oracle import find_uneven, verify, wait_for_followers
from tests.support.crash_points import CrashPoints, is_gone
from tests.support.erasing_dossiers import Completing, Destroying, Requesting
from tests.support.erasing_keys import EndingDay, RotatingWeek
from tests.support.erasing_ledger import MODULE
from tests.support.erasing_path import ErasingPath
from tests.support.erasing_world import AskedLedger, ErasingWorld
from tests.support.forked_ledger import Zygote
from tests.support.strace import need_strace

STEP: Final = number_of("CRASH_POINT_STEP", 0)
EVERY: Final = STEP or 151
"""Of so many points one is taken, others in each run; ``make chaos`` takes all."""
BOUNDS: Final = {
    "STATEMENT_SECONDS_MAX": 1.0,
    "APPEND_SECONDS_MAX": 2.0,
    "POSTGRES_ANSWER_SECONDS_MAX": 2.0,
    "RETENTION_WAIT_SECONDS_MAX": 5.0,
}
"""A message that is lost on its way shows by nothing but the time that passes."""
ATTEMPTS_MAX: Final = 16
"""A statement takes another call once its connection has prepared it, so the last calls are not met every time."""
LONG: Final = pytest.mark.skipif(not STEP, reason="part of `make chaos`")
WEEKS_UNTIL_STEADY: Final = 8
"""From then on one key of a week is destroyed with every week that passes."""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """What ledgers are forked off."""
    need_strace()
    with Zygote(MODULE) as process:
        yield process


@pytest.fixture
def world(zygote: Zygote, database: str, tmp_path: Path) -> Iterator[ErasingWorld]:
    """A ledger in a process that may die."""
    world = ErasingWorld(AskedLedger(zygote, tmp_path, database, BOUNDS))
    world.begin()
    yield world
    world.ledger.kill()


@pytest.mark.chaos
@pytest.mark.parametrize(
    "kind",
    [Destroying, EndingDay, *(pytest.param(kind, marks=LONG) for kind in (Requesting, Completing, RotatingWeek))],
)
def test_every_call_of_destroying(world: ErasingWorld, tmp_path: Path, kind: type[ErasingPath]) -> None:
    """Whatever call is the last one or fails: nothing by half, nothing off the record, and a retry ends the same."""
    name = f"R3 {kind.__name__}"
    moments = random.Random(seed_of(name))
    path = kind(world)
    for _ in range(WEEKS_UNTIL_STEADY if kind is RotatingWeek else 1):
        path.work()
        path.mend()
    # So that what is recorded first is what a process does that was just started again.
    world.ledger.kill()
    path.mend()
    begun = time.monotonic()
    crashes = CrashPoints(
        threads=world.threads,
        work=path.work,
        mend=path.mend,
        has_died=is_gone,
        output=tmp_path / "calls",
        attempts_max=ATTEMPTS_MAX,
    )
    points = crashes.record(3)
    chosen = points[moments.randrange(min(EVERY, len(points))) :: EVERY]
    for point in chosen:
        crashes.kill_at(point)
        crashes.fail_at(point)
    wait_for_followers(world.ledger.conninfo, notifier=False)
    assert [*find_uneven(world.ledger.conninfo), *verify(world.ledger.conninfo, world.ledger.vault_file)] == []
    tell(
        name,
        calls=len(points),
        killed=crashes.tally.killed,
        failed_with_EIO=crashes.tally.failed,
        seconds=round(time.monotonic() - begun),
    )
    assert crashes.tally.missed == []
