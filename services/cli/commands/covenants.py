"""``grootboek covenants contradictions|diff|lint|normalise FILE…``: covenants in files, without a ledger."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from services.cli.covenants.files import (
    Body,
    FileUnreadable,
    covenants_in,
    normalised,
    read_bodies,
    read_entries,
    read_register,
)
from services.cli.covenants.show import change_lines, contradiction_lines, deviation_lines, remark_lines
from services.law.covenants.contradictions import contradictions, other_differences
from services.law.covenants.difference import diff
from services.law.covenants.gathering import register_of
from services.law.covenants.lint import lint_joining, lint_known, lint_words
from services.law.covenants.normaliser import normalise
from services.law.covenants.remarks import Remark, is_ready
from services.law.governance import Addendum, Covenant

DIFF_COUNT: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which files."""
    parser.add_argument("action", choices=tuple(ACTIONS), help="what to do with them")
    parser.add_argument("files", type=Path, nargs="+", metavar="file", help="YAML, JSON, or a folder of such files")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--on", type=date.fromisoformat, metavar="day", help="contradictions on this day only")
    parser.add_argument("--as-stated", action="store_true", help="take no other word for one of the contract")


def run(arguments: argparse.Namespace) -> int:
    """Do it; 1 when contradictions, or faults that keep a covenant from being called active, are found."""
    return ACTIONS[arguments.action](read_bodies(arguments.files), arguments)


def find_contradictions(bodies: Sequence[Body], arguments: argparse.Namespace) -> int:
    """Print where the covenants contradict each other, and apart from that where they merely differ."""
    register = register_of(read_register(_worded(bodies, arguments)))
    found, differing = contradictions(register, arguments.on), other_differences(register, arguments.on)
    if arguments.json:
        _print_json({"contradictions": found, "differences": differing})
    else:
        _print_lines(contradiction_lines((*found, *differing)))
    return 1 if found else 0


def compare(bodies: Sequence[Body], arguments: argparse.Namespace) -> int:
    """Print the fields in which two covenants, or two versions, differ."""
    covenants = covenants_in(read_entries(_worded(bodies, arguments)))
    if len(covenants) != DIFF_COUNT:
        raise FileUnreadable(arguments.files[0].name, f"a comparison takes two covenants, there are {len(covenants)}.")
    first, second = covenants
    found = diff(first, second)
    if arguments.json:
        named = [{"id": each.id, "version": each.version} for each in covenants]
        _print_json({"first": named[0], "second": named[1], "changes": found})
    else:
        _print_lines(change_lines(found))
    return 0


def inspect(bodies: Sequence[Body], arguments: argparse.Namespace) -> int:
    """Print what is remarkable about each covenant, with what it inherits, and which addenda join what they cannot."""
    entries = read_register(_worded(bodies, arguments))
    register = register_of(entries)
    covenants, addenda = covenants_in(entries), [entry for entry in entries if isinstance(entry, Addendum)]
    found: list[tuple[Covenant | Addendum, Sequence[Remark]]] = [
        *((each, lint_known(each, register)) for each in covenants),
        *((each, (*lint_joining(each, register), *lint_words(each.annexes))) for each in addenda),
    ]
    if arguments.json:
        _print_json([{"id": each.id, "version": each.version, "remarks": remarks} for each, remarks in found])
    else:
        _print_lines(line for each, remarks in found for line in remark_lines(each.id, remarks))
    return 0 if all(is_ready(remarks) for _, remarks in found) else 1


def rewrite(bodies: Sequence[Body], arguments: argparse.Namespace) -> int:
    """Print the covenants in canonical terms (with --json), or what deviates from those."""
    found = [normalise(body.fields) for body in bodies if body.section == "covenants"]
    if arguments.json:
        _print_json([{"covenant": each.body, "deviations": each.deviations} for each in found])
    else:
        _print_lines(line for each in found for line in deviation_lines(str(each.body.get("id")), each.deviations))
    return 0


ACTIONS: Final[dict[str, Callable[[Sequence[Body], argparse.Namespace], int]]] = {
    "contradictions": find_contradictions,
    "diff": compare,
    "lint": inspect,
    "normalise": rewrite,
}


def _worded(bodies: Sequence[Body], arguments: argparse.Namespace) -> Sequence[Body]:
    """In the words of the contract, unless they are to be taken as they stand."""
    return bodies if arguments.as_stated else normalised(bodies)


def _print_json(value: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def _print_lines(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
