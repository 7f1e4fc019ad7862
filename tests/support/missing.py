"""What a test needs of the machine: it fails saying what to install, unless the caller said that it may be missing."""

from __future__ import annotations

import os
import shutil

import pytest


def need(part: str, problem: str | None) -> None:
    """Go on when there is no problem; skip for who said ``ALLOW_MISSING=<part>``, fail for everybody else."""
    if problem is None:
        return
    if part in os.environ.get("ALLOW_MISSING", "").split(","):
        pytest.skip(problem)
    pytest.fail(f"{problem} (ALLOW_MISSING={part} leaves these tests out)", pytrace=False)


def find_program(name: str, how: str) -> str | None:
    """What is wrong when a program is not there."""
    return None if shutil.which(name) else f"{name} is missing: {how}"
