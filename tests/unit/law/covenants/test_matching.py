"""Which annex of one covenant is compared with which of another, when there are several and names are poor."""

from __future__ import annotations

import copy

import pytest

from tests.unit.law.covenants.fixtures import Body, body, found, kinds, with_annex

PAIR = ("cv-141", "cv-142")
THEMES = ("jeugd", "zorg", "drugs")
TERMS = ("P1Y", "P2Y", "P4Y")
NAMES = (
    "bijlage-{k}",
    "{k}",
    "{id}-{k}",
    "{id}/bijlage-{k}",
    "annex-{n}-{k}",
    "{theme}",
    "{theme}-{n}",
    "{n}-{theme}",
    "a{n}-{theme}",
    "{id}-{theme}",
)
CONSULTATIONS = ("weekoverleg", "overleg", "{theme}overleg")


def region_of_two(name: str, consultation: str) -> tuple[Body, Body]:
    """Two copies of one covenant with three annexes, each called by the one who wrote the covenant."""
    first, second = (several(covenant_id, name, consultation) for covenant_id in PAIR)
    return first, second


def several(covenant_id: str, name: str, consultation: str) -> Body:
    """One covenant, of which every annex has another term."""
    given = body(covenant_id)
    (annex,) = given["annexes"]
    given["annexes"] = [
        annex
        | {
            "id": name.format(k=k, id=covenant_id, n=covenant_id[-3:], theme=theme),
            "consultation": consultation.format(theme=theme),
            "workProcess": "werkwijze",
            "retention": {"plan": TERMS[k - 1]},
        }
        for k, theme in enumerate(THEMES, start=1)
    ]
    return given


