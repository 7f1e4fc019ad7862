"""``grootboek clock``: a legal term with the days that moved it (Regulation 1182/71)."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime

import msgspec

from services.law import clocks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From the day something was received, or from the instant someone became aware."""
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--received", type=date.fromisoformat)
    start.add_argument("--aware", type=datetime.fromisoformat)
    parser.add_argument("--period", required=True, help="an ISO 8601 period, such as P1M or PT72H")


def run(arguments: argparse.Namespace) -> int:
    """Print ``{"legalLatest", "safe", "movedBy"}``."""
    start = arguments.received if arguments.received is not None else arguments.aware
    sys.stdout.write(msgspec.json.encode(clocks.compute_term(start, arguments.period)).decode() + "\n")
    return 0
