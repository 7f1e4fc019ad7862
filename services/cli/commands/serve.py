"""``grootboek serve``: a ledger on the real clock (or ``GROOTBOEK_CLOCK=scenario``), nothing loaded."""

from __future__ import annotations

import argparse
import os

from services.cli.home import home_to_serve, issuer_folder
from services.cli.ports import choose_port
from services.embedded import Embedded
from services.ledger.storage.open_ledger import ClockKind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many lanes a new ledger gets; fixed from then on."""
    parser.add_argument("--lanes", type=int, default=os.environ.get("GROOTBOEK_LANES") or "1")


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    home = home_to_serve()
    home.make()
    clock: ClockKind = "scenario" if os.environ.get("GROOTBOEK_CLOCK") == "scenario" else "system"
    with Embedded(home.path, issuer=issuer_folder(), clock=clock, port=choose_port(), lanes=arguments.lanes) as ledger:
        print(f"Serving at {ledger.base_url}. Ctrl-C stops.", flush=True)
        ledger.wait()
    return 0
