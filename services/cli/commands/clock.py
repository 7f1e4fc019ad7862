"""``grootboek clock``: a legal term with the days that moved it (Regulation 1182/71)."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime

import msgspec

from services.law.clocks import Deadline, aware_clock, received_clock
from services.law.errors import LawError
from services.runtime.errors import GrootboekError, Kind


class TermUnreadable(GrootboekError):
    """This is no term."""

    code = "term_unreadable"
    remedy = "Write it as ISO 8601 does: P1M, P14D, or PT72H with --aware."
    kind = Kind.REJECTED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From the day something was received, or from the instant someone became aware."""
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--received", type=date.fromisoformat)
    start.add_argument("--aware", type=read_instant, help="an instant with its zone, such as 2026-03-28T10:20+01:00")
    parser.add_argument("--period", required=True, help="an ISO 8601 period, such as P1M or PT72H")


def read_instant(text: str) -> datetime:
    """An instant; ArgumentTypeError when it does not say in which zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError("an instant has a zone: add Z or an offset, such as +01:00")
    return instant


def run(arguments: argparse.Namespace) -> int:
    """Print ``{"legalLatest", "safe", "movedBy"}``; TermUnreadable for what is no term."""
    try:
        deadline = deadline_of(arguments)
    except LawError as error:
        raise TermUnreadable(str(error)) from None
    sys.stdout.write(msgspec.json.encode(deadline).decode() + "\n")
    return 0


def deadline_of(arguments: argparse.Namespace) -> Deadline:
    """The end of the term that was asked for."""
    if arguments.received is not None:
        return received_clock(arguments.received, arguments.period)
    return aware_clock(arguments.aware, arguments.period)
