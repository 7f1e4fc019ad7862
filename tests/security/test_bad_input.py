"""Bad input at the door: a 4xx problem with every fault, no value told back, and nothing recorded."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime import limits
from tests.support.door import ACT, BSN, OPERATIONS, Door, codes, endless, in_chunks, numbered

DEPTH: Final = 100_000


@pytest.fixture
def door() -> Door:
    """Return a door of its own."""
    return Door()


def act_with(**changes: Any) -> bytes:
    """Return an act with changes, as bytes; a lone surrogate is written as its escape."""
    return json.dumps({**ACT, **changes}).encode()


def act_without(name: str) -> bytes:
    """Return an act that misses a field."""
    return json.dumps({key: value for key, value in ACT.items() if key != name}).encode()


REPEATED_ID: Final = json.dumps(ACT)[:-1].encode() + b',"id":"act-2"}'
REPEATED_DEEP: Final = json.dumps(ACT).replace('"idType"', '"id": "1", "idType"').encode()
MALFORMED: Final[dict[str, tuple[bytes, list[tuple[str, str]]]]] = {
    "nothing": (b"", [("", "json-invalid")]),
    "no JSON": (b"operation=collect", [("", "json-invalid")]),
    "truncated": (json.dumps(ACT).encode()[:-1], [("", "json-invalid")]),
    "two values": (json.dumps(ACT).encode() * 2, [("", "json-invalid")]),
    "NaN": (b'{"operation":NaN}', [("", "json-invalid")]),
    "a huge number": (b'{"operation":' + b"9" * 5000 + b"}", [("", "json-invalid")]),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(ACT).encode(), [("", "json-invalid")]),
    "an array": (b"[]", [("", "type-object")]),
    "null": (b"null", [("", "type-object")]),
    "a string": (b'"act"', [("", "type-object")]),
    "no UTF-8": (b'{"operation":"\xff"}', [("", "json-not-utf-8")]),
    "a surrogate in UTF-8": (b'{"operation":"\xed\xa0\x80"}', [("", "json-not-utf-8")]),
    "deep arrays": (b"[" * DEPTH, [("", "json-too-deep")]),
    "deep objects": (b'{"a":' * DEPTH, [("", "json-too-deep")]),
    "deep inside an act": (
        act_with(name=1)[:-1] + b',"x":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
        [("", "json-too-deep")],
    ),
    "an empty object": (
        b"{}",
        [
            ("/id", "id-required"),
            ("/operation", "field-missing"),
            ("/occurredAt", "field-missing"),
            ("/controller", "field-missing"),
        ],
    ),
    "a missing field": (act_without("controller"), [("/controller", "field-missing")]),
    "an unknown field": (act_with(controler="politie"), [("/controler", "field-unknown")]),
    "an unknown field named like a number": (act_with(**{BSN: 1}), [("", "field-unknown")]),
    "an id that is a number": (act_with(id=12345), [("/id", "type-string")]),
    "an id that is a citizen's number": (act_with(id=BSN), [("/id", "key-identifies-person")]),
    "an id with spaces": (act_with(id="act 1"), [("/id", "key-malformed")]),
    "an id too long for a key": (act_with(id="a" * 129), [("/id", "key-malformed")]),
    "no id": (act_without("id"), [("/id", "id-required")]),
    "a null id": (act_with(id=None), [("/id", "id-required")]),
    "a time without zone": (act_with(occurredAt="2026-05-03T09:00:00"), [("/occurredAt", "instant-without-zone")]),
    "a date for a time": (act_with(occurredAt="2026-05-03"), [("/occurredAt", "instant-invalid")]),
    "a number for a time": (act_with(occurredAt=1777799), [("/occurredAt", "instant-invalid")]),
    "an impossible date": (
        act_with(subjects=[{"idType": "BSN", "id": BSN, "birthDate": "2026-02-30"}]),
        [("/subjects/0/birthDate", "date-invalid")],
    ),
    "201 subjects": (act_with(subjects=[{"idType": "BSN", "id": BSN}] * 201), [("/subjects", "items-too-many")]),
    "201 recipients": (act_with(recipients=[{"party": "om"}] * 201), [("/recipients", "items-too-many")]),
    "one subject, no list": (act_with(subjects={"idType": "BSN", "id": BSN}), [("/subjects", "type-array")]),
    "a regime of no law": (act_with(dataRegime="Wpg-99"), [("/dataRegime", "value-not-in-list")]),
    "a boolean as text": (act_with(source={"protected": "yes"}), [("/source/protected", "type-boolean")]),
    "text too long": (act_with(description="x" * 4097), [("/description", "text-too-long")]),
    "empty text": (act_with(operation=""), [("/operation", "text-too-short")]),
    "NUL": (act_with(purpose="a\x00b"), [("/purpose", "text-nul")]),
    "a lone surrogate": (act_with(purpose="\ud800"), [("/purpose", "text-surrogate")]),
    "a repeated id": (REPEATED_ID, [("/id", "name-repeated")]),
    "a repeated name inside": (REPEATED_DEEP, [("/subjects/0/id", "name-repeated")]),
    "a repeated name in other escapes": (
        json.dumps(ACT)[:-1].encode() + b',"operatio\\u006e":"collect"}',
        [("/operation", "name-repeated")],
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_acts_are_rejected(door: Door, case: str) -> None:
    """A malformed body gives 400 with pointer and code of the fault, and nothing reaches the ledger."""
    body, expected = MALFORMED[case]
    response = door.post_act(body)
    assert (response.status_code, codes(response)) == (400, expected)
    assert response.headers["content-type"] == "application/problem+json"
    assert door.ledger.asked == []
    assert_tells_no_value(door, response.text)


def assert_tells_no_value(door: Door, text: str) -> None:
    """No citizen's number stands in the answer, the log or the metrics."""
    told = text + repr(door.log.written) + door.metrics.exposition()
    assert BSN not in told
    assert "Wpg-99" not in told


