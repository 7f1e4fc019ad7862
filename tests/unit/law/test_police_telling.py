"""What the police tell a person under Wpg 24b."""

from __future__ import annotations

import pytest

from services.law.governance import Party
from services.law.police_telling import police_telling


@pytest.mark.parametrize(
    ("kind", "role", "specific"),
    [
        ("police", None, True),
        ("police", "victim", True),
        ("police", "suspect", False),
        ("police", "Verdachte", False),
        ("judicial", "suspect", None),
        ("public-body", None, None),
    ],
)
def test_suspects_are_told_in_general_only(*, kind: str, role: str | None, specific: bool | None) -> None:
    """24b(1) always, 24b(2) not to suspects (24b(4)); who is not the police informs under other law."""
    told = police_telling(Party(id="p", kind=kind), role)  # type: ignore[arg-type]
    assert (None if told is None else (told.specific, told.norms)) == (
        None if specific is None else (specific, ("wpg-24b",))
    )


def test_an_unknown_party_is_not_guessed() -> None:
    """Nothing is said of whom the register does not know."""
    assert police_telling(None, "suspect") is None
