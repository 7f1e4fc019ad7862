"""Bad input at a real, served ledger: a 4xx with its code, nothing stored, no number in any answer, log or metric."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import httpx
import psycopg
import pytest

from services.gateway.auth.issuer import TokenIssuer
from tests.support.served import Served, served

BSN = "999990019"
WRONG_BSN = "999990018"
NOW = "2026-05-03T09:00:00Z"
OPERATIONS = "/v1/processing-operations"
ACT: dict[str, Any] = {
    "operation": "collect",
    "occurredAt": "2026-05-03T08:00:00Z",
    "controller": "politie",
    "dataCategories": ["name"],
    "subjects": [{"idType": "BSN", "id": BSN}],
}


class Ledger:
    """A served ledger with two parties, on the scenario clock."""

    def __init__(self, process: Served) -> None:
        """Register the parties at a fixed moment."""
        self.process = process
        self.issuer = TokenIssuer.open(process.folder / "var" / "issuer")
        self.http = httpx.Client(base_url=process.base_url, timeout=30)
        assert self.post("/v1/clock", {"now": NOW}, scope="governance").status_code == 200
        for party, kind in (("politie", "police"), ("om", "judicial")):
            assert self.post("/v1/parties", {"id": party, "kind": kind}, scope="governance").status_code == 201

    def post(
        self, path: str, body: Any, *, party: str = "politie", scope: str = "processing:write", **headers: str
    ) -> httpx.Response:
        """POST a JSON body with a token of a party."""
        token = self.issuer.issue(party, scope)
        return self.http.post(path, json=body, headers={"Authorization": f"Bearer {token}", **headers})

    def post_lines(self, lines: list[bytes]) -> list[Any]:
        """POST lines and return their answers."""
        token = self.issuer.issue("politie", "processing:write")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        response = self.http.post(OPERATIONS, content=b"\n".join(lines), headers=headers)
        assert response.status_code == 200
        return [json.loads(line) for line in response.text.splitlines()]

    def stored(self) -> tuple[Any, ...]:
        """Count what stands in the tables: events, claims, identifiers and secrets."""
        with psycopg.connect(self.process.conninfo) as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM stored_events), (SELECT count(*) FROM operation_claim),"
                " (SELECT count(*) FROM subject_identifier), (SELECT count(*) FROM dossier_secret)"
            ).fetchone()
        assert row is not None
        return row

    def told(self) -> str:
        """Return everything the process told outside its answers: its log and its metrics."""
        return self.process.log.read_text(encoding="utf-8") + self.http.get("/metrics").text


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Serve one ledger for this module."""
    with served(tmp_path_factory.mktemp("served"), clock="scenario") as process:
        made = Ledger(process)
        yield made
        made.http.close()


SENSELESS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown verb": ({"operation": "peek"}, "/operation", "operation-unknown"),
    "other without description": ({"operation": "other"}, "/description", "other-without-description"),
    "a number that fails the test": (
        {"subjects": [{"idType": "BSN", "id": WRONG_BSN}]},
        "/subjects/0/id",
        "bsn-invalid",
    ),
    "the same person twice": (
        {"subjects": [{"idType": "BSN", "id": BSN}, {"idType": "BSN", "id": BSN}]},
        "/subjects/1",
        "subject-repeated",
    ),
    "too far ahead": ({"occurredAt": "2026-05-03T09:05:01Z"}, "/occurredAt", "ahead-of-clock"),
    "an intent too far ahead": (
        {"tense": "intent", "occurredAt": "2026-06-04T09:00:00Z"},
        "/occurredAt",
        "intent-too-far-ahead",
    ),
    "before 1900": ({"occurredAt": "1899-12-31T23:00:00Z"}, "/occurredAt", "too-early"),
    "an unknown controller": ({"controller": "nobody"}, "/controller", "controller-unknown"),
}


@pytest.mark.parametrize("case", SENSELESS)
def test_senseless_acts_are_rejected(ledger: Ledger, case: str) -> None:
    """What has the shape but cannot be meant gives 400 with pointer and code, and nothing is stored."""
    changes, pointer, code = SENSELESS[case]
    before = ledger.stored()
    party = str(changes.get("controller", "politie"))
    response = ledger.post(OPERATIONS, {"id": "senseless-1", **ACT, **changes}, party=party)
    problem = response.json()
    found = [(fault["pointer"], fault["code"]) for fault in problem.get("errors", ())]
    assert (response.status_code, found) == (400, [(pointer, code)])
    assert response.headers["content-type"] == "application/problem+json"
    assert ledger.stored() == before
    assert BSN not in response.text
    assert WRONG_BSN not in response.text


