"""Which covenant governs: home town, town of the act, school town, and the protective default (S19)."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Place
from services.law.covenants.choice import Choice, WhichCovenant, choose, question_of
from services.law.covenants.gathering import register_of
from services.law.governance import Covenant, Municipality
from tests.unit.law.builders import act, change, reread, subject, to
from tests.unit.law.covenants.fixtures import Body, body, read, with_annex

DAY = date(2026, 9, 14)
HOME, PLACE, SCHOOL = "Dorp B", "Middelstad", "Schoolstad"


def town(covenant_id: str, place: str, **annex: Any) -> Body:
    """A covenant of one town."""
    return with_annex(covenant_id, **annex) | {"territory": [place]}


def chosen(*bodies: Body, **asked: Any) -> Choice:
    """The choice among these covenants."""
    covenants: list[Covenant] = [read(given) for given in bodies]
    return reread(choose(WhichCovenant(**asked), register_of(covenants).on(DAY)))


def order(choice: Choice) -> list[str]:
    """The covenants in protective order."""
    return [candidate.covenant for candidate in choice.candidates]


def test_two_towns_give_both_sets_and_a_default() -> None:
    """Both are returned with why, term and recipients; without a choice the shortest term holds (S19)."""
    there = town("dorp-b", HOME, retention={"signalling": "P1M"})
    here = town("veiligheidshuis", PLACE, retention={"signalling": "P3M"})
    choice = chosen(here, there, home=HOME, place=PLACE, controller="police", phase="signalling")
    assert (order(choice), choice.by, choice.open) == (["dorp-b", "veiligheidshuis"], "protective-default", True)
    default = choice.default
    assert default is not None
    assert (default.version, default.annex, default.because) == (1, "jeugdgroepen", ("home-town",))
    assert (default.retention, default.until) == ("P1M", date(2026, 10, 14))
    assert default.recipients == ("college", "mayor", "police", "youth")
    assert default.why.nl == "dorp-b geldt voor de woonplaats van de persoon."
    assert choice.candidates[1].why.en == "veiligheidshuis holds for the town of the act."


def test_one_covenant_for_all_towns_leaves_nothing_to_choose() -> None:
    """It is named once, for every town that it covers."""
    only = body(territory=[HOME, PLACE, SCHOOL])
    choice = chosen(only, home=HOME, place=PLACE, school=SCHOOL)
    assert (order(choice), choice.by, choice.open) == (["a"], "only-candidate", False)
    assert choice.candidates[0].because == ("home-town", "town-of-act", "school-town")


@pytest.mark.parametrize("asked", ["dorp b", "DORP B", " Dorp B", "Dorp B ", "dorp  b"])
def test_a_town_is_found_in_any_capitals_and_spaces(asked: str) -> None:
    """Of the person, of the act and of the school; a hyphen makes it another town."""
    for question in ("home", "place", "school"):
        assert order(chosen(town("a", HOME), **{question: asked})) == ["a"]
        assert order(chosen(town("a", asked), **{question: HOME})) == ["a"]
    assert order(chosen(town("a", HOME), home="Dorp-B")) == []


@pytest.mark.parametrize("asked", [{}, {"home": "Elders"}, {"home": HOME, "controller": "stranger"}])
def test_none_governs(asked: Body) -> None:
    """No town, no covenant there, or the controller is no partner of it: that forbids nothing."""
    choice = chosen(town("a", HOME), **asked)
    assert (choice.candidates, choice.by, choice.open, choice.default) == ((), "none", False, None)
    assert "verbiedt niets" in choice.why.nl


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["a", "b"]),
        ({"controller": "mayor"}, ["a", "b"]),
        ({"recipients": ("stranger", "youth")}, ["a", "b"]),
        ({"recipients": ("school",)}, ["b"]),
        ({"recipients": ("stranger",)}, []),
        ({"purpose": "Aanpak jeugdgroepen"}, ["a", "b"]),
        ({"purpose": "zorg"}, []),
    ],
)
def test_who_and_what_for_narrow_the_candidates(asked: Body, expected: list[str]) -> None:
    """The controller takes part, one of the recipients does, and the purpose is that of the covenant."""
    wider = town("b", HOME)
    wider["partners"].append({"party": "school"})
    assert order(chosen(town("a", HOME), wider, home=HOME, **asked)) == expected


def test_a_covenant_without_purpose_is_not_left_out_by_one() -> None:
    """What is not stated bars nothing."""
    assert order(chosen(town("a", HOME) | {"purpose": None}, home=HOME, purpose="zorg")) == ["a"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"retention": {"plan": "P2Y"}}, {"retention": {"plan": "P1Y"}}, ["b", "a"]),
        ({"retention": {"plan": "P24M"}}, {"retention": {"plan": "P2Y"}}, ["a", "b"]),
        ({"retention": {"plan": "P2Y"}}, {"retention": {}}, ["a", "b"]),
        ({"retention": {}}, {"retention": {"plan": "P2Y"}}, ["b", "a"]),
        ({"retention": {"plan": "lang"}}, {"retention": {"plan": "P9Y"}}, ["b", "a"]),
        ({"retention": {"plan": "P1Y", "execution": "P5Y"}}, {"retention": {"plan": "P2Y"}}, ["b", "a"]),
    ],
)
def test_the_shortest_term_goes_first(first: Body, second: Body, expected: list[str]) -> None:
    """Without a phase by the longest term of the annex; whoever gives none protects least."""
    assert order(chosen(town("a", HOME, **first), town("b", HOME, **second), home=HOME)) == expected


def test_a_phase_without_a_term_protects_least() -> None:
    """The phase asked about decides, not the others."""
    given = town("a", HOME, retention={"plan": "P1M"}), town("b", HOME, retention={"signalling": "P5Y"})
    choice = chosen(*given, home=HOME, phase="signalling")
    assert [(c.covenant, c.retention) for c in choice.candidates] == [("b", "P5Y"), ("a", None)]


@pytest.mark.parametrize(("stated", "term"), [({}, "P5Y"), ({"plan": "P9Y"}, "P5Y"), ({"plan": "P1Y"}, "P1Y")])
def test_under_the_wgs_nothing_is_kept_longer_than_five_years(stated: Body, term: str) -> None:
    """WGS 1.8(7): its maximum counts where the covenant gives no term, or a longer one."""
    (only,) = chosen(town("a", HOME, retention=stated) | {"legalFrame": "wgs-zvh"}, home=HOME).candidates
    assert only.retention == term
    assert only.until is not None
    assert only.until.year == DAY.year + int(term[1])


def test_at_equal_terms_the_fewest_recipients_go_first() -> None:
    """The narrowest circle, then the id."""
    wider = town("a", HOME)
    wider["partners"].append({"party": "school"})
    assert order(chosen(wider, town("c", HOME), town("b", HOME), home=HOME)) == ["b", "c", "a"]


def test_annexes_are_candidates_apart() -> None:
    """Those that hold all categories asked about; when none does, the covenant alone."""
    annexes = [
        {"id": "one", "dataCategories": ["name"], "retention": {"plan": "P2Y"}},
        {"id": "two", "dataCategories": ["name", "image"], "retention": {"plan": "P1Y"}},
        {"id": "any", "retention": {"plan": "P3Y"}},
    ]
    given = body(territory=[HOME], annexes=annexes)
    for wanted, expected in ((("image",), ["two", "any"]), ((), ["two", "one", "any"])):
        choice = chosen(given, home=HOME, data_categories=wanted)
        assert [candidate.annex for candidate in choice.candidates] == expected
        assert (choice.by, choice.open) == ("only-candidate", False)
    (alone,) = chosen(body(territory=[HOME], annexes=annexes[:1]), home=HOME, data_categories=("x",)).candidates
    assert (alone.annex, alone.until, alone.retention) == (None, date(2028, 9, 14), "P2Y")


@pytest.mark.parametrize(
    ("terms", "phase", "term"),
    [
        (({"plan": "P2Y"},), None, "P2Y"),
        (({"plan": "P2Y"},), "signalling", None),
        (({"plan": "P2Y"}, {"plan": "P24M"}), "plan", "P2Y"),
        (({"plan": "P2Y"}, {"plan": "P1Y"}), "plan", None),
        (({"plan": "P2Y", "aftercare": "P1Y"}, {"plan": "P3Y", "aftercare": "P1Y"}), None, "P1Y"),
        ((), None, None),
    ],
)
def test_without_an_annex_the_term_is_that_of_an_act_without_one(
    terms: tuple[Body, ...], phase: str | None, term: str | None
) -> None:
    """What all annexes give alike; so a covenant none of whose annexes fits may still protect most."""
    annexes = [{"id": f"a{n}", "dataCategories": ["name"], "retention": one} for n, one in enumerate(terms)]
    alone, wide = body(territory=[HOME], annexes=annexes), town("wide", HOME, dataCategories=["x"], retention={})
    choice = chosen(alone, wide, home=HOME, phase=phase, data_categories=("x",))
    assert [c.retention for c in choice.candidates if c.covenant == "a"] == [term]
    assert order(choice)[0] == "a"
    as_acted = register_of([read(alone)]).on(DAY).covenants["a"]
    assert as_acted is not None
    assert phase is None or as_acted.terms_under(None).get(phase) == term


def test_a_merged_town_is_found_under_its_old_name() -> None:
    """The person is still booked in a town that no longer exists."""
    merger = (
        Municipality(id="gm1", name=HOME, merged_into="gm2", valid_until=date(2025, 12, 31)),
        Municipality(id="gm2", name=PLACE),
    )
    view = register_of((read(town("a", PLACE)), *merger)).on(DAY)
    assert order(choose(WhichCovenant(home=HOME), view)) == ["a"]


def test_an_act_asks_with_what_it_says() -> None:
    """Its own words go first; where the person lives may come from the ledger."""
    given = act(place=Place(municipality=PLACE), purpose="help", recipients=to("youth", "school"))
    assert question_of(given, subject(municipality=HOME), home="x") == WhichCovenant(
        home=HOME,
        place=PLACE,
        controller="mayor",
        recipients=("youth", "school"),
        purpose="help",
        phase="signalling",
        data_categories=("name", "report"),
    )
    asked = question_of(change(given, place=None), subject(municipality=None), home="x")
    assert (asked.home, asked.place) == ("x", None)


TERMS = ("P1M", "P3M", "P1Y", "P5Y")


@given(
    st.lists(
        st.tuples(
            st.sampled_from((HOME, PLACE, SCHOOL, "Elders")),
            st.none() | st.sampled_from(TERMS),
            st.sets(st.sampled_from(("mayor", "youth", "school", "om")), min_size=1),
        ),
        min_size=1,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_the_default_is_never_beaten(world: list[tuple[str, str | None, set[str]]], order_of: random.Random) -> None:
    """Whatever the order of registering: exactly the covenants of the towns, and none ends sooner or is narrower."""
    bodies = []
    for number, (place, term, partners) in enumerate(world):
        one = town(f"c{number}", place, retention={} if term is None else {"plan": term})
        bodies.append(one | {"partners": [{"party": party} for party in sorted(partners)], "arrangement": None})
    choice = chosen(*order_of.sample(bodies, len(bodies)), home=HOME, place=PLACE, school=SCHOOL)
    inside = {f"c{number}": one for number, one in enumerate(world) if one[0] != "Elders"}
    assert {candidate.covenant for candidate in choice.candidates} == set(inside)
    rank = {
        covenant_id: (TERMS.index(term) if term is not None else len(TERMS), len(partners), covenant_id)
        for covenant_id, (_, term, partners) in inside.items()
    }
    assert order(choice) == sorted(inside, key=lambda covenant_id: rank[covenant_id])
    assert choice.open is (len(inside) > 1)
