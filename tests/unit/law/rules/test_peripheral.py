"""Decision table of the rule on peripheral persons (S38)."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Justification
from services.law.verdict import Outcome
from tests.unit.law.builders import act, subject, to, verdict

PEOPLE = (subject(id="1"), subject(id="2", status="peripheral"), subject(id="3", status=None))


@pytest.mark.parametrize(
    ("changes", "held_back"),
    [
        ({}, [1]),
        ({"tense": "intent"}, [1]),
        ({"subjects": PEOPLE[:1]}, []),
        ({"operation": "record"}, []),
        ({"recipients": ()}, []),
        ({"recipients": to("mayor")}, []),
        ({"recipients": to("host")}, []),
        ({"recipients": to("host", "youth")}, [1]),
        ({"justification": Justification(override="his brother leads the group")}, []),
        ({"justification": Justification(override=" ")}, [1]),
        ({"justification": Justification()}, [1]),
    ],
)
def test_peripheral_persons_stay(changes: dict[str, Any], held_back: list[int]) -> None:
    """Only the peripheral person has the gap; a reason sets it aside, and inside the house nothing is distributed."""
    found = verdict(act(**({"subjects": PEOPLE} | changes)))
    assert [i for i in range(len(found.outcomes)) if "peripheral-shared" in found.codes_of(i)] == held_back
    assert all(found.outcomes[i] is Outcome.GAP for i in held_back)
