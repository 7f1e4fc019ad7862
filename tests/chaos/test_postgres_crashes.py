"""R2: PostgreSQL is ended at once or killed under load; the ledger is back by itself soon after the server is."""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import Clients, retry_all, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Journal
from tests.support.chaos_oracle import judge
from tests.support.served import Served, is_ready, served
from tests.support.waiting import wait_until

CRASHES: Final = number_of("CRASHES", 2)
WAYS: Final = (signal.SIGQUIT, signal.SIGKILL)
"""An immediate shutdown as ``pg_ctl -m immediate`` asks for, and a kill of the server, which its children follow."""
ACCEPT_SECONDS_MAX: Final = 60.0
READY_SECONDS_MAX: Final = 10.0


@pytest.mark.chaos
def test_the_ledger_outlives_its_database(tmp_path: Path) -> None:
    """Each time PostgreSQL comes back the ledger writes again within ten seconds, and is ready again."""
    seed = seed_of("R2 PostgreSQL")
    moments, journal = random.Random(seed + 1), Journal(tmp_path / "journal.jsonl")
    ready: list[float] = []
    with served(tmp_path) as ledger:
        set_up(ledger.base_url, ledger.token("registrar", "governance"))
        token = ledger.token(CONTROLLER, "processing:write")
        with Clients(ledger, token, journal, Acts(seed)) as clients:
            for number in range(CRASHES):
                time.sleep(moments.uniform(0.05, 2.0))  # the random moment of the crash
                before = started_at(ledger)
                os.kill(ledger.postmaster, WAYS[number % len(WAYS)])
                wait_until(partial(is_new, ledger, before), ACCEPT_SECONDS_MAX, "PostgreSQL does not come back")
                ready.append(clients.seconds_until_answered(time.monotonic(), READY_SECONDS_MAX))
                wait_until(lambda: is_ready(ledger.base_url), READY_SECONDS_MAX, "the ledger is not ready")
        retry_all(ledger.base_url, token, journal, ())
        judgement = judge(journal.file, ledger.conninfo, ledger.home / "vault" / "vault")
    tell("R2 PostgreSQL", judgement, ready, crashes=CRASHES)


def is_new(ledger: Served, before: Any) -> bool:
    """Whether another server takes connections than the one that started then."""
    return started_at(ledger) not in {None, before}


def started_at(ledger: Served) -> Any:
    """Since when the server runs that takes connections; None when there is none."""
    try:
        with psycopg.connect(ledger.conninfo, connect_timeout=2) as connection:
            return connection.execute("SELECT pg_postmaster_start_time()").fetchone()
    except psycopg.OperationalError:
        return None
