"""R6: the network between ledger and PostgreSQL has bad days: cut, deaf, slow, reset in the middle of a commit."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.postgres_cluster import PORT
from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import Clients, retry_all, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Journal
from tests.support.chaos_oracle import judge
from tests.support.forked_ledger import ForkedLedger, Zygote
from tests.support.postgres import fresh_database
from tests.support.proxy import Direction, Mode, Proxy
from tests.support.waiting import wait_until

FAULTS: Final = number_of("PROXIED", 10)
BACK_SECONDS_MAX: Final = 30.0
BOUNDS: Final = {"STATEMENT_SECONDS_MAX": 1.0, "APPEND_SECONDS_MAX": 1.5, "POSTGRES_ANSWER_SECONDS_MAX": 1.5}
"""Deafness shows by nothing but the time that passes, for which a test has less patience than a ledger."""
LEFT_MAX: Final = 10
"""Pools may have grown a little between two looks; what leaks grows with every fault."""
COMMIT_BYTES_MAX: Final = 40_000


def bad_days(moments: random.Random, proxy: Proxy) -> list[tuple[str, Callable[[], None], float]]:
    """Everything that can happen to the network: its name, how to bring it about, how long it lasts."""
    count = moments.randrange(1, COMMIT_BYTES_MAX)
    return [
        ("cut", partial(proxy.set, Mode.CUT), moments.uniform(0.0, 1.0)),
        ("deaf", partial(proxy.set, Mode.DEAF), moments.uniform(0.2, 3.0)),
        ("trickle", partial(proxy.set, Mode.TRICKLE), moments.uniform(0.2, 3.0)),
        ("reset up", partial(proxy.reset_after, count, Direction.UP), moments.uniform(0.2, 1.0)),
        ("reset down", partial(proxy.reset_after, count, Direction.DOWN), moments.uniform(0.2, 1.0)),
    ]


@pytest.mark.chaos
def test_bad_days_of_the_network_to_the_database(tmp_path: Path, postgres_server: EmbeddedPostgres) -> None:
    """Whatever the network does, unknown outcomes are found by their keys, and no thread or connection is left over."""
    seed = seed_of("R6 network")
    moments, journal = random.Random(seed + 1), Journal(tmp_path / "journal.jsonl")
    ready: list[float] = []
    left: list[dict[str, int]] = []
    with fresh_database(postgres_server.conninfo) as database, Proxy(socket_of(database)) as proxy, Zygote() as zygote:
        ledger = ForkedLedger(zygote, tmp_path, through(database, proxy.port), lanes=4, bounds=BOUNDS)
        ledger.start()
        set_up(ledger.base_url, ledger.token("registrar", "governance"))
        token = ledger.token(CONTROLLER, "processing:write")
        with Clients(ledger, token, journal, Acts(seed)) as clients:
            for number in range(FAULTS):
                kinds = bad_days(moments, proxy)
                name, begin, seconds = kinds[number % len(kinds)]
                time.sleep(moments.uniform(0.05, 0.5))  # the random moment of the fault
                print(f"fault {number}: {name} for {seconds:.2f} s")
                begin()
                time.sleep(seconds)  # how long it lasts
                proxy.set(Mode.PASS)
                ready.append(clients.seconds_until_answered(time.monotonic(), BACK_SECONDS_MAX))
                if number + 1 in {FAULTS // 2, FAULTS}:
                    wait_until(ledger.is_ready, BACK_SECONDS_MAX, "the ledger is not ready")
                    left.append(ledger.count_resources() | {"connections": proxy.connections})
        retry_all(ledger.base_url, token, journal, ())
        judgement = judge(journal.file, database, ledger.vault_file, notifier=False)
        ledger.kill()
    tell(
        "R6 network", judgement, ready, faults=FAULTS, **{name: f"{left[0][name]}→{left[1][name]}" for name in left[0]}
    )
    assert all(left[1][name] <= left[0][name] + LEFT_MAX for name in left[0]), left


def socket_of(conninfo: str) -> str:
    """Where the server of a conninfo listens."""
    return f"{conninfo_to_dict(conninfo)['host']}/.s.PGSQL.{PORT}"


def through(conninfo: str, port: int) -> str:
    """The same database by way of a port of this machine."""
    return make_conninfo(conninfo, host="127.0.0.1", port=port)
