"""R11: the disk of the whole ledger fills up under load: 503 with Retry-After, nothing acknowledged lost, no hand."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import OPERATIONS, Clients, retry_all, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Heard, Journal
from tests.support.chaos_oracle import judge
from tests.support.disk import Ballast, need_mount, small_disk
from tests.support.postgres import new_data_directory
from tests.support.served import Served, served
from tests.support.waiting import wait_until

CYCLES = number_of("DISKS", 1)
DISK_MEGABYTES = 512
FULL_SECONDS_MAX = 60.0
READY_SECONDS_MAX = 60.0


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk with the folder of a ledger, which PostgreSQL's unprivileged user can pass through."""
    need_mount()
    parent = new_data_directory().parent
    with small_disk(parent / "disk", DISK_MEGABYTES) as folder:
        home = folder / "home"
        home.mkdir()
        home.chmod(0o711)
        yield folder
    shutil.rmtree(parent)


@pytest.mark.chaos
def test_a_full_disk_turns_writers_away_until_there_is_room(tmp_path: Path, disk: Path) -> None:
    """Each time the disk is full every write is put off with a moment to come back, and room is all it takes."""
    seed = seed_of("R11 disk full")
    moments, acts, probes = random.Random(seed + 1), Acts(seed), Acts(seed + 2, only_facts=True)
    journal, ballast, ready = Journal(tmp_path / "journal.jsonl"), Ballast(disk), []
    with served(tmp_path, home=disk / "home") as ledger:
        set_up(ledger.base_url, ledger.token("registrar", "governance"))
        token = ledger.token(CONTROLLER, "processing:write")
        with Clients(ledger, token, journal, acts) as clients:
            for _ in range(CYCLES):
                clients.seconds_until_answered(time.monotonic(), READY_SECONDS_MAX)
                ballast.fill(moments.randrange(2**20))
                wait_until(
                    lambda: is_put_off(ledger, token, journal, probes), FULL_SECONDS_MAX, "a full disk takes everything"
                )
                ballast.free()
                ready.append(clients.seconds_until_answered(time.monotonic(), READY_SECONDS_MAX))
        retry_all(ledger.base_url, token, journal, ())
        judgement = judge(journal.file, ledger.conninfo, ledger.home / "vault" / "vault")
    tell("R11 disk full", judgement, ready, times_full=CYCLES)


def is_put_off(ledger: Served, token: str, journal: Journal, probes: Acts) -> bool:
    """Whether a single act is answered with 503 and a moment to come back; it is never anything worse."""
    (body,) = probes.bodies(1)
    journal.sending([body])
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{ledger.base_url}{OPERATIONS}", json=body, headers=headers, timeout=60)
    assert answer.status_code in {201, 503}, answer.text
    if answer.status_code == 201:
        journal.heard({body["id"]: (Heard.ACKNOWLEDGED, answer.json())})
        return False
    assert int(answer.headers["retry-after"]) > 0
    return True
