"""The ``grootboek`` command: one subcommand per file, each with ``add_arguments`` and ``run``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Final

from services.runtime.errors import GrootboekError

COMMANDS: Final = {
    "run": "start a ledger, load the case, print three answers and keep serving",
    "serve": "serve a ledger without loading anything",
    "up": "serve a ledger as four processes, against a PostgreSQL and a Kafka (--distributed)",
    "migrate": "make a database ready for those processes: schema, roles and rights",
    "token": "print a development token",
    "clock": "compute a legal term: until when, and what moved it",
    "assess": "may I share this? judge an act without storing anything",
    "norms": "list the law that the judgement knows; --stale: what of it needs a fresh look",
    "verify": "check positions, leaves, tree, checkpoint and projections of a ledger",
    "rebuild": "build the projections anew and swap them in",
    "backup": "dump the database of a ledger to a file; the vault and the erasure register are not in it",
    "restore": "load such a dump and destroy again what had been destroyed since",
    "dead-letters": "list the records that no consumer could read, or send them back",
    "covenants": "contradictions, diff, lint or normalise of covenants in files",
    "openapi": "write or check schemas/openapi.json",
    "rules": "write or check docs/rules.md: requirements, rules and tests",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; errors of ours are printed with their remedy, never with a stack."""
    parsed = _parser(arguments).parse_args(arguments)
    try:
        return int(_module(parsed.command).run(parsed))
    except GrootboekError as error:
        print(f"grootboek: {error.message} {error.remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads a list may stop before its end, as `head` does; what is buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(arguments: Sequence[str] | None) -> argparse.ArgumentParser:
    """Only the chosen command's module is loaded: the others may lean on parts that are not installed."""
    parser = argparse.ArgumentParser(prog="grootboek", description="The ledger of every processing of personal data.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="command")
    given = list(sys.argv[1:] if arguments is None else arguments)
    for name, purpose in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=purpose, description=purpose.capitalize() + ".")
        if given and given[0] == name:
            _module(name).add_arguments(subparser)
    return parser


def _module(name: str) -> ModuleType:
    return import_module(f"services.cli.commands.{name.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
