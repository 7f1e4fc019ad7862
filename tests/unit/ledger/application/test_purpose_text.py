"""The text of a purpose as it was when the act was judged (S3)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.law.governance import Covenant, Entry, Purpose
from services.law.register import Known, Register
from services.ledger.application.line_view import purpose_text
from services.ledger.application.sources import register_then
from services.ledger.contract.events import Envelope

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)
FIRST = Purpose(id="aanpak", version=1, text="overlast tegengaan", valid_from=date(2025, 1, 1))
SECOND = Purpose(id="aanpak", version=2, text="overlast en schade tegengaan", valid_from=date(2026, 9, 1))
COVENANT = Covenant(id="huis", version=1, valid_from=date(2025, 1, 1), purpose="aanpak")
ENTRIES: tuple[Entry, ...] = (FIRST, COVENANT, SECOND)
NEWEST = Register(Known(entry, place, AT) for place, entry in enumerate(ENTRIES, start=1))


def envelope(**fields: Any) -> Envelope:
    """An act for that purpose, judged when the register knew the first version only."""
    given: dict[str, Any] = {"occurred_at": AT, "recorded_at": AT, "register_position": 2, "purpose": "aanpak"}
    return Envelope(operation_id=UUID(int=1), key="k", author="college", **(given | fields))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "overlast tegengaan"),
        ({"register_position": 3}, "overlast en schade tegengaan"),
        ({"register_position": 3, "occurred_at": datetime(2026, 8, 31, 12, tzinfo=UTC)}, "overlast tegengaan"),
        ({"purpose": None, "covenant": "huis"}, "overlast tegengaan"),
        ({"purpose": "unknown"}, None),
        ({"purpose": None}, None),
        ({"purpose": None, "data_regime": "Wpg-8"}, "uitvoering van de dagelijkse politietaak (Wpg 8)"),
    ],
)
def test_an_old_act_keeps_the_text_it_was_judged_by(fields: dict[str, Any], text: str | None) -> None:
    """A second version, known later or valid later, changes nothing for what was judged by the first."""
    act = envelope(**fields)
    assert purpose_text(act, register_then(NEWEST, act.register_position)) == text