def test_the_same_key_with_another_body_is_a_conflict(ledger: Ledger) -> None:
    """The same body gives the same receipt, another body 409; neither stores anything more."""
    first = ledger.post(OPERATIONS, {"id": "same-1", **ACT})
    before = ledger.stored()
    again = ledger.post(OPERATIONS, dict(reversed(ACT.items())), **{"Idempotency-Key": "same-1"})
    other = ledger.post(OPERATIONS, {"id": "same-1", **ACT, "purpose": "another"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert again.json() == first.json()
    assert other.json()["code"] == "idempotency-conflict"
    assert ledger.stored() == before


def test_a_key_belongs_to_its_party(ledger: Ledger) -> None:
    """Two parties may use the same key for different operations."""
    ledger.post(OPERATIONS, {"id": "shared-1", **ACT})
    response = ledger.post(OPERATIONS, {"id": "shared-1", **ACT, "controller": "om"}, party="om")
    assert response.status_code == 201


def test_a_token_of_another_party_records_nothing(ledger: Ledger) -> None:
    """A party that is neither controller nor processor, and has no mandate, is refused."""
    before = ledger.stored()
    response = ledger.post(OPERATIONS, {"id": "other-1", **ACT}, party="om")
    assert response.status_code == 403
    assert ledger.stored() == before


def test_good_lines_stand_and_bad_ones_are_named(ledger: Ledger) -> None:
    """In a batch the good lines are stored whole; malformed, senseless and cut-off lines are named."""
    lines = [
        json.dumps({"id": "line-1", **ACT}).encode(),
        b"{",
        json.dumps({"id": "line-3", **ACT, "operation": "peek"}).encode(),
        json.dumps({"id": "line-4", **ACT}).encode(),
        json.dumps({"id": "line-5", **ACT}).encode()[:-9],
    ]
    before = ledger.stored()[0]
    answers = ledger.post_lines(lines)
    assert [answer.get("id") or (answer["line"], answer["status"]) for answer in answers] == [
        "line-1",
        (2, 400),
        (3, 400),
        "line-4",
        (5, 400),
    ]
    assert ledger.stored()[0] == before + 2


def test_the_scenario_clock_moves_forward_only(ledger: Ledger) -> None:
    """Setting the clock back gives 409."""
    response = ledger.post("/v1/clock", {"now": "2026-05-03T08:59:59Z"}, scope="governance")
    assert (response.status_code, response.json()["code"]) == (409, "clock_moves_forward")


def test_what_is_not_there_and_what_is_not_yours_are_the_same(ledger: Ledger) -> None:
    """An operation of another party gives the very answer of one that does not exist."""
    ledger.post(OPERATIONS, {"id": "mine-1", **ACT})
    token = ledger.issuer.issue("om", "processing:read processing:write")
    headers = {"Authorization": f"Bearer {token}", "Grootboek-Purpose": "operations"}
    for place in ("", "/proof"):
        answers = [ledger.http.get(f"{OPERATIONS}/{key}{place}", headers=headers) for key in ("mine-1", "absent-1")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def test_a_body_in_pieces_over_the_limit_is_refused_on_the_wire(ledger: Ledger) -> None:
    """A chunked body without a length is cut off with 413, and nothing is stored."""
    before = ledger.stored()
    token = ledger.issuer.issue("politie", "processing:write")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    response = ledger.http.post(OPERATIONS, content=(b" " * 65_536 for _ in range(20)), headers=headers)
    assert response.status_code == 413
    assert ledger.stored() == before


def test_deep_json_is_refused_on_the_wire(ledger: Ledger) -> None:
    """JSON of a hundred thousand levels gives 400, and the process lives on."""
    token = ledger.issuer.issue("politie", "processing:write")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    response = ledger.http.post(OPERATIONS, content=b'{"a":' * 100_000, headers=headers)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "json-too-deep")
    assert ledger.http.get("/readyz").status_code == 200


MISSPELLED: Final = {"idType": "bsn", "id": BSN}
ASKED_ABOUT: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    OPERATIONS: ("processing:write", ACT | {"id": "spelled-1", "subjects": [MISSPELLED]}, "/subjects/0"),
    f"{OPERATIONS}/_assess": ("processing:write", ACT | {"subjects": [MISSPELLED]}, "/subjects/0"),
    f"{OPERATIONS}/_search": ("processing:read", {"subject": MISSPELLED}, "/subject"),
    "/v1/holdings/_search": ("processing:read", {"subject": MISSPELLED}, "/subject"),
    "/v1/notices/_search": ("notice", {"subject": MISSPELLED}, "/subject"),
    "/v1/obligations/_search": ("retention", {"subject": MISSPELLED}, "/subject"),
    "/v1/access-requests": (
        "subject:access",
        {"subject": MISSPELLED, "receivedAt": NOW, "receivedBy": "politie", "requestedBy": {"role": "parent"}},
        "/subject",
    ),
    "/v1/inquiries": ("inquiry", {"subject": MISSPELLED, "reason": "why"}, "/subject"),
    "/v1/retention/holds": ("retention", {"subject": MISSPELLED, "reason": "why", "kind": "court"}, "/subject"),
    "/v1/erasures": ("retention", {"subject": MISSPELLED, "ground": "AVG 17(1)(d)", "decision": "B-1"}, "/subject"),
    "/v1/subjects/links": (
        "processing:write",
        {"first": {"idType": "V", "id": "1"}, "second": MISSPELLED, "reason": "same"},
        "/second",
    ),
    "/v1/subjects/unlinks": (
        "processing:write",
        {"first": MISSPELLED, "second": {"idType": "V", "id": "1"}, "reason": "other"},
        "/first",
    ),
    "/v1/notices": (
        "notice",
        {
            "subjects": [MISSPELLED],
            "controller": "politie",
            "givenBy": "politie",
            "givenAt": NOW,
            "form": "letter",
            "elements": "all",
            "addressee": "subject",
        },
        "/subjects/0",
    ),
    "/v1/exemptions": (
        "notice",
        {
            "subject": MISSPELLED,
            "controller": "politie",
            "norm": "UAVG 41(1)(d)",
            "interest": "investigation",
            "decidedBy": "politie",
            "decidedAt": NOW,
        },
        "/subject",
    ),
}


@pytest.mark.parametrize("path", ASKED_ABOUT)
def test_another_spelling_of_bsn_is_nobody(ledger: Ledger, path: str) -> None:
    """It would be another person, of whom nothing is known: every call refuses it at its place, and stores nothing."""
    scope, body, place = ASKED_ABOUT[path]
    before = ledger.stored()
    response = ledger.post(path, body, scope=scope, **{"Grootboek-Purpose": "operations"})
    found = [(fault["pointer"], fault["code"]) for fault in response.json().get("errors", ())]
    assert (response.status_code, found) == (400, [(f"{place}/idType", "id-type-spelling")])
    assert ledger.stored() == before
    assert BSN not in response.text


def test_a_citizen_under_another_spelling_gets_no_empty_answer(ledger: Ledger) -> None:
    """A token for a person whose kind of number is misspelled is answered with that, not with an empty report."""
    token = ledger.issuer.issue("politie", "subject:access", ("bsn", BSN))
    headers = {"Authorization": f"Bearer {token}"}
    response = ledger.http.post(f"{OPERATIONS}/_search", json={"party": "politie"}, headers=headers)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "id-type-spelling")


