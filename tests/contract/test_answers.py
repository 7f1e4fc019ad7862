"""What a served ledger answers has the shapes of the API description, call by call, on the case of the seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli.case.door import Door
from services.cli.case.load import Posted, load_case
from services.cli.case.model import Case, read_case
from services.gateway.auth.issuer import TokenIssuer
from services.gateway.openapi import describe
from tests.support.json_schema import differences
from tests.support.served import Served, served

CASE = Path(__file__).parents[1] / "cases" / "vechtpartijen.yaml"
OPERATIONS = "/processing-operations"


class Asker:
    """A served ledger that holds the case, with the description to hold it to."""

    def __init__(self, process: Served) -> None:
        """Load the case."""
        self.description = describe()
        self.issuer = TokenIssuer.open(process.folder / "var" / "issuer")
        self.http = httpx.Client(base_url=process.base_url, timeout=30)
        self.case: Case = read_case(CASE)
        with Door(process.base_url, self.issuer.issue) as door:
            self.posted: dict[int, Posted] = load_case(self.case, door, process.folder / "journal", lambda _: None)

    def answer_of(self, act: int) -> dict[str, Any]:
        """Return the answer to an act."""
        return self.posted[act].answers[0][1]

    def person(self, label: str) -> dict[str, str]:
        """Return the identifier of a person of the case."""
        found = self.case.identifier(label)
        return {"idType": found["idType"], "id": found["id"]}

    def ask(
        self,
        method: str,
        template: str,
        *,
        party: str,
        scope: str,
        purpose: str | None = None,
        subject: str | None = None,
        body: Any = None,
        params: dict[str, str] | None = None,
        **places: str,
    ) -> Any:
        """Make one call, and hold status, media type and shape of its answer to the description."""
        person = None if subject is None else (self.person(subject)["idType"], self.person(subject)["id"])
        headers = {"Authorization": f"Bearer {self.issuer.issue(party, scope, person)}"}
        if purpose is not None:
            headers["Grootboek-Purpose"] = purpose
        path = "/v1" + template.format(**places)
        response = self.http.request(method, path, json=body, headers=headers, params=params)
        assert self.wrong(method, template, response) == []
        return response.json()

    def wrong(self, method: str, template: str, response: httpx.Response) -> list[str]:
        """Return where an answer differs from what is described."""
        described = self.description["paths"][template][method.lower()]["responses"]
        status = str(response.status_code)
        if status not in described:
            return [f"status {status} is not described: {response.text}"]
        answer = described[status]
        if "$ref" in answer:
            answer = self.description["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        media = response.headers["content-type"]
        schema = answer["content"][media]["schema"]
        return list(differences(self.description, schema, response.json()))


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Serve the case once for this module."""
    with served(tmp_path_factory.mktemp("answers"), clock="scenario") as process:
        made = Asker(process)
        yield made
        made.http.close()


def test_receipts_have_their_shape(asker: Asker) -> None:
    """Every receipt of the case, and the problem of the refused intent, is what the description says."""
    schemas = {201: "Receipt", 403: "RefusalProblem"}
    for act in asker.case.acts:
        for status, body in asker.posted[act.number].answers:
            if act.kind in {"breach", "access_request"}:
                continue
            schema = {"$ref": f"#/components/schemas/{schemas[status]}"}
            assert list(differences(asker.description, schema, body)) == []


def test_an_operation_is_read_and_proved(asker: Asker) -> None:
    """One operation, and its proof."""
    key = asker.answer_of(10)["id"]
    who: dict[str, Any] = {"party": "burgemeester-middelstad", "scope": "processing:read"}
    read = asker.ask("GET", f"{OPERATIONS}/{{id}}", **who, purpose="operations", id=key)
    assert (read["id"], len(read["subjects"])) == (key, 9)
    asker.ask("GET", f"{OPERATIONS}/{{id}}/proof", **who, id=key)


def test_searches_answer_pages(asker: Asker) -> None:
    """Operations and holdings come in pages with a cursor."""
    who: dict[str, Any] = {"party": "burgemeester-middelstad", "scope": "processing:read", "purpose": "operations"}
    body = {"subject": asker.person("y1"), "limit": 1}
    first = asker.ask("POST", f"{OPERATIONS}/_search", **who, body=body)
    second = asker.ask("POST", f"{OPERATIONS}/_search", **who, body={**body, "cursor": first["next"]})
    assert first["items"] != second["items"]
    holdings = asker.ask("POST", "/holdings/_search", **who, body={"subject": asker.person("y1")})
    assert holdings["items"]


def test_an_assessment_has_its_shape(asker: Asker) -> None:
    """A dry run, with an answer per recipient."""
    act = {
        "operation": "make-available",
        "occurredAt": "2026-09-25T10:00:00Z",
        "controller": "politie",
        "recipients": [{"party": "om"}],
        "subjects": [asker.person("y1")],
    }
    found = asker.ask("POST", f"{OPERATIONS}/_assess", party="politie", scope="processing:write", body=act)
    assert [each["party"] for each in found["recipients"]] == ["om"]


def test_later_events_have_their_shape(asker: Asker) -> None:
    """A correction and a change of confidentiality answer with a list."""
    key = asker.answer_of(13)["id"]
    who: dict[str, Any] = {"party": "burgemeester-middelstad", "scope": "processing:write"}
    body = {"reason": "wrong phase", "changes": {"phase": "execution"}}
    asker.ask("POST", f"{OPERATIONS}/{{id}}/corrections", **who, body=body, id=key)
    level = {"level": "confidential", "ground": "UAVG 41(1)(d)", "reviewOn": "2026-10-15"}
    asker.ask("POST", f"{OPERATIONS}/{{id}}/confidentiality", **who, body=level, id=key)


