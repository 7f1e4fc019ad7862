"""How a letter of the AVG is cited."""

from __future__ import annotations

import re

import pytest

from services.law.letters import EXCEPTION, GROUND, folded


@pytest.mark.parametrize(
    ("pattern", "text", "letter"),
    [
        (GROUND, "6(1)(e)", "e"),
        (GROUND, "6_1_e", "e"),
        (GROUND, "GDPR Article 6(1), point (f)", "f"),
        (GROUND, "artikel 6, eerste lid, onderdeel e, AVG", "e"),
        (GROUND, "artikel 6, 1ste lid, aanhef en onderdeel b, van de AVG", "b"),
        (GROUND, "6(1)(g)", None),
        (GROUND, "6(2)(e)", None),
        (GROUND, "16(1)(e)", None),
        (GROUND, "9(2)(e)", None),
        (EXCEPTION, "9(2)(j) AVG", "j"),
        (EXCEPTION, "art. 9, tweede lid, punt g, AVG", "g"),
        (EXCEPTION, "art. 9, 2de lid, letter g", "g"),
        (EXCEPTION, "9(2)(k)", None),
        (EXCEPTION, "9(1)(a)", None),
        (EXCEPTION, "6(1)(a)", None),
    ],
)
def test_a_letter_is_read_in_figures_and_in_words(pattern: str, text: str, letter: str | None) -> None:
    """Dutch and English, with or without the name of the act before or after, and of no other article."""
    match = re.fullmatch(pattern, folded(text))
    assert (match and match[1]) == letter