def test_all_faults_are_told_at_once(door: Door) -> None:
    """Every fault of a body stands in one answer (API design rules), each with a pointer and a remedy."""
    body = {"id": 1, "operation": "", "occurredAt": "x", "subjects": [{"id": ""}], "dataRegime": "x", "extra": 1}
    response = door.post_act(json.dumps(body).encode())
    expected = {"/id", "/operation", "/occurredAt", "/controller", "/subjects/0/id", "/subjects/0/idType"}
    assert {pointer for pointer, _ in codes(response)} == expected | {"/dataRegime", "/extra"}
    assert all(fault["remedy"] and fault["message"] for fault in response.json()["errors"])


def test_a_body_of_faults_gives_a_bounded_answer(door: Door) -> None:
    """A body of nothing but faults does not become an answer of megabytes."""
    response = door.post_act(json.dumps({**ACT, "subjects": [{"x": 1}] * 200}).encode())
    assert (response.status_code, len(codes(response))) == (400, limits.FIELD_ERRORS_MAX)


def test_a_header_that_contradicts_the_id_is_rejected(door: Door) -> None:
    """An Idempotency-Key and a body id that differ would make two operations of one: 400."""
    response = door.post_act(headers={"Idempotency-Key": "act-2"})
    assert (response.status_code, codes(response)) == (400, [("/id", "idempotency-key-contradicts-id")])
    assert door.ledger.asked == []


@pytest.mark.parametrize("key", [BSN, "999-990-019", "a b", "", "a" * 129, "a;b", "a/b"])
def test_malformed_keys_are_rejected(door: Door, key: str) -> None:
    """A key that is no key, or is somebody's number, is rejected before it can stand in a URL."""
    headers = [("Idempotency-Key", key)]
    body = act_without("id")
    response = door.ask("POST", OPERATIONS, content=body, headers=[*headers, ("Content-Type", "application/json")])
    assert response.status_code == 400
    assert door.ledger.asked == []
    assert_tells_no_value(door, response.text)


def test_a_repeated_header_is_rejected(door: Door) -> None:
    """Two Idempotency-Key headers are no key."""
    key = ("Idempotency-Key", "act-1")
    assert door.post_act(headers=[key, key]).status_code == 400
    assert door.ledger.asked == []


@pytest.mark.parametrize("chunk_bytes", [1 << 16, 1 << 22])
def test_a_body_over_the_limit_is_refused(door: Door, chunk_bytes: int) -> None:
    """A body over the limit gives 413, also when it comes in chunks without its length."""
    body = act_with(description="x" * limits.JSON_BODY_BYTES_MAX)
    response = door.ask(
        "POST", OPERATIONS, content=in_chunks(body, chunk_bytes), headers={"Content-Type": "application/json"}
    )
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert door.ledger.asked == []


