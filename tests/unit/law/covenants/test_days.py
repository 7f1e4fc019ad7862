"""Days as covenants write them."""

from __future__ import annotations

import pytest

from services.law.covenants.days import canonical_day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 januari 2026", "2026-01-01"),
        ("1 Januari  2026", "2026-01-01"),
        ("31-12-2027", "2027-12-31"),
        ("1-2-2026", "2026-02-01"),
        ("01/02/2026", "2026-02-01"),
        ("1.2.2026", "2026-02-01"),
        ("3 mrt. 2026", "2026-03-03"),
        ("3 sept 2026", "2026-09-03"),
        ("1e mei 2026", "2026-05-01"),
        ("29 februari 2028", "2028-02-29"),
        ("2026-01-01", "2026-01-01"),
        ("29 februari 2026", "29 februari 2026"),
        ("31-13-2027", "31-13-2027"),
        ("0-1-2026", "0-1-2026"),
        ("1-2/2026", "1-2/2026"),
        ("1 foo 2026", "1 foo 2026"),
        ("1-2-26", "1-2-26"),
        ("1 januari 0000", "1 januari 0000"),
        ("medio 2026", "medio 2026"),
        ("", ""),
    ],
)
def test_days_have_one_spelling(text: str, expected: str) -> None:
    """Day, month and year in the Dutch order; what is no day of the calendar stays for whoever decodes it."""
    assert canonical_day(text) == expected
