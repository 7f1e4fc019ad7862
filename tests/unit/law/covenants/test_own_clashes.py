"""In what one covenant contradicts itself, by its own text; what is of its umbrella, or joined later, is no clash."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.covenants.reports import Point
from services.law.governance import Addendum, Annex, Entry, Partner
from services.law.texts import Text
from tests.unit.law.covenants.fixtures import Body, body, found, kinds, with_annex

JOINS = date(2026, 1, 1)
GUEST = {"party": "youth", "role": "incidental"}
ALONE = [("retention", ("a",))]


def several(*annexes: Body, **changes: Any) -> Body:
    """A covenant with these annexes, each with its words beside those of the fixture."""
    (annex,) = body()["annexes"]
    return body(annexes=[annex | given for given in annexes], **changes)


def addendum(**joins: Any) -> Addendum:
    """What joins covenant "a" from 2026 on."""
    return Addendum(id="x", covenant="a", valid_from=JOINS, **joins)


def test_who_accedes_is_no_partner_in_two_ways() -> None:
    """An incidental partner that an addendum makes a full one is a full one; two roles in one text stay a clash."""
    guests = body(partners=[{"party": "college"}, GUEST], arrangement=None)
    accession = addendum(partners=(Partner(party="youth"),))
    assert kinds(guests, others=(accession,)) == []
    twice = guests | {"partners": [*guests["partners"], {"party": "youth"}]}
    assert kinds(twice, others=(accession,)) == [("parties", ("a",))]


def test_what_an_umbrella_says_in_two_ways_is_told_of_the_umbrella() -> None:
    """A covenant that leaves its partners to the umbrella says nothing of them itself."""
    above = body("koepel", umbrella=True, partners=[{"party": "college"}, {"party": "youth"}, GUEST])
    under = body("a", umbrella="koepel", partners=[], arrangement=None)
    assert kinds(above, under) == [("parties", ("koepel",))]


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ({"umbrella": True}, []),
        ({"umbrella": True, "arrangement": {"contactPoint": "college"}}, ["informs", "reportsBreach"]),
        ({"umbrella": True, "arrangement": None}, ["contactPoint", "informs", "reportsBreach"]),
        ({"umbrella": True, "validUntil": "2025-01-01"}, ["contactPoint", "informs", "reportsBreach"]),
    ],
)
def test_a_duty_of_the_umbrella_may_be_spelt_out(above: Body, expected: list[str]) -> None:
    """Beside an own list of partners it is no stranger whom the umbrella names too; whom it does not name is one."""
    own = body("a", umbrella="koepel", partners=[{"party": "mayor"}, {"party": "police"}], annexes=[{"id": "zorg"}])
    found_of = found(body("koepel", **above), own)
    day_after = [point.what for each in found_of if each.covenants == ("a",) for point in each.points]
    assert day_after == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"id": "jeugdgroepen"}, {"id": "aanpak-jeugdgroepen"}, ALONE),
        ({"id": "Jeugdgroepen"}, {"id": "jeugdgroepen", "consultation": "driehoek"}, ALONE),
        ({"id": "jeugdgroepen"}, {"id": "jeugdgroepen"}, ALONE),
        ({"id": "jeugdgroepen"}, {"id": "bijlage-2", "name": "Jeugdgroepen"}, ALONE),
        ({"id": "bijlage-1", "name": "Jeugd"}, {"id": "bijlage-2", "name": "Aanpak jeugd"}, ALONE),
        ({"id": "jeugd-noord", "name": "Jeugd"}, {"id": "jeugd-zuid", "name": "Jeugd"}, []),
        ({"id": "jeugd"}, {"id": "aanpak-jeugd", "consultation": "driehoek"}, []),
        ({"id": "jeugd"}, {"id": "aanpak-jeugd", "workProcess": "voorfase"}, []),
        ({"id": "jeugd", "consultation": None}, {"id": "aanpak-jeugd", "consultation": "driehoek"}, ALONE),
        ({"id": "jeugd-middelstad"}, {"id": "jeugd-dorp-b"}, []),
        ({"id": "jeugd"}, {"id": "jeugd-middelstad"}, []),
        ({"id": "zorg-1"}, {"id": "zorg-2"}, []),
        ({"id": "bijlage-1"}, {"id": "bijlage-2"}, []),
        ({"id": "bijlage-1", "name": "Bijlage"}, {"id": "bijlage-2", "name": "Bijlage"}, []),
        ({"id": "a-1"}, {"id": "a-2"}, []),
        ({"id": "aanpak-1"}, {"id": "1"}, []),
        ({"id": "jeugd-overleg"}, {"id": "jeugd-werkproces"}, []),
    ],
)
def test_two_annexes_of_one_approach_in_one_covenant(first: Body, second: Body, expected: Any) -> None:
    """One id or name twice with other terms; towns, numbers and tables tell them apart, as do equal terms."""
    own = {"territory": ["Middelstad", "Dorp B"]}
    given = several(first | {"retention": {"plan": "P1Y"}}, second | {"retention": {"planfase": "P2Y"}}, **own)
    assert kinds(given) == expected
    given["annexes"][1]["retention"] = {"planfase": "12 maanden", "aftercare": "P9Y"}
    assert kinds(given) == []


def test_what_is_told_of_two_terms_in_one_covenant() -> None:
    """The phase with both terms and the annexes; from whoever contradicts himself nobody else need be named."""
    given = several({"id": "jeugd", "retention": {"plan": "P1Y"}}, {"id": "aanpak-jeugd", "retention": {"plan": "P2Y"}})
    (only,) = found(given)
    assert only.points == (Point("plan", "P1Y", "P2Y", ("jeugd", "aanpak-jeugd")),)
    assert (only.since, only.until) == (date(2025, 1, 1), date(2027, 12, 31))
    assert only.text == Text("a spreekt zichzelf tegen: plan: P1Y ↔ P2Y.", "a contradicts itself: plan: P1Y ↔ P2Y.")


def test_one_annex_with_two_terms_for_one_phase_and_what_another_covenant_says() -> None:
    """The contract's own word counts beside others, whichever comes last; and the covenant is told by itself."""
    first = with_annex("a", retention={"signalling": "P3M", "signalering": "P6M"})
    assert kinds(first) == ALONE
    told = kinds(first, with_annex("b", retention={"signalling": "P6M"}))
    assert told == [("retention", ("a",)), ("retention", ("a", "b"))]
    assert kinds(first, with_annex("b", retention={"signalling": "P3M"})) == ALONE


