"""What is found in covenants, for a reader: Dutch first, English below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from services.law.covenants.difference import Change
from services.law.covenants.normaliser import Deviation
from services.law.covenants.remarks import Remark
from services.law.covenants.reports import Contradiction

FOR_GOOD = "…"


def contradiction_lines(found: Iterable[Contradiction]) -> Iterator[str]:
    """Two lines for each contradiction."""
    for one in found:
        until = FOR_GOOD if one.until is None else one.until.isoformat()
        yield f"{one.kind:10} {one.since.isoformat()} / {until}  {one.text.nl}"
        yield f"{'':10} {one.text.en}"


def change_lines(found: Iterable[Change]) -> Iterator[str]:
    """One line for each changed field."""
    for one in found:
        yield f"{one.kind:8} {one.pointer}: {_said(one.first)} → {_said(one.second)}"


def remark_lines(covenant_id: str, found: Iterable[Remark]) -> Iterator[str]:
    """Two lines for each remark; what keeps a covenant from being called active is marked."""
    for one in found:
        mark = "!" if one.blocks else " "
        yield f"{mark} {covenant_id} {one.pointer} {one.code}: {one.message.nl}"
        yield f"  {one.message.en}"


def deviation_lines(covenant_id: str, found: Iterable[Deviation]) -> Iterator[str]:
    """One line for each term that another word stands for."""
    for one in found:
        yield f"{covenant_id} {one.pointer}: {_said(one.stated)} → {_said(one.canonical)}"


def _said(value: object) -> str:
    return "-" if value is None else msgspec.json.encode(value).decode()
