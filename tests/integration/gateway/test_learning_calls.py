"""The calls of the learning practice at the door."""

from __future__ import annotations

from datetime import date

import pytest

from services.ledger.contract.learning import QuestionSearch
from tests.support.door import Door, codes


@pytest.fixture
def door() -> Door:
    """Return a door of its own."""
    return Door()


def test_an_answer_is_searched_by_the_code_of_a_refusal(door: Door) -> None:
    """Every filter reaches the ledger as what it is."""
    body = {"findingCode": "ground-missing", "conflict": False, "state": "answered", "words": "verzuim", "limit": 5}
    answer = door.ask("POST", "/v1/questions/_search", json=body)
    search = QuestionSearch(finding_code="ground-missing", conflict=False, state="answered", words="verzuim", limit=5)
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    assert [(name, given) for name, _, given in door.ledger.asked] == [("search_questions", (search,))]


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/v1/questions/_search", {"code": "x"}, ("/code", "field-unknown")),
        ("/v1/questions/_search", {"state": "closed"}, ("/state", "value-not-in-list")),
        ("/v1/questions/_search", {"limit": 0}, ("/limit", "out-of-range")),
        ("/v1/questions/_search", {"cursor": ""}, ("/cursor", "text-too-short")),
        ("/v1/questions/q/lessons", {"checklist": "c"}, ("", "field-missing")),
    ],
)
def test_a_question_is_strict(door: Door, path: str, body: dict[str, object], fault: tuple[str, str]) -> None:
    """What is no search or lesson is turned away before the ledger hears of it."""
    answer = door.ask("POST", path, json=body)
    assert answer.status_code == 400
    assert codes(answer)[0][1] == fault[1]
    assert door.ledger.asked == []


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("", (None, None)),
        ("?from=2026-01-01", (date(2026, 1, 1), None)),
        ("?from=2026-01-01&until=2026-05-03", (date(2026, 1, 1), date(2026, 5, 3))),
    ],
)
def test_near_misses_are_reported_over_days(door: Door, query: str, given: tuple[object, ...]) -> None:
    """Days arrive as days, what is left out as None."""
    assert door.ask("GET", f"/v1/near-misses/report{query}").status_code == 200
    assert [(name, arguments) for name, _, arguments in door.ledger.asked] == [("report_near_misses", given)]


@pytest.mark.parametrize("query", ["?from=2026-02-30", "?until=2026-05-03T09:00:00Z", "?until=soon"])
def test_a_day_is_a_day(door: Door, query: str) -> None:
    """An instant, or a day that no calendar has, is turned away."""
    assert door.ask("GET", f"/v1/near-misses/report{query}").status_code == 400
    assert door.ledger.asked == []


def test_a_lesson_changes_the_register(door: Door) -> None:
    """It needs the scope of whoever keeps the register; working under a covenant is not enough."""
    lesson = {"checklist": "c", "item": {"id": "b", "text": "Is het gemeld?"}}
    path = "/v1/questions/q/lessons"
    assert door.ask("POST", path, json=lesson, token=door.token("processing:write")).status_code == 403
    assert door.ask("POST", path, json=lesson, token=door.token("governance")).status_code == 201
