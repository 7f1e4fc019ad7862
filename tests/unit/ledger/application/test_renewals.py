"""The last day of the five years of an act, as it has it on record, and whether a later end needs a decision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.law.errors import RenewalDecisionMissingError
from services.law.governance import Covenant, Decision, Entry
from services.law.register import Known, Register
from services.ledger.application.renewals import check_later_end, find_maximum
from services.ledger.contract.events import Envelope
from services.ledger.contract.forgetting import RetentionBody

NOW = datetime(2031, 5, 20, 9, tzinfo=UTC)
ACTED = datetime(2026, 6, 1, 9, tzinfo=UTC)
ENTRIES: tuple[Entry, ...] = (
    Covenant(id="zvh", version=1, valid_from=date(2025, 3, 1), legal_frame="wgs-zvh"),
    Decision(id="r-1", kind="wgs-renewal", by="college", valid_from=date(2031, 5, 1)),
    Decision(id="r-2", kind="wgs-renewal", by="college", valid_from=date(2031, 6, 1)),
)
KNOWN = Register(Known(entry, number, ACTED) for number, entry in enumerate(ENTRIES, start=1))


def envelope(**fields: Any) -> Envelope:
    """An act of the college of 1 June 2026 at the table."""
    usual: dict[str, Any] = {"covenant": "zvh", "occurred_at": ACTED}
    return Envelope(operation_id=UUID(int=1), key="1", author="college", recorded_at=ACTED, **(usual | fields))


@pytest.mark.parametrize(
    ("fields", "maximum"),
    [
        ({}, "2031-06-01"),
        ({"term_rule": "wgs-maximum", "holding_ends": date(2031, 3, 1)}, "2031-03-01"),
        ({"term_rule": "act", "holding_ends": date(2027, 6, 1)}, "2031-06-01"),
        (
            {
                "term_rule": "act",
                "holding_ends": date(2027, 6, 1),
                "terms_lost": ("covenant-phase P3Y 2029-06-01", "wgs-maximum P5Y 2031-02-01"),
            },
            "2031-02-01",
        ),
        ({"term_rule": "wgs-maximum"}, "2031-06-01"),
        ({"occurred_at": datetime(2026, 5, 31, 23, tzinfo=UTC)}, "2031-06-01"),
    ],
)
def test_the_maximum_on_record(fields: dict[str, Any], maximum: str) -> None:
    """The rule that held, or lost; for an act that has neither on record five years from its own Amsterdam day."""
    assert str(find_maximum(envelope(**fields))) == maximum


@pytest.mark.parametrize(
    ("fields", "body", "refused"),
    [
        ({}, {"holding_ends": date(2031, 6, 1)}, False),
        ({}, {"holding_ends": date(2031, 6, 2)}, True),
        ({}, {"holding_ends": date(2031, 6, 2), "decision_id": "r-1"}, False),
        ({}, {"holding_ends": date(2031, 6, 2), "decision_id": "r-2"}, True),
        ({}, {"holding_ends": date(2031, 6, 2), "decision_id": "unknown"}, True),
        ({"covenant": None}, {"holding_ends": date(2040, 1, 1)}, False),
        ({"covenant": "unknown"}, {"holding_ends": date(2040, 1, 1)}, False),
        ({"occurred_at": datetime(2025, 2, 28, 9, tzinfo=UTC)}, {"holding_ends": date(2040, 1, 1)}, False),
        ({}, {"record_ends": date(2040, 1, 1)}, False),
    ],
)
def test_when_a_decision_is_needed(*, fields: dict[str, Any], body: dict[str, Any], refused: bool) -> None:
    """Beyond the maximum of a partnership that was one on the day of the act; in force today; never for the record."""
    asked = RetentionBody(reason="relapse", norm="BGS 1.16", **body)
    if refused:
        with pytest.raises(RenewalDecisionMissingError):
            check_later_end(envelope(**fields), asked, KNOWN, NOW)
    else:
        check_later_end(envelope(**fields), asked, KNOWN, NOW)