@pytest.mark.parametrize(
    ("joining", "until"),
    [
        (addendum(annexes=(Annex(id="aanpak-jeugd", retention={"plan": "P1Y"}),)), date(2025, 12, 31)),
        (addendum(annexes=(Annex(id="zorg", retention={"plan": "P9Y"}),)), date(2027, 12, 31)),
    ],
)
def test_an_addendum_that_replaces_an_annex_ends_the_clash(joining: Entry, until: date) -> None:
    """From its day on its own text holds; one that joins something else ends nothing."""
    given = several({"id": "jeugd", "retention": {"plan": "P1Y"}}, {"id": "aanpak-jeugd", "retention": {"plan": "P2Y"}})
    (only,) = found(given, others=(joining,))
    assert (only.kind, only.until) == ("retention", until)


def test_annexes_that_the_umbrella_gives_or_does_not_name_are_no_clash_of_its_own() -> None:
    """Inherited ones are told of the umbrella, and what is no theme is not in force."""
    twice = several({"id": "jeugd", "retention": {"plan": "P1Y"}}, {"id": "aanpak-jeugd", "retention": {"plan": "P2Y"}})
    above = twice | {"id": "koepel", "umbrella": True}
    assert kinds(above, body("a", umbrella="koepel", annexes=[])) == [("retention", ("koepel",))]
    named = body("koepel", umbrella=True, annexes=[], themes=["jeugd"])
    assert kinds(named, twice | {"umbrella": "koepel"}) == []


@pytest.mark.parametrize(
    ("guests", "territory", "expected"),
    [
        ([("b", "guest")], ["Middelstad"], [("parties", ("a", "b"))]),
        ([("a", "guest"), ("b", "guest")], ["Middelstad"], [("parties", ("a", "b"))]),
        ([("b", "guest")], ["Middelstad", "Dorp B"], []),
        ([("b", "guest")], [], []),
    ],
)
def test_a_duty_of_a_guest_of_one_covenant_is_another_organ(
    guests: list[tuple[str, str]], territory: list[str], expected: Any
) -> None:
    """An incidental partner that the other does not have answers there, unless for ground that the other lacks."""
    given = {covenant_id: body(covenant_id) for covenant_id in ("a", "b")}
    for covenant_id, party in guests:
        given[covenant_id]["partners"].append({"party": party, "role": "incidental"})
    given["b"] |= {"territory": territory, "arrangement": {"contactPoint": "guest", "informs": "college"}}
    assert kinds(*given.values()) == expected
    turned = body("0", partners=given["b"]["partners"], territory=territory, arrangement=given["b"]["arrangement"])
    assert kinds(given["a"], turned) == [(kind, ("0", "a")) for kind, _ in expected]
