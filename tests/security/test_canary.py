"""A person and texts that stand out are sent through every call; afterwards they stand nowhere outside ciphertext."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.bench.workload import governance
from tests.support.otlp_receiver import OtlpReceiver
from tests.support.served import served

CANARY_BSN = "999990123"
OTHER_BSN = "999990135"
TEXTS = (
    "canary-name-7Q2",
    "canary-text-8R3",
    "canary-actor-9K4",
    "canary-case-1Z5",
    "canary-role-2X6",
    "canary-reporter-3C7",
    "canary-list-4V8",
)
CANARIES = (CANARY_BSN, OTHER_BSN, *TEXTS)
CONTROLLER = "burgemeester-middelstad"
# What a careless partner may put in the headers of a trace: a number as its id, and anything beside it.
CANARY_TRACE = {
    "traceparent": f"00-{CANARY_BSN.rjust(32, '0')}-{OTHER_BSN.ljust(16, '0')}-01",
    "tracestate": f"vendor={TEXTS[0]}",
    "baggage": f"subject={CANARY_BSN}",
}
KEY = "0198f0c1-7c1e-7000-8000-{:012d}"
Json = dict[str, Any]


def act(number: int, **more: Any) -> Json:
    """An act with a canary in every free field."""
    return {
        "id": KEY.format(number),
        "operation": "make-available",
        "name": TEXTS[0],
        "description": TEXTS[1],
        "occurredAt": "2026-10-01T10:00:00+02:00",
        "subjects": [{"idType": "BSN", "id": CANARY_BSN, "role": TEXTS[4], "birthDate": "2011-02-03"}],
        "dataCategories": ["name"],
        "controller": CONTROLLER,
        "recipients": [{"party": "politie", "caseId": TEXTS[3]}],
        "source": {"kind": "citizen-report", "reporter": TEXTS[5], "protected": True, "conditions": TEXTS[1]},
        "necessity": {"proportionality": TEXTS[1], "subsidiarity": TEXTS[1]},
        "covenant": {"id": "veiligheidshuis-0", "annex": "jeugdgroepen"},
        "phase": "plan",
        "list": {"kind": "bruto", "id": TEXTS[6]},
        "caseId": TEXTS[3],
        "actor": {"id": TEXTS[2], "role": TEXTS[4]},
        "reference": f"https://example.org/{TEXTS[1]}",
    } | more


class Ledger(Protocol):
    """A running ledger, of one process or of several."""

    @property
    def base_url(self) -> str:
        """Where it answers."""

    def token(self, party: str, scope: str, subject: str | None = None) -> str:
        """A token of an issuer whom it trusts."""


class Caller:
    """Makes calls and remembers every problem answer."""

    def __init__(self, ledger: Ledger) -> None:
        """Take the running ledger."""
        self.ledger = ledger
        self.problems: list[str] = []
        self._tokens: dict[tuple[str, str, str | None], str] = {}

    def post(self, path: str, body: Any, party: str, scope: str, purpose: str | None = None) -> httpx.Response:
        """POST as a party."""
        return self._kept(
            httpx.post(self.url(path), json=body, headers=self.headers(party, scope, purpose), timeout=30)
        )

    def get(self, path: str, party: str, scope: str, purpose: str, subject: str | None = None) -> httpx.Response:
        """GET as a party, or with a citizen's token."""
        return self._kept(httpx.get(self.url(path), headers=self.headers(party, scope, purpose, subject), timeout=30))

    def url(self, path: str) -> str:
        """The full address."""
        return self.ledger.base_url + path

    def headers(self, party: str, scope: str, purpose: str | None = None, subject: str | None = None) -> dict[str, str]:
        """The headers of a call."""
        key = (party, scope, subject)
        if key not in self._tokens:
            self._tokens[key] = self.ledger.token(party, scope, subject)
        headers = {"Authorization": f"Bearer {self._tokens[key]}"} | CANARY_TRACE
        return headers | ({"Grootboek-Purpose": purpose} if purpose else {})

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code >= 400:
            self.problems.append(answer.text)
        assert answer.status_code < 500, answer.text
        return answer


