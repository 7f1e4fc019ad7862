"""R3: every call to the kernel on the way of an append is once the last one and once fails; nothing is lost or torn."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest

from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.bench.workload import CONTROLLER, bsn_of
from tests.support.chaos_clients import outcomes, send, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Heard, Journal, Json
from tests.support.chaos_oracle import judge
from tests.support.crash_points import CrashPoints, is_gone
from tests.support.forked_ledger import ForkedLedger, Zygote
from tests.support.postgres import new_data_directory
from tests.support.strace import Point, need_strace
from tests.support.waiting import wait_until

EVERY: Final = number_of("CRASH_POINT_STEP", 8)
"""Of so many points one is taken, others in each run; ``make chaos`` takes all."""
BACK_SECONDS_MAX: Final = 30.0
BOUNDS: Final = {"STATEMENT_SECONDS_MAX": 0.5, "APPEND_SECONDS_MAX": 1.0, "POSTGRES_ANSWER_SECONDS_MAX": 1.0}
"""A message that is lost on its way shows by nothing but the time that passes."""
WORKERS: Final = ("MainThread", "prepare", "asyncio", "AnyIO")
FIRST_DAY: Final = date(2026, 11, 20)
BACKEND: Final = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'grootboek-append' ORDER BY state_change DESC LIMIT 1"
)


class Appending:
    """An act a time, each on a person known and a person new, whose record ends on a day that no other one ends on."""

    def __init__(self, ledger: ForkedLedger, journal: Journal, seed: int) -> None:
        """Send to ``ledger``, which runs, and note everything."""
        self.ledger = ledger
        self._journal = journal
        self._token = ledger.token(CONTROLLER, "processing:write")
        self._acts = Acts(seed, only_facts=True, subjects_max=1)
        self._number = 0
        self._body: Json = {}

    def append(self) -> None:
        """Send the next act once, whatever becomes of it."""
        (body,) = self._acts.bodies(1)
        self._number += 1
        day = FIRST_DAY - timedelta(days=self._number)
        new = {"idType": "BSN", "id": bsn_of(100_000 + self._number)}
        self._body = body | {
            "occurredAt": f"{day.isoformat()}T10:00:00Z",
            "subjects": [*body["subjects"], new],
            "covenant": {"id": "veiligheidshuis-0", "annex": "jeugdgroepen"},
            "phase": "plan",
        }
        self._journal.sending([self._body])
        with suppress(httpx.HTTPError):
            self._send([self._body])

    def make_sure(self) -> None:
        """Send the act until it is acknowledged, and a plain one that shows that all is as before; start who died."""
        (plain,) = self._acts.bodies(1)
        self._journal.sending([plain])
        wait_until(lambda: self._is_answered([self._body, plain]), BACK_SECONDS_MAX, "the ledger does not come back")

    def threads(self) -> dict[str, int]:
        """The threads of the ledger through which an act goes."""
        return {name: number for name, number in self.ledger.threads().items() if name.startswith(WORKERS)}

    def backend(self) -> dict[str, int]:
        """The process of PostgreSQL that appends."""
        with psycopg.connect(self.ledger.conninfo) as connection:
            row = connection.execute(BACKEND).fetchone()
        assert row is not None
        return {"backend": row[0]}

    def _is_answered(self, bodies: list[Json]) -> bool:
        if not self.ledger.is_alive():
            self.ledger.start()
        with suppress(httpx.HTTPError):
            heard = self._send(bodies)
            return len(heard) == len(bodies)
        return False

    def _send(self, bodies: list[Json]) -> dict[str, tuple[Heard, Json]]:
        heard = outcomes(bodies, send(self.ledger.base_url, self._token, bodies))
        self._journal.heard(heard)
        return heard


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server that these tests may break."""
    need_strace()
    directory = new_data_directory()
    server = EmbeddedPostgres(directory)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(directory.parent)


@pytest.fixture(scope="module")
def zygote(postgres: EmbeddedPostgres) -> Iterator[Zygote]:
    """What ledgers are forked off."""
    with Zygote() as process:
        yield process


def some_of(points: list[Point], moments: random.Random) -> list[Point]:
    """All points, or as many of them as there is time for."""
    return points[moments.randrange(EVERY) :: EVERY]


@pytest.mark.chaos
def test_every_call_of_an_append(tmp_path: Path, postgres: EmbeddedPostgres, zygote: Zygote) -> None:
    """Whatever call of the ledger or of its backend is the last one or fails, a retry by key finds all or nothing."""
    seed = seed_of("R3 append")
    moments, journal = random.Random(seed), Journal(tmp_path / "journal.jsonl")
    ledger = ForkedLedger(zygote, tmp_path, postgres.conninfo, bounds=BOUNDS)
    ledger.start()
    set_up(ledger.base_url, ledger.token("registrar", "governance"))
    appending = Appending(ledger, journal, seed)
    appending.append()
    appending.make_sure()
    begun = time.monotonic()
    ours = CrashPoints(
        threads=appending.threads,
        work=appending.append,
        mend=appending.make_sure,
        has_died=is_gone,
        output=tmp_path / "calls",
    )
    points = ours.record()
    for point in some_of(points, moments):
        ours.kill_at(point)
        ours.fail_at(point)
    theirs = CrashPoints(
        threads=appending.backend,
        work=appending.append,
        mend=appending.make_sure,
        has_died=is_gone,
        output=tmp_path / "calls",
    )
    backend_points = theirs.record()
    for point in some_of(backend_points, moments):
        theirs.kill_at(point)
        theirs.fail_at(point)
    judgement = judge(journal.file, postgres.conninfo, ledger.vault_file, notifier=False)
    ledger.kill()
    tell(
        "R3 append",
        judgement,
        calls=len(points) + len(backend_points),
        of_which_of_the_backend=len(backend_points),
        killed=ours.tally.killed + theirs.tally.killed,
        failed_with_EIO=ours.tally.failed + theirs.tally.failed,
        seconds=round(time.monotonic() - begun),
    )
    assert ours.tally.missed == theirs.tally.missed == []
