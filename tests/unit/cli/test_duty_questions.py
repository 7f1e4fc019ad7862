"""The questions about duties, asked of a door that answers from a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.cli.case.door import Door
from services.cli.case.duty_questions import erasure_of, erasure_owed, inform, local_minute
from services.cli.case.load import Posted
from services.cli.case.model import Case, CaseAct

HUIS = {"id": "huis", "annex": "groep"}
Json = dict[str, Any]


class ListDoor:
    """Answers every search with the items that carry the person asked for, and remembers who asked what."""

    def __init__(self, items: list[Json]) -> None:
        """Answer from these items."""
        self.items = items
        self.asked: list[tuple[str, str, str, Json]] = []

    def search(self, path: str, body: Json, *, party: str, scope: str, purpose: str) -> list[Json]:
        """The items about the person of the body, or all."""
        assert path == "/v1/obligations/_search"
        self.asked.append((party, scope, purpose, body))
        subject = body.get("subject")
        return [item for item in self.items if subject is None or item["subject"] == subject]


def case(**raw: Any) -> Case:
    """A case of two persons and three parties, with one act of erasing."""
    fields = {"n": 12, "by": "mayor", "operation": "erase", "subjects": ["y1", "y2"]}
    at = datetime(2026, 9, 16, 8, tzinfo=UTC)
    given = {
        "subjects": {"y1": {"BSN": "1"}, "y2": {"V": "2"}},
        "parties": [{"id": "mayor"}, {"id": "college"}, {"id": "school"}],
        "covenants": [{"id": "huis", "arrangement": {"informs": "college"}}],
    }
    return Case(name="c", raw=given | raw, acts=(CaseAct(number=12, at=at, recorded=at, fields=fields),))


ONE, TWO = {"idType": "BSN", "id": "1"}, {"idType": "V", "id": "2"}


def test_who_owes_erasure_of_whom() -> None:
    """By label, sorted; asked by an auditor person by person, since he sees them by pseudonym only."""
    items = [{"subject": TWO, "party": party} for party in ("school", "college", "school")]
    door = ListDoor(items)
    question = {"key": "k", "asOf": "2026-09-19"}
    assert erasure_owed(case(), cast("Door", door), question) == {"y2": ["college", "school"]}
    assert [asked[:3] for asked in door.asked] == [("auditor", "audit", "internal-control")] * 2
    body = {"kind": "erase", "state": "owed", "subject": ONE, "asOf": "2026-09-19"}
    assert door.asked[0][3] == body


def test_what_became_of_one_act() -> None:
    """Everyone that owes because of that event, in whatever state, and how many have confirmed."""
    items = [
        {"subject": TWO, "cause": cause, "state": state}
        for cause, state in (("e2", "owed"), ("e2", "confirmed"), ("e2", "kept"), ("e1", "confirmed"))
    ]
    posted = {12: Posted(answers=((201, {"subjects": [{"eventId": "e1"}, {"eventId": "e2"}]}),))}
    question = {"key": "k", "act": 12, "subject": "y2"}
    found = erasure_of(case(), cast("Door", ListDoor(items)), posted, question)
    assert found == {"owed": "3", "confirmed": "1"}


def item(party: str, subject: Json, due: str, state: str) -> Json:
    """An obligation to tell."""
    return {"party": party, "subject": subject, "due": due, "state": state}


def test_who_had_to_be_told() -> None:
    """Asked by whom the arrangement names; instants local to the minute."""
    items = [
        item("college", ONE, "2026-09-07T08:40:00Z", "exempt"),
        item("college", {"idType": "V", "id": "nobody"}, "2026-09-07T08:40:00Z", "open"),
        item("mayor", TWO, "2026-09-07T08:40:00Z", "open"),
    ]
    door = ListDoor(items)
    question = {"key": "k", "asOf": "2026-09-18", "covenant": HUIS}
    assert inform(case(), cast("Door", door), question) == {
        "due": {"y1": "2026-09-07T10:40"},
        "state": {"y1": "exempt"},
    }
    assert door.asked == [
        ("college", "notice", "operations", {"kind": "inform", "covenant": HUIS, "asOf": "2026-09-18"})
    ]


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ({"covenants": [{"id": "huis"}]}, {"key": "k", "asOf": "2026-09-18", "covenant": HUIS}),
        ({}, {"key": "k", "asOf": "2026-09-18"}),
        ({}, {"key": "k", "covenant": {"id": "unknown"}}),
    ],
)
def test_without_an_arrangement_every_party_is_asked(raw: Json, question: Json) -> None:
    """The duty that was due first speaks for the person."""
    items = [
        item("school", ONE, "2026-09-08T00:00:00+02:00", "open"),
        item("mayor", ONE, "2026-09-07T23:00:00+02:00", "done"),
    ]
    door = ListDoor(items)
    found = inform(case(**raw), cast("Door", door), question)
    assert found == {"due": {"y1": "2026-09-07T23:00"}, "state": {"y1": "done"}}
    assert [asked[0] for asked in door.asked] == ["mayor", "college", "school"]


def test_no_instant_is_unverified() -> None:
    """What the law does not say is printed as such."""
    assert local_minute(None) == "unverified"
    assert local_minute("2026-12-07T08:40:30+00:00") == "2026-12-07T09:40"


@pytest.mark.parametrize(
    ("covenant", "parties"),
    [
        ({"legalFrame": "wgs-zvh", "arrangement": {"contactPoint": "mayor", "informs": "college"}}, ["mayor"]),
        ({"legalFrame": "wgs-zvh", "arrangement": {"informs": "college"}}, ["college"]),
        ({"arrangement": {"contactPoint": "mayor", "informs": "college"}}, ["college"]),
        ({"legalFrame": "wgs-zvh", "arrangement": {}}, ["college", "mayor", "school"]),
        ({"legalFrame": "wgs-zvh"}, ["college", "mayor", "school"]),
    ],
)
def test_the_contact_point_of_a_partnership_is_asked(covenant: Json, parties: list[str]) -> None:
    """Under the WGS the decree lets it tell for all (BGS 1.3), whatever the arrangement says."""
    door = ListDoor([])
    inform(case(covenants=[{"id": "huis"} | covenant]), cast("Door", door), {"key": "k", "covenant": HUIS})
    assert sorted(asked[0] for asked in door.asked) == parties
