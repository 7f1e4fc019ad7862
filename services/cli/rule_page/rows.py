"""The rows of the requirements, as ``docs/requirements.yaml`` tells what serves each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from services.runtime.errors import GrootboekError

ROWS_FILE: Final = Path("docs/requirements.yaml")


class RowsInvalid(GrootboekError):
    """docs/requirements.yaml is not of its shape."""

    code = "rows_invalid"
    remedy = "A row is `S1: {says: one sentence, by: [services/law/x.py], tests: [tests/unit/law/test_x.py::test_y]}`."


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for one requirement, in a sentence; what serves it besides rules, and the tests besides theirs.

    ``by``: files; a test is a file or a test in it (``file::name``); paths are from the top of the repository.
    """

    says: str
    by: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


def read_rows(path: Path = ROWS_FILE) -> dict[str, Row]:
    """The rows by name, in the order of their numbers; RowsInvalid when the file is malformed."""
    try:
        rows = msgspec.yaml.decode(path.read_bytes(), type=dict[str, Row])
    except msgspec.MsgspecError as error:
        raise RowsInvalid from error
    return dict(sorted(rows.items(), key=lambda row: number_of(row[0])))


def number_of(row: str) -> int:
    """The number in "S33"."""
    return int(row[1:]) if row[:1] == "S" and row[1:].isdigit() else 0
