"""R18: a dump that was made under load comes back whole: everything acknowledged before it, verified, and goes on."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest

from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import Clients, retry_all, set_up
from tests.support.chaos_figures import seed_of, tell
from tests.support.chaos_journal import Acts, Heard, Journal
from tests.support.chaos_oracle import judge
from tests.support.served import Served

READY_SECONDS_MAX = 60.0
HEADS = "SELECT lane, last_position FROM lane_head ORDER BY lane"


@pytest.mark.chaos
def test_a_dump_made_under_load_is_whole(tmp_path: Path) -> None:
    """What was acknowledged before the dump is there after the restore, and a later dump gives back every last act."""
    seed = seed_of("R18 restore")
    journal, dump = Journal(tmp_path / "journal.jsonl"), tmp_path / "ledger.dump"
    ledger = Served(tmp_path, lanes=4)
    ledger.start()
    try:
        set_up(ledger.base_url, ledger.token("registrar", "governance"))
        token = ledger.token(CONTROLLER, "processing:write")
        with Clients(ledger, token, journal, Acts(seed)) as clients:
            clients.seconds_until_answered(time.monotonic(), READY_SECONDS_MAX)
            before = dict(journal.answers)
            backup(ledger, dump)
            clients.seconds_until_answered(time.monotonic(), READY_SECONDS_MAX)
        seconds = restore(ledger, dump)
        part = keep(journal, before, tmp_path / "before.jsonl")
        first = judge(part.file, ledger.conninfo, ledger.home / "vault" / "vault")
        retry_all(ledger.base_url, token, part, sorted(before)[:20])
        # Before the dump: what the ledger does by itself meanwhile may be in it or not.
        heads = heads_of(ledger)
        backup(ledger, dump)
        seconds = max(seconds, restore(ledger, dump))
        assert all(later >= head for head, later in zip(heads, heads_of(ledger), strict=True))
        judgement = judge(part.file, ledger.conninfo, ledger.home / "vault" / "vault")
    finally:
        ledger.stop()
    tell("R18 restore", judgement, unknown_after_the_first=first.unknown, seconds_to_restore=f"{seconds:.1f}")


def backup(ledger: Served, dump: Path) -> None:
    """Dump the database while it is served."""
    done = ledger.command("backup", "--to", str(dump))
    assert done.returncode == 0, done.stderr


def restore(ledger: Served, dump: Path) -> float:
    """Stop, bring a dump back, serve again; how long nobody was served."""
    begun = time.monotonic()
    ledger.stop()
    done = ledger.command("restore", "--dump", str(dump))
    assert done.returncode == 0, done.stdout + done.stderr
    ledger.start()
    return time.monotonic() - begun


def keep(journal: Journal, before: dict[str, tuple[Heard, dict[str, object]]], file: Path) -> Journal:
    """The journal as it may be asked for after a restore: what came after the dump is unknown."""
    kept = Journal(file)
    kept.sending(list(journal.bodies.values()))
    kept.heard(before)
    return kept


def heads_of(ledger: Served) -> list[tuple[int, ...]]:
    """How far each lane is."""
    with psycopg.connect(ledger.conninfo) as connection:
        return connection.execute(HEADS).fetchall()
