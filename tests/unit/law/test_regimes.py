"""Which act binds whoever has the data."""

from __future__ import annotations

import pytest

from services.law.governance import Party, PartyKind
from services.law.regimes import is_under_avg


@pytest.mark.parametrize(
    ("regime", "kind", "under_avg"),
    [
        ("AVG", "police", True),
        ("AVG", "judicial", True),
        ("AVG", "public-body", True),
        ("AVG", None, True),
        ("Wpg-20", "police", False),
        ("Wpg-20", "judicial", False),
        ("Wpg-20", "public-body", True),
        ("Wpg-20", "private-controller", True),
        ("Wpg-20", None, True),
        ("Wjsg", "judicial", False),
        ("Wjsg", "public-body", True),
        ("Wpg-8", "police", False),
        ("Wpg-8", "public-body", False),
        ("Wpg-9", "private-controller", False),
        ("Wpg-13", None, False),
    ],
)
def test_who_received_police_data_is_under_the_avg(*, regime: str, kind: PartyKind | None, under_avg: bool) -> None:
    """Police and prosecution are not, nor is a body with a police task of its own; data of the AVG are its always."""
    party = None if kind is None else Party(id="p", kind=kind)
    assert is_under_avg(regime, party) is under_avg
