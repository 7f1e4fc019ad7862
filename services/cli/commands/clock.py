"""``grootboek clock``: a legal term with the days that moved it (Regulation 1182/71)."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime

import msgspec

from services.law.clocks import aware_clock, received_clock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From the day something was received, or from the instant someone became aware."""
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--received", type=date.fromisoformat)
    start.add_argument("--aware", type=datetime.fromisoformat)
    parser.add_argument("--period", required=True, help="an ISO 8601 period, such as P1M or PT72H")


def run(arguments: argparse.Namespace) -> int:
    """Print ``{"legalLatest", "safe", "movedBy"}``."""
    if arguments.received is not None:
        deadline = received_clock(arguments.received, arguments.period)
    else:
        deadline = aware_clock(arguments.aware, arguments.period)
    sys.stdout.write(msgspec.json.encode(deadline).decode() + "\n")
    return 0
