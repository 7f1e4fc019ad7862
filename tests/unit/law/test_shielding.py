"""What a closing shields, and of whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from services.law.context import PastAct
from services.law.shielding import are_all_shielded, is_shielded, shields
from tests.unit.law.builders import covenant, register

KNOWN = register(covenant(legal_frame="wgs-zvh", valid_from=date(2025, 3, 1)), covenant("avg"))


def past(when: str = "2026-01-05", operation_class: str = "share", **changes: Any) -> PastAct:
    """The police told the mayor the name at the table."""
    fields: dict[str, Any] = {
        "occurred_at": datetime.fromisoformat(f"{when}T12:00:00+00:00"),
        "controller": "police",
        "recipients": ("mayor",),
        "covenant": "house",
        "annex": "groups",
        "data_categories": ("name",),
    }
    return PastAct(operation_class=operation_class, **(fields | changes))


CLOSING = past("2026-03-01", "restrict", controller="mayor", recipients=())


@pytest.mark.parametrize(
    ("closing", "line", "shielded"),
    [
        ({}, {}, True),
        ({"annex": None}, {}, True),
        ({}, {"annex": None}, False),
        ({"annex": "other"}, {}, False),
        ({}, {"when": "2026-03-01"}, True),
        ({}, {"when": "2026-03-02"}, False),
        ({"covenant": "avg"}, {"covenant": "avg"}, False),
        ({"covenant": "unknown"}, {"covenant": "unknown"}, False),
        ({"covenant": "avg"}, {}, False),
        ({"covenant": None}, {"covenant": None}, False),
        ({"operation_class": "alter"}, {}, False),
        ({}, {"operation_class": "restrict"}, False),
        ({}, {"operation_class": "delete"}, True),
        ({"when": "2025-02-28"}, {"when": "2025-02-27"}, False),
        ({"controller": "mayor", "case_index": "a1"}, {"controller": "mayor", "case_index": "a1"}, True),
        ({"controller": "mayor", "case_index": "a1"}, {"controller": "mayor", "case_index": "b2"}, False),
        ({"controller": "mayor", "case_index": "a1"}, {"controller": "mayor"}, True),
        ({"controller": "mayor"}, {"controller": "mayor", "case_index": "b2"}, True),
        ({"controller": "mayor", "case_index": "a1"}, {"controller": "police", "case_index": "b2"}, True),
    ],
)
def test_what_a_closing_shields(*, closing: dict[str, Any], line: dict[str, Any], shielded: bool) -> None:
    """What had happened by then under the same covenant of the WGS, and under the annex that is closed."""
    closes = past(**({"when": "2026-03-01", "operation_class": "restrict"} | closing))
    assert shields(closes, past(**line), KNOWN) is shielded
    assert is_shielded(past(**line), [past("2026-02-01"), closes], KNOWN) is shielded


@pytest.mark.parametrize(
    ("acts", "closings", "shielded"),
    [
        ([], [CLOSING], False),
        ([past()], [], False),
        ([past()], [CLOSING], True),
        ([past(), past("2026-02-01")], [CLOSING], True),
        ([past(), past("2026-05-01")], [CLOSING], False),
        ([past(), past("2026-05-01")], [CLOSING, past("2026-06-01", "restrict")], True),
    ],
)
def test_what_came_since_is_open(*, acts: list[PastAct], closings: list[PastAct], shielded: bool) -> None:
    """Data are shielded when each act that carries them is; of nothing nobody can say that it is."""
    assert are_all_shielded(acts, closings, KNOWN) is shielded
