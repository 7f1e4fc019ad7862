"""Wires what is done to a ledger from outside its process: verify it, rebuild its projections."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from services.ledger.application.rebuild import compare_projections, rebuild
from services.ledger.application.register_check import check_register
from services.ledger.application.verify import Verification, VerifyLedger
from services.ledger.domain.checkpoint import SIGNING_KEY
from services.ledger.storage.applied_register import PostgresMark
from services.ledger.storage.audit import open_snapshot
from services.ledger.storage.erasure_register_file import ErasureRegisterFile
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.projections.shadow import PostgresShadow
from services.ledger.storage.vault_file import SealedFileVault
from services.runtime.postgres import sync_pool


def verify_ledger(conninfo: str, vault_file: Path) -> Verification:
    """Verify everything; writers and readers may go on meanwhile."""
    vault = SealedFileVault(vault_file, create=False)
    with sync_pool(conninfo, name="verify", size_max=2, patient=True) as pool:
        verify = VerifyLedger(
            open_snapshot=partial(open_snapshot, pool),
            public_key=vault.public_key(SIGNING_KEY),
            compare_projections=partial(_compare, conninfo),
        )
        return verify()


def rebuild_projections(conninfo: str) -> dict[int, int]:
    """Rebuild all projections and swap them in; how far each lane is applied."""
    with PostgresShadow(conninfo=conninfo) as shadow:
        return rebuild(shadow)


def _compare(conninfo: str) -> list[str]:
    with PostgresShadow(conninfo=conninfo) as shadow:
        return [
            f"{found.table}: {found.surplus} rows too many, {found.missing} missing, first at {found.first}"
            for found in compare_projections(shadow)
        ]


def refuse_unfinished_restore(conninfo: str, register_folder: Path) -> None:
    """Raise RestoreUnfinished, or ErasureRegisterBehind, unless the database is as new as what was destroyed."""
    with sync_pool(conninfo, name="register", size_max=1) as pool:
        check_register(ErasureRegisterFile(register_folder), PostgresMark(pool), PostgresEventReader(pool=pool))