def test_a_body_is_not_read_beyond_its_limit(door: Door) -> None:
    """The limit holds while the body streams in: an endless body is not gathered first."""
    seen: list[int] = []
    response = door.ask(
        "POST", OPERATIONS, content=endless(100_000, seen), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413
    assert len(seen) * 65_536 <= limits.JSON_BODY_BYTES_MAX + 2 * 65_536


def test_a_declared_length_over_the_limit_is_refused_unread(door: Door) -> None:
    """A Content-Length over the limit is believed at once."""
    headers = {"Content-Type": "application/json", "Content-Length": "9" * 30}
    assert door.ask("POST", OPERATIONS, content=b"{}", headers=headers).status_code == 413


def test_a_batch_over_the_limit_is_refused_whole(door: Door) -> None:
    """A batch over the limit gives 413 for the whole, and not one of its lines is recorded."""
    line = act_with(description="x" * 4000) + b"\n"
    body = line * (limits.NDJSON_BODY_BYTES_MAX // len(line) + 1)
    assert door.post_lines(body).status_code == 413
    assert door.ledger.asked == []


def test_too_many_lines_are_refused_whole(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """More lines than the bound give 413, before anything is recorded."""
    monkeypatch.setattr(limits, "NDJSON_LINES_MAX", 3)
    body = b"\n".join(json.dumps(each).encode() for each in numbered(4))
    assert door.post_lines(body).status_code == 413
    assert door.ledger.asked == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity"])
def test_compressed_bodies_are_refused(door: Door, encoding: str) -> None:
    """A compressed body could unfold to anything: 415."""
    response = door.post_act(headers={"Content-Encoding": encoding})
    assert (response.status_code, response.json()["code"]) == (415, "content-encoding-unsupported")
    assert door.ledger.asked == []


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data", "application/jsonx", ""])
def test_other_media_types_are_refused(door: Door, media: str) -> None:
    """A body of another media type gives 415."""
    response = door.ask("POST", OPERATIONS, content=json.dumps(ACT).encode(), headers={"Content-Type": media})
    assert (response.status_code, response.json()["code"]) == (415, "media-type-unsupported")
    assert door.ledger.asked == []


def test_a_truncated_batch_keeps_its_good_lines(door: Door) -> None:
    """Good lines are recorded and answered, the line that was cut off is named by its number."""
    good = [json.dumps(each).encode() for each in numbered(2)]
    response = door.post_lines(b"\n".join([*good, json.dumps(ACT).encode()[:-20]]))
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    assert [answer.get("id") for answer in answers] == ["act-0", "act-1", None]
    assert (answers[2]["line"], answers[2]["status"], answers[2]["errors"][0]["code"]) == (3, 400, "json-invalid")
    assert [each.key for each in door.ledger.submissions] == ["act-0", "act-1"]


def test_bad_lines_stand_between_good_ones_in_order(door: Door) -> None:
    """Each line is answered in its place, whatever happened to its neighbours; empty lines are not lines."""
    lines = [act_with(id="a"), b"{", b"", act_with(id="b"), act_without("id"), b"[" * DEPTH, act_with(id="c")]
    response = door.post_lines(b"\n".join(lines) + b"\r\n\n")
    answers = [json.loads(line) for line in response.text.splitlines()]
    seen = [answer["id"] if "id" in answer else (answer["line"], answer["status"]) for answer in answers]
    assert seen == ["a", (2, 400), "b", (5, 400), (6, 400), "c"]


def test_a_line_over_its_limit_is_named(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line larger than an operation may be gives a 413 of its own."""
    monkeypatch.setattr(limits, "NDJSON_LINE_BYTES_MAX", 500)
    response = door.post_lines(act_with(id="a") + b"\n" + act_with(id="b", description="x" * 500))
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert (answers[0]["id"], answers[1]["line"], answers[1]["status"]) == ("a", 2, 413)


def test_one_key_cannot_stand_for_a_batch(door: Door) -> None:
    """An Idempotency-Key beside lines would give all of them one key: 400."""
    response = door.post_lines(act_with(), headers={"Idempotency-Key": "batch-1"})
    assert (response.status_code, codes(response)) == (400, [("", "idempotency-key-for-many")])
    assert door.ledger.asked == []


def test_a_batch_without_a_token_is_refused_whole(door: Door) -> None:
    """A batch without a token gives 401 for the whole."""
    assert door.post_lines(act_with(), token=None).status_code == 401
    assert door.ledger.asked == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/processing-operations/_search", {"occurredFrom": "2026-01-01T00:00:00Z"}),
        ("/v1/processing-operations/_search", {"party": "politie", "limit": 0}),
        ("/v1/processing-operations/_search", {"party": "politie", "limit": 1001}),
        ("/v1/processing-operations/_search", {"party": "politie", "cursor": ""}),
        ("/v1/holdings/_search", {"asOf": "yesterday"}),
        ("/v1/holdings/_search", {"asKnownAt": "2026-01-01T00:00:00"}),
        ("/v1/inquiries", {"reason": "x"}),
        ("/v1/inquiries", {"reason": "x", "caseId": "c", "subject": {"idType": "BSN", "id": BSN}}),
        ("/v1/parties", {"id": BSN, "kind": "citizen"}),
        ("/v1/parties", {"id": "a\x00b", "kind": "citizen"}),
        ("/v1/clock", {"now": "2026-01-01T00:00:00"}),
        ("/v1/processing-operations/_search", {"party": "politie", "occurredFrom": "2026-01-01T00:00:00"}),
        (
            "/v1/access-requests",
            {
                "subject": {"idType": "BSN", "id": BSN},
                "receivedAt": "2026-01-01T00:00:00",
                "receivedBy": "politie",
                "requestedBy": {"role": "subject"},
            },
        ),
        (
            "/v1/breaches",
            {
                "party": "politie",
                "occurredFrom": "2026-01-02T00:00:00Z",
                "occurredUntil": "2026-01-01T00:00:00Z",
                "awareAt": "2026-01-02T00:00:00Z",
                "description": "lost",
            },
        ),
    ],
)
def test_other_bodies_are_checked_too(door: Door, path: str, body: dict[str, Any]) -> None:
    """Every call rejects what it cannot mean, and tells no value back."""
    response = door.ask("POST", path, json=body, headers={"Grootboek-Purpose": "operations"})
    assert response.status_code == 400
    assert response.json()["errors"]
    assert door.ledger.asked == []
    assert_tells_no_value(door, response.text)


@pytest.mark.parametrize(
    "query", ["subject=999990019", "asOf=soon", "asOf=2026-01-01&asOf=2026-01-02", "cursor=", "limit=1", "%ff=1", "x"]
)
def test_queries_hold_only_what_is_known(door: Door, query: str) -> None:
    """An unknown, repeated or malformed query parameter gives 400: nobody puts a person in a URL unnoticed."""
    response = door.ask("GET", f"/v1/inquiries/i-1/replay?{query}", headers={"Grootboek-Purpose": "proceedings"})
    assert response.status_code == 400
    assert door.ledger.asked == []
    assert_tells_no_value(door, response.text)


@pytest.mark.parametrize("value", ["x", "0", "0-", "-1", "0--1", "lane-1", "0-1;0-2", "0-" + "9" * 30, "\u0660-1"])
def test_positions_must_be_positions(door: Door, value: str) -> None:
    """A Grootboek-Min-Position that is none gives 400."""
    headers = [("Grootboek-Purpose", "operations"), ("Grootboek-Min-Position", value.encode().decode("latin-1"))]
    sent: Any = [(name.encode(), text.encode("latin-1")) for name, text in headers]
    assert door.ask("GET", f"{OPERATIONS}/act-1", headers=sent).status_code == 400
    assert door.ledger.asked == []


@pytest.mark.parametrize("purpose", [None, "", "curiosity", "Inquiry", "inquiry, breach"])
def test_a_read_needs_a_purpose_of_the_list(door: Door, purpose: str | None) -> None:
    """A read of personal data without a purpose of the closed list does not reach the ledger."""
    headers = {} if purpose is None else {"Grootboek-Purpose": purpose}
    response = door.ask("GET", f"{OPERATIONS}/act-1", headers=headers)
    assert (response.status_code, codes(response)[0][0]) == (400, "/header/Grootboek-Purpose")
    assert door.ledger.asked == []


@pytest.mark.parametrize("key", [BSN, "a b", "a%2Fb", "%00", "x" * 129, "..", "é"])
def test_ids_that_are_no_keys_do_not_exist(door: Door, key: str) -> None:
    """An id in a path that cannot be a key gives the 404 of one that is not there, and tells nothing back."""
    response = door.ask("GET", f"{OPERATIONS}/{key}/proof")
    assert response.status_code == 404
    assert door.ledger.asked == []
    assert_tells_no_value(door, response.text)


PATHS: Final = (
    OPERATIONS,
    f"{OPERATIONS}/_assess",
    f"{OPERATIONS}/_search",
    f"{OPERATIONS}/act-1/corrections",
    "/v1/notices",
    "/v1/exemptions",
    "/v1/access-requests",
    "/v1/breaches",
    "/v1/covenants",
    "/v1/parties",
)
JSON_VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(BSN),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS: Final = st.sampled_from(
    [
        "id",
        "operation",
        "occurredAt",
        "controller",
        "subjects",
        "recipients",
        "legalBasis",
        "list",
        "elements",
        "regime",
    ]
)
FUZZED: Final = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.dictionaries(FIELDS, JSON_VALUES, max_size=8).map(lambda tree: json.dumps(tree).encode()),
    st.dictionaries(FIELDS, JSON_VALUES, max_size=4).map(lambda tree: json.dumps({**ACT, **tree}).encode()),
)
FUZZED_DOOR: Final = Door()


@given(path=st.sampled_from(PATHS), body=FUZZED, lines=st.booleans())
def test_garbage_never_gives_a_server_error(path: str, body: bytes, *, lines: bool) -> None:
    """Whatever bytes are posted, the answer is a success or a 4xx problem, and never the number that was sent."""
    media = "application/x-ndjson" if lines and path == OPERATIONS else "application/json"
    response = FUZZED_DOOR.ask(
        "POST", path, content=body, headers={"Content-Type": media, "Grootboek-Purpose": "operations"}
    )
    assert response.status_code < 500
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert BSN not in response.text
