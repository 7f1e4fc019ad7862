"""``grootboek restore``: a dump back in its place, less everything that was destroyed since it was made."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from services.cli.home import current_home
from services.cli.restore_home import restore_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which dump. The ledger is that of ``GROOTBOEK_HOME``, or the one that was served last; it must be stopped."""
    parser.add_argument("--dump", type=Path, required=True, metavar="FILE", help="a file that `grootboek backup` wrote")


def run(arguments: argparse.Namespace) -> int:
    """Return 1, with the present database untouched, when what was restored does not verify."""
    restored = restore_home(current_home(), arguments.dump)
    for finding in restored.verification.findings:
        print(f"{finding.place}  {finding.code}  {finding.message}", file=sys.stderr)
    counted = ", ".join(f"lane {lane}: {count}" for lane, count in restored.verification.events.items())
    print(f"{restored.replayed} destructions repeated; events verified: {counted}")
    if not restored.verification.passed:
        print("grootboek: what was restored does not verify; the present database was left in place.", file=sys.stderr)
        return 1
    return 0
