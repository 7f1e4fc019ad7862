"""``grootboek rules``: the page of requirements, rules and tests, held equal to the code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from services.cli.rule_page.found_tests import find_tests
from services.cli.rule_page.page import faults_of, render
from services.cli.rule_page.rows import read_rows
from services.law.catalogue import finding_codes

TARGET: Final = Path("docs/rules.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Write it, or fail when it differs or something is missing."""
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--write", action="store_true")
    how.add_argument("--check", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    """Return 1 when a row has neither rule nor test, a test is not there, or the stored page differs."""
    rows, codes, tests = read_rows(), finding_codes(), find_tests()
    faults = [*faults_of(rows, codes, tests)]
    for fault in faults:
        print(fault, file=sys.stderr)
    page = render(rows, codes, tests)
    if arguments.write:
        TARGET.write_text(page, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != page:
        print(f"{TARGET} differs from the code; run `grootboek rules --write`.", file=sys.stderr)
        return 1
    return 1 if faults else 0