def every_call(caller: Caller) -> None:
    """Send the canaries through all calls that take or give personal data, rightly and wrongly."""
    identifier = {"idType": "BSN", "id": CANARY_BSN}
    operations = "/v1/processing-operations"
    for path, body in governance()[:8]:
        assert caller.post(path, body, "registrar", "governance").status_code == 201
    write, read = "processing:write", "processing:read"
    assert caller.post(operations, act(1), CONTROLLER, write).status_code == 201
    assert caller.post(operations, act(1, name=TEXTS[1]), CONTROLLER, write).status_code == 409
    assert caller.post(operations, act(2, tense="intent"), CONTROLLER, write).status_code in {201, 403}
    assert caller.post(f"{operations}/_assess", act(3), CONTROLLER, write).status_code == 200
    wrong = act(
        4, operation=TEXTS[1], controller=TEXTS[0], subjects=[{"idType": "BSN", "id": "999990124", "x": TEXTS[0]}]
    )
    assert caller.post(operations, wrong, CONTROLLER, write).status_code == 400
    lines = "\n".join([json.dumps(act(5)), json.dumps(wrong), '{"operation": "' + TEXTS[0]])
    headers = caller.headers(CONTROLLER, write) | {"Content-Type": "application/x-ndjson"}
    ndjson = httpx.post(caller.url(operations), content=lines, headers=headers, timeout=30)
    caller.problems += ndjson.text.splitlines()[1:]
    found = caller.post(f"{operations}/_search", {"subject": identifier}, CONTROLLER, read, "operations")
    assert found.status_code == 200
    assert caller.post(f"{operations}/_search", {"caseId": TEXTS[3]}, CONTROLLER, read, "operations").status_code == 200
    assert caller.get(f"{operations}/{KEY.format(1)}", CONTROLLER, read, "operations").status_code == 200
    assert caller.get(f"{operations}/{TEXTS[0]}", CONTROLLER, read, "operations").status_code == 404
    correction = {"id": KEY.format(6), "reason": TEXTS[1], "changes": {"description": TEXTS[1]}}
    assert caller.post(f"{operations}/{KEY.format(1)}/corrections", correction, CONTROLLER, write).status_code < 300
    confidential = {"id": KEY.format(7), "level": "confidential", "ground": "UAVG 41(1)(d)", "reviewOn": "2027-01-01"}
    assert (
        caller.post(f"{operations}/{KEY.format(5)}/confidentiality", confidential, CONTROLLER, write).status_code < 300
    )
    every_duty_call(caller, identifier)
    every_question(caller, identifier)


def every_duty_call(caller: Caller, identifier: Json) -> None:
    """Notices, exemptions, links."""
    covenant = {"id": "veiligheidshuis-0", "annex": "jeugdgroepen"}
    notice = {
        "id": KEY.format(8),
        "subjects": [identifier],
        "controller": CONTROLLER,
        "covenant": covenant,
        "givenBy": CONTROLLER,
        "givenAt": "2026-10-02T10:00:00+02:00",
        "form": "letter",
        "elements": "all",
        "addressee": "subject",
    }
    assert caller.post("/v1/notices", notice, CONTROLLER, "notice").status_code == 201
    exemption = {
        "id": KEY.format(9),
        "subject": identifier,
        "controller": CONTROLLER,
        "covenant": covenant,
        "norm": "UAVG 41(1)(d)",
        "interest": TEXTS[1],
        "necessity": TEXTS[1],
        "decidedBy": CONTROLLER,
        "decidedAt": "2026-10-02T10:00:00+02:00",
        "reviewOn": "2027-01-01",
    }
    assert caller.post("/v1/exemptions", exemption, CONTROLLER, "notice").status_code == 201
    link = {"id": KEY.format(10), "first": identifier, "second": identifier | {"id": OTHER_BSN}, "reason": TEXTS[1]}
    for path in ("links", "unlinks"):
        answer = caller.post(f"/v1/subjects/{path}", link | {"id": f"{path}-1"}, CONTROLLER, "processing:write")
        assert answer.status_code == 201, answer.text


