"""The calls of forgetting at the door: their bodies, their queries, and declarations as documents."""

from __future__ import annotations

import io
from typing import Any, cast

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from services.ledger.application.erasures import RecordHeld
from tests.support.door import OPERATIONS, Door, codes

PERSON = {"idType": "BSN", "id": "999990019"}
ERASURE: dict[str, Any] = {"subject": PERSON, "ground": "AVG 17(1)(d)", "decision": "B-1"}
DECLARATION = "/v1/erasures/e-1/declaration"


@pytest.fixture
def door() -> Door:
    """Return a door of its own."""
    return Door()


def test_an_erasure_is_accepted_under_its_key(door: Door) -> None:
    """202 with the id that the caller chose, in the body or the header."""
    answer = door.ask("POST", "/v1/erasures", json=ERASURE, headers={"Idempotency-Key": "e-1"})
    assert (answer.status_code, answer.json()) == (202, {"id": "e-1"})
    assert door.ask("POST", "/v1/erasures", json=ERASURE | {"id": "e-2"}).json() == {"id": "e-2"}


def test_a_held_record_is_a_conflict(door: Door) -> None:
    """What is held is not erased: 409 that names the kinds of proceedings and nothing else."""
    door.ledger.failing = RecordHeld(["court", "request"])
    answer = door.ask("POST", "/v1/erasures", json=ERASURE)
    assert (answer.status_code, answer.json()["code"]) == (409, "record-held")
    assert "(court, request)" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/erasures", "/v1/retention/holds", f"{OPERATIONS}/a/retention"])
def test_bodies_are_strict(door: Door, path: str) -> None:
    """An unknown field is a fault, and the ledger is not asked."""
    answer = door.ask("POST", path, json={"reason": "r", "unheard-of": 1})
    assert answer.status_code == 400
    assert codes(answer)
    assert door.ledger.asked == []


def test_the_schedule_takes_days(door: Door) -> None:
    """Party, days and page reach the ledger as what they are."""
    door.ask("GET", "/v1/retention/schedule?party=college&from=2026-05-03&until=2026-06-03&limit=5")
    ((_, _, arguments),) = door.ledger.asked
    party, starts, until, cursor, limit = arguments
    assert (party, str(starts), str(until), cursor, limit) == ("college", "2026-05-03", "2026-06-03", None, 5)


@pytest.mark.parametrize(
    "query", ["from=yesterday", "from=2026-05-03T09:00:00Z", "party=a/b", "party=999990019", "subject=999990019"]
)
def test_a_query_holds_nothing_else(door: Door, query: str) -> None:
    """What is no day, no id, or somebody's number, is turned away."""
    assert door.ask("GET", f"/v1/retention/schedule?{query}").status_code == 400


def test_a_declaration_of_days_names_one(door: Door) -> None:
    """Without a day there is nothing to declare."""
    assert door.ask("GET", "/v1/retention/declarations").status_code == 400
    assert door.ask("GET", "/v1/retention/declarations?day=2026-05-03").status_code == 200


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/pdf", "application/pdf"),
        ("application/pdf, application/json;q=0.5", "application/pdf"),
        ("application/json", "application/json"),
        ("*/*, application/pdf", "application/json"),
        ("text/html, application/pdf", "application/pdf"),
    ],
)
def test_a_declaration_is_a_document_for_who_asks_for_one(door: Door, accept: str, media: str) -> None:
    """The first media type that is accepted and can be made decides."""
    answer = door.ask("GET", DECLARATION, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)


def test_a_document_says_what_the_declaration_says(door: Door) -> None:
    """The PDF is tagged, in Dutch with English beside it, and made of what the ledger declares."""
    answer = door.ask("GET", DECLARATION, headers={"Accept": "application/pdf"})
    document = PdfReader(io.BytesIO(answer.content))
    text = document.pages[0].extract_text()
    assert "Verklaring van vernietiging" in text
    assert "Declaration of destruction" in text
    assert "e-1" in text
    marked = cast(DictionaryObject, document.root_object["/MarkInfo"])
    assert marked["/Marked"]
    assert answer.content == door.ask("GET", DECLARATION, headers={"Accept": "application/pdf"}).content


def test_days_are_declared_as_one_document(door: Door) -> None:
    """A day of which nothing is declared gives a document without parts."""
    answer = door.ask("GET", "/v1/retention/declarations?day=2026-05-03", headers={"Accept": "application/pdf"})
    assert PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().startswith("Verklaring")


def test_other_media_are_refused(door: Door) -> None:
    """A call that cannot answer so says that, and is not made."""
    assert door.ask("GET", DECLARATION, headers={"Accept": "text/html"}).status_code == 406
    assert door.ask("GET", "/v1/erasures/e-1", headers={"Accept": "application/pdf"}).status_code == 406
    assert door.ledger.asked == []


def test_a_hold_is_released_by_delete(door: Door) -> None:
    """DELETE reaches the ledger with the id of the hold, and answers with the hold."""
    answer = door.ask("DELETE", "/v1/retention/holds/h-1")
    assert (answer.status_code, answer.json()) == (200, {"id": "h-1"})
    assert door.ledger.names == ["release_hold"]
