"""Which categories are special or criminal, in every spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.sensitive_categories import KIND_BY_ID, SPECIAL_KINDS, folded_id, kinds_of, special_kinds_of


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("health", "health"),
        ("gezondheid", "health"),
        ("pd:MentalHealth", "health"),
        ("Mental health", "health"),
        ("https://w3id.org/dpv/pd#DNACode", "genetic"),
        ("EthnicOrigin", "ethnicity"),
        ("political_opinion", "political"),
        ("ReligiousBelief", "belief"),
        ("TradeUnionMembership", "union"),
        ("Fingerprint", "biometric"),
        ("SexualPreference", "sexual"),
        ("CriminalConviction", "criminal"),
        ("strafblad", "criminal"),
        ("police-report", "maybe-criminal"),
    ],
)
def test_a_category_has_the_kind_of_its_id(category: str, kind: str) -> None:
    """Dutch, English and DPV spellings lead to one kind."""
    assert kinds_of((category,)) == {kind}


@pytest.mark.parametrize("category", ["name", "nuisance-report", "group-role", "school", "image", "healthy", ""])
def test_ordinary_categories_have_no_kind(category: str) -> None:
    """A nuisance report is not criminal by itself (UAVG 1), and a likeness in spelling is no kind."""
    assert kinds_of((category,)) == frozenset()


def test_the_kinds_of_several_categories_are_taken_together() -> None:
    """Each kind once; only those of AVG 9 count as special."""
    categories = ("name", "health", "diagnosis", "conviction", "police-report")
    assert kinds_of(categories) == {"health", "criminal", "maybe-criminal"}
    assert special_kinds_of(categories) == {"health"}
    assert special_kinds_of(("name",)) == frozenset()
    assert SPECIAL_KINDS.isdisjoint(("criminal", "maybe-criminal"))


@given(st.sampled_from(sorted(KIND_BY_ID)))
def test_every_id_of_the_table_is_found_however_it_is_written(category: str) -> None:
    """Kebab, snake, spaces, camel case and an IRI: what is in the table is recognised."""
    camel = "".join(word.capitalize() for word in category.split("-"))
    for spelling in (category, category.replace("-", "_"), category.replace("-", " "), camel, f"http://x/pd#{camel}"):
        assert folded_id(spelling) == category
        assert kinds_of((spelling,)) == {KIND_BY_ID[category]}
