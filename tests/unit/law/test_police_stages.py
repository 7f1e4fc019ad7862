"""How daily police data narrow: a year free, then compared, then shielded, then gone."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from services.law.police_stages import daily_stages
from tests.unit.law.builders import reread

FIRST = date(2024, 2, 29)


@pytest.mark.parametrize(
    ("day", "name", "norm"),
    [
        ("2024-02-28", None, None),
        ("2024-02-29", "free", "wpg-8-1"),
        ("2025-02-28", "free", "wpg-8-1"),
        ("2025-03-01", "compare-only", "wpg-8-1"),
        ("2029-02-28", "compare-only", "wpg-8-1"),
        ("2029-03-01", "shielded", "wpg-14"),
        ("2034-02-28", "shielded", "wpg-14"),
        ("2034-03-01", None, None),
    ],
)
def test_the_stage_of_a_day(day: str, name: str | None, norm: str | None) -> None:
    """Wpg 8(1), 8(6) and 14(1)-(2), each to its last day."""
    found = [(s.name, s.norm) for s in daily_stages(FIRST) if s.since <= date.fromisoformat(day) <= s.until]
    assert found == ([(name, norm)] if name else [])


def test_no_day_lies_between_two_stages() -> None:
    """Each begins on the day after the one before, and says with its article what may be done."""
    stages = [reread(stage) for stage in daily_stages(FIRST)]
    assert [stage.name for stage in stages] == ["free", "compare-only", "shielded"]
    assert all(later.since == earlier.until + timedelta(days=1) for earlier, later in pairwise(stages))
    assert all("Wpg" in stage.text.nl and "Wpg" in stage.text.en for stage in stages)
