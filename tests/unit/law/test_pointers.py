"""Names in JSON pointers."""

from __future__ import annotations

import pytest

from services.law.pointers import escape


@pytest.mark.parametrize(
    ("name", "written"), [("phase", "phase"), ("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("/~", "~1~0"), ("", "")]
)
def test_a_name_is_escaped_in_the_order_of_the_rfc(name: str, written: str) -> None:
    """The tilde first, so that a name that looks escaped stays another than the one it looks like."""
    assert escape(name) == written
