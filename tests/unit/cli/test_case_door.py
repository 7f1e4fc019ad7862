"""The loader's way through the public API, against a ledger that answers from a list."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.cli.case.door import Door, UnexpectedAnswer
from services.runtime import limits

Json = dict[str, Any]
BEHIND = httpx.Response(503, json={"code": "projection_behind"}, headers={"Retry-After": "1"})
READ: Json = {"party": "auditor", "scope": "audit", "purpose": "internal-control"}
WRITE: Json = {"party": "college", "scope": "processing:write"}


class Ledger:
    """Answers each request with the next of a list, the last one for ever; remembers what it was asked."""

    def __init__(self, *answers: httpx.Response) -> None:
        """Answer with these."""
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.paused: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Take a request."""
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    @property
    def min_positions(self) -> list[str | None]:
        """What each request wanted to see at least."""
        return [request.headers.get("Grootboek-Min-Position") for request in self.asked]

    def door(self) -> Door:
        """A door to this ledger, which waits without letting time pass."""
        transport = httpx.MockTransport(self)
        return Door("http://ledger", lambda party, *_: party, transport=transport, pause=self.paused.append)


def receipt(position: str, *others: str) -> httpx.Response:
    """A receipt whose first event stands at the first of these positions."""
    subjects = [{"ref": "r", "position": one} for one in (position, *others)]
    return httpx.Response(201, json={"id": "x", "position": position, "subjects": subjects})


def test_questions_wait_for_what_was_posted() -> None:
    """Every read names the last position of each lane that a receipt named; the register is no lane of persons."""
    page = httpx.Response(200, json={"items": [], "next": None})
    ledger = Ledger(
        receipt("0-7", "1-3"),
        receipt("0-9"),
        receipt("0-8"),
        httpx.Response(201, json={"id": "p", "position": "register-4"}),
        page,
    )
    with ledger.door() as door:
        for _ in range(4):
            door.post("/v1/processing-operations", {}, **WRITE)
        door.search("/v1/obligations/_search", {}, **READ)
        door.get("/v1/breaches/b/impact", **READ)
    assert ledger.min_positions == [None, None, None, None, "0-9, 1-3", "0-9, 1-3"]


def test_before_anything_was_posted_nothing_is_waited_for() -> None:
    """An empty header would be a wrong one."""
    ledger = Ledger(httpx.Response(200, json={"items": [], "next": None}))
    with ledger.door() as door:
        door.search("/v1/obligations/_search", {}, **READ)
    assert ledger.min_positions == [None]


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (BEHIND, 1),
        (httpx.Response(429, json={"code": "too-many-requests"}, headers={"Retry-After": "900"}), 5),
        (httpx.Response(503, json={"code": "ledger-busy"}), limits.RETRY_AFTER_SECONDS),
    ],
)
def test_what_is_not_to_be_had_now_is_asked_for_again(answer: httpx.Response, pause: float) -> None:
    """After the pause that the answer names, within a bound."""
    ledger = Ledger(answer, answer, httpx.Response(200, json={"items": [{"id": "x"}], "next": None}))
    with ledger.door() as door:
        assert door.search("/v1/obligations/_search", {}, **READ) == [{"id": "x"}]
    assert ledger.paused == [pause, pause]


def test_it_is_not_asked_for_ever() -> None:
    """In the end the answer is told as it is."""
    ledger = Ledger(BEHIND)
    with ledger.door() as door, pytest.raises(UnexpectedAnswer, match="503 projection_behind"):
        door.get("/v1/breaches/b/impact", **READ)
    assert len(ledger.asked) == limits.CASE_ATTEMPTS_MAX
    assert len(ledger.paused) == limits.CASE_ATTEMPTS_MAX - 1


def test_only_a_refusal_is_an_allowed_403() -> None:
    """An intent may be refused with a verdict; a token that does not suffice is a fault of the case."""
    refusal = httpx.Response(403, json={"code": "intent-refused", "verdict": {}, "subjects": []})
    ledger = Ledger(refusal, httpx.Response(403, json={"code": "not-allowed"}))
    with ledger.door() as door:
        allowed = {"allowed": (201, 403), **WRITE}
        assert door.post("/v1/processing-operations", {}, **allowed).status_code == 403
        with pytest.raises(UnexpectedAnswer, match="403 not-allowed"):
            door.post("/v1/processing-operations", {}, **allowed)


@pytest.mark.parametrize(
    ("status", "problem", "is_ended", "is_forgotten"),
    [
        (409, "record-ended", True, True),
        (404, "not-found", True, True),
        (400, "breach-invalid", False, True),
        (400, "access-request-invalid", False, True),
        (409, "idempotency-conflict", False, False),
        (500, "not-stored", False, False),
    ],
)
def test_what_has_ended_is_told_apart(status: int, problem: str, *, is_ended: bool, is_forgotten: bool) -> None:
    """A record that has ended is no fault of the case; a conflict is."""
    ledger = Ledger(httpx.Response(status, json={"code": problem}))
    with ledger.door() as door, pytest.raises(UnexpectedAnswer) as raised:
        door.post("/v1/breaches", {}, **WRITE)
    assert (raised.value.problem, raised.value.is_ended, raised.value.is_forgotten) == (problem, is_ended, is_forgotten)


@pytest.mark.parametrize("content", [b"<html>", b"[]"])
def test_an_answer_that_is_no_problem_is_told(content: bytes) -> None:
    """Something else than the ledger may answer, such as a proxy."""
    ledger = Ledger(httpx.Response(502, content=content))
    with ledger.door() as door, pytest.raises(UnexpectedAnswer, match="502 without a problem body"):
        door.get("/v1/clocks", **READ)


def test_pages_follow_the_cursor() -> None:
    """Page after page, with the parameters of the first."""
    ledger = Ledger(
        httpx.Response(200, json={"items": [1], "next": "c"}), httpx.Response(200, json={"items": [2], "next": None})
    )
    with ledger.door() as door:
        pages = door.pages("/v1/inquiries/i/replay", params={"asOf": "2026-09-15"}, **READ)
    assert [page["items"] for page in pages] == [[1], [2]]
    assert dict(ledger.asked[1].url.params) == {"asOf": "2026-09-15", "cursor": "c"}
