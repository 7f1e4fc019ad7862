"""One name in the spelling of several hands, and names that are not one however much they look it."""

from __future__ import annotations

import copy

import pytest

from services.law.covenants.spelling import forms_of, in_one_word
from tests.unit.law.covenants.fixtures import Body, found, kinds, with_annex

AB = ("a", "b")
SAME = [
    ("jeugd-overlast", "jeugdoverlast"),
    ("top-x", "topx"),
    ("jeugdGroepen", "jeugd-groepen"),
    ("Jeugd_Overlast", "jeugdOverlast"),
    ("jeugd-overleg", "jeugdoverleg"),
    ("bijlage-1", "bijlage1"),
    ("zorg-1", "zorg1"),
    ("jeugdgroep", "jeugdgroepen"),
    ("jeugd-groep", "jeugdGroepen"),
    ("aanpak-jeugdgroep", "jeugdgroepen"),
    ("veelpleger", "veelplegers"),
    ("zorgmijder-noord", "zorgmijders-noord"),
    ("bijlage-I", "bijlage-II"),
    ("annex-iv", "annex-ix"),
    ("zorg-I", "zorg-III"),
]
OTHER = [
    ("jeugdgroepen", "groepsaanpak"),
    ("ouders", "ouderen"),
    ("ouder", "ouderen"),
    ("jeugd", "jeugdgroepen"),
    ("jeugdgroepen", "niet-jeugdgroepen"),
    ("huiselijk-geweld", "geweld-huiselijk"),
    ("veelplegers", "veelplegersaanpak"),
    ("scholen", "schollen"),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_an_annex_that_is_spelt_otherwise_is_compared(first: str, second: str) -> None:
    """Another term under the same approach is told, once, with the ids as each spells them; an equal one is not."""
    given, other = with_annex("a", id=first), with_annex("b", id=second, retention={"plan": "P9Y"})
    for pair in ((given, other), (with_annex("a", id=second), with_annex("b", id=first, retention={"plan": "P9Y"}))):
        (only,) = found(*pair)
        assert (only.kind, only.covenants) == ("retention", AB)
        assert set(only.annexes) == {first, second}
    assert kinds(given, with_annex("b", id=second)) == []


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_other_names_are_not_joined(first: str, second: str) -> None:
    """Whatever they have in common: another word, another number, or a word more."""
    given, other = with_annex("a", id=first), with_annex("b", id=second, retention={"plan": "P9Y"})
    assert kinds(given, other) == kinds(given, other | {"purpose": "zorg"}) == []


@pytest.mark.parametrize(("first", "second"), [("jeugd-overlast", "jeugdoverlast"), ("jeugdgroep", "jeugdgroepen")])
def test_a_name_in_another_spelling_tells_another_purpose(first: str, second: str) -> None:
    """It is as sure as the same name; unless the town uses it for four purposes, in whatever spelling."""
    given = with_annex("a", id=first)
    others = [with_annex(f"b{n}", id=second) | {"purpose": f"doel {n}"} for n in range(4)]
    assert kinds(given, others[0]) == [("purpose", ("a", "b0"))]
    assert kinds(given, *others) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"id": "veelpleger"}, {"id": "veelplegers"}),
        ({"id": "{}-1", "name": "Veelpleger"}, {"id": "{}-2", "name": "Veelplegers"}),
        ({"id": "jeugd-middelstad"}, {"id": "jeugd-dorp-b"}),
    ],
)
def test_in_a_copy_each_annex_is_compared_with_the_one_most_alike(one: Body, other: Body) -> None:
    """What is one approach by its spelling, or less its town, is two where one hand wrote both; in whatever order."""
    first, second = (_both(covenant_id, one, other) for covenant_id in AB)
    assert kinds(first, second) == []
    second["annexes"].reverse()
    assert kinds(first, second) == []
    second["annexes"][0]["retention"] = {"plan": "P9Y"}
    (only,) = found(first, second)
    assert (only.kind, [point.second for point in only.points]) == ("retention", ["P9Y"])


