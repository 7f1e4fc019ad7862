"""The bulk guard at the door (S48): 202 for what waits, 409 for what is confirmed too early."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from services.ledger.application.confirm import ReviewPending
from services.ledger.contract.messages import Caller, Receipt, Review, Submission
from services.runtime.errors import GrootboekError
from tests.support.door import ACT, OPERATIONS, Door
from tests.support.recording_ledger import receipt_for

WAITING = "act-2"


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """Give a door before a ledger in which one operation waits for its review."""
    made = Door()

    async def record(_caller: Caller, submissions: Sequence[Submission]) -> list[Receipt | GrootboekError]:
        return [answer_for(one.key) for one in submissions]

    monkeypatch.setattr(made.ledger, "record", record)
    return made


def answer_for(key: str) -> Receipt:
    """Return the receipt for a key, waiting for one of them."""
    receipt = receipt_for(key)
    return msgspec.structs.replace(receipt, review=Review()) if key == WAITING else receipt


def test_what_waits_is_taken_not_done(door: Door) -> None:
    """An intent that waits gets 202 and says so; any other operation gets 201 and no word of a review."""
    waiting = door.post_act(ACT | {"id": WAITING, "tense": "intent"})
    assert (waiting.status_code, waiting.json()["review"]) == (202, {"state": "pending"})
    done = door.post_act()
    assert (done.status_code, "review" in done.json()) == (201, False)


def test_a_line_says_that_it_waits(door: Door) -> None:
    """Among many lines only the one that waits has the state; the whole is 200 as ever."""
    lines = b"\n".join(json.dumps(ACT | {"id": key}).encode() for key in ("act-1", WAITING))
    answer = door.post_lines(lines)
    assert answer.status_code == 200
    assert [json.loads(line).get("review") for line in answer.text.splitlines()] == [None, {"state": "pending"}]


def test_a_confirmation_before_the_review_conflicts(door: Door) -> None:
    """The problem has its own code and says which decision is wanted."""
    door.ledger.failing = ReviewPending()
    answer = door.ask("POST", f"{OPERATIONS}/{WAITING}/confirm", json={})
    assert answer.status_code == 409
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == "review_pending"
    assert "bulk-review" in problem["remedy"]


def test_the_description_knows_the_answer(door: Door) -> None:
    """The API description names 202 for recording, with the receipt, and the state in it."""
    described = door.ask("GET", "/openapi.json", token=None).json()
    answers = described["paths"]["/processing-operations"]["post"]["responses"]
    assert answers["202"]["content"] == answers["201"]["content"]
    assert "review" in described["components"]["schemas"]["Receipt"]["properties"]
    assert "review" not in described["components"]["schemas"]["Receipt"]["required"]
