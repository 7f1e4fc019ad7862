"""Terms in words of two languages."""

from __future__ import annotations

import pytest

from services.law.period_words import written_period
from services.law.texts import Text


@pytest.mark.parametrize(
    ("text", "nl", "en"),
    [
        ("P3M", "3 maanden", "3 months"),
        ("P1M", "1 maand", "1 month"),
        ("P2Y", "2 jaar", "2 years"),
        ("P1Y6M", "1 jaar en 6 maanden", "1 year and 6 months"),
        ("P1W", "1 week", "1 week"),
        ("P10D", "10 dagen", "10 days"),
        ("PT72H", "72 uur", "72 hours"),
        ("until the plan ends", "until the plan ends", "until the plan ends"),
    ],
)
def test_a_term_is_said_in_words(text: str, nl: str, en: str) -> None:
    """One is not many, units are joined, and what is no term stands as it is."""
    assert written_period(text) == Text(nl, en)
