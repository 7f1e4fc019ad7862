"""Terms phase by phase, in whatever words two annexes call their phases."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.law.covenants.normaliser import normalise
from services.law.covenants.phase_terms import (
    differing_terms,
    known_terms,
    shared_terms,
    terms_in_two_words,
    terms_of,
)
from services.law.covenants.reports import Point
from tests.unit.law.covenants.fixtures import body, found, kinds, with_annex

Terms = dict[str, str]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"signalling": "P3M"}, {"signalering": "P3M"}, []),
        ({"signalling": "P3M"}, {"signalering": "P6M"}, [("signalling", "P3M", "P6M")]),
        ({"signalling": "P3M", "signalering": "P6M"}, {"signalling": "P6M"}, [("signalling", "P3M", "P6M")]),
        ({"signalling": "P3M", "signalering": "P6M"}, {"signalling": "P3M"}, []),
        ({"weging": "P6M", "voorfase": "P1M"}, {"weighing": "P6M"}, []),
        ({"voorfase": "P1M", "weging": "P6M"}, {"weighing": "P6M"}, []),
        ({"voorfase": "P1M", "weging": "P6M"}, {"weging": "P6M", "triage": "P2M"}, []),
        ({"weging": "P6M", "voorfase": "P1M"}, {"voorfase": "P2M", "weging": "P6M"}, [("weighing", "P1M", "P2M")]),
        ({"Plan": "P1Y", "plan": "P2Y"}, {"plan": "P2Y"}, []),
        (
            {"plan": "P1Y", "eigen": "P1Y"},
            {"eigen": "P2Y", "planfase": "P9Y"},
            [("eigen", "P1Y", "P2Y"), ("plan", "P1Y", "P9Y")],
        ),
    ],
)
def test_a_phase_is_compared_in_the_word_of_both_else_in_the_plainest(
    ours: Terms, theirs: Terms, expected: list[tuple[str, str, str]]
) -> None:
    """Also with the other first; where an annex has several words for one phase the contract's own goes before."""
    assert list(differing_terms(terms_of(ours), terms_of(theirs))) == expected
    turned = [(phase, second, first) for phase, first, second in expected]
    assert list(differing_terms(terms_of(theirs), terms_of(ours))) == turned


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"signalling": "P3M", "signalering": "P6M"}, [("signalling", "P3M", "P6M")]),
        ({"signalling": "P3M", "signalering": "3 maanden"}, []),
        ({"Plan": "P1Y", "plan": "P2Y"}, [("plan", "P1Y", "P2Y")]),
        ({"eigen fase": "P1Y", "Eigen-fase": "P2Y"}, [("eigen-fase", "P1Y", "P2Y")]),
        ({"voorfase": "P1M", "weging": "P6M"}, []),
        ({"analyse": "P1M", "beeldvorming": "P6M"}, []),
    ],
)
def test_two_terms_for_one_phase_in_one_annex(stated: Terms, expected: list[tuple[str, str, str]]) -> None:
    """Of two spellings, or the two plain words; two other words for one phase may well be two phases of its own."""
    assert list(terms_in_two_words(stated)) == expected


def test_the_order_of_phases_means_nothing() -> None:
    """A covenant that has two words for one phase equals itself in any order, as stated and as normalised."""
    stated = {"voorfase": "P1M", "weging": "P6M", "triage": "P2M"}
    turned = [with_annex("b", retention=dict(order)) for order in permutations(stated.items())]
    first = with_annex("a", retention=stated)
    assert [kinds(first, other) for other in turned] == [[]] * len(turned)
    words = [normalise(other).body for other in turned]
    assert [kinds(normalise(first).body, other) for other in words] == [[]] * len(words)
    assert {tuple(sorted(other["annexes"][0]["retention"].items())) for other in words} == {
        (("triage", "P2M"), ("voorfase", "P1M"), ("weighing", "P6M"))
    }


def test_what_a_covenant_says_in_its_own_word_goes_before_its_umbrella() -> None:
    """The umbrella's term in the contract's word is overridden by another word for that phase, and told of nobody."""
    umbrella = body("koepel", umbrella=True)
    own = with_annex("under", retention={"signalering": "P6M"}) | {"umbrella": "koepel"}
    beside = {"purpose": "aanpak-jeugdgroepen", "umbrella": "koepel"}
    equal = with_annex("z", retention={"signalling": "P6M"}) | beside
    assert kinds(umbrella, own, equal) == []
    other = with_annex("z", retention={"signalling": "P4M"}) | beside
    (only,) = found(umbrella, own, other)
    assert (only.kind, only.covenants) == ("retention", ("under", "z"))
    assert only.points == (Point("signalling", "P6M", "P4M", ("jeugdgroepen",)),)


@pytest.mark.parametrize(
    ("stated", "inherited", "expected"),
    [
        ({"signalering": "P3M"}, (), {"signalling": "P3M"}),
        ({"Plan van aanpak": "P12M", "beeldvorming": "P1M"}, (), {"plan": "P12M", "imaging": "P1M"}),
        ({"signalering": "P3M", "signalling": "P6M"}, (), {"signalling": "P6M"}),
        ({"triage": "P2M", "weging": "P6M"}, (), {"weighing": "P6M"}),
        ({"Plan": "P1Y", "plan": "P2Y"}, (), {"plan": "P2Y"}),
        ({"intake": "P1Y"}, (), {}),
        ({"signalling": "P6M", "signalering": "P3M"}, ("signalling",), {"signalling": "P3M"}),
        ({"signalling": "P6M", "weging": "P3M"}, ("signalling",), {"signalling": "P6M", "weighing": "P3M"}),
    ],
)
def test_a_term_is_found_by_the_word_of_the_contract(
    stated: Terms, inherited: tuple[str, ...], expected: Terms
) -> None:
    """As it is stated, by the plainest of several words; what is inherited says nothing beside a word of its own."""
    found = known_terms(stated, inherited)
    assert {phase: found[phase] for phase in expected} == expected
    assert found.keys() - expected.keys() <= stated.keys() - set(inherited)


@pytest.mark.parametrize(
    ("annexes", "expected"),
    [
        ([], {}),
        ([{"plan": "P1Y"}], {"plan": "P1Y"}),
        ([{"plan": "P1Y", "weighing": "P1M"}, {"plan": "P12M"}], {"plan": "P1Y"}),
        ([{"plan": "P1Y"}, {"plan": "P2Y"}], {}),
        ([{"plan": "P1Y"}, {"plan": "P1Y"}, {}], {}),
    ],
)
def test_a_term_is_the_covenants_own_where_every_annex_gives_it(annexes: list[Terms], expected: Terms) -> None:
    """Those of the only annex; of several what all give, however they spell the period."""
    assert shared_terms(annexes) == expected
