"""What stands under a covenant, in whatever version."""

from __future__ import annotations

from services.law.covenants.gathering import register_of
from services.law.covenants.standing import standing_under
from tests.unit.law.covenants.fixtures import body, read


def test_all_that_stands_under_a_covenant_is_found() -> None:
    """Through umbrellas between them, by an earlier version too, and once in a circle; what stands beside is not."""
    known = register_of(
        map(
            read,
            (
                body("top", umbrella="low"),
                body("middle", umbrella="top"),
                body("low", umbrella="middle"),
                body("former", umbrella="top"),
                body("former", umbrella=None, version=2),
                body("beside", umbrella=True),
            ),
        )
    )
    assert standing_under(known, "top") == ("former", "low", "middle", "top")
    assert standing_under(known, "beside") == ("beside",)
