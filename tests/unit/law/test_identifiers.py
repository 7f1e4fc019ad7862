"""BSN and OIN as value types that never give themselves away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.errors import BsnInvalidError, IdTypeSpellingError, LawError, OinInvalidError
from services.law.identifiers import Bsn, Oin, canonical_identifier


@pytest.mark.parametrize("text", ["999990019", "999990111", "999990020", "000000012", "00000012"])
def test_numbers_that_pass_the_eleven_test(text: str) -> None:
    """Nine digits, or eight of an older number that lost its leading zero."""
    assert Bsn.parse(text).digits == text.zfill(9)


@pytest.mark.parametrize(
    "text",
    [
        "999990018",
        "123456789",
        "000000000",
        "00000000",
        "",
        "1234567",
        "9999900200",
        "12345678a",
        "\uff11" * 9,
        " 999990019",
    ],
)
def test_numbers_that_fail_are_not_repeated(text: str) -> None:
    """Wrong check, wrong length, other characters or other digits: an error without the number."""
    with pytest.raises(BsnInvalidError) as caught:
        Bsn.parse(text)
    assert not text or text not in f"{caught.value!r} {caught.value} {caught.value.remedy}"


def test_a_bsn_does_not_show_itself() -> None:
    """Neither repr nor str holds a digit, so a log line or traceback cannot either."""
    bsn = Bsn.parse("999990019")
    assert not any(character.isdigit() for character in f"{bsn!r}{bsn}")


@given(st.integers(1, 99_999_999))
def test_exactly_one_check_digit_or_none_fits(stem: int) -> None:
    """For eight digits at most one ninth passes: the weighted sum is a multiple of eleven."""
    digits = f"{stem:08d}"
    weighted = sum((9 - place) * int(digit) for place, digit in enumerate(digits))
    fitting = []
    for check in range(10):
        try:
            fitting.append(int(Bsn.parse(f"{digits}{check}").digits[-1]))
        except LawError:
            continue
    assert fitting == [check for check in range(10) if (weighted - check) % 11 == 0]


def test_an_oin_has_twenty_digits() -> None:
    """Twenty digits that are not all zero."""
    assert Oin.parse("00000001001587522000").digits == "00000001001587522000"


@pytest.mark.parametrize("text", ["", "0" * 20, "1" * 19, "1" * 21, "0000000100158752200x"])
def test_malformed_oins_are_refused(text: str) -> None:
    """Other lengths, other characters or nothing but zeros."""
    with pytest.raises(OinInvalidError):
        Oin.parse(text)


def test_two_spellings_are_one_person() -> None:
    """Eight and nine digits of one BSN are looked up as one; other kinds of number stay as they are."""
    assert canonical_identifier("BSN", "00000012") == canonical_identifier("BSN", "000000012") == "000000012"
    assert canonical_identifier("pseudonym", "00000012") == "00000012"


@pytest.mark.parametrize("id_type", ["bsn", "Bsn", " BSN", "BSN ", "\tbsn\n"])
def test_a_kind_of_number_has_one_spelling(id_type: str) -> None:
    """Another spelling of BSN would be another person, and skip the eleven-test: it is refused, by its kind."""
    with pytest.raises(IdTypeSpellingError) as caught:
        canonical_identifier(id_type, "999990019")
    assert (caught.value.field, BsnInvalidError.field) == ("idType", "id")
    assert "999990019" not in f"{caught.value!r} {caught.value} {caught.value.remedy}"