@pytest.mark.parametrize("offset", ["+16:00", "+23:59", "-16:00", "-23:59"])
def test_an_instant_at_any_offset_of_the_standard_is_taken_and_shown(ledger: Ledger, offset: str) -> None:
    """RFC 3339 goes further than PostgreSQL: the projections go on, and searches within such bounds are answered."""
    key = f"far{offset.replace('+', 'p').replace(':', '')}"
    sign, hours, minutes = offset[0], int(offset[1:3]), int(offset[4:])
    ahead = timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
    local = datetime.fromisoformat(ACT["occurredAt"]).replace(tzinfo=timezone(ahead)) + ahead
    written = local.isoformat()
    receipt = ledger.post(OPERATIONS, {"id": key, **ACT, "occurredAt": written})
    assert receipt.status_code == 201, receipt.text
    token = ledger.issuer.issue("politie", "processing:read")
    headers = {
        "Authorization": f"Bearer {token}",
        "Grootboek-Purpose": "operations",
        "Grootboek-Min-Position": receipt.json()["position"],
    }
    shown = ledger.http.get(f"{OPERATIONS}/{key}", headers=headers)
    assert shown.status_code == 200, shown.text
    assert datetime.fromisoformat(shown.json()["occurredAt"]) == datetime.fromisoformat(ACT["occurredAt"])
    search = {"party": "politie", "occurredFrom": written, "occurredUntil": written}
    found = ledger.http.post(f"{OPERATIONS}/_search", json=search, headers=headers)
    assert found.status_code == 200, found.text
    assert key in {item["id"] for item in found.json()["items"]}
    again = ledger.post(OPERATIONS, {"id": key, **ACT, "occurredAt": written})
    assert (again.status_code, again.json()) == (201, receipt.json())


def test_nothing_told_holds_a_number(ledger: Ledger) -> None:
    """After all this the log and the metrics hold no citizen's number and no failure of ours."""
    told = ledger.told()
    assert BSN not in told
    assert WRONG_BSN not in told
    assert "request.failed" not in told
