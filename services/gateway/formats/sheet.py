"""A table as CSV (RFC 4180): what a spreadsheet opens as text, whoever wrote what stands in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

CSV: Final = "text/csv"
# A cell that begins so would be run as a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BETWEEN: Final = "; "


def write_sheet(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the rows under the names of their columns, in UTF-8 with a mark that spreadsheets know it by."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def cell(value: object) -> str:
    """Return one value as a cell: lists joined, objects as name and value, formulas disarmed."""
    text = _said(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return _BETWEEN.join(f"{name}: {_said(inner)}" for name, inner in value.items() if inner is not None)
    if isinstance(value, list | tuple):
        return _BETWEEN.join(_said(inner) for inner in value)
    return str(value)
