"""Clocks of an access request per controller, and the duties after a breach."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from services.law.access import access_clock, is_joint_controller
from services.law.breach import report_before, reporting_party
from services.law.clocks import Deadline
from services.law.governance import Arrangement, Covenant, Party, PartyKind
from tests.unit.law.builders import covenant
from tests.unit.law.case_reader import Case

BOTH = Arrangement(contact_point="mayor", reports_breach="college")


def test_the_controllers_of_the_case() -> None:
    """`access_21`: regime, safe due day and remedy of each controller, from the day the police received it."""
    case = Case()
    received = date(2026, 10, 1)
    found = {}
    for party_id in case.content["expected"]["access_21"]["controllers"]:
        clock = access_clock(case.register.party(party_id, received), received)
        assert clock is not None
        due = "unverified" if clock.due is None else str(clock.due.safe)
        found[party_id] = f"{clock.regime} {due} {clock.remedy}"
    assert found == case.content["expected"]["access_21"]["controllers"]


def test_processors_answer_to_nobody_and_strangers_are_unverified() -> None:
    """A processor has no clock of its own; of an unknown party nothing is guessed."""
    case = Case()
    assert access_clock(case.register.party("beveiliger", date(2026, 10, 1)), date(2026, 10, 1)) is None
    unknown = access_clock(None, date(2026, 10, 1))
    assert unknown is not None
    assert (unknown.regime, unknown.due, unknown.remedy) == ("unverified", None, "unverified")
    volunteers = access_clock(case.register.party("bewonersorganisatie", date(2026, 10, 1)), date(2026, 10, 1))
    assert volunteers is not None
    assert (volunteers.regime, volunteers.remedy) == ("AVG", "court-petition")


def test_the_breach_of_the_case_is_reported_in_72_hours() -> None:
    """`breach_20`: from Friday evening to Monday evening, by the organ the arrangement names."""
    case = Case()
    expected = case.content["expected"]["breach_20"]
    end = datetime.fromisoformat(expected["report_before"])
    assert report_before(datetime.fromisoformat("2026-09-25T17:20+02:00")) == Deadline(end, end)
    named = case.register.covenant("veiligheidshuis", date(2026, 9, 25))
    assert named is not None
    assert reporting_party("jongerenwerk-middelstad", [named]) == expected["reporting_party"]


@pytest.mark.parametrize(
    ("covenants", "reporter"),
    [
        ([], "youth"),
        ([covenant()], "college"),
        ([covenant(), covenant("again")], "college"),
        ([covenant(), covenant("other", arrangement=Arrangement(reports_breach="mayor"))], "youth"),
        ([covenant(arrangement=None)], "youth"),
        ([covenant(arrangement=Arrangement())], "youth"),
        ([covenant(arrangement=Arrangement(contact_point="mayor", reports_breach="college"))], "college"),
        ([covenant(legal_frame="wgs-zvh", arrangement=BOTH)], "mayor"),
        ([covenant(legal_frame="wgs-zvh", arrangement=Arrangement(reports_breach="college"))], "college"),
        ([covenant(arrangement=Arrangement(reports_breach=""))], "youth"),
    ],
)
def test_one_organ_reports(covenants: list[Covenant], reporter: str) -> None:
    """The one the arrangements agree on, under the WGS the contact point (BGS 1.4), else where it happened."""
    assert reporting_party("youth", covenants) == reporter


@pytest.mark.parametrize(
    ("covenants", "controllers", "reporter"),
    [
        ([], ("mayor",), "mayor"),
        ([covenant()], ("mayor",), "college"),
        ([covenant(), covenant("other", arrangement=Arrangement(reports_breach="police"))], ("mayor",), "mayor"),
        ([], ("mayor", "college"), "host"),
        ([covenant()], ("mayor", "youth"), "college"),
        ([], (), "host"),
    ],
)
def test_a_processor_reports_to_its_controller(
    covenants: list[Covenant], controllers: tuple[str, ...], reporter: str
) -> None:
    """AVG 33(2): the controller stands in its place; where there are several their covenants say, else it stays."""
    assert reporting_party("host", covenants, controllers) == reporter


@pytest.mark.parametrize(
    ("kind", "joint"),
    [
        ("public-body", True),
        ("police", True),
        ("judicial", True),
        ("private-controller", False),
        ("volunteer-body", False),
        ("processor", False),
        ("citizen", False),
    ],
)
def test_only_public_participants_are_joint_controllers(*, kind: PartyKind, joint: bool) -> None:
    """WGS 2.27(3); of whom the register does not know nobody can say that it is not."""
    assert is_joint_controller(Party(id="p", kind=kind)) is joint
    assert is_joint_controller(None)
