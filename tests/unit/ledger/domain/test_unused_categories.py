"""More with less: categories that came in and served nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.contract.events import Envelope
from services.ledger.domain.unused_categories import UnusedCategory, unused_categories

AT = datetime(2026, 9, 7, tzinfo=UTC)


def act(operation_class: str, *categories: str, controller: str = "mayor", **fields: Any) -> Envelope:
    """An act of a class on these categories."""
    given: dict[str, Any] = {"covenant": "house", "annex": "groups"} | fields
    return Envelope(
        UUID(int=1),
        "k",
        controller,
        AT,
        AT,
        operation_class=operation_class,
        controller=controller,
        data_categories=categories,
        **given,
    )


def test_exactly_the_unused_categories_are_listed() -> None:
    """Collected or received and never looked at, used or shared: those, with how often they came in."""
    acts = [
        act("collect", "name", "school", "image"),
        act("alter", "image"),
        act("share", "health", "name", controller="college", recipients=("mayor", "police")),
        act("consult", "name"),
        act("use", "school"),
        act("delete", "image"),
        act("restrict", "health"),
    ]
    assert unused_categories(acts, "mayor") == (
        UnusedCategory("house", "groups", "health", 1),
        UnusedCategory("house", "groups", "image", 2),
    )


def test_what_serves_elsewhere_serves_nothing_here() -> None:
    """Each annex, each covenant and each party stands by itself; outside a covenant too."""
    acts = [
        act("collect", "name"),
        act("collect", "name", annex="other"),
        act("collect", "name", covenant=None, annex=None),
        act("use", "name", annex="other"),
        act("use", "name", controller="college"),
        act("collect", "name", controller="college", annex="third"),
    ]
    assert unused_categories(acts, "mayor") == (
        UnusedCategory(None, None, "name", 1),
        UnusedCategory("house", "groups", "name", 1),
    )


def test_what_a_party_shares_was_of_use() -> None:
    """Sharing puts to use at the sender; at the recipient it only comes in."""
    acts = [act("collect", "name"), act("share", "name", recipients=("police",))]
    assert unused_categories(acts, "mayor") == ()
    assert unused_categories(acts, "police") == (UnusedCategory("house", "groups", "name", 1),)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["collect", "consult", "use", "share", "alter", "restrict", "delete"]),
            st.sampled_from(["mayor", "police"]),
            st.sampled_from(["a", "b"]),
            st.booleans(),
        )
    )
)
def test_a_literal_reading_agrees(acts: list[tuple[str, str, str, bool]]) -> None:
    """Category by category: obtained some time, and at no time put to use."""
    made = [
        act(kind, category, controller=who, recipients=("mayor",) if to_mayor and who != "mayor" else ())
        for kind, who, category, to_mayor in acts
    ]
    expected = {}
    for category in ("a", "b"):
        came = sum(
            (who == "mayor" and kind in ("collect", "alter")) or (who != "mayor" and kind == "share" and to_mayor)
            for kind, who, named, to_mayor in acts
            if named == category
        )
        served = any(
            who == "mayor" and kind in ("consult", "use", "share") for kind, who, named, _ in acts if named == category
        )
        if came and not served:
            expected[category] = came
    assert {one.category: one.obtained for one in unused_categories(made, "mayor")} == expected