def test_access_has_its_shape(asker: Asker) -> None:
    """The request, its clocks and the report; the citizen's own token needs no purpose."""
    key = asker.answer_of(21)["id"]
    who: dict[str, Any] = {"party": "politie", "scope": "subject:access", "subject": "y5"}
    asker.ask("GET", "/access-requests/{id}", **who, id=key)
    report = asker.ask("GET", "/access-requests/{id}/report", **who, id=key)
    assert report["lines"]


def test_a_replay_has_its_shape(asker: Asker) -> None:
    """An inquiry and its replay."""
    who: dict[str, Any] = {"party": "auditor", "scope": "inquiry audit"}
    body = {"id": "inquiry-1", "subject": asker.person("y2"), "reason": "complaint"}
    inquiry = asker.ask("POST", "/inquiries", **who, body=body)
    params = {"asKnownAt": "2026-09-15"}
    replay = asker.ask("GET", "/inquiries/{id}/replay", **who, purpose="proceedings", params=params, id=inquiry["id"])
    assert replay["events"]


def test_a_breach_has_its_shape(asker: Asker) -> None:
    """A breach and its impact."""
    receipt = asker.answer_of(20)
    who: dict[str, Any] = {"party": receipt["reportingParty"], "scope": "breach", "purpose": "breach"}
    asker.ask("GET", "/breaches/{id}", **who, id=receipt["id"])
    impact = asker.ask("GET", "/breaches/{id}/impact", **who, id=receipt["id"])
    assert impact["items"]


def test_duties_have_their_shape(asker: Asker) -> None:
    """An inbox, an answer to what stands in it, the notices given, and the end of an exemption."""
    youth: dict[str, Any] = {"party": "jongerenwerk-middelstad", "scope": "retention"}
    inbox = asker.ask("POST", "/obligations/_search", **youth, purpose="operations", body={"state": "owed"})
    (owed,) = inbox["items"]
    college: dict[str, Any] = {"party": "college-middelstad", "scope": "notice"}
    duties = asker.ask("POST", "/obligations/_search", **college, purpose="operations", body={"kind": "inform"})
    assert {item["party"] for item in duties["items"]} == {"college-middelstad"}
    answer = {"at": "2026-09-28T10:00:00Z", "outcome": "kept", "norm": "Archiefwet 3", "until": "2027-01-01"}
    place = "/obligations/{id}/confirmations"
    kept = asker.ask("POST", place, **youth, body=answer | {"how": "in the file"}, id=owed["id"])
    assert (kept["id"], kept["state"]) == (owed["id"], "kept")
    asker.ask("POST", place, **youth, body=answer | {"how": "", "until": None}, id=owed["id"])
    asker.ask("POST", place, **college | {"scope": "retention"}, body=answer | {"how": "x"}, id=owed["id"])
    body = {"controller": "college-middelstad"}
    told = asker.ask("POST", "/notices/_search", **college, purpose="operations", body=body)
    assert {item["type"] for item in told["items"]} == {"notice", "exemption"}
    order_letter(asker, college, duties["items"][0]["id"])
    ending = {"at": "2026-09-20T10:00:00Z", "reason": "the investigation was closed"}
    key = asker.answer_of(16)["id"]
    assert asker.ask("POST", "/exemptions/{id}/endings", **college, body=ending, id=key)["endedAt"]
    asker.ask("POST", "/exemptions/{id}/endings", **college, body=ending, id=key)


def order_letter(asker: Asker, college: dict[str, Any], duty: str) -> None:
    """A letter that leaves or is held, and one that nobody may write."""
    facts = dict.fromkeys(("controller", "purpose", "basis", "retention", "rights", "source", "complaint"), "Zo.")
    dutch = {**facts, "categories": ["uw naam"], "recipients": []}
    order = {"channel": "letter", "address": ["J. Jansen"], "salutation": "heer Jansen", "dutch": dutch}
    written = asker.ask("POST", "/obligations/{id}/letters", **college, body=order, id=duty)
    assert written["state"] in {"waiting", "held"}
    asker.ask("POST", "/obligations/{id}/letters", **college, body=order | {"address": []}, id=duty)
    asker.ask("POST", "/obligations/{id}/letters", **college, body=order, id="unknown")


@pytest.mark.parametrize("kind", ["parties", "covenants", "processing-activities", "purposes", "mandates", "decisions"])
def test_registers_are_listed(asker: Asker, kind: str) -> None:
    """Every register answers a page."""
    asker.ask("GET", f"/{kind}", party="auditor", scope="audit", params={"validAt": "2026-09-15"})


def test_links_have_their_shape(asker: Asker) -> None:
    """Two identifiers become one person, and two again."""
    who: dict[str, Any] = {"party": "politie", "scope": "processing:write"}
    body = {"first": asker.person("y3"), "second": {"idType": "V-number", "id": "1234567890"}, "reason": "same"}
    for call in ("/subjects/links", "/subjects/unlinks"):
        asker.ask("POST", call, **who, body=body)


def test_problems_have_their_shape(asker: Asker) -> None:
    """Problems of the door and of the ledger are described, each under its status."""
    who: dict[str, Any] = {"party": "politie", "scope": "processing:write"}
    for body in ({}, {"operation": "peek", "id": "x", "occurredAt": "2026-09-01T00:00:00Z", "controller": "politie"}):
        asker.ask("POST", OPERATIONS, **who, body=body)
    asker.ask("GET", f"{OPERATIONS}/{{id}}/proof", **who, id="absent")
    asker.ask("GET", "/finding-codes", **who)
