"""The publish filter."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.publishing import suspicions

LAW = frozenset({date(2025, 3, 1), date(2018, 5, 25)})


@pytest.mark.parametrize(
    ("text", "sort", "what"),
    [
        ("Het BSN 999990019 mag niet.", "citizen-number", "999990019"),
        ("met punten 9999.90.019", "citizen-number", "9999.90.019"),
        ("oud nummer 1234567-2 kort", "citizen-number", "1234567-2"),
        ("een getal van negen cijfers: 123456789", None, ""),
        ("NL91ABNA0417164300 is van hem", "bank-account", "NL91ABNA0417164300"),
        ("mail jan.jansen@voorbeeld.nl", "e-mail", "jan.jansen@voorbeeld.nl"),
        ("hij heet @jantje_99 daar", "handle", "@jantje_99"),
        ("bel 06-12345678", "phone", "06-12345678"),
        ("bel +31 6 1234 5678", "phone", "+31 6 1234 5678"),
        ("bel 0800-1234", None, ""),
        ("geboren 3-4-2010", "date", "3-4-2010"),
        ("geboren 3.4.10", "date", "3.4.10"),
        ("geboren 2010-04-03", "date", "2010-04-03"),
        ("geboren op 3 april 2010", "date", "3 april 2010"),
        ("born 3 May 2010", "date", "3 May 2010"),
        ("op 31-2-2010", "date", "31-2-2010"),
        ("sinds 1 maart 2025 geldt de WGS", None, ""),
        ("de AVG geldt sinds 2018-05-25", None, ""),
        ("artikel 2.3.4 en lid 3-5", None, ""),
        ("woont in 1234 AB", "address", "1234 AB"),
        ("Dorpsstraat 12 is het", "address", "Dorpsstraat 12"),
        ("kenteken XX-123-Y gezien", "number-plate", "XX-123-Y"),
        ("vraag mevrouw Jansen", "name", "mevrouw Jansen"),
        ("dhr. van der Berg belt", "name", "dhr. van der Berg"),
        ("De heer El Idrissi belt", "name", "De heer El"),
        ("J.P. de Vries zegt", "name", "J.P. de Vries"),
        ("Leerling A deelt een foto", None, ""),
        ("Mag de school het verzuim melden (Leerplichtwet 21, UAVG 41(1)(d), Stb. 2018, 144)?", None, ""),
    ],
)
def test_what_looks_like_personal_data_is_seen(text: str, sort: str | None, what: str) -> None:
    """Numbers that pass the eleven-test, accounts, addresses of all sorts, dates and named persons; not the law."""
    found = [(one.sort, text[one.start : one.end]) for one in suspicions(text, LAW)]
    assert found == ([] if sort is None else [(sort, what)])


def test_a_day_of_law_is_only_known_when_it_is_given() -> None:
    """Without the law, the first day of a statute is a date like any other."""
    assert [one.sort for one in suspicions("sinds 1 maart 2025")] == ["date"]


def test_everything_is_found_in_order() -> None:
    """A text with several places gives them all, from left to right."""
    text = "bel 06-12345678 of mail a@b.nl, BSN 999990019"
    assert [one.sort for one in suspicions(text)] == ["phone", "e-mail", "citizen-number"]


def eleven(digits: str) -> bool:
    """The eleven-test, written out again."""
    return (
        digits != "0" * 9
        and (sum(int(d) * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))) % 11 == 0
    )


@given(st.text("0123456789", min_size=9, max_size=9), st.sampled_from(["", " ", ".", "-"]))
def test_a_number_of_nine_digits_is_seen_when_it_passes_the_eleven_test(digits: str, sign: str) -> None:
    """Brute force over nine digits, however they are separated."""
    text = f"nummer {sign.join(digits)} hier"
    assert ("citizen-number" in {one.sort for one in suspicions(text)}) is eleven(digits)


@given(st.text(max_size=200))
def test_places_lie_within_the_text(text: str) -> None:
    """Whatever the text, a place is a piece of it that is not empty."""
    assert all(0 <= one.start < one.end <= len(text) for one in suspicions(text))
