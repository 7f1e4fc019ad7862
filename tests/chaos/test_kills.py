"""Kill the whole process tree at random moments under load: what was acknowledged stands exactly once and whole."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import Clients, retry_all, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Heard, Journal
from tests.support.chaos_oracle import judge
from tests.support.served import Served

KILLS = number_of("KILLS", 2)
LANES = (1, 4) if KILLS > 2 else (4,)
KILLS_EACH = max(1, KILLS // len(LANES))
READY_SECONDS_MAX = 60.0
RECEIPTS_AGAIN = 20


@pytest.mark.chaos
@pytest.mark.parametrize("lanes", LANES)
def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path: Path, lanes: int) -> None:
    """After each kill the ledger comes back by itself; retries by key give what was acknowledged, once and whole."""
    seed = seed_of("embedded kills")
    journal, moments = Journal(tmp_path / "journal.jsonl"), random.Random(seed + 1)
    ledger = Served(tmp_path, lanes=lanes)
    ledger.start()
    set_up(ledger.base_url, ledger.token("registrar", "governance"))
    token = ledger.token(CONTROLLER, "processing:write")
    ready: list[float] = []
    with Clients(ledger, token, journal, Acts(seed)) as clients:
        for _ in range(KILLS_EACH):
            time.sleep(moments.uniform(0.05, 1.5))  # the random moment of the kill, not a wait for something to happen
            killed = time.monotonic()
            ledger.kill()
            ledger.start()
            ready.append(clients.seconds_until_answered(killed, READY_SECONDS_MAX))
    acknowledged = journal.keys(Heard.ACKNOWLEDGED)
    retry_all(ledger.base_url, token, journal, moments.sample(acknowledged, min(RECEIPTS_AGAIN, len(acknowledged))))
    judgement = judge(journal.file, ledger.conninfo, ledger.home / "vault" / "vault")
    verified = ledger.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    ledger.stop()
    tell("embedded kills", judgement, ready, kills=KILLS_EACH, lanes=lanes)
