"""Covenants in whatever words, to the words of the contract, every deviation exact (S83)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.covenants.normaliser import Deviation, normalise
from services.law.covenants.synonyms import CATEGORIES, PHASES
from tests.unit.law.covenants.fixtures import body, read

DUTCH: dict[str, Any] = {
    "id": "a",
    "versie": 1,
    "ingangsdatum": "2025-01-01",
    "einddatum": "2027-12-31",
    "gepubliceerd": "2025-01-01",
    "stroming": 2,
    "doel": "aanpak-jeugdgroepen",
    "werkgebied": ["Middelstad"],
    "juridischKader": "AVG",
    "partijen": [{"partij": party, "rol": "deelnemer"} for party in ("college", "mayor", "police", "youth")],
    "regeling": {"contactpunt": "college", "informeert": "college", "meldt datalek": "college"},
    "bijlagen": [
        {
            "id": "jeugdgroepen",
            "overleg": "jeugdgroepenoverleg",
            "werkproces": "integrale aanpak",
            "criteria": {"insluiting": "two reports", "uitsluiting": "bystanders", "einde": "half a year"},
            "gegevens": ["Naam", "report"],
            "bewaartermijnen": {"Signalering": "drie maanden", "plan van aanpak": "P24M"},
        }
    ],
}


def test_two_covenants_with_synonyms_are_the_same() -> None:
    """One in Dutch and one in the words of the contract come out as one, and only the Dutch one deviates."""
    dutch, canonical = normalise(DUTCH), normalise(body())
    assert canonical.deviations == ()
    assert canonical.body == body()
    assert read(dutch.body) == read(body())


def test_each_deviation_is_told_exactly() -> None:
    """Where it stands in the body as sent, the word there, and what it became; nothing else."""
    given = {
        "doel": "x",
        "partners": [{"party": "p", "role": "Agendapartner"}, {"party": "q", "role": "partner"}],
        "recordRetention": "5 jaar",
        "annexes": [
            {
                "id": "a",
                "dataCategories": ["naam", "contact", "iets eigens"],
                "retention": {"weging": "P3M", "plan": "P12M"},
            },
            {"id": "b", "criteria": {"excludesStatus": ["omstanders"]}},
        ],
    }
    found = normalise(given)
    assert found.deviations == (
        Deviation("/doel", "doel", "purpose"),
        Deviation("/partners/0/role", "Agendapartner", "incidental"),
        Deviation("/recordRetention", "5 jaar", "P5Y"),
        Deviation("/annexes/0/dataCategories/0", "naam", "name"),
        Deviation("/annexes/0/retention/weging", "weging", "weighing"),
        Deviation("/annexes/0/retention/plan", "P12M", "P1Y"),
        Deviation("/annexes/1/criteria/excludesStatus/0", "omstanders", "bystander"),
    )
    assert found.body["annexes"][0] == {
        "id": "a",
        "dataCategories": ["name", "contact", "iets eigens"],
        "retention": {"weighing": "P3M", "plan": "P1Y"},
    }


@pytest.mark.parametrize(
    "given",
    [
        {
            "annexes": "none",
            "partners": [1, "x"],
            "arrangement": 3,
            "recordRetention": 5,
            "legalFrame": 7,
            "validFrom": 8,
        },
        {"annexes": [{"retention": [], "criteria": "all", "dataCategories": {"a": 1}}]},
        {"annexes": [{"retention": {"plan": 12, "eigen fase": "P12M"}}], "recordRetention": "altijd"},
    ],
)
def test_what_is_malformed_is_left_for_the_decoder(given: dict[str, Any]) -> None:
    """Other types, terms that are none and phases of one's own stay as they are."""
    assert normalise(given).body == given
    assert normalise(given).deviations == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"doel": "a", "purpose": "b"}, {"doel": "a", "purpose": "b"}),
        ({"purpose": "b", "doel": "a"}, {"doel": "a", "purpose": "b"}),
        ({"doel": "a", "doelbinding": "b"}, {"purpose": "a", "doelbinding": "b"}),
    ],
)
def test_two_words_for_one_field_are_never_merged(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Nothing is lost: the second keeps its own name, which the decoder refuses."""
    assert normalise(given).body == expected


def test_of_two_words_the_plainest_gets_the_field() -> None:
    """Whatever their order; so that one covenant in two orders stays one."""
    for stated in ({"doelbinding": "b", "doel": "a"}, {"doel": "a", "doelbinding": "b"}):
        assert normalise(stated).body == {"purpose": "a", "doelbinding": "b"}
    terms = {"voorfase": "P1M", "Weging": "P6M"}
    for order in (terms, dict(reversed(terms.items()))):
        (annex,) = normalise({"annexes": [{"retention": order}]}).body["annexes"]
        assert annex["retention"] == {"voorfase": "P1M", "weighing": "P6M"}


def test_days_as_people_write_them_become_days_of_the_contract() -> None:
    """At every place where a day stands, each told; what is no day of the calendar stays as it is."""
    given = {
        "ingangsdatum": "1 januari 2026",
        "einddatum": "31-12-2027",
        "gepubliceerd": "01/02/2026",
        "partners": [{"party": "p", "vanaf": "3 mrt. 2026", "until": "31-02-2026"}],
    }
    found = normalise(given)
    assert found.body == {
        "validFrom": "2026-01-01",
        "validUntil": "2027-12-31",
        "published": "2026-02-01",
        "partners": [{"party": "p", "from": "2026-03-03", "until": "31-02-2026"}],
    }
    assert Deviation("/einddatum", "31-12-2027", "2027-12-31") in found.deviations
    assert Deviation("/partners/0/vanaf", "3 mrt. 2026", "2026-03-03") in found.deviations


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"doelstelling": "orde"}, {"purpose": "orde"}),
        ({"partners": [{"organisatie": "politie"}]}, {"partners": [{"party": "politie"}]}),
        (
            {"annexes": [{"criteria": {"insluiten": "a", "uitsluiten": "b"}}]},
            {"annexes": [{"criteria": {"include": "a", "exclude": "b"}}]},
        ),
        (
            {"annexes": [{"criteria": {"insluitcriteria": "a", "Uitsluitcriteria": "b"}}]},
            {"annexes": [{"criteria": {"include": "a", "exclude": "b"}}]},
        ),
        (
            {"annexes": [{"noodzaak": {"proportionaliteit": "a"}}]},
            {"annexes": [{"necessity": {"proportionality": "a"}}]},
        ),
    ],
)
def test_names_that_covenants_use(names: dict[str, Any], expected: dict[str, Any]) -> None:
    """Purpose, party, both tests of the criteria and proportionality under the names that towns give them."""
    assert normalise(names).body == expected


def test_pointers_are_escaped() -> None:
    """A slash or a tilde in a name does not break the pointer."""
    (only,) = normalise({"annexes": [{"retention": {"a/b~c": "P12M", "plan/": "P12M"}}]}).deviations[1:]
    assert (only.pointer, only.canonical) == ("/annexes/0/retention/plan~1", "P1Y")


@given(st.sampled_from(sorted(PHASES)), st.sampled_from(sorted(CATEGORIES)))
def test_what_is_canonical_stays(phase: str, category: str) -> None:
    """Normalising what was normalised changes nothing more."""
    once = normalise({"annexes": [{"retention": {phase: "12 maanden"}, "dataCategories": [category]}]})
    again = normalise(once.body)
    assert (again.body, again.deviations) == (once.body, ())
    assert once.body["annexes"][0]["retention"] == {PHASES[phase]: "P1Y"}
