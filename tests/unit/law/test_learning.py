"""What the entries of the learning practice are when they say the least."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from services.law.learning import Checklist, ChecklistItem, Closing, LearnedIn, NearMiss, OpenItem, Opinion, Question

DAY = "2026-06-01"
LEAST: list[tuple[type[msgspec.Struct], dict[str, Any], dict[str, Any]]] = [
    (
        Question,
        {"id": "q", "askedBy": "a", "text": "t"},
        {
            "id": "q",
            "version": 1,
            "asked_by": "a",
            "asked_from": "professional",
            "text": "t",
            "state": "open",
            "answer": None,
            "answered_by": None,
            "norms": (),
            "finding_codes": (),
            "covenant": None,
            "operations": (),
            "learned_in": None,
            "valid_from": None,
            "valid_until": None,
        },
    ),
    (LearnedIn, {"checklist": "c", "version": 2}, {"checklist": "c", "version": 2}),
    (ChecklistItem, {"id": "i", "text": "t"}, {"id": "i", "text": "t", "learned_from": None}),
    (
        Checklist,
        {"id": "c", "name": "n", "items": []},
        {
            "id": "c",
            "version": 1,
            "name": "n",
            "consultation": None,
            "covenant": None,
            "annex": None,
            "items": (),
            "valid_from": None,
            "valid_until": None,
        },
    ),
    (OpenItem, {"item": "i", "reason": "r"}, {"item": "i", "reason": "r"}),
    (
        Closing,
        {"id": "k", "checklist": "c", "checklistVersion": 1, "by": "b", "validFrom": DAY},
        {
            "id": "k",
            "checklist": "c",
            "checklist_version": 1,
            "by": "b",
            "done": (),
            "open": (),
            "reference": None,
            "valid_from": date(2026, 6, 1),
            "valid_until": None,
        },
    ),
    (
        Opinion,
        {"id": "o", "question": "q", "by": "b", "position": "yes", "text": "t", "validFrom": DAY},
        {
            "id": "o",
            "version": 1,
            "question": "q",
            "by": "b",
            "capacity": None,
            "position": "yes",
            "text": "t",
            "norms": (),
            "valid_from": date(2026, 6, 1),
            "valid_until": None,
        },
    ),
    (
        NearMiss,
        {"id": "n", "by": "b", "what": "w", "noticed": "x", "validFrom": DAY},
        {
            "id": "n",
            "by": "b",
            "what": "w",
            "noticed": "x",
            "lesson": None,
            "finding_codes": (),
            "covenant": None,
            "operation_id": None,
            "valid_from": date(2026, 6, 1),
            "valid_until": None,
        },
    ),
]


@pytest.mark.parametrize(("shape", "body", "says"), LEAST, ids=lambda value: getattr(value, "__name__", ""))
def test_the_least_that_an_entry_says(shape: type[msgspec.Struct], body: dict[str, Any], says: dict[str, Any]) -> None:
    """What is left out is none, empty, or the first version of an open question of a professional."""
    assert msgspec.structs.asdict(msgspec.convert(body, shape)) == says


@pytest.mark.parametrize(("shape", "body"), [(shape, body) for shape, body, _ in LEAST])
def test_an_entry_has_no_other_fields(shape: type[msgspec.Struct], body: dict[str, Any]) -> None:
    """A field that is not there is a mistake, not something to keep."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body | {"remark": "x"}, shape)


@pytest.mark.parametrize(
    ("shape", "field", "value"),
    [(Question, "state", "closed"), (Question, "askedFrom", "neighbour"), (Opinion, "position", "perhaps")],
)
def test_words_of_a_closed_list(shape: type[msgspec.Struct], field: str, value: str) -> None:
    """State, origin and position have the words that they have."""
    body = next(body for known, body, _ in LEAST if known is shape)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body | {field: value}, shape)


@pytest.mark.parametrize(
    ("shape", "field", "values"),
    [
        (Question, "state", ("open", "answered", "learned")),
        (Question, "askedFrom", ("professional", "citizen")),
        (Opinion, "position", ("yes", "no", "depends")),
    ],
)
def test_every_word_of_a_list_is_taken(shape: type[msgspec.Struct], field: str, values: tuple[str, ...]) -> None:
    """What is sent is what stands there."""
    body = next(body for known, body, _ in LEAST if known is shape)
    for value in values:
        assert msgspec.to_builtins(msgspec.convert(body | {field: value}, shape))[field] == value