def every_question(caller: Caller, identifier: Json) -> None:
    """Access, inquiry, breach, holdings."""
    request = {
        "id": KEY.format(11),
        "subject": identifier,
        "receivedAt": "2026-10-03T10:00:00+02:00",
        "receivedBy": CONTROLLER,
        "requestedBy": {"role": "subject"},
    }
    access = "subject:access"
    assert caller.post("/v1/access-requests", request, CONTROLLER, access).status_code == 201
    report = f"/v1/access-requests/{KEY.format(11)}/report"
    answer = caller.get(report, CONTROLLER, access, "access-request", f"BSN:{CANARY_BSN}")
    assert answer.status_code == 200
    assert not [text for text in (OTHER_BSN, TEXTS[2], TEXTS[5]) if text in answer.text]
    inquiry = {"id": KEY.format(12), "subject": identifier, "reason": TEXTS[1]}
    assert caller.post("/v1/inquiries", inquiry, CONTROLLER, "inquiry").status_code == 201
    assert caller.get(f"/v1/inquiries/{KEY.format(12)}/replay", CONTROLLER, "inquiry", "proceedings").status_code == 200
    breach = {
        "id": KEY.format(13),
        "party": "politie",
        "occurredFrom": "2026-10-04T10:00:00+02:00",
        "occurredUntil": "2026-10-04T10:00:00+02:00",
        "awareAt": "2026-10-04T10:00:00+02:00",
        "description": TEXTS[1],
    }
    assert caller.post("/v1/breaches", breach, "politie", "breach").status_code == 201
    assert caller.get(f"/v1/breaches/{KEY.format(13)}/impact", "politie", "breach", "breach").status_code == 200
    holdings = {"subject": identifier}
    assert caller.post("/v1/holdings/_search", holdings, CONTROLLER, "processing:read", "operations").status_code == 200


def everything_stored(conninfo: str) -> Iterator[tuple[str, bytes]]:
    """Every table and view of ours as text, bytea columns decoded as far as they are clear."""
    with psycopg.connect(conninfo) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            # In binary and as it comes: a day without end is no date of Python's.
            with connection.cursor(binary=True) as cursor:
                cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table)))
                assert cursor.pgresult is not None
                for row in range(cursor.pgresult.ntuples):
                    values = (cursor.pgresult.get_value(row, column) for column in range(cursor.pgresult.nfields))
                    yield f"{schema}.{table}", b"\x00".join(value or b"" for value in values)


def data_directory(conninfo: str) -> Path:
    """Where PostgreSQL keeps its files: tables, indexes and write-ahead log."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT current_setting('data_directory')").fetchone()
    assert row is not None
    return Path(row[0])


def test_no_canary_stands_outside_ciphertext(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a table, a file of the database, a log line, a metric, a span or a problem answer."""
    with OtlpReceiver() as receiver:
        monkeypatch.setenv("GROOTBOEK_OTLP_ENDPOINT", receiver.endpoint)
        search_everywhere(tmp_path)
    exported = {span.name for span in receiver.spans}
    assert exported >= {"gateway.request", "ledger.call", "ledger.judge", "ledger.append", "ledger.project"}
    assert exported >= {"ledger.checkpoint", "notifier.follow", "notifier.attend"}
    assert "grootboek_request_seconds" in {metric.name for metric in receiver.metrics}
    assert [n for n, data in enumerate(receiver.raw) if any(c.encode() in data for c in CANARIES)] == []
    # Ids travel as bytes: a number in one would not show as its digits.
    numbers = {CANARY_BSN, OTHER_BSN}
    for span in receiver.spans:
        ids = [span.trace_id, span.parent_span_id, *(link.trace_id for link in span.links)]
        assert [number for number in numbers for each in ids if number in each.hex()] == []


def search_everywhere(tmp_path: Path) -> None:
    """Make every call, then look through all that was stored and told."""
    with served(tmp_path) as ledger:
        caller = Caller(ledger)
        every_call(caller)
        places = {f"problem {n}": text.encode() for n, text in enumerate(caller.problems)}
        places["metrics"] = httpx.get(f"{ledger.base_url}/metrics", timeout=30).content
        places["log"] = ledger.log.read_bytes()
        found = [name for name, data in places.items() if any(c.encode() in data for c in CANARIES)]
        found += [
            name for name, data in everything_stored(ledger.conninfo) if any(c.encode() in data for c in CANARIES)
        ]
        assert found == []
        folders = [tmp_path / "home", data_directory(ledger.conninfo)]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert [f.name for f in files if any(c.encode() in f.read_bytes() for c in CANARIES)] == []
