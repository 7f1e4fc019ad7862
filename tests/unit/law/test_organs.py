"""Organs under the one name that the tables of the law call them by."""

from __future__ import annotations

import pytest

from services.law.governance import Party
from services.law.organs import organ_named, with_organ_named
from services.law.rules.disclosure import DUTY_ORGANS
from services.law.statute_owners import OWNERS
from tests.unit.law.builders import DAY, register


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("burgemeester", "burgemeester"),
        (" Burgemeester ", "burgemeester"),
        ("Officier van Justitie", "officier-van-justitie"),
        ("officier_van_justitie", "officier-van-justitie"),
        ("RAAD", "raad"),
        ("Raad voor de Kinderbescherming", "raad-voor-de-kinderbescherming"),
        ("Veilig Thuis", "veilig-thuis"),
        ("GI", "gecertificeerde-instelling"),
        ("gecertificeerde instelling", "gecertificeerde-instelling"),
        ("certified-institution", "gecertificeerde-instelling"),
        ("Directeur Sociaal-Domein", "directeursociaaldomein"),
    ],
)
def test_an_organ_has_one_name(text: str, name: str) -> None:
    """Case, spaces and hyphens tell no organs apart; one that no table names is only folded."""
    assert organ_named(text) == name


@pytest.mark.parametrize("text", ["", " ", "-"])
def test_a_name_without_a_letter_is_none(text: str) -> None:
    """Nothing was said, so no role can be that organ."""
    assert organ_named(text) is None


def test_every_organ_of_the_tables_keeps_its_name() -> None:
    """What a table asks for is what a party is called: else no party could be it."""
    owners = (owner for by_article in OWNERS.values() for owner in by_article.values() if owner is not None)
    asked = set(DUTY_ORGANS).union(*(owner.organs for owner in owners))
    assert {organ_named(organ) for organ in asked} == asked


def test_a_party_that_names_no_organ_stays_as_it_is() -> None:
    """As does one that names it as the tables do: nothing is copied for it."""
    for party in (Party(id="x", kind="citizen"), Party(id="x", kind="police", organ="korpschef")):
        assert with_organ_named(party) is party


def test_the_register_knows_a_party_by_the_name_of_the_tables_and_keeps_what_was_registered() -> None:
    """On every day the organ has its one name; the history is what somebody wrote."""
    given = Party(id="body", kind="public-body", organ="Veilig Thuis")
    known = register(given)
    assert [party.organ for party in (known.party("body", DAY), known.on(DAY).parties["body"]) if party] == (
        ["veilig-thuis"] * 2
    )
    assert given in [one.entry for one in known.history]
