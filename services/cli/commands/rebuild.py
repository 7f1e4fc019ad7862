"""``grootboek rebuild``: the projections anew from the events, swapped in while the old ones serve."""

from __future__ import annotations

import argparse
import time

from services.cli.home import current_home
from services.cli.open_home import open_database
from services.ledger.entrypoints.check import rebuild_projections


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the ledger is kept follows from ``GROOTBOEK_HOME`` or from what was served last."""
    del parser


def run(_: argparse.Namespace) -> int:
    """Rebuild and say how far each lane is applied."""
    begun = time.monotonic()
    with open_database(current_home()) as conninfo:
        positions = rebuild_projections(conninfo)
    counted = ", ".join(f"lane {lane}: {position}" for lane, position in sorted(positions.items()))
    print(f"rebuilt in {time.monotonic() - begun:.1f} s; applied up to {counted}")
    return 0
