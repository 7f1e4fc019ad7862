"""Bytes as text for addresses and headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime import base64url


@given(st.binary(max_size=40))
def test_what_is_written_is_read(raw: bytes) -> None:
    """Any bytes come back, and their text needs no escaping in an address."""
    text = base64url.encode(raw)
    assert base64url.decode(text) == raw
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A A", "A+", "A/", "é", "AAB"])
def test_another_spelling_is_refused(text: str) -> None:
    """Padding, other letters, other bits in the last place, or a length that no bytes have."""
    with pytest.raises(ValueError, match=r".+"):
        base64url.decode(text)
