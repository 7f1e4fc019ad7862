from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.ledger.application.count_impact import listed_streams, surviving_acts
from services.ledger.domain.holdings import DELETES, HoldingRow

BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def row(day: int, *categories: str, effect: int = 1, stream: int = 1) -> HoldingRow:
    """An act of the college so many days after the first."""
    return HoldingRow(
        lane=0,
        stream_id=UUID(int=stream),
        party="college",
        position=day,
        operation_id=UUID(int=day),
        effect=effect,
        occurred_at=BEGAN + timedelta(days=day),
        recorded_at=BEGAN + timedelta(days=day),
        categories=categories,
    )


@pytest.mark.parametrize(
    ("acts", "wanted", "expected"),
    [
        ([row(1, "name"), row(2, "contact")], (), [1, 2]),
        ([row(1, "name"), row(2, "contact")], ("name",), [1]),
        ([row(1, "name"), row(2, "name", effect=DELETES), row(3, "name")], (), [3]),
        ([row(1, "name", "contact"), row(2, "name", effect=DELETES)], (), [1]),
        ([row(1, "name", "contact"), row(2, "name", effect=DELETES)], ("name",), []),
        ([row(1, "name"), row(2, effect=DELETES)], (), []),
        ([row(1, "name"), row(30, effect=DELETES)], (), [1]),
        ([row(30, "name"), row(30, effect=DELETES)], (), []),
    ],
)
def test_an_act_survives_until_its_last_category_is_deleted(
    acts: list[HoldingRow], wanted: tuple[str, ...], expected: list[int]
) -> None:
    """A delete before the window, or at the moment of the act, ends what it names; a later one comes too late."""
    found = surviving_acts(acts, BEGAN + timedelta(days=20), wanted)
    assert [act.position for act in found] == expected


def test_a_stream_is_listed_for_what_survives_on_it() -> None:
    """A delete on one stream ends nothing that stands on another one, and other data list nobody."""
    acts = [row(1, "report"), row(2, "name", stream=2), row(3, "name", stream=3), row(4, effect=DELETES, stream=3)]
    begins = BEGAN + timedelta(days=20)
    assert listed_streams(acts, begins, ()) == {(0, UUID(int=1)), (0, UUID(int=2))}
    assert listed_streams(acts, begins, ("name",)) == {(0, UUID(int=2))}
