"""Restores the database of an embedded ledger beside the present one, and puts it in its place when it is sound.

Until then nothing of it is served: it is loaded, what had been destroyed is destroyed again, everything that is due by
now is done, and all of it is verified. Who is stopped in between begins anew.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from services.cli.home import Home
from services.cli.open_home import is_served
from services.ledger.application.verify import Verification
from services.ledger.entrypoints.check import verify_ledger
from services.ledger.main import LedgerProcess
from services.ledger.storage.open_ledger import settings_of
from services.ledger.storage.replace_database import drop_database, make_database, swap_databases
from services.ledger.storage.scenario_state import KeptScenarioClock
from services.ledger.storage.vault_file import SealedFileVault
from services.retention.main import RetentionProcess
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.errors import GrootboekError, Kind
from services.runtime.log import StructuredLog
from services.runtime.log_events import Level
from services.runtime.metrics import Metrics
from services.runtime.postgres_dump import load_dump

FRESH = "grootboek_restored"


class LedgerStillServed(GrootboekError):
    """This ledger is being served; its database cannot be replaced under it."""

    code = "ledger-still-served"
    kind = Kind.CONFLICT
    remedy = "Stop it first."


class Restored(msgspec.Struct, frozen=True):
    """How many destructions were repeated, and whether what is there now is as it was recorded."""

    replayed: int
    verification: Verification


def restore_home(home: Home, dump: Path) -> Restored:
    """Restore a dump; the present database stays when anything is wrong with it."""
    if is_served(home):
        raise LedgerStillServed
    vault_file = home.vault / "vault"
    SealedFileVault(vault_file, create=False)
    server = EmbeddedPostgres(home.postgres)
    conninfo = server.start()
    try:
        fresh = make_database(conninfo, FRESH)
        load_dump(fresh, dump)
        replayed = asyncio.run(finish_restore(fresh, home))
        restored = Restored(replayed, verify_ledger(fresh, vault_file))
        if restored.verification.passed:
            swap_databases(conninfo, FRESH)
        return restored
    finally:
        drop_database(conninfo, FRESH)
        server.stop()


async def finish_restore(conninfo: str, home: Home) -> int:
    """Destroy again what had been destroyed, and do all that is due; how many destructions were repeated."""
    lanes, clock_kind = settings_of(conninfo)
    log = StructuredLog(level=Level.WARNING)
    ledger = LedgerProcess(
        conninfo=conninfo,
        vault_file=home.vault / "vault",
        clock_kind=clock_kind,
        lanes=lanes,
        metrics=Metrics(),
        log=log,
        register_folder=home.register,
        is_restoring=True,
    )
    await ledger.start()
    try:
        replay = ledger.forgetting.replay()
        last = await asyncio.to_thread(replay.last_at)
        if isinstance(ledger.clock, KeptScenarioClock) and last is not None and last > ledger.clock.now():
            # The dump stands at its own time; what was destroyed after it lies behind us all the same.
            await asyncio.to_thread(ledger.clock.set, last)
        replayed = await replay.replay()
        await RetentionProcess(commands=ledger.retention_commands, clock=ledger.clock, log=log).catch_up()
        await ledger.wait_until_applied()
    finally:
        await ledger.stop()
    return replayed
