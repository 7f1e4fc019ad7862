"""The questions of a case, asked of a door that answers from a list."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.cli.case.door import Door, UnexpectedAnswer
from services.cli.case.load import Posted
from services.cli.case.model import Case, CaseAct
from services.cli.case.questions import Answers, ask_questions
from services.cli.case.show import render_answers

Json = dict[str, Any]
AT = datetime(2026, 9, 16, 8, tzinfo=UTC)
RECEIPTS: dict[int, Json] = {
    1: {"id": "op", "subjects": [{"ref": "r1", "eventId": "e1", "holdingEnds": "2026-12-10"}]},
    2: {"id": "b", "reportBefore": "2026-09-19T10:00:00+02:00", "reportingParty": "college"},
    3: {"id": "a", "controllers": [{"party": "om", "regime": "Wjsg", "due": None, "remedy": "unverified"}]},
    4: {"verdict": {"outcome": "violation", "findings": []}, "subjects": [{"ref": "r1", "outcome": "violation"}]},
}


class ListDoor:
    """Answers pages by their path; what is not there has ended."""

    def __init__(self, pages: dict[str, list[Json]] | None = None, ended: int = 0) -> None:
        """Answer with these pages; the first so many inquiries have ended."""
        self._pages = pages or {}
        self._ended = ended
        self.asked: list[Json] = []
        self.inquiries: list[Json] = []

    def pages(self, path: str, **how: Any) -> list[Json]:
        """The pages of a path without its id."""
        self.asked.append(how)
        kind = path.rpartition("/")[2]
        if kind not in self._pages:
            raise UnexpectedAnswer("Nothing here.", "not-found")
        return self._pages[kind]

    def post(self, path: str, body: Json, **_how: Any) -> Any:
        """Open an inquiry."""
        assert path == "/v1/inquiries"
        self.inquiries.append(body)
        if len(self.inquiries) <= self._ended:
            raise UnexpectedAnswer("It has ended.", "record-ended")
        return SimpleNamespace(json=lambda: {"id": body["id"]})

    def search(self, path: str, body: Json, **_how: Any) -> list[Json]:
        """Nobody owes anything."""
        assert path == "/v1/obligations/_search"
        self.asked.append(body)
        return []


def ask(door: ListDoor, questions: Json, acts: dict[int, Json] | None = None) -> tuple[Case, Answers]:
    """Ask these of a case of one person."""
    given: dict[int, Json] = {
        1: {"by": "college", "operation": "collect", "subjects": ["y1"]},
        2: {"breach": {"party": "college", "description": "lost"}},
        3: {"access_request": {"subject": "y1", "requestedBy": "subject", "receivedBy": "politie"}},
        4: {"by": "college", "operation": "make-available", "tense": "intent", "subjects": ["y1"]},
    }
    fields = given | (acts or {})
    case = Case(
        name="c",
        raw={"subjects": {"y1": {"BSN": "1"}, "y2": {"V": "1"}}, "questions": questions, "canaries": [47]},
        acts=tuple(CaseAct(number=number, at=AT, recorded=AT, fields=act) for number, act in fields.items()),
    )
    posted = {
        act.number: Posted(answers=((403 if act.number == 4 else 201, RECEIPTS[act.number]),)) for act in case.acts
    }
    return case, ask_questions(case, cast("Door", door), posted)


def item(subject: Json, covenant: Json | None = None) -> Json:
    """A person of an impact."""
    supplied = {"gdpr": "6(1)(e)", "statute": None, "covenant": covenant}
    return {
        "subject": subject,
        "exposed": True,
        "sources": [],
        "bases": [{"supplied": supplied, "own": None}],
        "inform": "yes",
    }


@pytest.mark.parametrize(
    ("covenant", "text"),
    [
        ({"id": "huis", "annex": None, "version": 1}, "6(1)(e) | huis@1"),
        ({"id": "huis", "annex": "groep", "version": None}, "6(1)(e) | huis/groep"),
        ({"id": "huis", "annex": None, "version": None}, "6(1)(e) | huis"),
        ({"id": "huis", "annex": "groep", "version": 2}, "6(1)(e) | huis/groep@2"),
        (None, "6(1)(e)"),
    ],
)
def test_a_basis_names_what_is_known(covenant: Json | None, text: str) -> None:
    """Annex and version stand there where the act and the register have them."""
    person = {"ref": "r", "idType": "BSN", "id": "1"}
    door = ListDoor({"impact": [{"items": [item(person, covenant)]}]})
    _, found = ask(door, {"breaches": [{"key": "b", "act": 2}]})
    assert found.answers["b"]["supplied_basis"] == [text]


def test_who_is_not_named_or_another_is_not_taken_for_a_person_of_the_file() -> None:
    """A person whose record is gone has no identifier; the same text of another kind is somebody else."""
    people: list[Json] = [
        {"ref": None, "idType": None, "id": None},
        {"ref": "s", "idType": "A", "id": "1"},
        {"ref": "t", "idType": "V", "id": "1"},
    ]
    door = ListDoor({"impact": [{"items": [item(person) for person in people]}]})
    _, found = ask(door, {"breaches": [{"key": "b", "act": 2}]})
    assert (found.answers["b"]["held"], found.ended) == (["y2"], ())


def test_questions_about_what_has_ended_are_answered_with_what_is_left() -> None:
    """The receipts say what they said; of the rest nothing is told any more, and which questions that are is noted."""
    questions = {
        "breaches": [{"key": "b", "act": 2}],
        "access": [{"key": "a", "act": 3, "review": True}],
        "replays": [{"key": "r", "subject": "y1", "bound": "2026-09-15"}],
    }
    case, found = ask(ListDoor(), questions)
    assert found.answers["b"] == {
        "exposed": [],
        "held": [],
        "sources": {},
        "supplied_basis": [],
        "own_basis": [],
        "report_before": "2026-09-19T10:00:00+02:00",
        "reporting_party": "college",
        "inform": {},
    }
    assert found.answers["a"]["controllers"] == {"om": "Wjsg unverified unverified"}
    assert (found.answers["a"]["lines"], found.answers["a"]["review"]) == ([], "unverified")
    assert found.answers["r"] == {"as_known_at": [], "as_it_was_on": []}
    assert found.ended == ("b", "a", "r")
    assert "Who held what when it leaked?" in render_answers(case, found.answers)


def test_another_fault_ends_the_run() -> None:
    """Only what has ended is left out."""

    class Closed(ListDoor):
        def pages(self, path: str, **how: Any) -> list[Json]:
            """Refuse."""
            raise UnexpectedAnswer("No.", "not-allowed")

    for questions in ({"breaches": [{"key": "b", "act": 2}]}, {"replays": [{"key": "r", "subject": "y1"}]}):
        with pytest.raises(UnexpectedAnswer):
            ask(Closed(), questions)


def test_an_inquiry_that_has_ended_is_followed_by_the_next() -> None:
    """Each run uses the first inquiry that is still there; the first of all has the id that it always had."""
    door = ListDoor({"replay": [{"events": [{"type": "notice", "operationId": "x"}]}]}, ended=2)
    case, found = ask(door, {"replays": [{"key": "r", "subject": "y1"}]})
    assert found.answers["r"] == {"as_known_at": ["x"], "as_it_was_on": ["x"]}
    ids = [body["id"] for body in door.inquiries]
    assert ids[0] == case.key(0, "replay:auditor:1") == ids[3]
    assert len(set(ids)) == 3
    assert found.ended == ()


@pytest.mark.parametrize(
    ("bound", "sent"),
    [
        ("2026-09-15", "2026-09-15"),
        (date(2026, 9, 15), "2026-09-15"),
        ("2026-09-15T12:00", "2026-09-15T12:00:00+02:00"),
        (datetime(2026, 1, 15, 12), "2026-01-15T12:00:00+01:00"),  # noqa: DTZ001 - as YAML makes it
        ("2026-09-15T12:00:00Z", "2026-09-15T12:00:00Z"),
    ],
)
def test_bounds_are_days_or_local_times(bound: Any, sent: str) -> None:
    """A bare day stays one, which the ledger takes as its end; a time without a zone is one of Amsterdam."""
    door = ListDoor({"replay": [{"events": []}]})
    questions = {
        "replays": [{"key": "r", "subject": "y1", "bound": bound, "byParty": "college"}],
        "erasureOwed": [{"key": "e", "asOf": bound}],
        "inform": [{"key": "i", "asOf": bound}],
    }
    case, found = ask(door, questions)
    assert [asked["params"] for asked in door.asked[:3]] == [{"asKnownAt": sent}, {"asOf": sent}, {"asKnownAt": sent}]
    assert {asked["asOf"] for asked in door.asked[3:]} == {sent}
    assert "15 " in render_answers(case, found.answers)


def test_a_case_number_is_replayed_too() -> None:
    """An inquiry is about a person or about a case."""
    door = ListDoor({"replay": [{"events": []}]})
    case, found = ask(door, {"replays": [{"key": "r", "caseId": "Z-1"}]})
    assert door.inquiries[0] == {
        "id": case.key(0, "replay:auditor:case:Z-1"),
        "caseId": "Z-1",
        "reason": "replay of the case",
    }
    assert "Z-1, now" in render_answers(case, found.answers)


def test_an_intent_that_was_refused_brought_no_holding() -> None:
    """Its refusal names no event and no term."""
    questions = {
        "holdingEnds": [{"key": "h", "act": 4, "subject": "y1"}, {"key": "k", "act": 1}],
        "erasure_of": [{"key": "e", "act": 4, "subject": "y1"}],
    }
    case, found = ask(ListDoor(), questions)
    assert found.answers["retention"] == {
        "h": "unverified",
        "k": "2026-12-10",
        "e": {"owed": "0", "confirmed": "0"},
    }
    assert "act 1 " in render_answers(case, found.answers)


def test_other_peoples_numbers_and_canaries_must_not_reach_the_person() -> None:
    """His own number may stand in his report, also where another person is known by the same text."""
    report = {"lines": [], "review": {"norm": None}, "note": "1 and 47"}
    _, found = ask(ListDoor({"report": [report]}), {"access": [{"key": "a", "act": 3, "review": True}]})
    assert (found.answers["a"]["leaked"], found.answers["a"]["review"]) == (["47"], "none")