def test_what_has_no_exact_fellow_finds_the_one_that_is_spelt_otherwise() -> None:
    """The exact one is taken: what is left of the two is compared with what is left there."""
    first = _both("a", {"id": "veelpleger"}, {"id": "zorgmijder"})
    second = _both("b", {"id": "veelpleger"}, {"id": "zorgmijders"})
    assert kinds(first, second) == []
    second["annexes"][1]["retention"] = {"plan": "P9Y"}
    (only,) = found(first, second)
    assert only.annexes == ("zorgmijder", "zorgmijders")
    second["annexes"].pop()
    second["annexes"][0]["id"] = "veelplegers"
    second["annexes"][0]["retention"] = {"plan": "P9Y"}
    (only,) = found(first, second)
    assert only.annexes == ("veelpleger", "veelplegers")


def _both(covenant_id: str, one: Body, other: Body) -> Body:
    """A covenant of two towns with two annexes, which have other terms."""
    given = with_annex(covenant_id, consultation=None, workProcess=None) | {"territory": ["Middelstad", "Dorp B"]}
    (annex,) = given["annexes"]
    given["annexes"] = [
        annex | {name: text.format(covenant_id) for name, text in called.items()} | {"retention": {"plan": term}}
        for called, term in ((one, "P1Y"), (other, "P2Y"))
    ]
    return given


def test_an_id_in_which_a_covenant_is_counted_may_be_one_word() -> None:
    """What is "c012-a1" in c012 and "c012a1" in its copy is that very annex, unless the tables differ."""
    first = with_annex("c012", id="c012-a1", consultation="overleg")
    second = copy.deepcopy(first) | {"id": "c161"}
    second["annexes"][0] |= {"id": "c012a1", "retention": {"plan": "P9Y"}}
    assert kinds(first, second) == [("retention", ("c012", "c161"))]
    second["annexes"][0] |= {"workProcess": "iets anders"}
    assert kinds(first, second) == []


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ({"id": "jeugd-overlast"}, {"id": "jeugdoverlast"}, True),
        ({"id": "1", "name": "Jeugd-overlast"}, {"id": "2", "name": "Jeugdoverlast"}, True),
        ({"id": "zorg-1-2"}, {"id": "zorg-12"}, False),
        ({"id": "jeugdgroep"}, {"id": "jeugdgroepen"}, False),
    ],
)
def test_two_annexes_of_one_covenant_in_two_spellings(first: Body, second: Body, *, is_one: bool) -> None:
    """With hyphens or without is one; who writes one in the singular and one in the plural means two."""
    given = with_annex("a", **first)
    given["annexes"].append(given["annexes"][0] | second | {"retention": {"plan": "P9Y"}})
    assert kinds(given) == ([("retention", ("a",))] if is_one else [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jeugd-overlast", "jeugdoverlast"),
        ("zorg-1-2", "zorg1-2"),
        ("zorg-12", "zorg12"),
        ("1-zorg", "1zorg"),
        ("", ""),
    ],
)
def test_words_are_written_as_one(name: str, expected: str) -> None:
    """Hyphens go, save between two numbers."""
    assert in_one_word(name) == expected


@pytest.mark.parametrize(
    ("one", "more"),
    [
        ("groep", "groepen"),
        ("veelpleger", "veelplegers"),
        ("jongere", "jongeren"),
        ("bende", "bendes"),
        ("school", "scholen"),
        ("probleem", "problemen"),
        ("gezin", "gezinnen"),
        ("casus", "casussen"),
        ("bedrijf", "bedrijven"),
        ("huis", "huizen"),
        ("dag", "dagen"),
        ("jongen", "jongens"),
        ("drug", "drugs"),
        ("foto", "foto-s"),
        ("kind", "kinderen"),
        ("gezinslid", "gezinsleden"),
        ("dier", "dieren"),
    ],
)
def test_the_plural_of_a_word_is_the_same_word(one: str, more: str) -> None:
    """As Dutch makes it: -en, -s, -n, with a vowel less, a consonant more or a softer one."""
    assert in_one_word(more) in forms_of(one)
    assert in_one_word(one) not in forms_of(more)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ouder", "ouderen"), ("jonger", "jongeren"), ("kan", "kans"), ("x", "xen"), ("top600", "top600s"), ("i", "is")],
)
def test_what_is_no_plural(one: str, other: str) -> None:
    """Another word, or a letter or number more."""
    assert other not in forms_of(one)
