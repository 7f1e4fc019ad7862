"""Identifiers of persons and organisations as value types; a parse error never holds the value."""

from __future__ import annotations

from typing import Self

import msgspec

from services.law.errors import BsnInvalidError, IdTypeSpellingError, OinInvalidError

_BSN = "BSN"
_BSN_WEIGHT_SUM = 9 + 8 + 7 + 6 + 5 + 4 + 3 + 2 - 1
_BSN_DIGITS = 9
_OIN_DIGITS = 20


def _is_digits(text: str) -> bool:
    """Whether ``text`` holds ASCII digits only: ``str.isdigit`` alone lets other scripts pass."""
    return text.isascii() and text.isdigit()


class Bsn(msgspec.Struct, frozen=True):
    """A citizen service number (Wabb 1), always nine digits; its repr does not show them."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number from 8 digits (an older number without its leading zero) or 9; else BsnInvalidError."""
        return cls(_bsn_digits(text))

    def __repr__(self) -> str:
        return "Bsn(…)"

    def __str__(self) -> str:
        return "Bsn(…)"


def _bsn_digits(text: str) -> str:
    digits = text.zfill(_BSN_DIGITS) if len(text) == _BSN_DIGITS - 1 else text
    if len(digits) != _BSN_DIGITS or not _is_digits(digits) or not _passes_eleven_test(digits):
        raise BsnInvalidError
    return digits


def _passes_eleven_test(digits: str) -> bool:
    # Written out: it runs for every person of every act. A digit's byte is 48 more than the digit.
    a, b, c, d, e, f, g, h, i = digits.encode()
    total = 9 * a + 8 * b + 7 * c + 6 * d + 5 * e + 4 * f + 3 * g + 2 * h - i - 48 * _BSN_WEIGHT_SUM
    return total % 11 == 0 and digits != "0" * _BSN_DIGITS


class Oin(msgspec.Struct, frozen=True):
    """An organisation identification number (Digikoppeling): twenty digits, public."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number from its 20 digits; else OinInvalidError."""
        if len(text) != _OIN_DIGITS or not _is_digits(text) or not text.strip("0"):
            raise OinInvalidError
        return cls(text)


def canonical_identifier(id_type: str, value: str) -> str:
    """The one spelling under which a person is looked up: a BSN as nine digits, anything else as it is.

    Raises BsnInvalidError for a BSN that fails and IdTypeSpellingError for a `bsn`, so that two spellings never make
    two persons.
    """
    if id_type == _BSN:
        return _bsn_digits(value)
    if id_type.strip().casefold() == _BSN.casefold():
        raise IdTypeSpellingError
    return value
