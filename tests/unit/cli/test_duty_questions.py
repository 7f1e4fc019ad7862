"""The questions about duties, asked of a door that answers from a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import msgspec
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
    """Each party is asked for what it must tell itself; instants local to the minute."""
    items = [
        item("college", ONE, "2026-09-07T08:40:00Z", "exempt"),
        item("college", {"idType": "V", "id": "nobody"}, "2026-09-07T08:40:00Z", "open"),
        item("college", {"idType": "BSN", "id": "2"}, "2026-09-07T08:40:00Z", "open"),
    ]
    door = ListDoor(items)
    question = {"key": "k", "asOf": "2026-09-18", "covenant": HUIS}
    assert inform(case(), cast("Door", door), question) == {
        "due": {"y1": "2026-09-07T10:40"},
        "state": {"y1": "exempt"},
    }
    body = {"kind": "inform", "covenant": HUIS, "asOf": "2026-09-18"}
    assert door.asked == [(party, "notice", "operations", body) for party in ("mayor", "college", "school")]


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ({"covenants": [{"id": "huis"}]}, {"key": "k", "asOf": "2026-09-18", "covenant": HUIS}),
        ({}, {"key": "k", "asOf": "2026-09-18"}),
        ({}, {"key": "k", "covenant": {"id": "unknown"}}),
        ({}, {"key": "k", "covenant": HUIS}),
    ],
)
def test_the_one_that_had_to_tell_first_speaks_for_the_person(raw: Json, question: Json) -> None:
    """Without an arrangement, or where the covenant was not in force, several parties may have to tell."""
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


def test_moments_are_compared_as_such() -> None:
    """An offset is no later hour."""
    items = [
        item("school", ONE, "2026-09-08T00:30:00+02:00", "open"),
        item("mayor", ONE, "2026-09-07T23:00:00Z", "done"),
    ]
    found = inform(case(), cast("Door", ListDoor(items)), {"key": "k"})
    assert found["state"] == {"y1": "open"}


def test_who_only_receives_is_asked_too() -> None:
    """A recipient that nobody registered may have to tell by itself: no covenant tells for it."""
    door = ListDoor([item("club", ONE, "2026-09-08T00:00:00+02:00", "open")])
    fields = {"n": 12, "by": "mayor", "operation": "make-available", "subjects": ["y1"], "to": ["club"]}
    at = datetime(2026, 9, 16, 8, tzinfo=UTC)
    given = case()
    shared = msgspec.structs.replace(given, acts=(CaseAct(number=12, at=at, recorded=at, fields=fields),))
    assert inform(shared, cast("Door", door), {"key": "k"})["state"] == {"y1": "open"}
