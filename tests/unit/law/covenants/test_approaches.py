"""Annexes that two covenants call alike literally, where what says nothing of the one is a word to the other."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from services.law.covenants.approaches import name_within
from services.law.governance import Municipality
from tests.unit.law.covenants.fixtures import Body, found, kinds, with_annex
from tests.unit.law.covenants.test_matching import CONSULTATIONS, NAMES, PAIR, several

SILENT: Body = {"consultation": "overleg", "workProcess": "werkproces"}
TELLING: Body = {"consultation": "jeugdgroepenoverleg", "workProcess": "integrale aanpak"}


def copied(original: Body, **changes: Any) -> Body:
    """The original under another id, as whoever clones it leaves it: the ids of its annexes stay."""
    return copy.deepcopy(original) | changes


@pytest.mark.parametrize("consultation", CONSULTATIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_copy_may_keep_the_ids_of_its_original(name: str, consultation: str) -> None:
    """Nothing is told of it; and one thing that is planted in it is found, alone."""
    first = several(PAIR[0], name, consultation)
    second, term, purpose, partner = (copied(first, id=PAIR[1]) for _ in range(4))
    assert kinds(first, second) == []
    term["annexes"][2]["retention"]["plan"] = "P9Y"
    purpose["purpose"] = "handhaving"
    partner["partners"].pop()
    assert kinds(first, term) == [("retention", PAIR)]
    assert kinds(first, purpose) == [("purpose", PAIR)]
    assert kinds(first, partner) == [("parties", PAIR)]


@pytest.mark.parametrize("words", [SILENT, TELLING])
@pytest.mark.parametrize(
    ("ids", "annex_id"),
    [
        (("cov-012", "cov-161"), "cov-012-jeugd"),
        (("cov-012", "cov-161"), "cov-012-a1"),
        (("cov-012", "cov-161"), "jeugd-012"),
        (("cov-012", "cov-161"), "012-a1"),
        (("cov-012", "cov-012-twin"), "cov-012-jeugd"),
        (("cov-012", "cov-012-twin"), "cov-012-a1"),
        (("c012", "c161"), "c012-a1"),
        (("jeugd", "regio"), "jeugd-overlast"),
        (("middelstad-7", "regio"), "zorg-middelstad"),
    ],
)
def test_one_id_is_one_annex_whose_ever_words_are_in_it(ids: tuple[str, str], annex_id: str, words: Body) -> None:
    """The term, the purpose and the partners of a copy are compared, whatever its table tells; also for more ground."""
    first = with_annex(ids[0], id=annex_id, **words)
    wider = copied(first, id=ids[1], territory=["Middelstad", "Dorp B"], purpose="zorg")
    term = copied(first, id=ids[1])
    term["annexes"][0]["retention"] = {"plan": "P9Y"}
    pair = tuple(sorted(ids))
    assert kinds(first, copied(first, id=ids[1])) == []
    assert kinds(first, term) == [("retention", pair)]
    assert kinds(first, copied(first, id=ids[1], purpose="zorg")) == [("purpose", pair)]
    assert kinds(first, wider) == [("purpose", pair)]
    assert kinds(first, copied(term, purpose="zorg")) == [("purpose", pair), ("retention", pair)]


def test_of_several_counted_annexes_each_is_itself() -> None:
    """Four that nobody named under two covenants are two, each compared with the one of its id."""
    first = with_annex("c012", id="c012-a1", **SILENT)
    first["annexes"].append(first["annexes"][0] | {"id": "c012-a2", "retention": {"plan": "P4Y"}})
    second = copied(first, id="c161")
    assert kinds(first, second) == []
    second["annexes"][1]["retention"] = {"plan": "P9Y"}
    (only,) = found(first, second)
    assert (only.kind, only.annexes, len(only.points)) == ("retention", ("c012-a2",), 1)


@pytest.mark.parametrize("territory", [[], ["gm-1"], ["Middelstad", "Dorp B"]])
@pytest.mark.parametrize("given", [{"id": "jeugd-middelstad"}, {"id": "1", "name": "Jeugd Middelstad"}])
def test_a_town_in_an_id_is_none_for_who_writes_it_otherwise(given: Body, territory: list[str]) -> None:
    """One covenant names the town, the other its code or no town at all: the annex of one name is one."""
    town = Municipality(id="gm-1", name="Middelstad", valid_from=date(2000, 1, 1))
    first = with_annex("a", **given)
    second = with_annex("b", **given, retention={"plan": "P9Y"}) | {"territory": territory}
    assert kinds(first, second, others=(town,)) == [("retention", ("a", "b"))]
    assert kinds(first, copied(first, id="b", territory=territory, purpose="x"), others=(town,)) == [
        ("purpose", ("a", "b"))
    ]


@pytest.mark.parametrize(
    ("ids", "given", "changes"),
    [
        (("cov-012", "cov-161"), {"id": "cov-012-a1"}, {"consultation": "driehoek", "workProcess": "iets anders"}),
        (("cov-012", "cov-161"), {"id": "cov-012-a1"}, {"workProcess": "iets anders"}),
        (("cov-012", "cov-161"), {"id": "cov-012-a1", "name": "Jeugd"}, {"name": "Zorg"}),
        (("cov-012", "cov-161"), {"id": "bijlage-1", "name": "Jeugd"}, {"name": "Zorg"}),
        (("jeugd", "regio"), {"id": "jeugd-1"}, {"consultation": "driehoek"}),
        (("a", "b"), {"id": "jeugd-a1"}, {"id": "zorg-a1"}),
    ],
)
def test_what_is_called_alike_may_still_be_another(ids: tuple[str, str], given: Body, changes: Body) -> None:
    """A number of a covenant is no name: another table, or another name beside it, is another approach."""
    first = with_annex(ids[0], **given)
    second = with_annex(ids[1], **(given | changes), retention={"plan": "P9Y"})
    assert kinds(first, second) == []
    assert kinds(first, second | {"purpose": "zorg"}) == []


def test_a_town_alone_names_nothing_for_who_is_not_limited_to_it() -> None:
    """Two annexes of a town, for two purposes, of which one is of everywhere: nobody said that they are one."""
    first = with_annex("a", id="bijlage-middelstad", **SILENT)
    everywhere = copied(first, id="b", territory=[], purpose="zorg")
    assert kinds(first, everywhere) == []
    everywhere["annexes"][0]["retention"] = {"plan": "P9Y"}
    assert kinds(first, everywhere) == []
    assert kinds(first, everywhere | {"purpose": first["purpose"]}) == [("retention", ("a", "b"))]


def test_an_id_that_a_town_uses_for_everything_is_no_name() -> None:
    """Four purposes in one town under one literal id, of a covenant or not: many approaches, as with any word."""
    first = with_annex("cov-012", id="cov-012-a1", **SILENT)
    others = [copied(first, id=f"cov-16{n}", purpose=f"doel {n}") for n in range(4)]
    assert kinds(first, *others[:2]) == [
        ("purpose", ("cov-012", "cov-160")),
        ("purpose", ("cov-012", "cov-161")),
        ("purpose", ("cov-160", "cov-161")),
    ]
    assert kinds(first, *others) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jeugdgroepen", "jeugdgroepen"),
        ("Aanpak Jeugdgroepen", "jeugdgroepen"),
        ("jeugd-overleg", "jeugd-overleg"),
        ("aanpak-1", "aanpak-1"),
        ("bijlage-1", ""),
        ("", ""),
    ],
)
def test_what_tells_an_annex_from_others_of_its_covenant(text: str, expected: str) -> None:
    """Every word of it but "aanpak"; nothing when it is no name."""
    assert name_within(text) == expected
