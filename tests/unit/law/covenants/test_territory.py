"""Municipalities that merge: names of any day lead to the municipality of the day."""

from __future__ import annotations

from datetime import date

import pytest

from services.law.act import CovenantReference
from services.law.covenants.gathering import register_of
from services.law.covenants.territory import MERGERS_MAX
from services.law.governance import Covenant, Municipality, Partner
from tests.unit.law.builders import act, covenant, findings, subject

PLACES = (
    Municipality(id="gm1", name="Dorp B", code="0001", merged_into="gm3", valid_until=date(2025, 12, 31)),
    Municipality(id="gm2", name="Middelstad", code="0002", merged_into="gm3", valid_until=date(2025, 12, 31)),
    Municipality(id="gm3", name="Middelstad", code="0003", valid_from=date(2026, 1, 1)),
    Municipality(id="gm4", name="Bergen", code="0004"),
    Municipality(id="gm5", name="Bergen", code="0005"),
    Municipality(id="gone", name="Verdronken", valid_until=date(1990, 1, 1)),
)


@pytest.mark.parametrize(
    ("day", "text", "expected"),
    [
        ("2025-12-31", "Dorp B", "gm1"),
        ("2026-01-01", "Dorp B", "gm3"),
        ("2026-01-01", "0001", "gm3"),
        ("2026-01-01", "gm1", "gm3"),
        ("2026-01-01", "Middelstad", "gm3"),
        ("2025-12-31", "gm3", "gm3"),
        ("2026-01-01", "Bergen", "Bergen"),
        ("2026-01-01", "0005", "gm5"),
        ("2026-01-01", "Verdronken", "gone"),
        ("2026-01-01", "Elders", "Elders"),
        ("2026-01-01", "DORP B", "gm3"),
        ("2026-01-01", " dorp  b\t", "gm3"),
        ("2026-01-01", "GM1", "gm3"),
        ("2026-01-01", "Dorp-B", "Dorp-B"),
        ("2026-01-01", " elders", " elders"),
        ("2026-01-01", "BERGEN", "BERGEN"),
    ],
)
def test_a_name_leads_to_the_municipality_of_the_day(*, day: str, text: str, expected: str) -> None:
    """By name, number or id in any capitals and spaces; what two share, or nobody registered, stands for itself."""
    view = register_of(PLACES).on(date.fromisoformat(day))
    assert view.municipality(text) == expected
    assert view.places is view.places


def test_a_name_of_two_in_one_year_is_neither() -> None:
    """Before the merger "Middelstad" can only mean the old one and the one to come: it is left as it is."""
    assert register_of(PLACES).on(date(2025, 1, 1)).municipality("Middelstad") == "Middelstad"


def test_mergers_in_a_circle_end() -> None:
    """Two that became part of each other are a mistake, and no endless loop; a long true chain is followed."""
    circle = [
        Municipality(id="a", name="A", merged_into="b", valid_until=date(2020, 1, 1)),
        Municipality(id="b", name="B", merged_into="a", valid_until=date(2020, 1, 1)),
    ]
    assert register_of(circle).on(date(2026, 1, 1)).municipality("A") in {"a", "b"}
    chain = [
        Municipality(id=f"m{n}", name=f"M{n}", merged_into=f"m{n + 1}", valid_until=date(2020, 1, 1))
        for n in range(MERGERS_MAX - 1)
    ]
    last = Municipality(id=f"m{MERGERS_MAX - 1}", name="last")
    assert register_of([*chain, last]).on(date(2026, 1, 1)).municipality("M0") == last.id


def test_a_municipality_that_came_back_is_itself() -> None:
    """While it was gone it was part of the other; of several that ended the last says where it went."""
    again = (
        Municipality(id="x", name="X", merged_into="gm4", valid_until=date(2010, 1, 1)),
        Municipality(id="x", name="X", merged_into="gm5", valid_from=date(2015, 1, 1), valid_until=date(2020, 1, 1)),
    )
    for versions in (again, tuple(reversed(again))):
        view = register_of((*versions, *PLACES))
        assert [view.on(date(year, 6, 1)).municipality("x") for year in (2009, 2012, 2016, 2021)] == [
            "x",
            "gm4",
            "x",
            "gm5",
        ]


@pytest.mark.parametrize("begins", [None, date(2000, 1, 1), date(2026, 1, 1)])
def test_a_merger_may_become_known_of_a_municipality_without_end(begins: date | None) -> None:
    """What is registered last says when it ended; the entry that knew of no end does not keep it."""
    known = (
        Municipality(id="x", name="X", valid_from=date(1990, 1, 1)),
        Municipality(id="x", name="X", merged_into="gm4", valid_from=begins, valid_until=date(2026, 12, 31)),
        *PLACES,
    )
    view = register_of(known)
    assert view.on(date(2026, 12, 31)).municipality("X") == "x"
    assert view.on(date(2027, 1, 1)).municipality("X") == "gm4"


