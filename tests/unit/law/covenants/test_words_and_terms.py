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
        ("2,5 jaar", "P2Y6M"),
        ("0.5 years", "P6M"),
        ("2-5 jaar", "2-5-jaar"),
        ("1 jaar en 6 maanden", "P1Y6M"),
        ("een maand en twee dagen", "P1M2D"),
        ("zes maanden en een jaar", "zes-maanden-en-een-jaar"),
        ("velen en een half jaar", "velen-en-een-half-jaar"),
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
    ("words", "term"),
    [
        ("2 jaar, 2 jaren, 2 jr, 2 year, 2 years, twee jaar, two years", "P2Y"),
        ("3 maand, 3 maanden, 3 mnd, 3 month, 3 months, drie maanden, three months", "P3M"),
        ("4 week, 4 weken, 4 weeks, vier weken, four weeks", "P4W"),
        ("10 dag, 10 dagen, 10 day, 10 days, tien dagen, ten days", "P10D"),
        ("een maand, één maand, one month, a month, 1 maand", "P1M"),
        ("vijf dagen, five days", "P5D"),
        ("zes maanden, six months", "P6M"),
        ("zeven jaar, seven years", "P7Y"),
        ("acht weken, eight weeks", "P8W"),
        ("negen dagen, nine days", "P9D"),
        ("elf maanden, eleven months", "P11M"),
        ("twaalf maanden, twelve months, een jaar", "P1Y"),
        ("een half jaar, half jaar, halfjaar, een halfjaar, half a year, a half year", "P6M"),
        ("anderhalf jaar, één en een half jaar, one and a half years, a year and a half, 1.5 jaar", "P1Y6M"),
        ("tweeënhalf jaar, twee en een half jaar, 2 en een half jaar, tweeëneenhalf jaar", "P2Y6M"),
    ],
)
def test_terms_in_words_have_one_spelling(words: str, term: str) -> None:
    """Numbers to twelve in words and the units of both languages, in the plural or not: as covenants write them."""
    assert {canonical_term(text.strip()) for text in words.split(",")} == {term}


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
