"""Words and terms in the spellings of many hands."""

from __future__ import annotations

import pytest

from services.law.covenants.approaches import telling
from services.law.covenants.terms import canonical_term
from services.law.covenants.words import fold, said


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Aanpak  Jeugd", "aanpak-jeugd"), ("aanpak_jeugd", "aanpak-jeugd"), ("Coördinatie!", "coordinatie"), (" ", "")],
)
def test_words_are_folded(text: str, expected: str) -> None:
    """Case, accents, spaces, hyphens and points make no difference."""
    assert fold(text) == expected


@pytest.mark.parametrize(("text", "expected"), [(None, False), ("", False), (" \n", False), ("x", True)])
def test_blank_says_nothing(text: str | None, *, expected: bool) -> None:
    """Only a text with something in it says something."""
    assert said(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P12M", "P1Y"),
        ("P1Y6M", "P1Y6M"),
        ("P18M", "P1Y6M"),
        ("p3m", "P3M"),
        (" P3M ", "P3M"),
        ("P1W", "P1W"),
        ("P7D", "P1W"),
        ("P10D", "P10D"),
        ("P1W3D", "P10D"),
        ("P90D", "P90D"),
        ("PT72H", "PT72H"),
        ("3 maanden", "P3M"),
        ("drie maanden", "P3M"),
        ("één jaar", "P1Y"),
        ("24 months", "P2Y"),
        ("6mnd", "P6M"),
        ("a year", "P1Y"),
        ("veel maanden", "veel-maanden"),
        ("3 poezen", "3-poezen"),
        ("zolang nodig is", "zolang-nodig-is"),
        ("", ""),
    ],
)
def test_terms_have_one_spelling(text: str, expected: str) -> None:
    """Years, months, weeks and days as large as they go, never one for the other; no term comes back folded."""
    assert canonical_term(text) == expected


@pytest.mark.parametrize(
    ("text", "noise", "expected"),
    [
        ("jeugdgroepen", (), "jeugdgroepen"),
        ("Aanpak Jeugdgroepen", (), "jeugdgroepen"),
        ("jeugd-middelstad", ("c1", "Middelstad"), "jeugd"),
        ("jeugd-dorp-b", ("Dorp B",), "jeugd"),
        ("c17-bijlage", ("c17",), ""),
        ("veiligheidshuis", ("veiligheidshuis",), "veiligheidshuis"),
        ("bijlage 3", (), ""),
        ("a", (), ""),
        ("b2", (), ""),
        ("7", (), ""),
        ("aanpak", (), ""),
        ("aanpak 7", (), "aanpak-7"),
        ("top 600", (), "top-600"),
        ("overleg", (), ""),
        ("", ("", "x"), ""),
    ],
)
def test_which_words_tell(text: str, noise: tuple[str, ...], expected: str) -> None:
    """Not words for any annex, mere numbers, the covenant's own id or its own town; an approach may be numbered."""
    assert telling(text, noise) == expected
