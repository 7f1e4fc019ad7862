"""``grootboek norms``: the law that the judgement knows, on a day, and what of it needs a fresh look."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from services.law.local_time import amsterdam_day
from services.law.norm_set import Norm
from services.law.stale_norms import stale_norms
from services.ledger.storage.norms import packaged_norms
from services.runtime.clock import SystemClock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All of them, those in force on a day, or those that need a fresh look."""
    parser.add_argument("--stale", action="store_true", help="only what needs a fresh look: unread, old, or due")
    parser.add_argument("--on", type=date.fromisoformat, help="in force on this day; with --stale: due by this day")
    parser.add_argument("--json", action="store_true", help="everything that is known of each, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print a line per norm: id, citation, validity, how far it was read, reasons."""
    found = list(_stale(arguments.on) if arguments.stale else _in_force(arguments.on))
    if arguments.json:
        shown = [msgspec.to_builtins(norm) | ({"reasons": reasons} if reasons else {}) for norm, reasons in found]
        print(msgspec.json.format(msgspec.json.encode(shown)).decode())
        return 0
    for norm, reasons in found:
        print(_line(norm, reasons))
    print(f"{len(found)} norms", file=sys.stderr)
    return 0


def _in_force(day: date | None) -> Iterator[tuple[Norm, tuple[str, ...]]]:
    for norm in packaged_norms().values():
        if day is None or norm.valid_on(day):
            yield norm, ()


def _stale(day: date | None) -> Iterator[tuple[Norm, tuple[str, ...]]]:
    for stale in stale_norms(packaged_norms(), day or amsterdam_day(SystemClock().now())):
        yield stale.norm, stale.reasons


def _line(norm: Norm, reasons: tuple[str, ...]) -> str:
    known: tuple[Any, ...] = (norm.id, norm.citation, _period(norm), norm.checked, ", ".join(reasons))
    return "  ".join(f"{text:<{width}}" for text, width in zip(known, (18, 52, 23, 20, 0), strict=True)).rstrip()


def _period(norm: Norm) -> str:
    return f"{norm.valid_from or '?'}/{norm.valid_until or ''}"
