"""Whether a partnership may keep data longer than five years."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.errors import LawError
from services.law.governance import Covenant, Decision
from services.law.renewal import check_renewal
from tests.unit.law.builders import covenant

WGS = covenant(legal_frame="wgs-zvh")
MAXIMUM, TODAY = date(2031, 6, 1), date(2031, 5, 20)


def decided(**changes: Any) -> Decision:
    """A decision to renew from 20 May 2031."""
    given: dict[str, Any] = {"id": "d-1", "kind": "wgs-renewal", "by": "college", "valid_from": TODAY}
    return Decision(**(given | changes))


@pytest.mark.parametrize(
    ("asked", "under", "decision", "error"),
    [
        (date(2031, 6, 1), WGS, None, None),
        (date(2031, 6, 2), WGS, None, "renewal-decision-missing"),
        (date(2040, 1, 1), covenant(), None, None),
        (date(2040, 1, 1), None, None, None),
        (date(2031, 6, 2), WGS, decided(kind="legality-opinion"), "renewal-decision-missing"),
        (date(2031, 6, 2), WGS, decided(), None),
        (date(2033, 5, 20), WGS, decided(), None),
        (date(2033, 5, 21), WGS, decided(), "renewal-too-long"),
        (date(2032, 1, 1), WGS, decided(valid_until=date(2031, 12, 31)), "renewal-too-long"),
        (date(2033, 5, 20), WGS, decided(valid_from=None), None),
        (date(2033, 5, 21), WGS, decided(valid_from=None), "renewal-too-long"),
    ],
)
def test_what_a_renewal_carries(
    asked: date, under: Covenant | None, decision: Decision | None, error: str | None
) -> None:
    """To the last day of the five years any norm will do; beyond it a decision, for two years at most."""
    found = None
    try:
        check_renewal(asked, under, MAXIMUM, decision, TODAY)
    except LawError as raised:
        found = raised.code
    assert found == error
