"""``grootboek openapi``: the description partners build against, held equal to the code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from services.gateway.openapi import render

TARGET: Final = Path("schemas/openapi.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Write it, or fail when it differs."""
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--write", action="store_true")
    how.add_argument("--check", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    """Return 1 when the stored description differs from the code."""
    rendered = render()
    if arguments.write:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_bytes(rendered)
        return 0
    if not TARGET.exists() or TARGET.read_bytes() != rendered:
        print(f"{TARGET} differs from the code; run `make openapi` and look at the difference.", file=sys.stderr)
        return 1
    return 0
