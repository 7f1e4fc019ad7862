"""``grootboek verify``: is everything as it was recorded? Names each position that is not."""

from __future__ import annotations

import argparse
import sys

from services.cli.home import current_home
from services.cli.open_home import open_database
from services.ledger.entrypoints.check import verify_ledger


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the ledger is kept follows from ``GROOTBOEK_HOME`` or from what was served last."""
    del parser


def run(_: argparse.Namespace) -> int:
    """Return 1 when something is wrong."""
    home = current_home()
    with open_database(home) as conninfo:
        verification = verify_ledger(conninfo, home.vault / "vault")
    for finding in verification.findings:
        print(f"{finding.place}  {finding.code}  {finding.message}", file=sys.stderr)
    counted = ", ".join(f"lane {lane}: {count}" for lane, count in verification.events.items())
    print(f"{verification.finding_count} findings; events verified: {counted}")
    return 0 if verification.passed else 1
