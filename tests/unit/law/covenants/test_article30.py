"""Covenants and activities as rows of the art. 30 register (S23), and who answers for a covenant (S34)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.covenants.article30 import rows
from services.law.covenants.duties import Accountable, accountable
from services.law.covenants.gathering import register_of
from services.law.governance import Partner, Party
from tests.unit.law.builders import activity
from tests.unit.law.covenants.fixtures import Body, body, read

DAY = date(2026, 6, 1)


def test_an_activity_is_a_row_as_it_was_registered() -> None:
    """With and without a term; one that is not in force is not there."""
    given = [activity(id="1"), activity(id="2", retention=None), activity(id="3", valid_from=date(2027, 1, 1))]
    found = rows(register_of(given).on(DAY))
    same = ["id", "version", "purpose", "name", "subject_categories", "data_categories", "recipients", "legal_basis"]
    same += ["valid_from", "valid_until"]
    for row, one in zip(found, given[:2], strict=True):
        assert [getattr(row, name) for name in same] == [getattr(one, name) for name in same]
        assert row.controllers == (one.controller,)
    assert [row.retention for row in found] == [{"": "P1Y"}, {}]


def test_each_annex_is_a_row_of_all_its_controllers() -> None:
    """Joint controllers are the full partners of the day; whoever is a guest is a recipient only."""
    given = body(validUntil=None)
    given["partners"] = [
        {"party": "b"},
        {"party": "a"},
        {"party": "guest", "role": "incidental"},
        {"party": "x", "until": "2025-12-31"},
    ]
    given["annexes"].append({"id": "zorg", "name": "Zorgmijders"})
    first, second = rows(register_of([read(given)]).on(DAY))
    assert (first.id, first.name, first.contact_point) == ("a/jeugdgroepen", "integrale aanpak", "college")
    assert (first.controllers, first.recipients) == (("a", "b"), ("a", "b", "guest"))
    assert (first.retention, first.data_categories) == ({"signalling": "P3M", "plan": "P2Y"}, ("name", "report"))
    assert (first.purpose, first.valid_from, first.valid_until) == ("aanpak-jeugdgroepen", date(2025, 1, 1), None)
    assert (second.id, second.name, second.retention) == ("a/zorg", "Zorgmijders", {})


def test_a_covenant_without_annexes_is_one_row() -> None:
    """It is a processing all the same, of which little is said."""
    (only,) = rows(register_of([read(body(annexes=[], arrangement=None))]).on(DAY))
    assert (only.id, only.source, only.name, only.contact_point) == ("a", "covenant", None, None)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [("avg-covenant", ("college", "mayor", "police", "youth")), ("wgs-zvh", ("college", "police"))],
)
def test_in_a_zvh_only_public_participants_are_controllers(frame: str, expected: tuple[str, ...]) -> None:
    """WGS 2.27(3); whoever is not registered is not known to be public."""
    parties = (
        Party(id="college", kind="public-body"),
        Party(id="police", kind="police"),
        Party(id="youth", kind="private-controller"),
    )
    (only,) = rows(register_of([read(body(legalFrame=frame)), *parties]).on(DAY))
    assert only.controllers == expected


@pytest.mark.parametrize(
    ("arrangement", "expected"),
    [
        (None, Accountable(None, None, None)),
        ({"contactPoint": "college", "informs": "mayor"}, Accountable("college", "mayor", None)),
        ({"informs": "stranger", "reportsBreach": "youth"}, Accountable(None, None, "youth")),
    ],
)
def test_one_organ_for_each_duty(arrangement: Body | None, expected: Accountable) -> None:
    """Whoever is no partner on the day answers for nothing."""
    found = register_of([read(body(arrangement=arrangement))]).on(DAY).covenants["a"]
    assert found is not None
    assert accountable(found) == expected


def test_who_left_is_not_accountable_any_more() -> None:
    """On the last day of its membership it is, the day after nobody is."""
    given: Any = read(body(partners=[{"party": "college", "until": "2026-06-01"}, {"party": "mayor"}]))
    known = register_of([given])
    answers = []
    for day in (DAY, date(2026, 6, 2)):
        found = known.on(day).covenants["a"]
        assert found is not None
        answers.append(accountable(found).answers)
    assert answers == ["college", None]
    assert Partner(party="mayor") in given.partners