@pytest.mark.parametrize("consultation", CONSULTATIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_copy_contradicts_nothing(name: str, consultation: str) -> None:
    """However the annexes are called, in whatever order, and with fewer of them."""
    first, second = region_of_two(name, consultation)
    assert kinds(first, second) == []
    second["annexes"].reverse()
    assert kinds(first, second) == []
    second["annexes"].pop()
    assert kinds(first, second) == []


@pytest.mark.parametrize("consultation", CONSULTATIONS)
@pytest.mark.parametrize("name", NAMES)
def test_one_thing_planted_in_a_copy_is_found_alone(name: str, consultation: str) -> None:
    """A term of one annex, the purpose, and a partner that was left out; nothing else is told beside it."""
    first, second = region_of_two(name, consultation)
    term, purpose, partner = (copy.deepcopy(second) for _ in range(3))
    term["annexes"][2]["retention"]["plan"] = "P9Y"
    purpose["purpose"] = "handhaving"
    partner["partners"].pop()
    assert kinds(first, term) == [("retention", PAIR)]
    assert kinds(first, purpose) == [("purpose", PAIR)]
    assert kinds(first, partner) == [("parties", PAIR)]


def test_numbers_of_a_name_do_not_tell_approaches_apart() -> None:
    """The same beside an annex about something else, and for another purpose when all else is a copy."""
    first, second = with_annex("a", id="zorg-1"), with_annex("b", id="zorg-2")
    beside = copy.deepcopy(first)
    beside["annexes"].append({"id": "iets-anders"})
    other_term = with_annex("b", id="zorg-2", retention={"plan": "P9Y"})
    assert kinds(first, other_term) == kinds(beside, other_term) == [("retention", ("a", "b"))]
    assert kinds(first, second | {"purpose": "anders"}) == [("purpose", ("a", "b"))]
    elsewhere = {"territory": ["Middelstad", "Dorp B"], "purpose": "anders"}
    assert kinds(first, second | elsewhere) == []
    other_words = with_annex("b", id="zorg-2", consultation="driehoek") | {"purpose": "anders"}
    assert kinds(first, other_words) == []


def test_of_two_that_could_be_meant_neither_is() -> None:
    """Two numbers of one name beside a third: nobody knows which; a number that both have is the same."""
    first = with_annex("a", id="zorg-1")
    second = with_annex("b", id="zorg-2", retention={"plan": "P9Y"})
    second["annexes"].append(second["annexes"][0] | {"id": "zorg-3"})
    assert kinds(first, second) == []
    second["annexes"].append(first["annexes"][0])
    assert kinds(first, second) == []


def test_the_name_of_a_region_is_no_ground_beside_lists_of_its_towns() -> None:
    """Two covenants of one region about other towns of it lie apart, save in a town that both are about."""
    region = {"territory": ["Regio Noord"]}
    first = body() | region | {"municipalities": ["Middelstad", "Dorp B"]}
    second = with_annex(retention={"plan": "P9Y"}) | region
    assert kinds(first, second | {"municipalities": ["Dorp C"]}) == []
    assert kinds(first, second | {"municipalities": ["Dorp C", "Dorp B"]}) == [("retention", ("a", "b"))]
    assert kinds(first, second) == [("retention", ("a", "b"))]
    mixed = {"territory": ["Dorp B"], "municipalities": ["Dorp C"]}
    assert kinds(first, second | mixed) == [("retention", ("a", "b"))]


def towns(count: int, *purposes: str, **annex: str) -> list[Body]:
    """So many towns, each with a covenant for every purpose and terms of its own, all with an annex of these words."""
    return [
        with_annex(f"{purpose}-{town}", retention={"plan": f"P{n + 1}Y"}, **annex)
        | {"purpose": purpose, "territory": [f"Dorp {town}"]}
        for town in range(count)
        for n, purpose in enumerate(purposes)
    ]


@pytest.mark.parametrize(
    "words",
    [
        {"id": "hoofd"},
        {"id": "bijlage-1"},
        {"id": "1", "consultation": "overleg", "workProcess": "werkproces"},
        {"id": "zorg-1"},
    ],
)
@pytest.mark.parametrize("count", [8, 30])
def test_what_every_town_calls_any_annex_tells_no_approach(words: dict[str, str], count: int) -> None:
    """Two purposes in each of eight towns under one word: those are two approaches. In seven it is a name."""
    world = towns(count, "overlast", "zorg", **words)
    planted = copy.deepcopy(world[0]) | {"id": "planted"}
    planted["annexes"][0]["retention"] = {"plan": "P9Y"}
    assert kinds(*world) == []
    assert kinds(*world, planted) == [("retention", ("overlast-0", "planted"))]
    assert {kind for kind, _ in kinds(*towns(7, "overlast", "zorg", **words))} >= {"purpose"}


def test_a_name_of_many_towns_is_one_where_few_contradict() -> None:
    """Eight towns of eleven use it for two purposes: that is not three out of four, so all eight are told."""
    world = [*towns(8, "overlast", "zorg", id="hoofd"), *towns(3, "overlast", id="hoofd")]
    for n, covenant in enumerate(world[-3:]):
        covenant |= {"id": f"else-{n}", "territory": [f"Stad {n}"]}
    assert [kind for kind, _ in kinds(*world)].count("purpose") == 8
    assert kinds(*world[:-1]) == []


def test_a_table_is_told_by_all_its_words() -> None:
    """A work process that all towns have is no table, also where two consult in one way."""
    world = towns(9, "overlast", "zorg", id="1", consultation="overleg")
    first, second = (
        with_annex(purpose, id="1", consultation="driehoek") | {"purpose": purpose, "territory": ["Dorp 1"]}
        for purpose in ("een", "twee")
    )
    assert kinds(*world, first, second) == []
    assert kinds(first, second) == [("purpose", ("een", "twee"))]
    named = towns(9, "overlast", "zorg", id="hoofd", workProcess="anders")
    first["annexes"][0]["id"] = second["annexes"][0]["id"] = "hoofd"
    assert kinds(*named, first, second) == [], "nor is a name for anything told by the table beside it"


def test_a_name_tells_whatever_table_it_is_at() -> None:
    """A weekly meeting of all towns takes nothing from a name; nor does a word that only one of the two says."""
    world = towns(9, "overlast", "zorg", id="1", consultation="weekoverleg", workProcess="overleg")
    first, second = (
        with_annex(purpose, id="jeugd", consultation="weekoverleg") | {"purpose": purpose, "territory": ["Dorp 1"]}
        for purpose in ("een", "twee")
    )
    assert kinds(*world, first, second) == [("purpose", ("een", "twee"))]
    first["annexes"][0] |= {"id": "2", "workProcess": "werkwijze"}
    second["annexes"][0] |= {"id": "2", "consultation": "overleg", "workProcess": "werkwijze"}
    assert kinds(*world, first, second) == [("purpose", ("een", "twee"))]


def test_an_annex_is_what_it_is_that_day() -> None:
    """A later version about something else meets others from its own day on."""
    other = with_annex("b", retention={"plan": "P9Y"})
    now = with_annex("a", id="zorg")
    later = with_annex("a", id="jeugdgroepen") | {"version": 2, "validFrom": "2026-03-01"}
    (only,) = found(now, later, other)
    assert (only.kind, only.since.isoformat()) == ("retention", "2026-03-01")
    (only,) = found(later | {"version": 1, "validFrom": "2025-01-01"}, now | later | {"annexes": now["annexes"]}, other)
    assert (only.kind, str(only.until)) == ("retention", "2026-02-28")


def test_an_override_of_any_umbrella_above_is_on_purpose() -> None:
    """A covenant overrides the umbrella of its umbrella too; under a third one it does not."""
    top, middle = body("top", umbrella=True), body("middle", umbrella="top", annexes=[])
    low = with_annex("low", retention={"plan": "P9Y"}) | {"umbrella": "middle"}
    assert kinds(top, middle, low) == []
    assert kinds(top, middle, low | {"umbrella": "elsewhere"}) == [
        ("retention", ("low", "middle")),
        ("retention", ("low", "top")),
    ]
    circle = body("one", umbrella="other"), body("other", umbrella="one")
    assert kinds(*circle, low | {"umbrella": None}) == [("retention", ("low", "one")), ("retention", ("low", "other"))]