def test_a_covenant_follows_its_municipality() -> None:
    """Before the merger the covenant of Dorp B covers Dorp B alone, after it the new municipality under every name."""
    known = register_of((Covenant(id="b", version=1, valid_from=date(2020, 1, 1), territory=("Dorp B",)), *PLACES))
    before, after = known.on(date(2025, 12, 31)), known.on(date(2026, 1, 1))
    assert before.covenants["b"].municipalities == {"dorp b", "0001", "gm1"}  # type: ignore[union-attr]
    assert [c.covenant.id for c in after.covenants_in("Middelstad")] == ["b"]
    assert after.covenants_in("0002") == after.covenants_in("gm3") == after.covenants_in("Dorp B")
    assert before.covenants_in("Middelstad") == ()


@pytest.mark.parametrize(("merged", "is_open"), [(True, False), (False, True)])
def test_the_choice_between_covenants_follows_too(*, merged: bool, is_open: bool) -> None:
    """Someone still booked in the old town is inside the territory of the new one, and no choice is open."""
    places = PLACES[:3] if merged else ()
    inside = covenant("b", territory=("Dorp B",), partners=(Partner(party="mayor"), Partner(party="youth")))
    given = act(subjects=(subject(municipality="Dorp B"),), covenant=CovenantReference(id="house", annex="groups"))
    found = findings(given, covenant(territory=("Middelstad",)), inside, *places)
    assert ("covenant-choice-open" in found) is is_open


LOOKING_LIKE_NAMES = (
    Municipality(id="bergen", name="Bergen", code="0373"),
    Municipality(id="bergen-l", name="Bergen", code="0893"),
    Municipality(id="rijswijk", name="Rietdam"),
    Municipality(id="gm-r", name="Rijswijk"),
    Municipality(id="hengelo", name="Hengelo", code="0164"),
    Municipality(id="gm-x", name="Oost"),
    Municipality(id="GM-X", name="West"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bergen", "bergen"),
        ("Bergen", "Bergen"),
        (" bergen ", " bergen "),
        ("BERGEN-L", "bergen-l"),
        ("0373", "bergen"),
        ("rijswijk", "rijswijk"),
        ("Rijswijk", "gm-r"),
        ("RIJSWIJK", "gm-r"),
        ("Rietdam", "rijswijk"),
        ("Hengelo", "hengelo"),
        ("HENGELO", "hengelo"),
        ("gm-x", "gm-x"),
        ("GM-X", "GM-X"),
        ("Gm-x", "Gm-x"),
        ("oost", "gm-x"),
        ("WEST", "GM-X"),
    ],
)
def test_an_id_that_looks_like_a_name_means_itself_as_it_is_written(*, text: str, expected: str) -> None:
    """In other capitals a name goes before it, and what two could be is neither."""
    assert register_of(LOOKING_LIKE_NAMES).on(date(2026, 1, 1)).municipality(text) == expected


@pytest.mark.parametrize(
    ("stated", "booked", "is_open"),
    [
        ("0373", "bergen", False),
        ("bergen", "0373", False),
        ("bergen", "bergen", False),
        ("Bergen", "BERGEN", False),
        ("0373", "Bergen", True),
        ("0373", "bergen-l", True),
        ("Bergen", "bergen", True),
        ("rijswijk", "Rijswijk", True),
        ("rijswijk", "Rietdam", False),
        ("Rijswijk", "gm-r", False),
        ("hengelo", "HENGELO", False),
        ("gm-x", "GM-X", True),
    ],
)
def test_a_territory_knows_ids_from_names(*, stated: str, booked: str, is_open: bool) -> None:
    """Who is booked under a name that two share lives in neither of them, whatever the id of one looks like."""
    everywhere = tuple(name for place in LOOKING_LIKE_NAMES for name in (place.id, place.name))
    inside = covenant("b", territory=everywhere, partners=(Partner(party="mayor"), Partner(party="youth")))
    given = act(subjects=(subject(municipality=booked),), covenant=CovenantReference(id="house", annex="groups"))
    found = findings(given, covenant(territory=(stated,)), inside, *LOOKING_LIKE_NAMES)
    assert ("covenant-choice-open" in found) is is_open


@pytest.mark.parametrize(
    ("stated", "booked", "is_open"),
    [
        ("Lindewoude", "LINDEWOUDE", False),
        ("LINDEWOUDE", " lindewoude", False),
        ("Nieuw  Lindewoude", "nieuw lindewoude ", False),
        ("Nieuw Lindewoude", "Nieuw-Lindewoude", True),
        ("Middelstad", "nieuw-lindewoude", True),
    ],
)
def test_a_town_is_the_same_in_any_capitals_and_spaces(stated: str, booked: str, *, is_open: bool) -> None:
    """In the territory, at the person and in the other covenant; a hyphen is no space."""
    inside = covenant("b", territory=("Nieuw-Lindewoude ",), partners=(Partner(party="mayor"), Partner(party="youth")))
    given = act(subjects=(subject(municipality=booked),), covenant=CovenantReference(id="house", annex="groups"))
    assert ("covenant-choice-open" in findings(given, covenant(territory=(stated,)), inside)) is is_open
