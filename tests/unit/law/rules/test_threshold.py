"""Decision tables of the rules on preventive acts (S36)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import Justification, Threshold
from services.law.governance import Covenant
from tests.unit.law.builders import DAY, act, annex, change, covenant, findings

PREVENTIVE = covenant(annexes=(annex(preventive=True),))
THRESHOLD = Threshold(facts="two reports", source="police, school", decided_by="mayor", decided_on=DAY)


def because(**changes: Any) -> Justification:
    """A threshold decided on the day of the act, or with the changes named."""
    return Justification(threshold=change(THRESHOLD, **changes))


@pytest.mark.parametrize(
    ("changes", "entry", "found"),
    [
        ({}, covenant(), set()),
        ({}, PREVENTIVE, {"threshold-missing"}),
        ({"covenant": None}, PREVENTIVE, set()),
        ({"justification": Justification()}, PREVENTIVE, {"threshold-missing"}),
        ({"justification": because()}, PREVENTIVE, set()),
        ({"justification": because(facts=" ")}, PREVENTIVE, {"threshold-missing"}),
        ({"justification": because(source="")}, PREVENTIVE, {"threshold-missing"}),
        ({"justification": because(decided_by=" ")}, PREVENTIVE, {"threshold-missing"}),
        ({"justification": because(decided_on=date(2026, 5, 31))}, PREVENTIVE, set()),
        ({"justification": because(decided_on=date(2026, 6, 2))}, PREVENTIVE, {"threshold-late"}),
        ({"justification": because(decided_on=date(2026, 6, 2))}, covenant(), set()),
        (
            {"justification": because(decided_on=date(2026, 6, 2), facts="")},
            PREVENTIVE,
            {"threshold-late", "threshold-missing"},
        ),
        ({"operation": "erase"}, PREVENTIVE, set()),
        ({"operation": "restrict"}, PREVENTIVE, set()),
        ({"operation": "collect"}, PREVENTIVE, set()),
        ({"operation": "consult"}, PREVENTIVE, set()),
        ({"operation": "collect", "phase": "plan"}, PREVENTIVE, {"threshold-missing"}),
        ({"operation": "consult", "phase": "plan"}, PREVENTIVE, {"threshold-missing"}),
        ({"operation": "record"}, PREVENTIVE, {"threshold-missing"}),
        ({"operation": "use"}, PREVENTIVE, {"threshold-missing"}),
    ],
)
def test_preventive_acts_have_a_threshold(changes: dict[str, Any], entry: Covenant, found: set[str]) -> None:
    """Only a preventive annex asks for it; looking while signalling needs none; a day late is late."""
    codes = {
        code: severity for code, severity in findings(act(**changes), entry).items() if code.startswith("threshold")
    }
    assert codes == dict.fromkeys(found, "gap")
