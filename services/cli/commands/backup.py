"""``grootboek backup``: a dump of the database; the vault is backed up apart, the erasure register with neither."""

from __future__ import annotations

import argparse
from pathlib import Path

from services.cli.home import current_home
from services.cli.open_home import open_database
from services.runtime.limits import BACKUP_DAYS_MAX
from services.runtime.postgres_dump import dump_database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to. The ledger is that of ``GROOTBOEK_HOME``, or the one that was served last; it may be running."""
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="the file to write; replaced when there")


def run(arguments: argparse.Namespace) -> int:
    """Write the dump, whole or not at all."""
    home = current_home()
    with open_database(home) as conninfo:
        dump_database(conninfo, arguments.to)
    print(f"{arguments.to}: the database. Destroy it within {BACKUP_DAYS_MAX} days: erasure receipts promise that.")
    print(f"Not in it: the vault ({home.vault}), to be backed up apart, and the erasure register ({home.register}).")
    return 0
